"""What is wrong with a dataset: clips, references, repeats; as a frame, and as a file of corrections to fill in."""

import csv
import dataclasses
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from clips import wav
from serving import web_server
from typer.testing import CliRunner

import qaeval as qa
from qaeval import audio, checks
from qaeval.audio import Waveform, looking
from qaeval.audio.levels import levels
from qaeval.audio.looking import look
from qaeval.checks import workers
from qaeval.checks.references import reference_problems
from qaeval.cli.app import app
from qaeval.cli.printing import write_csv
from qaeval.datasets import alignments
from qaeval.errors import DatasetError
from qaeval.types import Annotation, AudioLimits, Event

TONE = wav(0.5)


def sound(samples, rate=16000, codec="wav"):
    return audio.encode(Waveform(np.atleast_2d(np.asarray(samples, np.float32)), rate), codec)


def noise(seconds=1.0, loud=0.3, seed=0, rate=16000):
    return np.random.default_rng(seed).uniform(-loud, loud, int(seconds * rate))


def sample(id, source=TONE, text=None, **rest):
    return qa.Sample(id, source, Annotation(text=text), **rest)


def found(clips, **options):
    """The problems by sample."""
    frame = checks.check(clips, progress=False, **options)
    return dict(zip(frame["sample"], frame["problems"], strict=True))


def reasons(clips, **options):
    frame = checks.check(clips, progress=False, **options)
    return dict(zip(frame["sample"], frame["reason"], strict=True))


# Levels --------------------------------------------------------------------------------------------------------------


def test_levels_of_known_samples():
    sine = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000) * 0.5
    seen = levels(sound(sine))
    assert seen.peak == pytest.approx(20 * np.log10(0.5), abs=0.01)
    assert seen.level == pytest.approx(20 * np.log10(0.5) - 3.0103, abs=0.01)
    assert (seen.clipped, seen.odd, seen.duration) == (0, 0, 1)
    assert levels(sound(np.zeros(100))).peak == levels(sound(np.zeros(100))).level == -np.inf


@pytest.mark.parametrize("length", [3, 100, 65536, 65537, 200_000])
def test_clipped_samples_are_counted_across_blocks_as_in_one(length):
    samples = np.clip(noise(length / 16000, 1.5, seed=length), -1, 32767 / 32768)[:length]
    full = np.abs(np.round(samples * 32768)) >= 32767
    expected = (full[:-2] & full[1:-1] & full[2:]).sum() / length
    assert levels(sound(samples)).clipped == pytest.approx(expected, abs=1e-12)
    assert expected or length == 3


def test_a_lone_sample_at_full_scale_is_not_clipped():
    samples = noise()
    samples[[100, 5000]] = 1.0
    assert levels(sound(samples)).clipped == 0
    samples[5000:5005] = 1.0
    assert levels(sound(samples)).clipped == 3 / 16000


def test_the_digest_is_of_the_samples_not_of_the_file():
    for channels in (1, 2):
        pcm = np.round(np.stack([noise(5, seed=n) for n in range(channels)]) * 32768) / 32768
        wave, flac = sound(pcm), sound(pcm, codec="flac")
        assert wave != flac
        assert levels(wave).digest == levels(flac).digest
        assert levels(sound(pcm, rate=8000)).digest != levels(wave).digest
        pcm[0, 17] += 1 / 32768
        assert levels(sound(pcm)).digest != levels(wave).digest


def test_a_plain_wav_is_read_as_ffmpeg_reads_it(monkeypatch):
    data = sound(np.stack([noise(6, 1.2, 1), noise(6, 0.1, 2)]).clip(-1, 1))
    ours = levels(data)
    monkeypatch.setattr("qaeval.audio.levels.plain_wav", lambda file: None)
    theirs = levels(data)
    assert (ours.digest, ours.clipped, ours.peak) == (theirs.digest, theirs.clipped, theirs.peak)
    assert ours.level == pytest.approx(theirs.level, abs=1e-4)


def test_samples_that_are_no_numbers_are_counted_and_left_out():
    samples = noise().astype(np.float32)
    samples[10:13] = [np.nan, np.inf, -np.inf]
    data = samples.tobytes()
    header = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\x03\0\x01\0"
    header += (16000).to_bytes(4, "little") + (64000).to_bytes(4, "little") + b"\x04\0\x20\0data"
    file = header + len(data).to_bytes(4, "little") + data
    seen = levels(file)
    assert (seen.odd, np.isfinite(seen.level)) == (3, True)
    assert found([sample("a", file)]) == {"a": "not numbers"}


# Clips ---------------------------------------------------------------------------------------------------------------


