"""Clips are fitted to what a model takes as the user chooses, and nothing is fitted that fits."""

import dataclasses
import hashlib
import inspect
import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from clips import wav
from hypothesis import given, settings, strategies as st

import qaeval as qa
from qaeval import audio, fitting, tasks
from qaeval.audio import AudioInfo, Waveform
from qaeval.errors import AudioError, UnknownNameError
from qaeval.fitting import ClipInfo
from qaeval.runner import Plan, execute, hearing
from qaeval.runner.spool import Spool
from qaeval.store import replies as stored
from qaeval.store.folder import RunFolder
from qaeval.types import AudioLimits, Message, Prompt, Request

QWEN = AudioLimits(30, True, 10 * 1024**2, ("wav", "mp3", "aac", "amr", "3gp"), ("zh", "en"), 25, 25)
EXAMPLE = Path(qa.__file__).parent.parent / "results" / "demo-example"


def service(**hears):
    return qa.Model("dashscope/x", lambda request: "x", endpoint="dashscope", hears=AudioLimits(**hears))


def noise(seconds, rate=16_000, channels=1, silent=()):
    """Noise, with silence between the given times in seconds."""
    samples = np.random.default_rng(7).uniform(-0.5, 0.5, (channels, round(seconds * rate))).astype(np.float32)
    for onset, offset in silent:
        samples[:, round(onset * rate) : round(offset * rate)] = 0
    return Waveform(samples, rate)


def request(clip, **changes):
    made = Request("dashscope/x", qa.Audio(clip, "speech/a.flac"), (Message("user", "?", True),), endpoint="dashscope")
    return dataclasses.replace(made, **changes)


def applied(clip, hears, mode):
    """What is sent of a clip: one for each part."""
    model = service(**{name: getattr(hears, name) for name in AudioLimits.__dataclass_fields__})
    info = ClipInfo(**dataclasses.asdict(audio.probe(clip)), pauses=tuple(fitting.quiet_places(clip)))
    way = fitting.way(info, "", model, mode)
    assert not way.problem
    asked = [request(clip, span=span, fitting=way.recipe) for span in way.parts]
    return [fitting.applied(each, info, model) for each in asked]


# --- what does not fit


@pytest.mark.parametrize(
    ("change", "language", "kinds"),
    [
        ({}, "zh", []),
        ({}, "", []),
        ({"duration": 30.0004}, "zh", []),
        ({"duration": 30.001}, "zh", ["too_long"]),
        ({"size": 10 * 1024**2}, "zh", []),
        ({"size": 10 * 1024**2 + 1}, "zh", ["too_large"]),
        ({"codec": "flac", "container": "flac"}, "zh", ["format"]),
        ({"codec": "aac", "container": "m4a"}, "zh", []),
        ({"codec": "gsm_ms"}, "zh", []),
        ({}, "ko", ["language"]),
        ({"duration": 31.0, "size": 10**8, "container": "ogg", "codec": "opus"}, "ko", [*fitting.limits.Kind.__args__]),
    ],
)
def test_every_limit_is_judged(change, language, kinds):
    clip = dataclasses.replace(AudioInfo(5.0, 16000, 1, "pcm_s16le", "wav", 160_044), **change)
    assert [misfit.kind for misfit in fitting.judged(clip, language, QWEN)] == kinds
    assert not fitting.judged(clip, language, AudioLimits()), "a model without limits takes everything"


SPLIT = "Choose fit='cut' to ask about its start only, or fit='split' to ask about it in parts, or another model"
ANEW = "Choose fit='transcode' to send it encoded anew, or another model"


@pytest.mark.parametrize(
    ("hears", "mode", "seen", "choice"),
    [
        (
            {"seconds": 30, "formats": ("wav",)},
            "refuse",
            ["95.5 s", "at most 30 s", "flac", "known to take wav"],
            SPLIT,
        ),
        ({"seconds": 30, "cuts": True}, "transcode", ["95.5 s", "hears the first 30 s"], SPLIT),
        ({"size": 10**7}, "refuse", ["12,000,000", "10,000,000"], ANEW),
        ({"size": 10}, "split", ["12,000,000", "at most 10"], "Choose another model"),
        ({"languages": ("zh", "en"), "seconds": 30}, "split", ["'ko'", "zh, en", "95.5 s"], "Choose another model"),
    ],
)
def test_a_reason_says_what_was_seen_what_is_taken_and_what_would_do(hears, mode, seen, choice):
    song = ClipInfo(95.5, 44100, 2, "flac", "flac", 12_000_000)
    told = fitting.way(song, "ko", service(**hears), mode).problem
    assert all(said in told for said in seen)
    assert told.endswith(f". {choice}")


