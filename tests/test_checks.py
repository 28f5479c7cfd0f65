"""What a clip is, which models take it, and what its audio costs, before anything is asked."""

import csv
import threading
from dataclasses import replace

import numpy as np
import pytest
from clips import wav

import qaeval as qa
from qaeval import audio, checks, fitting
from qaeval.audio import Waveform
from qaeval.errors import DatasetError, UnknownNameError
from qaeval.types import AudioLimits, Prices


def never(request):
    raise AssertionError("a check asks nobody")


QWEN = qa.Model(
    "dashscope/qwen",
    never,
    endpoint="dashscope",
    hears=AudioLimits(2, True, 60_000, ("wav", "mp3"), ("zh", "en"), 25, 25),
)
OMNI = qa.Model(
    "dashscope/omni",
    never,
    endpoint="openai",
    hears=AudioLimits(seconds=3, tokens_per_second=7),
    prices=Prices(text_in=2.2, audio_in=18),
)


@pytest.fixture
def folder(tmp_path):
    """Clips that fit, are too long, too large, of another format, and none at all."""
    long = Waveform(np.zeros((2, 8 * 8000), np.float32), 8000)
    files = {
        "a.wav": wav(0.5),
        "b.wav": wav(2.5),
        "c.flac": audio.transcode(wav(1), "flac"),
        "d.wav": wav(0.9, rate=44100),
        "e.wav": b"RIFF, but no audio",
        "f.mp3": audio.encode(long, "mp3"),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def verdicts(frame):
    return dict(zip(frame["sample"], frame["verdict"], strict=True))


def test_each_model_says_of_each_clip_whether_it_takes_it(folder):
    frame = checks.check(folder, [QWEN, OMNI], progress=False)
    assert list(frame.columns) == list(checks.COLUMNS)
    assert list(frame["sample"]) == [
        name for name in ("a.wav", "b.wav", "c.flac", "d.wav", "e.wav", "f.mp3") for _ in "12"
    ]
    assert verdicts(frame[frame["model"] == QWEN.name]) == {
        "a.wav": "fits",
        "b.wav": "cut",
        "c.flac": "unsupported format",
        "d.wav": "too large",
        "e.wav": "unreadable",
        "f.mp3": "too large",
    }
    omni = frame[frame["model"] == OMNI.name].set_index("sample")
    assert verdicts(omni.reset_index()) == {
        **dict.fromkeys(["a.wav", "b.wav", "c.flac", "d.wav"], "fits"),
        "e.wav": "unreadable",
        "f.mp3": "too long",
    }
    assert omni.loc["f.mp3", "what"] == "it lasts 8 s, the model takes at most 3 s"
    both = frame.query("sample == 'f.mp3' and model == 'dashscope/qwen'")["what"].item()
    assert "at most 60,000; it lasts 8 s, of which the model hears the first 2 s" in both
    assert "cannot be read as audio" in omni.loc["e.wav", "what"]


def test_what_a_clip_is(folder):
    row = checks.check(folder, progress=False).set_index("sample").loc["f.mp3"]
    assert dict(row[["audio", "codec", "container", "rate", "channels", "language", "model"]]) == {
        "audio": "f.mp3",
        "codec": "mp3",
        "container": "mp3",
        "rate": 8000,
        "channels": 2,
        "language": "",
        "model": "",
    }
    assert row["seconds"] == pytest.approx(8, abs=0.01)
    assert row["size"] == (folder / "f.mp3").stat().st_size


def test_tokens_and_prices_are_those_of_what_is_heard(folder):
    frame = checks.check(folder, [QWEN, OMNI], progress=False).set_index(["model", "sample"])
    assert frame.loc[QWEN.name]["audio_tokens"].to_list()[:3] == [25, 50, 25], "at least 25, at most 2 s of them"
    assert frame.loc[OMNI.name]["audio_tokens"].to_list()[:4] == [4, 18, 7, 7]
    assert frame.loc[OMNI.name, "price"]["b.wav"] == pytest.approx(18 * 18 / 1e6)
    assert frame.loc[QWEN.name]["price"].isna().all(), "no price is known"
    assert frame.loc[OMNI.name, "audio_tokens"][["e.wav"]].isna().all()
    by_second = qa.Model("asr", never, endpoint="x", hears=AudioLimits(2, True), prices=Prices(second=0.01))
    unknown = qa.Model("new", never, endpoint="x", prices=Prices(audio_in=18))
    frame = checks.check(folder, [by_second, unknown], progress=False).set_index(["model", "sample"])
    assert frame.loc["asr"]["price"].to_list()[:2] == [0.005, 0.02]
    assert frame.loc["new"]["price"].isna().all(), "without a rate of tokens there is no price"


def test_languages_are_judged_by_the_limits_or_by_the_model_itself(folder):
    def refuses(request):
        if request.task != "transcribe":
            return f"does not do {request.task}"
        return f"knows no {request.language}" if request.language == "ko" else ""

    local = qa.Model("local", never, reads_prompt=False, refuses=refuses)
    other = qa.Model("other", never, refuses=lambda request: "never answers")
    clips = [qa.Sample(f"{n}", folder / "a.wav", meta={"language": n}) for n in ("zh", "ko")]
    clips.append(qa.Sample("none", folder / "a.wav"))
    frame = checks.check(clips, [QWEN, local, other], progress=False).set_index(["model", "sample"])
    assert frame.loc[QWEN.name]["verdict"].to_dict() == {"zh": "fits", "ko": "unsupported language", "none": "fits"}
    assert "'ko'; the model is known to take zh, en" in frame.loc[(QWEN.name, "ko"), "what"]
    assert frame.loc["local"]["verdict"].to_dict() == {"zh": "fits", "ko": "unsupported language", "none": "fits"}
    assert frame.loc[("local", "ko"), "what"] == "knows no ko"
    assert set(frame.loc["other"]["verdict"]) == {"fits"}, "what it refuses is not the language"


def test_a_file_a_manifest_and_samples(folder):
    assert verdicts(checks.check(folder / "b.wav", progress=False)) == {str(folder / "b.wav"): "readable"}
    assert verdicts(checks.check(str(folder / "e.wav"), progress=False)) == {str(folder / "e.wav"): "unreadable"}
    with open(folder / "clips.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["audio", "text", "language"], ["a.wav", "hello", "en"], ["b.wav", "hi", "ko"]])
    frame = checks.check(folder / "clips.csv", [QWEN], progress=False)
    assert list(frame["verdict"]) == ["fits", "unsupported language"]
    assert list(frame["language"]) == ["en", "ko"]
    with pytest.raises(DatasetError, match=r"none\.wav"):
        checks.check(folder / "none.wav", progress=False)
    with pytest.raises(UnknownNameError, match="unknown model"):
        checks.check(folder, "no/such", progress=False)
    assert list(checks.check(folder / "a.wav", "control/majority", progress=False)["verdict"]) == ["fits"]


@pytest.mark.parametrize("fit", fitting.MODES)
def test_what_is_told_of_a_way_to_fit_clips_is_what_a_run_with_it_does(folder, tmp_path_factory, fit):
    heard = []
    models = [replace(model, ask=lambda request: heard.append(request) or "hello") for model in (QWEN, OMNI)]
    rest = np.zeros((1, 8 * 8000), np.float32)
    rest[:, ::2] = 0.5
    rest[:, 14_400:16_800] = 0  # quiet from 1.8 to 2.1 s: there it is split
    (folder / "g.wav").write_bytes(audio.encode(Waveform(rest, 8000)))
    clips = [qa.Sample(path.name, path, qa.Annotation(text="hello")) for path in sorted(folder.iterdir())]
    frame = checks.check(clips, models, fit=fit, fast=True, progress=False).set_index(["model", "sample"])
    run = qa.run(
        *(clips, "transcribe", models, tmp_path_factory.mktemp("run")), fit=fit, yes=True, limits=None, progress=False
    )
    for (model, sample), rows in run.replies().groupby(["model", "sample"], observed=True):
        told = frame.loc[(model, sample)]
        if told["verdict"] == "unreadable":
            assert not [request for request in heard if (request.model, request.audio.name) == (model, sample)]
            continue
        asked = (rows["outcome"] == "ok").all()
        assert asked == (told["verdict"] in checks.ASKED), (model, sample)
        if told["verdict"] == "fitted":
            assert len(rows) == told["parts"]
            assert told["fitted"] == (rows["fitted"].iloc[0] if len(rows) == 1 else f"{len(rows)} parts")
        limits = next(each.hears for each in models if each.name == model)
        assert told["audio_tokens"] == sum(map(limits.tokens, rows["sent_seconds"] if asked else [told["seconds"]]))
    mended = {"refuse": "too large", "transcode": "too large", "cut": "fitted", "split": "fitted"}
    assert frame.loc[QWEN.name, "verdict"]["g.wav"] == mended[fit]
    assert frame.loc[QWEN.name, "ways"]["g.wav"] == "cut; split"


def test_what_is_sent_is_what_is_counted(folder):
    split = checks.check(folder, OMNI, fit="split", progress=False).set_index("sample")
    assert split.loc["f.mp3", "parts"] == 3
    assert split.loc["f.mp3", "audio_tokens"] == 21 + 21 + 15, "8.04 s in parts, each rounded up"
    assert split.loc["f.mp3", "price"] == pytest.approx(57 * 18 / 1e6)
    cut = checks.check(folder, OMNI, fit="cut", progress=False)
    assert checks.check_text(cut).splitlines() == [
        "clips: 6, 12.9 s of audio",
        "dashscope/omni: fits 4, fitted 1, unreadable 1 (1 as cut to 3 s; wav); 57 audio tokens; "
        "0.001026 CNY for the audio",
        "not taken as they are: 1",
        f"  dashscope/omni: unreadable: {cut.set_index('sample').loc['e.wav', 'what']}: e.wav",
    ]
    assert "fitted 1, unreadable 1 (1 in 3 parts)" in checks.check_text(split.reset_index())
    assert list(checks.corrections(cut)["sample"]) == ["e.wav", "f.mp3"], "unreadable; silent"
    with pytest.raises(UnknownNameError, match="'cutt'; did you mean 'cut'"):
        checks.check(folder, OMNI, fit="cutt", progress=False)


def test_the_order_is_that_of_the_samples_however_long_each_takes(folder, monkeypatch):
    probe, second = audio.probe, threading.Event()

    def slow(clip):
        if clip.name.endswith("a.wav"):
            assert second.wait(20), "clips are looked at many at once"
        second.set()
        return probe(clip)

    monkeypatch.setattr(audio, "probe", slow)
    clips = [qa.Sample(name, folder / f"{name}.wav") for name in "abd"]
    assert list(checks.check(clips, progress=False)["sample"]) == ["a", "b", "d"]


def test_a_clip_that_trips_a_decoder_hides_no_other(folder, monkeypatch):
    probe = audio.probe

    def broken(clip):
        if clip.name.endswith("b.wav"):
            raise ZeroDivisionError("division by zero")
        return probe(clip)

    monkeypatch.setattr(audio, "probe", broken)
    frame = checks.check([qa.Sample(name, folder / f"{name}.wav") for name in "ab"], progress=False)
    assert list(frame["verdict"]) == ["readable", "unreadable"]
    assert "ZeroDivisionError: division by zero" in frame["what"][1]


def test_the_summary(folder):
    text = checks.check_text(checks.check(folder, [QWEN, OMNI], progress=False), most=3)
    assert text.splitlines() == [
        "clips: 6, 12.9 s of audio",
        "dashscope/qwen: fits 1, cut 1, too large 2, unsupported format 1, unreadable 1; 25 audio tokens",
        "dashscope/omni: fits 4, too long 1, unreadable 1; 36 audio tokens; 0.000648 CNY for the audio",
        "not taken as they are: 7",
        "  dashscope/qwen: cut: it lasts 2.5 s, of which the model hears the first 2 s: b.wav",
        "  dashscope/qwen: unsupported format: its format is flac; the model is known to take wav, mp3: c.flac",
        "  dashscope/qwen: too large: it has 79,424 bytes; the model takes at most 60,000: d.wav",
        "  and 4 more, for other reasons",
        "A run skips them. Of these 7 it would ask about, with --fit (fit=): transcode 2 (encoded anew), cut 5 (only "
        "the start of long clips), split 5 (long clips in parts)",
    ]
    fine = checks.check(folder / "a.wav", [OMNI], progress=False)
    assert checks.check_text(fine).splitlines() == [
        "clips: 1, 0.5 s of audio",
        "dashscope/omni: fits 1; 4 audio tokens; 7.2e-05 CNY for the audio",
    ]
    assert checks.check_text(fine[:0]) == "no clips"
    twins = [qa.Sample(name, folder / "b.wav") for name in "xyz"]
    assert "  dashscope/qwen: cut: it lasts 2.5 s, of which the model hears the first 2 s: x and 2 more" in (
        checks.check_text(checks.check(twins, QWEN, progress=False)).splitlines()
    )
    assert "A run skips them" not in checks.check_text(checks.check(folder / "e.wav", progress=False))