def test_what_is_wrong_with_clips(tmp_path):
    cut = bytearray(TONE)
    cut[40:44] = (len(TONE) * 8).to_bytes(4, "little")
    damaged = bytearray(sound(noise(4), codec="flac"))
    damaged[3000:-3000] = bytes(len(damaged) - 6000)
    clips = [
        sample("fine"),
        sample("missing", tmp_path / "none.wav"),
        sample("folder", tmp_path),
        sample("unreadable", b"RIFF, but no audio"),
        sample("header lies", bytes(cut)),
        sample("digital silence", sound(np.zeros(16000))),
        sample("quiet", sound(noise(1, 0.0005))),
        sample("soft", sound(noise(1, 0.005))),
        sample("clipped", sound(noise(1, 3).clip(-1, 1))),
        sample("loud", sound(noise(1, 0.999, 3))),
        sample("damaged", bytes(damaged)),
    ]
    expected = {
        "fine": "",
        "missing": "missing",
        "folder": "unreadable",
        "unreadable": "unreadable",
        "header lies": "wrong length",
        "digital silence": "silent",
        "quiet": "silent",
        "soft": "",
        "clipped": "clipped",
        "loud": "",
        "damaged": "unreadable",
    }
    assert found(clips) == expected
    told = reasons(clips)
    assert "there is no such file" in told["missing"]
    assert "the header states" in told["header lies"]
    assert told["quiet"] == "its loudest sample has -66.2 dBFS, expected at least -60 dBFS"
    assert "are at full scale, expected at most 0.1%" in told["clipped"]
    undecoded = found(clips, fast=True)
    assert undecoded == expected | {"digital silence": "", "quiet": "", "clipped": "", "damaged": undecoded["damaged"]}
    frame = checks.check(clips, progress=False)
    assert list(frame.columns) == list(checks.COLUMNS)
    assert set(itertools.chain(*frame["problems"].str.split("; "))) - {""} <= set(checks.PROBLEMS)
    assert frame.set_index("sample").loc["missing", ["seconds", "peak", "clipped"]].isna().all()


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [(0.5, False), ("0.5", False), (0.7, False), (0.8, True), (12, True), ("long", True), ("", False), (None, False)],
)
def test_the_stated_length_is_that_of_the_clip(stated, wrong):
    assert found([sample("a", meta={"duration": stated})]) == {"a": "wrong length" if wrong else ""}


def test_nan_as_stated_length_is_wrong():
    assert found([sample("a", meta={"duration": float("nan")})]) == {"a": "wrong length"}


def test_clips_that_are_there_twice(tmp_path):
    (tmp_path / "a.wav").write_bytes(TONE)
    flac = audio.transcode(TONE, "flac")
    asked = {"inputs": {"query": "what is it"}}
    clips = [
        sample("a", tmp_path / "a.wav", "one two three"),
        sample("b", TONE, "one two three"),
        sample("c", TONE, "another text"),
        sample("d", flac, "one two three"),
        sample("e", wav(0.5, tone=300), "one two three"),
        sample("f", TONE, "one two three", **asked),
        sample("g", TONE, "one two three", **asked),
    ]
    told = reasons(clips)
    assert told == {
        "a": "",
        "b": "it has the same bytes as 'a'",
        "c": "it has the same bytes as 'a', and another reference",
        "d": "it has the same decoded samples as 'a'",
        "e": "",
        "f": "",
        "g": "it has the same bytes as 'f'",
    }
    assert found(clips, fast=True)["d"] == "", "without decoding only bytes are compared"
    assert found(clips, fast=True)["b"] == "duplicate"


def test_over_long_clips_are_told_for_each_model():
    short = qa.Model("short", lambda request: "", endpoint="x", hears=AudioLimits(seconds=0.3))
    frame = checks.check([sample("a")], [short, "control/majority"], progress=False)
    assert frame[["model", "verdict", "problems"]].values.tolist() == [
        ["short", "too long", ""],
        ["control/majority", "fits", ""],
    ]


# References ----------------------------------------------------------------------------------------------------------


def odd(text=None, language="en", seconds=4.0, inputs=None, **annotation):
    clip = qa.Sample("a", "a.wav", Annotation(text, **annotation), {"language": language}, inputs)
    return [problem for problem, _ in reference_problems(clip, seconds)]