def test_an_unknown_way_of_fitting_is_told_before_anything_is_asked():
    with pytest.raises(UnknownNameError, match="did you mean 'split'"):
        Plan((), fit="splits")


# --- recipes

INFOS = st.builds(
    AudioInfo,
    st.floats(0.1, 4000),
    st.sampled_from([8000, 16000, 44100, 48000]),
    st.integers(1, 6),
    st.sampled_from(["pcm_s16le", "flac", "mp3", "opus"]),
    st.sampled_from(["wav", "flac", "mp3", "ogg"]),
    st.integers(100, 10**9),
)
LIMITS = st.builds(
    AudioLimits,
    seconds=st.none() | st.sampled_from([1, 30, 30.0, 12.5, 180]),
    size=st.none() | st.integers(10_000, 10**8),
    formats=st.sampled_from([(), ("wav", "mp3"), ("mp3",), ("wav",), ("flac",), ("amr",)]),
)


@settings(derandomize=True)
@given(INFOS, LIMITS, st.sampled_from(fitting.MODES))
def test_a_recipe_is_a_function_of_its_inputs_only(info, hears, mode):
    made = fitting.recipe(info, hears, mode)
    twin = AudioInfo(*(getattr(info, name) for name in AudioInfo.__slots__))
    assert fitting.recipe(twin, dataclasses.replace(hears), mode) == made
    if mode == "refuse" or not fitting.judged(info, "", hears):
        assert made == ""
    if mode in ("refuse", "transcode"):
        assert "cut" not in made
        assert "part" not in made
    way = fitting.way(ClipInfo(**dataclasses.asdict(info)), "", service(**dataclasses.asdict(hears)), mode)
    assert bool(way.problem) == (not made and bool(fitting.judged(info, "", hears))), "fitted, or told why not"
    assert way.recipe == made


@pytest.mark.parametrize(
    ("seconds", "size", "formats", "mode", "expected"),
    [
        (None, None, (), "transcode", ""),
        (None, None, ("wav",), "transcode", "wav-1"),
        (None, None, ("mp3",), "transcode", "mp3-1"),
        (None, 3_000_000, (), "transcode", "wav-1"),
        (None, 1_000_000, (), "transcode", "mp3-1"),
        (None, 100_000, (), "transcode", ""),
        (30, None, (), "transcode", ""),
        (30, None, (), "cut", "cut-1:30"),
        (30.0, None, (), "cut", "cut-1:30"),
        (12.5, None, (), "cut", "cut-1:12.5"),
        (30, 1_000_000, (), "cut", "cut-1:30+wav-1"),
        (30, 300_000, (), "cut", "cut-1:30+mp3-1"),
        (30, None, ("mp3",), "split", "part-1+mp3-1"),
        (30, None, (), "split", "part-1"),
        (30, 100_000, (), "split", ""),
        (120, 1_000_000, (), "split", "mp3-1"),
    ],
)
def test_the_least_is_done_that_suffices(seconds, size, formats, mode, expected):
    song = AudioInfo(80.0, 44100, 2, "flac", "flac", 8_000_000)
    assert fitting.recipe(song, AudioLimits(seconds, size=size, formats=formats), mode) == expected


# --- parts


