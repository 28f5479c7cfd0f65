"""What the tests of the report and of the explorer share: a small run on real audio files, and a real browser."""

from __future__ import annotations

import contextlib
import os
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qaeval as qa

HOSTILE = (
    '<script>window.pwned=1</script></script><img src=x onerror="window.pwned=1">" onerror="window.pwned=1" '
    "'; {{ 7*7 }} {% raw %} </style></title></textarea><!-- \u202egnirts ${window.pwned=1} 你好"
)
TEXTS = {
    "stew": ("en", "he hoped there would be stew for dinner turnips and carrots and bruised potatoes"),
    "quilter": ("en", "mister quilter is the apostle of the middle classes"),
    "fine": ("en", "this is fine"),
    "aliyun": ("zh", "欢迎使用阿里云的语音服务"),
    "wifi": ("zh", "请帮我打开 wifi 好吗"),
}
SAID = {
    "old": {
        "stew": "He hoped there would be stew for dinner, turnips and carrots and browsed potatoes.",
        "quilter": "Mister Quilter is the apostle of the middle classes.",
        "aliyun": "这段音频说的是:'欢迎使用啊哩云的服务吧'",
        "wifi": "请帮我打开wifi好吗",
        "hostile": "something else",
    },
    "new": {
        "stew": "He hoped there would be stu for dinner and carrots um and bruised potatoes.",
        "quilter": "Mister Quilter is the apostle of the middle class.",
        "aliyun": "这段音频说的是:'欢迎使用阿里云的语音服务'",
        "wifi": "请打开wifi好吗",
        "hostile": HOSTILE,
    },
}
TIMES = {"old": "从第1.41秒开始出现,至第1.80秒结束。", "new": "从第1.55秒开始出现,至第1.86秒结束。"}


def tone(path: Path, seconds: float = 2.0, rate: int = 16_000, pitch: float = 330.0) -> Path:
    """A WAV file with a tone that swells and fades."""
    times = np.arange(int(seconds * rate)) / rate
    samples = 0.4 * np.sin(2 * np.pi * pitch * times) * np.sin(np.pi * times / seconds)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def samples(folder: Path) -> list[qa.Sample]:
    """English and Chinese clips, one whose id, text and meta are hostile, and one to be located in."""
    made = [
        qa.Sample(
            name,
            tone(folder / f"{name}.wav", pitch=220.0 + 60 * place),
            qa.Annotation(text=words),
            {"language": language, "speaker": f"s{place % 3}"},
        )
        for place, (name, (language, words)) in enumerate(TEXTS.items())
    ]
    hostile = qa.Annotation(text=f"hello {HOSTILE}")
    made.append(qa.Sample(HOSTILE, tone(folder / "hostile.wav"), hostile, {"language": "en", "speaker": HOSTILE}))
    where = qa.Annotation(events=[qa.Event("阿里", 1.53, 1.87)])
    clip = tone(folder / "where.wav", 3.0)
    return [*made, qa.Sample("where", clip, where, {"language": "zh"}, {"query": "阿里"})]


def speaker(name: str) -> qa.Model:
    """A model that says what `SAID` and `TIMES` hold."""

    def ask(request: qa.Request) -> str:
        clip = Path(request.audio.name).stem
        return f'"阿里" {TIMES[name]}' if request.task == "locate" else SAID[name].get(clip, "this is fine")

    return qa.Model(name, ask)


def small_run(folder: Path, **options: Any) -> Any:
    """Two models on `samples`; their audio lies in ``folder/clips``."""
    clips = folder / "clips"
    clips.mkdir(parents=True)
    models = options.pop("models", [speaker("old"), speaker("new")])
    return qa.run(samples(clips), ["transcribe", "locate"], models, folder / "run", progress=False, **options)


def chromium() -> str:
    """The browser's path; without one the test is skipped, but fails where the variable CI is set."""
    found = os.environ.get("QAEVAL_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("no Chromium found; install one or set QAEVAL_CHROMIUM to its path")
    return str(found)


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium that calls nobody by itself."""
    from playwright.sync_api import sync_playwright

    quiet = ["no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"]
    switches = [f"--{name}" for name in ("no-sandbox", "disable-gpu", "disable-quic", *quiet)]
    path = chromium()
    with sync_playwright() as driver:
        running = driver.chromium.launch(
            executable_path=path, args=[*switches, "--autoplay-policy=no-user-gesture-required"]
        )
        try:
            yield running
        finally:
            running.close()


class Watched:
    """A page with all that it complains about and asks for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))

    def outside(self, *allowed: str) -> list[str]:
        """The requests to anything but data inside the page and what starts so."""
        return [url for url in self.requests if not url.startswith(("data:", "blob:", *allowed))]


PLAYS = """async (audio) => {
  await audio.play();
  const start = performance.now();
  const pause = () => new Promise((done) => setTimeout(done, 30));
  while (audio.currentTime < 0.15 && performance.now() - start < 8000) await pause();
  audio.pause();
  return { duration: audio.duration, time: audio.currentTime, error: audio.error && audio.error.message };
}"""
"""Plays an audio element and tells how long it is and how far it came, in seconds."""