@pytest.mark.parametrize(
    ("text", "language", "problem"),
    [
        ("hello there my friend", "en", None),
        ("Où est-ce que t'es passé, hein ?", "fr", None),
        ("我昨天用iPhone拍了照片", "zh", None),
        ("今日はいい天気ですね", "ja", None),
        ("안녕하세요 여러분", "ko", None),
        ("привет всем вам", "ru", None),
        ("any text 什么都可以", "", None),
        ("什么都可以 in a language without rules", "sw", None),
        ("", "en", "empty text"),
        (" \u3000\n", "zh", "empty text"),
        ("nan", "en", "empty text"),
        ("None", "zh", "empty text"),
        ("None of them", "en", None),
        ("привет всем", "en", "other script"),
        ("我昨天拍了照片", "en", "other script"),
        ("I took pictures yesterday", "zh", "other script"),
        ("今日はいい天気ですね", "zh", "other script"),
        ("three Cyrillic words: слово слово", "fr", "other script"),
        ("OK", "zh", None),
        ("123, 45", "zh", None),
        ("hello\x07 there you are", "en", "odd characters"),
        ("hello\u200b there you are", "en", "odd characters"),
        ("hello \u202ethere you are", "en", "odd characters"),
        ("caf\ufffd au lait, merci", "fr", "odd characters"),
        ("a line\nand\tanother one", "en", None),
        ("dÃ©jÃ\xa0 vu, encore une fois", "fr", "wrong encoding"),
        ("déjà vu, encore une fois", "fr", None),
        ("ÄÖÜ sind Umlaute im Text", "de", None),
    ],
)
def test_texts(text, language, problem):
    assert odd(text, language) == ([problem] if problem else [])


def test_a_text_that_was_decoded_wrongly_is_told_with_what_was_meant():
    for wrong in ("ä½\xa0å¥½å¥½", "你好，今天天气".encode().decode("latin-1"), "â€œä½\xa0å¥½â€\x9d"):
        clip = qa.Sample("a", "a.wav", Annotation(wrong), {"language": "zh"})
        assert [(problem, "你好" in reason) for problem, reason in reference_problems(clip, 4.0)][-1] == (
            "wrong encoding",
            True,
        )


@pytest.mark.parametrize(
    ("text", "language", "seconds", "problem"),
    [
        ("a" * 140, "en", 4.0, None),
        ("a" * 141, "en", 4.0, "too fast"),
        ("字" * 56, "zh", 4.0, None),
        ("字" * 57, "zh", 4.0, "too fast"),
        ("yes", "en", 5.0, None),
        ("yes", "en", 5.1, "too slow"),
        ("好", "zh", 3.4, None),
        ("好", "zh", 4.9, None),
        ("好", "zh", 6.0, "too slow"),
        ("a" * 9999, "en", None, None),
    ],
)
def test_paces(text, language, seconds, problem):
    assert odd(text, language, seconds) == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("attribute", "value", "known"),
    [
        ("gender", "female_feminine", True),
        ("gender", "robot", False),
        ("gender", "", False),
        ("age", "thirties", True),
        ("age", "ripe", False),
        ("key", "A minor", True),
        ("key", "X major", False),
        ("tempo", "120.5", True),
        ("tempo", "brisk", False),
        ("sound", "Dog", True),
        ("sound", "Quux", False),
        ("summary", "anything at all", True),
    ],
)
def test_labels(attribute, value, known):
    assert odd(labels={attribute: (value,)}) == ([] if known else ["unknown label"])


def test_labels_of_closed_sets():
    asked = {"choices": "A. a dog\nB. a cat"}
    assert odd(labels={"answer": ("B",)}, inputs=asked) == []
    assert odd(labels={"answer": ("a cat",)}, inputs=asked) == []
    assert odd(labels={"answer": ("C",)}, inputs=asked) == ["unknown label"]
    assert odd(labels={"answer": ("anything",)}) == []
    assert odd(labels={"sound": ("Quux",)}, inputs={"choices": "Quux, Dog"}) == []


LETTERED = "A. a dog\nB. a cat\nC. rain"
PLAIN = '["a dog", "a cat"]'