@settings(max_examples=300, derandomize=True)
@given(
    st.floats(0.01, 2000),
    st.floats(0.5, 300),
    st.lists(st.tuples(st.floats(0, 2000), st.floats(-100, 0)), max_size=60),
)
def test_parts_cover_the_clip_without_gap_or_overlap_and_none_is_too_long(duration, limit, pauses):
    found = fitting.spans(duration, limit, pauses)
    assert found[0][0] == 0
    assert duration - 1e-6 <= found[-1][1] < duration + 0.001
    assert all(before[1] == after[0] for before, after in itertools.pairwise(found))
    lengths = [round((offset - onset) * 1000) for onset, offset in found]
    assert max(lengths) <= limit * 1000
    assert min(lengths) > 0
    if len(found) > 1:
        assert min(lengths) >= min(10_000, int(limit * 1000) // 3) - 1, "no scrap is left over"


def test_parts_end_where_it_is_quiet():
    talk = audio.encode(noise(70, 8000, silent=[(12, 13), (24.4, 24.8), (27, 27.02), (51.0, 51.5), (53, 53.1)]))
    (first, second), (_, third), (_, last) = fitting.spans(70, 30, fitting.quiet_places(talk))
    assert first == 0
    assert 24.5 <= second <= 24.7
    assert 51.1 <= third <= 51.4
    assert last == 70


@pytest.mark.parametrize("rate", [8000, 11025, 44100])
@pytest.mark.parametrize("codec", ["wav", "flac", "mp3"])
def test_pauses_are_found_in_any_format_and_in_channels_that_cancel_out(rate, codec):
    sound = noise(6, rate, silent=[(2.3, 2.8)])
    opposed = Waveform(np.concatenate([sound.samples, -sound.samples]), rate)
    places = fitting.quiet_places(audio.encode(opposed, codec))
    at, level = min(places, key=lambda place: place[1])
    assert 2.35 < at < 2.75
    assert level < -50
    assert sorted(level for _, level in places)[1] > -20, "noise is not quiet"
    assert [int(at) for at, _ in places] == [0, 1, 2, 3, 4, 5]


def test_too_short_for_a_pause():
    assert fitting.quiet_places(wav(0.2)) == []


# --- what is sent


@pytest.mark.parametrize("codec", ["wav", "flac"])
def test_cutting_keeps_the_start_to_the_sample(codec):
    clip = audio.encode(noise(3.7, 22050, 2), codec)
    (sent,) = applied(clip, AudioLimits(seconds=2.5), "cut")
    expected = audio.decode(clip).samples[:, : round(2.5 * 22050)]
    assert np.array_equal(audio.decode(sent.request.audio).samples, expected)
    assert (sent.said, sent.seconds) == ("cut to 2.5 s; wav", 2.5)
    assert fitting.is_cut(sent.said)


@pytest.mark.parametrize("codec", ["wav", "flac"])
def test_parts_put_together_are_the_clip(codec):
    clip = audio.encode(noise(7.7, 11025, silent=[(2.2, 2.6)]), codec)
    sent = applied(clip, AudioLimits(seconds=3), "split")
    heard = [audio.decode(each.request.audio).samples for each in sent]
    assert np.array_equal(np.concatenate(heard, axis=1), audio.decode(clip).samples)
    assert max(each.shape[1] for each in heard) <= 3 * 11025
    assert sum(each.seconds for each in sent) == pytest.approx(7.7)
    assert sent[0].said.startswith("part 0-2.")
    assert not any(fitting.is_cut(each.said) for each in sent)


@pytest.mark.parametrize("codec", ["wav", "flac", "mp3", "ogg", "m4a", "aac", "3gp"])
@pytest.mark.parametrize("form", ["wav", "mp3"])
def test_encoding_anew_keeps_the_duration(codec, form):
    clip = audio.encode(noise(2.3, 44100, 2), codec)
    (sent,) = applied(
        clip, AudioLimits(formats=(form,)) if codec != form else AudioLimits(size=len(clip) - 1), "transcode"
    )
    before, after = audio.probe(clip), audio.probe(sent.request.audio)
    assert abs(before.duration - after.duration) < 0.05
    assert (after.rate, after.channels) == (16_000, 1)
    assert after.container == sent.said.rpartition(" ")[2]
    assert sent.said.startswith("mono, 16 kHz, ")
    assert sent.seconds == pytest.approx(before.duration, abs=0.001)


def test_what_is_sent_is_a_file_of_its_own_that_fits():
    clip = audio.encode(noise(9, 44100, 2), "flac")
    hears = AudioLimits(seconds=4, size=60_000, formats=("mp3",))
    for sent in applied(clip, hears, "split"):
        made = sent.request.audio
        assert made.name == "a.mp3"
        assert made.sha256 == hashlib.sha256(made.source).hexdigest()
        assert sent.request.span is None
        assert not fitting.judged(audio.probe(made), "", hears)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("speech/a.b.flac", "a.b.wav"), ("https://host/x.mp3?signature=1", "x.wav"), ("<12 bytes>", "<12 bytes>.wav")],
)
def test_a_server_sees_no_folder_and_no_signature(name, expected):
    asked = request(wav(1), fitting="cut-1:0.5", audio=qa.Audio(wav(1), name))
    assert fitting.applied(asked, None, service()).request.audio.name == expected


