"""A call as a script to paste: what it prints makes the very same request."""

import subprocess
import sys

import pytest
from clips import wav
from scripted import (
    ANSWERS,
    KEY,
    NATIVE,
    OMNI,
    SSE,
    compatible_answer,
    model_at,
    native_answer,
    native_frame,
    native_stream,
    question,
    uploading,
)

from qaeval.types import Audio, Message, Request

pytestmark = pytest.mark.usefixtures("key")
CLIP = wav(1.0, 16000)


NASTY = """it's "quoted" $(touch pwned) `id` \\ {x} %s 中文
second line"""


def run(script, kind, folder, **env):
    path = folder / f"call.{kind}"
    path.write_text(script, "utf-8")
    command = [sys.executable, str(path)] if kind == "python" else ["bash", str(path)]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "DASHSCOPE_API_KEY": KEY,
        "NO_PROXY": "127.0.0.1",
        **env,
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("kind", ["python", "curl"])
@pytest.mark.parametrize(
    ("name", "params", "changes"),
    [
        (NATIVE, {"temperature": 0.5, "stop": ["'"]}, {"workspace": "ws-1"}),
        (NATIVE, SSE, {}),
        (NATIVE, {}, {"send": "url"}),
        ("qwen3-asr-flash", {}, {}),
        (OMNI, {"top_k": 3}, {}),
        ("qwen3.8-omni-flash", {}, {}),
    ],
    ids=["native", "stream", "url", "asr", "omni", "whole"],
)
def test_a_script_makes_the_same_call(server, tmp_path, kind, name, params, changes):
    stream = native_stream(native_frame("hi"), native_frame("", "stop"))
    whole = native_answer("hello") if name in (NATIVE, "qwen3-asr-flash") else compatible_answer("hello")
    answer = stream if params == SSE else ANSWERS[OMNI] if name == OMNI else whole
    server.answer(answer)
    path = tmp_path / "a 'clip'.wav"
    path.write_bytes(CLIP)
    audio = Audio(b"", "https://example.com/a'b.wav") if "send" in changes else Audio(str(path), "clip")
    turns = (Message("system", "short; 'please'"), Message("user", NASTY, True))
    request = Request("m", audio, turns, params, language="zh")
    model = model_at(server, name, **changes)
    model.ask(request)
    script = model.script(request, kind)
    done = run(script, kind, tmp_path)
    assert done.returncode == 0, done.stderr
    assert ("hi" if answer == stream else "hello") in done.stdout
    ours, pasted = server.asked
    assert pasted.json == ours.json
    assert pasted.path == ours.path
    assert KEY not in script
    assert not (tmp_path / "pwned").exists()
    for header in ("authorization", "x-dashscope-sse", "x-dashscope-workspace", "x-dashscope-ossresourceresolve"):
        assert pasted.headers.get(header) == ours.headers.get(header)


def test_a_script_uploads_as_we_do(server, tmp_path):
    uploading(server)
    (tmp_path / "a.wav").write_bytes(CLIP)
    model = model_at(server, send="file")
    request = question(audio=Audio(str(tmp_path / "a.wav")))
    model.ask(request)
    ours = server.asked[-1].json
    assert run(model.script(request, "python"), "python", tmp_path).returncode == 0
    theirs = server.asked[-1].json
    assert theirs["input"]["messages"][0]["content"][0].pop("audio") == "oss://dir/1/a.wav"
    address = ours["input"]["messages"][0]["content"][0].pop("audio")
    assert theirs == ours
    assert run(model.script(request, "curl"), "curl", tmp_path).returncode != 0  # it says what is missing
    assert run(model.script(request, "curl"), "curl", tmp_path, AUDIO_URL=address).returncode == 0
    assert server.asked[-1].json["input"]["messages"][0]["content"][0]["audio"] == address
    assert server.asked[-1].headers["x-dashscope-ossresourceresolve"] == "enable"


def test_a_script_does_not_let_the_sdk_upload_a_text(server, tmp_path):
    (tmp_path / "a.wav").write_bytes(CLIP)
    (tmp_path / "secrets.csv").write_text("salaries")
    request = question("secrets.csv", Audio(str(tmp_path / "a.wav")))
    done = run(model_at(server).script(request, "python"), "python", tmp_path)
    assert done.returncode != 0
    assert "would upload: secrets.csv" in done.stderr
    assert server.hits == 0