@pytest.mark.parametrize(
    ("choices", "answers", "problem", "reason"),
    [
        (LETTERED, ["B"], None, ""),
        (LETTERED, ["A cat."], None, ""),
        (
            PLAIN,
            ["b"],
            "unknown label",
            "answer 'b' is none of the options; expected a letter from A to B, or the text",
        ),
        (
            LETTERED,
            ["D"],
            "unknown label",
            "answer 'D' is none of the options; expected a letter from A to C, or the text",
        ),
        (PLAIN, ["C"], "unknown label", "expected a letter from A to B"),
        (LETTERED, ["a cow"], "unknown label", "answer 'a cow' is none of the options"),
        (LETTERED, [" "], "unknown label", "answer ' ' is none of the options"),
        (LETTERED, ["A", "B"], "unknown label", "2 answers, 'A, B'; expected one of a question's options"),
        ("A. a dog", ["A"], "bad choices", "expected 2 to 26 options, seen 1 in 'A. a dog'; expected a line each"),
        ("a dog, a cat", ["A"], "bad choices", "seen 1 in 'a dog, a cat'; expected a line each, such as A. a dog"),
        ("[]", ["A"], "bad choices", "expected 2 to 26 options, seen 0 in '[]'"),
        ('["a dog"]', ["A"], "bad choices", "seen 1"),
        ('["a dog", " "]', ["A"], "bad choices", "expected one line of text an option, seen ' '"),
        ("\n".join("x" * n for n in range(1, 28)), ["A"], "bad choices", "expected 2 to 26 options, seen 27"),
        (" \n", ["A"], "bad choices", "seen 0"),
        ("A. a dog\nB. A dog.", ["A"], "bad choices", "choices: A and B are the same, 'a dog'"),
        ("[]", None, "bad choices", "seen 0"),
        (LETTERED, None, None, ""),
        ("", ["anything", "at all"], None, ""),
    ],
)
def test_options_that_no_reply_could_choose_are_told_before_scoring(choices, answers, problem, reason):
    labels = {} if answers is None else {"answer": answers}
    clip = qa.Sample("q7", TONE, Annotation(labels=labels), {}, {"query": "What is it?", "choices": choices})
    frame = checks.check([clip], progress=False)
    assert frame[["sample", "problems"]].values.tolist() == [["q7", problem or ""]]
    assert reason in frame["reason"][0]


@pytest.mark.parametrize("choices", ["[]", "dog", '["dog"]', "dog, dog", ", ,"])
def test_a_closed_set_of_one_name_or_none_leaves_nothing_to_choose(choices):
    assert odd(labels={"sound": ("Dog",)}, inputs={"choices": choices}) == ["bad choices"]


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({"age": ["ageless"]}, "age 'ageless' is nothing that replies can be read as; expected years, such as 30"),
        ({"age": ["30-39", "60"]}, "2 values of age, '30-39, 60'; expected one"),
        (
            {"key": ["C"]},
            "key 'C' is nothing that replies can be read as; expected one of the 24 keys, such as A minor",
        ),
        ({"key": ["C major", "A minor"]}, "2 values of key, 'C major, A minor'; expected one"),
        (
            {"tempo": ["fast"]},
            "tempo 'fast' is nothing that replies can be read as; expected beats a minute, one number",
        ),
        (
            {"gender": ["robot"]},
            "gender 'robot' is nothing that replies can be read as; expected one of 2 names, such as",
        ),
        ({"emotion": [""]}, "a value of emotion is empty"),
    ],
)
def test_a_label_that_nothing_reads_is_told_with_its_sample_and_what_was_expected(labels, reason):
    clips = [sample("fine"), qa.Sample("q7", wav(0.5, tone=900), Annotation(labels=labels))]
    frame = checks.check(clips, progress=False).set_index("sample")
    assert frame["problems"].to_dict() == {"fine": "", "q7": "unknown label"}
    assert reason in frame.loc["q7", "reason"]
    assert f"  unknown label 1: q7: {reason}" in checks.problems_text(frame.reset_index())


def test_values_that_say_the_same_or_are_alternatives_are_no_problem():
    assert odd(labels={"key": ("Gb major", "F# major"), "tempo": ("120", "60"), "age": ("30", "30")}) == []


@pytest.mark.parametrize(
    ("events", "problems"),
    [
        ((Event("dog", 0, 4),), []),
        ((Event("dog", 0, 4.1),), []),
        ((Event("dog", 0, 4.11),), ["event past the end"]),
        ((Event("dog", 5, 6),), ["event past the end"]),
        ((Event(" ", 1, 2),), ["odd event"]),
        ((Event("dog", 1, 1),), ["odd event"]),
        ((Event("dog", 1, 2), Event("dog", 2, 3)), []),
        ((Event("dog", 2, 3), Event("dog", 1, 2.01)), []),
        ((Event("dog", 2, 3), Event("dog", 1, 2.5)), ["overlapping events"]),
        ((Event("dog", 2, 3), Event("cat", 1, 2.5)), []),
        ((), []),
    ],
)
def test_events(events, problems):
    assert odd(events=events) == problems