def test_what_fits_is_neither_read_nor_copied():
    asked = request("/nowhere/at/all.wav")
    info = ClipInfo(2.5, 16000, 1, "pcm_s16le", "wav", 80_044)
    assert fitting.applied(asked, info, service()) == (asked, "", 2.5)
    assert fitting.applied(asked, info, service()).request is asked
    assert fitting.applied(asked, None, service()).seconds is None
    with pytest.raises(AudioError, match="a\\.flac"):
        fitting.applied(request("/nowhere/at/all.wav", fitting="wav-1"), info, service())


def test_a_model_on_this_machine_gets_the_clip_and_the_span():
    local = qa.Model("mine", lambda request: "x", hears=QWEN)
    song = ClipInfo(95.5, 44100, 2, "flac", "flac", 12_000_000)
    assert fitting.way(song, "ko", local, "refuse") == fitting.Way()
    asked = request("/nowhere/at/all.wav", span=(1.0, 2.5))
    assert fitting.applied(asked, song, local) == (asked, "", 1.5)


def test_a_control_that_hears_other_clips_is_told_what_to_fit_and_keeps_its_own_clip():
    swapped = dataclasses.replace(service(seconds=30), name="control/swapped:x", ask=None, prepare=lambda samples: None)
    song = ClipInfo(95.5, 44100, 2, "flac", "flac", 12_000_000)
    assert fitting.way(song, "", swapped, "split") == fitting.way(song, "", service(seconds=30), "split")
    for changes, said in (
        ({"fitting": "cut-1:30"}, ("cut to 30 s; wav", 30.0)),
        ({"fitting": "part-1+mp3-1", "span": (2.0, 9.5)}, ("part 2-9.5 s; mono, 16 kHz, mp3", 7.5)),
    ):
        asked = request("/nowhere/at/all.wav", **changes)
        assert fitting.applied(asked, song, swapped) == (asked, *said)


# --- the run's folder


def spooled(folder, samples, models, fit):
    """Spools the samples like a run; returns the rows of asks, and the requests as the lanes make them."""
    folder.path.mkdir(exist_ok=True)
    folder.fold()
    plan = Plan([(tasks.find("transcribe"), [Prompt("en", "What is said?")])], fit=fit)
    spool = Spool(folder, plan, models, lambda: False)
    spool.fill(samples)
    asked = [each for heard in spool for model in models for each in plan.requests(heard.sample, model, heard.info)]
    assert {model.name: spool.expected(model) for model in models} == {
        model.name: sum(each.request.model == model.name for each in asked) for model in models
    }
    folder.fold(whole=True)
    return list(folder.asks.rows()), asked


@pytest.fixture
def long_clip(tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(audio.encode(noise(7, 8000, silent=[(2.5, 2.9), (5.1, 5.5)])))
    return qa.Sample("long", qa.Audio(path, "long.wav"), qa.Annotation(text="hello"), {"language": "en"})


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path / "run")


def test_the_lanes_ask_what_the_spool_has_written(long_clip, folder):
    models = [service(seconds=3), dataclasses.replace(service(seconds=6), name="b"), qa.Model("mine", lambda _: "x")]
    rows, asked = spooled(folder, [long_clip], models, "split")
    assert [row["key"] for row in rows] == [each.request.key for each in asked]
    assert len({row["key"] for row in rows}) == len(rows)
    seen = [(row["model"], row["part"], row["onset"], row["offset"]) for row in rows]
    assert [part for _, part, *_ in seen] == [0, 1, 2, 0, 1, 0]
    assert seen[-1] == ("mine", 0, None, None)
    assert seen[0][3] == seen[1][2] == pytest.approx(2.7, abs=0.1)
    assert seen[2][3] == seen[4][3] == 7.0
    assert {each.request.fitting for each in asked[:5]} == {"part-1"}