@pytest.mark.parametrize(
    ("query", "text", "events", "problems"),
    [
        ("Friend", "hello, friend!", True, []),
        ("don't", "I DON’T know that", True, []),
        ("阿里", "我在阿里巴巴工作呢", True, []),
        ("foe", "hello, friend!", True, ["query not in text"]),
        ("end", "hello, friend!", True, ["query not in text"]),
        ("foe", "hello, friend!", False, []),
        ("friend", "hello, friend!", False, ["query in text"]),
        ("end", "hello, friend!", False, []),
        ("friend", None, True, []),
    ],
)
def test_queries(query, text, events, problems):
    language = "zh" if query == "阿里" else "en"
    spans = (Event(query, 1, 2),) if events else ()
    assert odd(text, language, events=spans, inputs={"query": query}) == problems


def test_a_lacking_reference_is_told_where_the_others_have_one():
    clips = [sample(str(n), wav(0.5, tone=300 + n), "a text") for n in range(3)]
    assert found([*clips, sample("none", wav(0.5, tone=500))])["none"] == "no reference"
    assert found([*clips, sample("none", b"no audio")])["none"] == "unreadable; no reference"
    assert set(found([dataclasses.replace(clip, reference=Annotation()) for clip in clips]).values()) == {""}
    aged = qa.Sample("aged", wav(0.5, tone=501), Annotation(labels={"age": ("30",)}))
    assert "it has no text" in reasons([*clips, aged])["aged"]


# Many at once --------------------------------------------------------------------------------------------------------


def many(count, folder):
    """Clips in every way that they come: paths, bytes, missing, broken."""
    for n in range(count):
        data = wav(0.05, tone=300 + n % 7) if n % 11 else b"no audio at all"
        if n % 3:
            yield sample(f"s{n}", data, f"text {n}")
        else:
            path = folder / f"{n}.wav"
            if n % 5:
                path.write_bytes(data)
            yield sample(f"s{n}", path, f"text {n}")


@pytest.mark.parametrize("decode", [True, False])
def test_processes_see_what_threads_see_in_the_same_order(tmp_path, decode):
    clips = list(many(120, tmp_path))
    alone = list(workers.looked(clips, decode, workers=0))
    together = list(workers.looked(clips, decode, workers=2))
    assert [clip.id for clip, _ in together] == [clip.id for clip in clips]
    assert [seen for _, seen in together] == [seen for _, seen in alone]
    assert {seen.problem for _, seen in alone} == {"", "missing", "unreadable"}


BAD_DECODER = """
import os, time, qaeval.audio.looking as looking
see = looking.audio.probe
def probe(clip):
    if 'deadly' in clip.name:
        os.abort()
    if 'endless' in clip.name:
        while True:
            pass
    if 'stuck' in clip.name:
        time.sleep(1e6)
    return see(clip)
looking.audio.probe = probe
"""


@pytest.fixture
def bad_decoder(tmp_path, monkeypatch):
    """What the processes of a check decode with: it does what the name of a clip says."""
    (tmp_path / "sitecustomize.py").write_text(BAD_DECODER)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("bad_decoder")
def test_a_clip_that_kills_its_process_is_unreadable_and_hides_no_other():
    clips = [qa.Sample(f"s{n}", audio_named(f"{'deadly' if n == 50 else 'clip'} {n}")) for n in range(80)]
    seen = {clip.id: look for clip, look in workers.looked(clips, False, workers=2)}
    assert [id for id, look in seen.items() if look.problem] == ["s50"]
    assert seen["s50"].reason.startswith("deadly 50: the decoder crashed over it")


def audio_named(name, content=TONE):
    return qa.Audio(content, name)


FLAC = audio.transcode(TONE, "flac")