def test_pauses_are_sought_only_where_a_clip_is_split(long_clip, folder, monkeypatch):
    calls = []
    monkeypatch.setattr(fitting, "quiet_places", lambda clip: calls.append(clip) or [(2.0, -60.0)])
    local = qa.Model("mine", lambda request: "x", hears=AudioLimits(seconds=1))
    for models, fit in (([service(seconds=3)], "cut"), ([service(seconds=7)], "split"), ([local], "split")):
        spooled(folder, [long_clip], models, fit)
    assert not calls
    spooled(folder, [long_clip], [service(seconds=3), dataclasses.replace(service(seconds=2), name="b")], "split")
    assert len(calls) == 1
    spooled(folder, [long_clip], [service(seconds=3)], "split")
    assert len(calls) == 1, "where it is split stays as it was"
    assert json.loads(next(folder.samples.rows())["pauses"]) == [[2.0, -60.0]]


@pytest.mark.parametrize("known", [True, False])
def test_a_split_clip_that_has_gone_keeps_its_replies(long_clip, folder, known):
    if known:  # the dataset itself says what its digest is
        sha256 = audio.sha256(long_clip.audio)
        long_clip = dataclasses.replace(long_clip, audio=dataclasses.replace(long_clip.audio, sha256=sha256))
    before, _ = spooled(folder, [long_clip], [service(seconds=3)], "split")
    long_clip.audio.source.unlink()
    again = Spool(folder, Plan([], fit="split"), [service(seconds=3)], lambda: False)
    again.fill([long_clip])
    (heard,) = again
    assert "no such file" in heard.problem
    assert heard.info.pauses
    after, _ = spooled(folder, [long_clip], [service(seconds=3)], "split")
    assert after == before


def test_parts_of_an_ask_come_and_go_together(long_clip, folder):
    assert len(spooled(folder, [long_clip], [service(seconds=3)], "split")[0]) == 3
    assert len(spooled(folder, [long_clip], [service(seconds=6)], "split")[0]) == 2
    (row,), (asked,) = spooled(folder, [long_clip], [service(seconds=3)], "cut")
    assert (row["part"], row["onset"]) == (0, None)
    assert asked.request.fitting == "cut-1:3"
    (row,), (asked,) = spooled(folder, [long_clip], [service(seconds=3)], "refuse")
    assert "lasts 7 s" in asked.problem
    assert asked.request.fitting == ""


def test_a_clip_changed_since_is_searched_anew(long_clip, folder):
    spooled(folder, [long_clip], [service(seconds=3)], "split")
    long_clip.audio.source.write_bytes(audio.encode(noise(7, 8000, silent=[(2.0, 2.4)])))
    rows, _ = spooled(folder, [long_clip], [service(seconds=3)], "split")
    assert rows[0]["offset"] == pytest.approx(2.2, abs=0.1)


def run(folder, samples, model, fit):
    """What the model was sent, by name, length and span; and the replies in the order of the asks."""
    sent = []

    def ask(request):
        heard = audio.probe(request.audio)
        sent.append((request.audio.name, round(heard.duration, 3), request.span))
        return f"{heard.duration:.1f}"

    plan = Plan([(tasks.find("transcribe"), [Prompt("en", "What is said?")])], fit=fit)
    asked = dataclasses.replace(model, ask=ask, concurrency=1)
    execute(samples, plan, [asked], folder, save_info=lambda changes: None, progress=False)
    replies = stored.latest(folder.replies)
    return sent, [stored.from_record(replies[row["key"]]) for row in folder.asks.rows()]


def test_a_run_in_each_mode(long_clip, folder):
    model = service(seconds=3, formats=("wav", "mp3"))
    sent, (reply,) = run(folder, [long_clip], model, "refuse")
    assert (sent, reply.outcome, reply.attempts) == ([], "skipped", 0)
    assert reply.error.reason.startswith("dashscope/x was not asked about this clip: it lasts 7 s")
    sent, (reply,) = run(folder, [long_clip], model, "transcode")
    assert (sent, reply.outcome) == ([], "skipped")
    sent, (reply,) = run(folder, [long_clip], model, "cut")
    assert sent == [("long.wav", 3.0, None)]
    assert (reply.text, reply.fitted, reply.sent_seconds) == ("3.0", "cut to 3 s; wav", 3.0)
    sent, replies = run(folder, [long_clip], model, "split")
    assert [name for name, *_ in sent] == ["long.wav"] * 3
    assert sum(seconds for _, seconds, _ in sent) == pytest.approx(7, abs=0.002)
    assert [reply.sent_seconds for reply in replies] == [pytest.approx(seconds) for _, seconds, _ in sent]
    assert all(reply.fitted.startswith("part ") for reply in replies)
    assert run(folder, [long_clip], model, "split")[0] == [], "nothing is asked again"
    long_clip.audio.source.unlink()
    again, replies = run(folder, [long_clip], model, "split")
    assert (again, [reply.outcome for reply in replies]) == ([], ["ok"] * 3), "its replies outlive the file"


def test_a_clip_in_another_format_is_sent_as_wav(tmp_path, folder):
    clips = [
        qa.Sample("flac", audio.encode(noise(1), "flac"), qa.Annotation(text="a")),
        qa.Sample("wav", wav(1.5), qa.Annotation(text="b")),
        qa.Sample("none", b"no audio at all", qa.Annotation(text="c")),
    ]
    model = service(formats=("wav",))
    _, (flac, plain, none) = run(folder, clips, model, "refuse")
    assert "its format is flac; the model is known to take wav" in flac.error.reason
    assert (plain.text, plain.fitted, plain.sent_seconds) == ("1.5", "", 1.5)
    assert "cannot be read as audio" in none.error.reason
    sent, (flac, _, _) = run(folder, clips, model, "transcode")
    ((name, *heard),) = sent
    assert name.endswith(".wav")
    assert heard == [1.0, None]
    assert (flac.text, flac.fitted, flac.sent_seconds) == ("1.0", "mono, 16 kHz, wav", 1.0)


# --- runs written before


def engines(run, ask):
    """The models of a stored run, by name only."""
    return [qa.Model(each["name"], ask, reads_prompt=each["reads_prompt"]) for each in run.info["models"]]


def test_a_run_of_before_opens_resumes_and_folds(tmp_path):
    shutil.copytree(EXAMPLE, tmp_path / "old")
    old = qa.open_run(tmp_path / "old")
    asks = old.asks()
    assert set(asks["part"]) == {0}
    assert asks["onset"].isna().all()
    answered = stored.finished(tmp_path / "old" / "replies")
    assert answered

    def ask(request):
        assert request.key not in answered, "asked again"
        return "x"

    keys = dict(zip(zip(*(asks[name] for name in ("sample", "task", "model")), strict=True), asks["key"], strict=True))
    dataset = old.info["dataset"]
    run = qa.run(
        qa.load("demo"),
        list(old.info["tasks"]),
        [*engines(old, ask), qa.Model("new", lambda request: "x")],
        tmp_path / "old",
        limit=dataset["limit"],
        seed=dataset["seed"],
        progress=False,
    )
    after = run.asks()
    assert {tuple(row[:3]): row[3] for row in after[["sample", "task", "model", "key"]].values.tolist()}.items() >= (
        keys.items()
    ), "a key has changed"
    assert set(run.replies()["outcome"]) == {"ok"}
    assert {row["part"] for row in RunFolder(tmp_path / "old").asks.stored()} == {0}
    formats = [hearing.info_of(row) for row in RunFolder(tmp_path / "old").samples.stored()]
    assert all(info is not None and info.size > 0 for info in formats)


def test_rows_of_before_that_no_command_touches_read_the_same_after_a_fold(tmp_path):
    shutil.copytree(EXAMPLE, tmp_path / "old")
    store = RunFolder(tmp_path / "old")
    before = list(store.asks.rows()), list(store.samples.rows())
    for table in (store.asks, store.samples):
        table.spool.write_bytes(b"")
        table.fold()
    assert (list(store.asks.rows()), list(store.samples.rows())) == before
    assert hearing.info_of(before[1][0]) is None, "it was written before formats were kept"


def test_the_docstring_names_every_mode():
    assert all(f"\n{mode} " in inspect.getdoc(fitting) for mode in fitting.MODES)