@pytest.fixture
def processes(monkeypatch):
    """The processes that were started."""
    started = []
    popen = subprocess.Popen

    def counted(*args, **options):
        started.append(popen(*args, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", counted)
    return started


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("bad_decoder")
def test_a_clip_whose_decoding_hangs_is_unreadable_and_hides_no_other(monkeypatch, processes):
    """Among the first clips and later ones, in a loop and asleep; a crash among the first costs no more."""
    monkeypatch.setattr(checks.processes, "PATIENCE_S", 3.0)
    odd = {3: "endless", 5: "deadly", 50: "stuck", 51: "endless"}
    clips = [qa.Sample(f"s{n}", audio_named(f"{odd.get(n, 'clip')} {n}", FLAC)) for n in range(80)]
    seen = {clip.id: look for clip, look in workers.looked(clips, True, workers=2)}
    assert list(seen) == [clip.id for clip in clips]
    wrong = {id: (look.problem, look.reason) for id, look in seen.items() if look.problem}
    assert wrong == {
        "s3": ("unreadable", "endless 3: not decoded within 3 s; leave it out, or re-encode it"),
        "s5": ("unreadable", "deadly 5: the decoder crashed over it; leave it out, or re-encode it"),
        "s50": ("unreadable", "stuck 50: not decoded within 3 s; leave it out, or re-encode it"),
        "s51": ("unreadable", "endless 51: not decoded within 3 s; leave it out, or re-encode it"),
    }
    assert len(processes) > 4, "those that hung were replaced"
    assert all(process.poll() is not None and process.stdin.closed for process in processes)


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("bad_decoder")
def test_a_clip_that_hangs_is_one_of_the_problems(monkeypatch):
    monkeypatch.setattr(checks.processes, "PATIENCE_S", 3.0)
    clips = [qa.Sample("a", audio_named("stuck", FLAC)), qa.Sample("b", audio_named("fine", FLAC))]
    frame = checks.check(clips, progress=False)
    assert frame[["sample", "verdict", "problems"]].values.tolist() == [
        ["a", "unreadable", "unreadable"], ["b", "readable", ""]
    ]  # fmt: skip
    assert "not decoded within 3 s" in checks.problems_text(frame)


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("bad_decoder")
def test_a_check_that_is_broken_off_leaves_no_hanging_process(processes):
    clips = [qa.Sample(f"s{n}", audio_named(f"stuck {n}" if n else "fine", FLAC)) for n in range(40)]
    seen = workers.looked(clips, False, workers=2)
    assert next(seen)[1].info is not None
    seen.close()
    assert processes
    assert all(process.poll() is not None for process in processes)


@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
@pytest.mark.usefixtures("bad_decoder")
def test_a_hanging_process_ends_when_its_caller_is_killed(tmp_path):
    (tmp_path / "clip.flac").write_bytes(FLAC)
    code = "import qaeval as qa, sys; qa.check([qa.Sample('a', qa.Audio(sys.argv[1], 'endless'))], progress=False)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    caller = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "clip.flac")], env=environment)
    tasks = Path(f"/proc/{caller.pid}/task")
    started = set()
    try:
        while not started:
            time.sleep(0.1)
            started = {int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()}
        time.sleep(2)  # it is at it
    finally:
        caller.kill()
        caller.wait()
    ends = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in started) and time.monotonic() < ends:
        time.sleep(0.1)
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


@pytest.mark.timeout(30)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes by name here")
def test_a_pipe_by_the_name_of_a_clip_or_a_text_is_not_waited_for(tmp_path):
    (tmp_path / "b.wav").write_bytes(TONE)
    os.mkfifo(tmp_path / "a.wav")
    clips = [sample(name, str(tmp_path / name)) for name in ("a.wav", "b.wav")]
    frame = checks.check(clips, progress=False).set_index("sample")
    assert frame["problems"].to_dict() == {"a.wav": "unreadable", "b.wav": ""}
    assert "is not a regular file" in frame.loc["a.wav", "reason"]
    with pytest.raises(DatasetError, match=r"a\.wav' is not a regular file"):
        checks.check(tmp_path, progress=False)
    (tmp_path / "a.wav").unlink()
    os.mkfifo(tmp_path / "b.txt")
    with pytest.raises(DatasetError, match=r"b\.txt: it is not a regular file"):
        checks.check(tmp_path, progress=False)
    os.mkfifo(tmp_path / "b.TextGrid")
    with pytest.raises(DatasetError, match=r"b\.TextGrid: it is not a regular file"):
        alignments.read(tmp_path)["b"]


def test_where_no_process_can_be_started_threads_do_it(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    clips = [sample(f"s{n}") for n in range(60)]
    assert all(seen.info for _, seen in workers.looked(clips, False, workers=2))


def test_only_a_few_samples_are_held():
    made = []

    def endless():
        for n in itertools.count():
            made.append(n)
            yield sample(f"s{n}")

    seen = workers.looked(endless(), False, workers=2)
    assert [next(seen)[0].id for _ in range(100)] == [f"s{n}" for n in range(100)]
    seen.close()
    assert len(made) < 100 + 16 * 2 * (workers.cores() + 5)


def test_no_process_outlives_an_interrupted_check(processes):
    seen = workers.looked((sample(f"s{n}") for n in range(500)), False, workers=2)
    for _ in range(60):
        next(seen)
    assert processes
    seen.close()
    assert all(process.poll() is not None for process in processes)


def test_a_stored_clip_is_read_once(monkeypatch):
    class Once:
        reads = 0

        def read(self):
            self.reads += 1
            return TONE

    once = Once()
    assert look(qa.Audio(once, "once.wav"), decode=True).levels is not None
    assert once.reads == 1
    monkeypatch.setattr(looking.audio, "read", lambda clip: TONE)
    seen = look(qa.Audio("http://example.org/a.wav"), decode=True)
    assert seen.info.duration == 0.5


# Files ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path):
    """A manifest with one clip that is missing, a silent one, and one whose id a spreadsheet would run."""
    files = {"-1+1.wav": sound(np.zeros(8000)), "b.wav": wav(0.5), "c.wav": wav(0.5, tone=500), "'=d.wav": b"broken"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    rows = [[name, "hello there"] for name in (*files, "gone.wav")]
    with open(tmp_path / "clips.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["audio", "text"], *rows])
    return tmp_path


def command(*arguments):
    done = CliRunner().invoke(app, list(map(str, arguments)))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_what_a_check_wrote_is_filled_in_and_read_back(corpus):
    out = corpus / "problems.csv"
    said = command("check", corpus / "clips.csv", "--language", "en", "--out", out)
    assert "samples with problems: 3 of 5" in said
    assert "  missing 1: gone.wav: there is no such file" in said
    rows = pd.read_csv(out, keep_default_na=False)
    assert list(rows.columns) == ["sample", "problem", "reason", "seen", "exclude", "text"]
    assert dict(zip(rows["sample"], rows["problem"], strict=True)) == {
        "'-1+1.wav": "silent",
        "''=d.wav": "unreadable",
        "gone.wav": "missing",
    }
    assert not rows["exclude"].any() and not rows["text"].any()  # noqa: PT018

    plain = qa.load(corpus / "clips.csv", missing="keep")
    as_it_is = list(qa.load(corpus / "clips.csv", missing="keep", corrections=out))
    assert [(clip.id, clip.reference) for clip in as_it_is] == [(clip.id, clip.reference) for clip in plain]
    assert not any("corrected" in clip.meta for clip in as_it_is)

    rows.loc[rows["sample"] == "'-1+1.wav", "text"] = "nothing is said"
    rows.loc[rows["sample"] != "'-1+1.wav", "exclude"] = "true"
    rows.to_csv(out, index=False)
    mended = list(qa.load(corpus / "clips.csv", missing="keep", corrections=out))
    assert [(clip.id, clip.reference.text) for clip in mended] == [
        ("-1+1.wav", "nothing is said"),
        ("b.wav", "hello there"),
        ("c.wav", "hello there"),
    ]
    assert mended[0].meta["corrected"].startswith("it is digital silence")
    assert "samples with problems: 1 of 3" in command("check", corpus / "clips.csv", "--option", f"corrections={out}")


def test_misfits_of_models_stand_in_the_file_too(tmp_path):
    short = qa.Model("short", lambda request: "", endpoint="x", hears=AudioLimits(seconds=0.3))
    frame = checks.check([sample("a", text="hello"), sample("b", b"none", "x")], [short, "control/majority"])
    table = checks.corrections(frame)
    assert table[["sample", "problem", "seen"]].values.tolist() == [
        ["a", "too long", "hello"],
        ["b", "unreadable", "x"],
    ]
    assert table["reason"][0] == "short: it lasts 0.5 s, the model takes at most 0.3 s"
    nothing = checks.corrections(frame[:0])
    assert list(nothing.columns) == list(table.columns)
    write_csv(nothing, tmp_path / "none.csv")
    assert len(list(qa.load([sample("a")], corrections=tmp_path / "none.csv"))) == 1


@pytest.mark.parametrize("id", ["=1+1", "'=1+1", "''-a", "@x", "-", "'", "a'=b", "+"])
def test_every_id_comes_back(tmp_path, id):
    frame = checks.check([sample(id, b"broken", "x")], progress=False)
    table = checks.corrections(frame).assign(exclude="yes")
    write_csv(table, tmp_path / "c.csv")
    left = list(qa.load([sample(id), sample("other")], corrections=tmp_path / "c.csv"))
    assert [clip.id for clip in left] == ["other"]


def test_an_id_of_a_file_written_by_hand_is_taken_as_it_is(tmp_path):
    (tmp_path / "c.csv").write_text("sample,reason,exclude\n'-a,why,true\n")
    assert [clip.id for clip in qa.load([sample("'-a"), sample("-a")], corrections=tmp_path / "c.csv")] == ["-a"]


def test_the_command_refuses_what_it_cannot_do(corpus):
    with pytest.raises(qa.errors.RunError, match=r"--out p.xlsx: corrections are written as .csv"):
        command("check", corpus / "clips.csv", "--out", "p.xlsx")
    with pytest.raises(DatasetError, match="has no option 'colour'; did you mean 'columns'"):
        command("check", corpus / "clips.csv", "--option", "colour=red")


def test_the_command_says_what_a_run_with_fit_would_do(tmp_path):
    (tmp_path / "c.flac").write_bytes(audio.transcode(wav(1), "flac"))
    asked = ("check", tmp_path, "--model", "qwen-audio-turbo-latest")
    assert "A run skips them. Of these 1 it would ask about, with --fit (fit=): transcode 1 (encoded anew)" in command(
        *asked
    )
    said = command(*asked, "--fit", "transcode")
    assert "fitted 1 (1 as mono, 16 kHz, wav); " in said
    assert "A run skips them" not in said


def test_the_command_is_faster_without_decoding(corpus):
    assert "silent 1" in command("check", corpus / "clips.csv")
    fast = command("check", corpus / "clips.csv", "--fast")
    assert "silent" not in fast
    assert "samples with problems: 2 of 5" in fast


# Corrections of a run ------------------------------------------------------------------------------------------------


@pytest.fixture
def bench(corpus):
    (corpus / "sub").mkdir()
    (corpus / "sub" / "wrong.csv").write_text(
        "sample,reason,exclude,text\nb.wav,misheard,,goodbye\n'=d.wav,broken,true,\n-1+1.wav,silent,yes,\n"
    )
    (corpus / "sub" / "bench.toml").write_text(
        'dataset = "../clips.csv"\ntasks = ["transcribe"]\nmodels = ["control/majority"]\n'
        '[options]\nlanguage = "en"\nmissing = "keep"\ncorrections = "wrong.csv"\n'
    )
    return corpus / "sub" / "bench.toml"


def test_corrections_of_a_benchmark_lie_beside_it(bench, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    told = qa.read_benchmark(bench)
    assert os.path.samefile(told.options["corrections"], bench.parent / "wrong.csv")
    scores = run("run", bench, "--out", "r")
    assert set(scores["sample"]) == {"b.wav", "c.wav", "gone.wav"}
    assert scores.set_index("sample")["corrected"].dropna().unique().tolist() == ["misheard"]


def test_corrections_on_the_command_line(bench, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(bench.parent.parent)
    scores = run(
        *("run", "./clips.csv", "--task", "transcribe", "--model", "control/majority", "--language", "en"),
        *("--option", "missing=keep", "--option", "corrections=sub/wrong.csv", "--out", "r"),
    )
    assert set(scores["sample"]) == {"b.wav", "c.wav", "gone.wav"}
    assert scores["corrections"].nunique() == 1
    with pytest.raises(DatasetError, match="no such file of corrections"):
        command(
            "run", "./clips.csv", "--task", "transcribe", "--model", "control/majority", "--option", "corrections=no"
        )


def run(*arguments):
    command(*arguments)
    return qa.open_run(arguments[arguments.index("--out") + 1]).scores()


def test_the_bar_knows_how_many_there_are_without_reading_audio(tmp_path):
    clips = [sample(f"s{n}", tmp_path / f"{n}.wav") for n in range(7)]
    assert checks._count(qa.load(clips)) == 7
    assert checks._count(qa.load([sample("a"), sample("b")])) is None, "bytes come with each sample"
    assert len(checks.check(clips, progress=True)) == 7


@pytest.mark.parametrize("processes", [0, 2])
def test_what_cannot_be_fetched_is_asked_for_once(processes):
    asked = []

    def refuse(handler):
        asked.append(handler.path)
        handler.send_error(404)

    with web_server(refuse) as url:
        clips = [sample(f"s{n}", f"{url}/{n}.wav") for n in range(3)]
        seen = list(workers.looked(clips, True, processes))
    assert [(clip.id, found.problem) for clip, found in seen] == [(clip.id, "unreadable") for clip in clips]
    assert sorted(asked) == ["/0.wav", "/1.wav", "/2.wav"]


def test_what_a_dataset_says_does_not_steer_the_terminal(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"no audio")
    row = {"id": "\x1b[2Jgone", "audio": "a.wav", "text": "hi"}
    (tmp_path / "clips.jsonl").write_text(json.dumps(row) + "\n")
    said = command("check", tmp_path / "clips.jsonl")
    assert "\x1b" not in said
    assert "[U+001B][2Jgone" in said


def test_what_has_decoded_a_strangers_audio_answers_with_data_only():
    seen = [look(qa.Audio(TONE), decode=True), look(qa.Audio(b"no audio"), decode=True)]
    assert looking.looks_of(looking.line_of(seen)) == seen
    for line in (b"", b"cos\nsystem\n(S'exit 1'\ntR.\n", b"[3]\n", b'[{"info": 3}]\n', b"{}x"):
        with pytest.raises((ValueError, TypeError, KeyError)):
            looking.looks_of(line)
