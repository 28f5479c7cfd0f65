"""Made data: what is where, and how loud, measured in the audio; and scores that follow from it end to end."""

import hashlib
import io
import json
import wave

import numpy as np
import pytest

import qaeval as qa
from qaeval import audio
from qaeval.datasets._levels import active_rms, noise, strongest
from qaeval.datasets._making import draw
from qaeval.datasets.questions import questions
from qaeval.errors import AudioError, DatasetError, DatasetWarning
from qaeval.models import prose

RATE = 16_000


def sound(id, label, samples, rate=RATE, **meta):
    """A clip with these samples and one label."""
    data = audio.encode(audio.Waveform(np.asarray(samples, np.float32)[None], rate))
    return qa.Sample(id, qa.Audio(data, f"{id}.wav"), qa.Annotation(labels={"sound": (label,)}), meta)


def tone(seconds, hertz, peak=0.5, before=0.0, after=0.0):
    """A square wave, whose RMS is its peak, between silences: every frame of it is equally loud."""
    times = np.arange(round(seconds * RATE)) * hertz / RATE
    wave_ = peak * np.where(times % 1 < 0.5, 1.0, -1.0)
    return np.concatenate([np.zeros(round(before * RATE)), wave_, np.zeros(round(after * RATE))])


TONES = [
    sound("a", "dog", tone(1.0, 400, before=0.33, after=0.5), licence="CC0-1.0"),
    sound("b", "cat", tone(0.7, 500, 0.02), licence="CC-BY-4.0"),
    sound("c", "engine", tone(2.0, 250, 0.9, before=1.0), licence="CC0-1.0"),
]


def heard(sample):
    """The samples of a made clip, from the bytes of its WAV."""
    with wave.open(io.BytesIO(audio.read(sample.audio))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 2**15


def decibels(value):
    return 20 * np.log10(value)


def rms(samples):
    return np.sqrt((samples**2).mean())


def places(event):
    return round(event.onset * RATE), round(event.offset * RATE)


# Mixtures -------------------------------------------------------------------------------------------------------------


def test_onsets_and_offsets_are_exact_to_the_sample():
    made = list(qa.load("mixture", TONES, background="silence", count=12, per_clip=(1, 3)))
    assert {len(clip.reference.events) for clip in made} == {1, 2, 3}
    for clip in made:
        samples = heard(clip)
        assert len(samples) == 10 * RATE
        mask = np.zeros(len(samples), bool)
        for event in clip.reference.events:
            first, last = places(event)
            assert (event.onset, event.offset) == (first / RATE, last / RATE)
            mask[first:last] = True
        assert (mask == (samples != 0)).all()
        lengths = {event.label: round(event.offset - event.onset, 9) for event in clip.reference.events}
        assert lengths.items() <= {"Dog": 1.0, "Cat": 0.7, "Engine": 2.0}.items()


@pytest.mark.parametrize("background", ["white", "pink", "clips"])
@pytest.mark.parametrize("snr", [-10, 0, 20])
def test_the_snr_is_the_one_stated_within_a_tenth_of_a_decibel(background, snr):
    behind = [sound("hum", "hum", 0.1 * noise("pink", 5 * RATE, "hum") / 5)] if background == "clips" else background
    options = {"count": 3, "per_clip": 2}
    clean = list(qa.load("mixture", TONES, background="silence", **options))
    noisy = list(qa.load("mixture", TONES, background=behind, snr=snr, **options))
    for quiet, loud in zip(clean, noisy, strict=True):
        assert quiet.reference == loud.reference
        assert loud.meta["snr"] == snr
        assert loud.meta["background"] == ("hum" if background == "clips" else background)
        alone = heard(quiet)
        behind = rms(heard(loud) - alone)
        for event in loud.reference.events:
            first, last = places(event)
            assert decibels(rms(alone[first:last])) == pytest.approx(-26, abs=0.02)
            assert decibels(rms(alone[first:last]) / behind) == pytest.approx(snr, abs=0.1)


def test_what_would_pass_full_scale_is_turned_down_together():
    (clean,) = qa.load("mixture", TONES, background="silence", count=1, per_clip=1)
    (noisy,) = qa.load("mixture", TONES, background="white", snr=-24, count=1, per_clip=1)
    (less,) = qa.load("mixture", TONES, background="white", snr=-6, count=1, per_clip=1)
    alone, loud, soft = heard(clean), heard(noisy), heard(less)
    behind = soft - alone
    (gain_of_sound, gain_of_noise), *_ = np.linalg.lstsq(np.stack([alone, behind], 1), loud, rcond=None)
    assert np.abs(loud).max() == pytest.approx(0.99, abs=1e-3)
    assert decibels(gain_of_noise / gain_of_sound) == pytest.approx(18, abs=0.1)
    assert gain_of_sound < 1


def test_what_is_said_of_a_made_clip():
    made = list(qa.load("mixture", TONES, snr=(0, 10), count=30, draw_seed=5))
    assert {clip.meta["snr"] for clip in made} == {0.0, 10.0}
    for clip in made:
        assert clip.id.startswith("mixture-5-000")
        assert clip.audio.name == f"{clip.id}.wav"
        ids = clip.meta["sources"].split("; ")
        licences = {sound.meta["licence"] for sound in TONES if sound.id in ids}
        assert set(clip.meta["licence"].split("; ")) == licences
        assert clip.meta["duration"] == audio.probe(clip.audio).duration == 10.0
        assert set(clip.reference.labels["sound"]) == {event.label for event in clip.reference.events}
        assert clip.inputs == {"choices": "Cat, Dog, Engine"}
        onsets = [event.onset for event in clip.reference.events]
        assert onsets == sorted(onsets)
        assert min(onsets) >= 0.25


def test_made_twice_it_is_the_same_and_fewer_are_contained_in_more():
    def digests(**options):
        clips = qa.load("mixture", TONES, **options)
        return [(clip.id, clip.reference, hashlib.sha256(audio.read(clip.audio)).hexdigest()) for clip in clips]

    five = digests(count=5)
    assert five == digests(count=5)
    assert five[:3] == digests(count=3)
    assert not {digest for *_, digest in five} & {digest for *_, digest in digests(count=5, draw_seed=1)}
    reordered = qa.load("mixture", TONES[::-1], count=5)
    assert [clip.reference for clip in reordered] == [reference for _, reference, _ in five]
    assert qa.load("mixture", TONES).fingerprint == qa.load("mixture", TONES).fingerprint
    options = ({}, {"draw_seed": 1}, {"snr": 3}, {"background": "white"}, {"duration": 9}, {"overlap": True})
    assert len({qa.load("mixture", TONES, **some).fingerprint for some in options}) == len(options)


def test_nothing_is_mixed_before_it_is_needed(monkeypatch):
    clips = list(qa.load("mixture", TONES, count=3))
    monkeypatch.setattr(audio, "encode", lambda waveform: b"mixed now")
    assert audio.read(clips[0].audio) == b"mixed now"


def test_sounds_may_overlap_and_then_differ():
    made = list(
        qa.load("mixture", [*TONES, sound("d", "dog", tone(1.0, 300))], overlap=True, duration=4, count=30, per_clip=3)
    )
    overlaps = 0
    for clip in made:
        labels = [event.label for event in clip.reference.events]
        assert len(set(labels)) == len(labels)
        ends = [event.offset for event in clip.reference.events]
        starts = [event.onset for event in clip.reference.events]
        overlaps += any(start < end for start, end in zip(starts[1:], ends, strict=False))
        assert max(ends) <= 3.75 + 1e-9
    assert overlaps > 10


def test_apart_they_do_not_overlap_and_as_many_are_taken_as_fit():
    made = list(qa.load("mixture", TONES, duration=3.0, count=20, per_clip=3, background="silence"))
    assert {len(clip.reference.events) for clip in made} == {1, 2}
    for clip in made:
        for one, two in zip(clip.reference.events, clip.reference.events[1:], strict=False):
            assert two.onset - one.offset >= 0.25 - 1e-9


def test_a_long_sound_is_cut_and_measured_as_it_is_cut():
    falling = np.concatenate([tone(1.0, 400, 0.5), tone(3.0, 400, 0.05)])
    (clip,) = qa.load("mixture", [sound("a", "dog", falling)], longest=1.0, background="silence", count=1)
    (event,) = clip.reference.events
    first, last = places(event)
    assert last - first == RATE
    assert decibels(rms(heard(clip)[first:last])) == pytest.approx(-26, abs=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "expected count >= 1"),
        ({"per_clip": (3, 2)}, "1 <= per_clip"),
        ({"duration": 0.5}, "a duration above 0.5 s"),
        ({"background": "brown"}, "background: expected silence, white, pink or clips, seen 'brown'"),
        ({"background": "silence", "snr": 10}, "snr=10: there is no background"),
        ({"snr": ()}, "snr: expected a number of dB"),
        ({"snr": float("nan")}, "snr: expected a number of dB"),
        ({"loudness": 3}, "its options are: sounds, count, duration"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(DatasetError, match=message):
        qa.load("mixture", TONES, **options)


def test_sources_that_cannot_be():
    silent = sound("s", "dog", np.zeros(RATE))
    with pytest.raises(DatasetError, match="sample 's' is silent"):
        list(qa.load("mixture", [silent]))
    with pytest.raises(DatasetError, match=r"sample 'x': expected one label sound, seen \[\]"):
        list(qa.load("mixture", [qa.Sample("x", TONES[0].audio)]))
    with pytest.raises(DatasetError, match="none of the sounds drawn fits into 1 s"):
        list(qa.load("mixture", TONES[:1], duration=1.0))
    (clip,) = qa.load("mixture", TONES, background=[silent], count=1)
    with pytest.raises(AudioError, match=r"s\.wav: is silent; expected a background"):
        audio.read(clip.audio)


# Levels ---------------------------------------------------------------------------------------------------------------


def test_the_strongest_sound_is_what_no_longer_pause_divides():
    parts = [tone(0.3, 400, after=0.14), tone(0.3, 400, after=0.3), tone(0.4, 400, after=0.5), tone(0.05, 400, 1.0)]
    assert strongest(np.concatenate([np.zeros(1600), *parts])) == (1600, 1600 + round(0.74 * RATE))
    faint = np.concatenate([tone(0.5, 400, 0.5), tone(0.5, 400, 0.004)])  # 42 dB below
    assert strongest(faint) == (0, RATE // 2)
    assert strongest(tone(0.1, 400)) == (0, RATE // 10)
    assert strongest(tone(0.10003, 400)) == (0, round(0.10003 * RATE))


def test_the_level_is_that_of_the_active_frames():
    assert active_rms(tone(1.0, 400, 0.25, before=1.0, after=2.0)) == pytest.approx(0.25, rel=1e-9)
    assert active_rms(np.concatenate([tone(1, 400, 0.5), tone(1, 400, 0.004)])) == pytest.approx(0.5, rel=1e-9)


def test_pink_noise_falls_by_three_decibels_an_octave():
    spectrum = np.abs(np.fft.rfft(noise("pink", 60 * RATE, "a"))) ** 2 / 60
    octaves = [10 * np.log10(spectrum[60 * f : 120 * f].mean()) for f in (100, 200, 400, 800, 1600, 3200)]
    assert np.diff(octaves) == pytest.approx([-3.01] * 5, abs=0.3)
    white = np.abs(np.fft.rfft(noise("white", 60 * RATE, "a"))) ** 2
    assert 10 * np.log10(white[6000:60000].mean() / white[60000:400000].mean()) == pytest.approx(0, abs=0.1)


def test_draws_are_like_chance_and_stay_what_they_are():
    drawn = np.array([draw("a", n) for n in range(20_000)])
    assert 0 <= drawn.min() < drawn.max() < 1
    assert np.histogram(drawn, 10, (0, 1))[0] == pytest.approx([2000] * 10, abs=200)
    assert draw(0, "x") == draw(0, "x") != draw("0x")


# Concatenations -------------------------------------------------------------------------------------------------------


def spoken(id, *words, speaker="s1", language="en", hertz=400):
    """Words of 0.3 s each with 0.1 s between them, as tones."""
    samples = np.concatenate([np.zeros(1600), *(tone(0.3, hertz, after=0.1) for _ in words)])
    events = tuple(qa.Event(word, round(0.1 + 0.4 * n, 3), round(0.4 + 0.4 * n, 3)) for n, word in enumerate(words))
    reference = qa.Annotation(" ".join(words), events)
    return qa.Sample(
        id, sound(id, "x", samples).audio, reference, {"speaker": speaker, "language": language, "licence": id}
    )


SPEECH = [
    spoken("a", "bread", "candle", "dragon"),
    spoken("b", "engine", "flower"),
    spoken("c", "garden", speaker="s2"),
    spoken("d", "Apfel", "Birne", language="de"),
    spoken("e", "Kirsche", language="de"),
]


def test_words_are_where_they_are_said():
    made = list(qa.load("concatenation", SPEECH, count=15, per_clip=(2, 3), draw_seed=3))
    assert {clip.language for clip in made} == {"en", "de"}
    by_id = {clip.id: clip for clip in SPEECH}
    for clip in made:
        samples, mask = heard(clip), 0
        for event in clip.reference.events:
            first, last = places(event)
            assert (samples[first:last] != 0).all()
            mask += last - first
        assert mask == (samples != 0).sum()
        sources = [by_id[id] for id in clip.meta["sources"].split("; ")]
        assert clip.reference.text == " ".join(source.reference.text for source in sources)
        assert [event.label for event in clip.reference.events] == clip.reference.text.split()
        assert clip.meta["licence"].split("; ") == [source.id for source in sources]
        assert ("speaker" in clip.meta) == (len({source.meta["speaker"] for source in sources}) == 1)
        assert clip.meta["duration"] == len(samples) / RATE


def test_clips_one_after_the_other_and_the_pauses_between_them():
    for clip in qa.load("concatenation", SPEECH, count=10, per_clip=2, events="clips", gap=(0.5, 0.6)):
        one, two = clip.reference.events
        pauses = [one.onset, two.onset - one.offset, clip.meta["duration"] - two.offset]
        assert all(0.5 - 1e-4 <= pause <= 0.6 + 1e-4 for pause in pauses)
        assert {one.label, two.label} <= {source.reference.text for source in SPEECH}


def test_speech_over_noise_has_the_stated_snr():
    options = {"count": 2, "per_clip": 2, "draw_seed": 2}
    clean = qa.load("concatenation", SPEECH[:2], **options)
    for quiet, noisy in zip(
        clean, qa.load("concatenation", SPEECH[:2], background="pink", snr=5, **options), strict=True
    ):
        alone = heard(quiet)
        active = rms(alone[alone != 0])
        assert decibels(active / rms(heard(noisy) - alone)) == pytest.approx(5, abs=0.1)


def test_chinese_is_joined_without_spaces_and_the_demo_is_the_default():
    made = list(qa.load("concatenation", count=12))
    assert {"zh", "en"} <= {clip.language for clip in made}
    assert all(" " not in clip.reference.text for clip in made if clip.language in ("zh", "yue"))
    assert all(clip.reference.events for clip in made)


def test_speech_that_cannot_be_joined():
    bare = qa.Sample("x", SPEECH[0].audio, qa.Annotation("hello"))
    with pytest.raises(DatasetError, match="sample 'x': no word times in meta alignment or"):
        list(qa.load("concatenation", [bare]))
    assert len(list(qa.load("concatenation", [bare], events="clips", count=2))) == 2
    with pytest.raises(DatasetError, match="sample 'x': expected a text, seen none"):
        list(qa.load("concatenation", [qa.Sample("x", SPEECH[0].audio)], events="clips"))
    with pytest.raises(DatasetError, match="events: expected words or clips, seen 'word'"):
        qa.load("concatenation", SPEECH, events="word")
    with pytest.raises(DatasetError, match=r"a gap \(from, to\)"):
        qa.load("concatenation", SPEECH, gap=(1, 0.5))


# End to end -----------------------------------------------------------------------------------------------------------


def teller(clips, shift=0.0):
    """A model that knows the truth, and tells it so many seconds too late, to a tenth of a millisecond."""
    known = {clip.audio.name: clip for clip in clips}

    def ask(request):
        clip = known[request.audio.name]
        query = request.inputs.get("query")
        events = [e for e in clip.reference.events if query is None or e.label.casefold() == query.casefold()]
        if query is None:
            times = [(e.label, round(e.onset + shift, 7), round(e.offset + shift, 7)) for e in events]
            return json.dumps([{"label": label, "onset": onset, "offset": offset} for label, onset, offset in times])
        spans = (f"from {e.onset + shift:.7f} s to {e.offset + shift:.7f} s" for e in events)
        return f'"{query}" occurs {" and ".join(spans)}.' if events else prose.absent(query)

    return qa.Model("teller", ask)


def values(run):
    """The value of each metric over all clips, sums over sums."""
    scores = run.scores()
    whole = scores[scores["part"] == ""].groupby(["task", "metric"])[["num", "den"]].sum()
    return (whole["num"] / whole["den"]).to_dict()


PERFECT = (
    "event_f1", "event_onset_f1", "event_lenient_f1", "segment_f1", "presence", "span_iou", "span_recall", "onset_hit",
)  # fmt: skip


def test_the_truth_about_mixed_sounds_scores_perfectly_and_a_shift_is_measured(tmp_path):
    clips = list(qa.load("mixture", count=6, snr=(0, 20)))
    asked = list(questions(clips, "all", per_clip=1, min_length=1))
    for shift in (0.0, 0.1):
        model = teller(clips, shift)
        detected = values(qa.run(clips, "detect", model, tmp_path / f"detect{shift}", progress=False))
        located = values(qa.run(asked, "locate", model, tmp_path / f"locate{shift}", progress=False))
        assert located["locate", "onset_error"] == pytest.approx(shift, abs=1e-6)
        assert located["locate", "offset_error"] == pytest.approx(shift, abs=1e-6)
        assert detected["detect", "event_f1"] == located["locate", "presence"] == 1
        if not shift:
            perfect = {key: value for key, value in (detected | located).items() if key[1] in PERFECT}
            assert len(perfect) == 9
            assert all(value == pytest.approx(1, abs=1e-6) for value in perfect.values()), perfect
            assert detected["detect", "segment_error_rate"] == 0
        else:
            assert located["locate", "span_iou"] < 0.97


def test_the_truth_about_joined_speech_scores_perfectly_and_a_shift_is_measured(tmp_path):
    clips = list(qa.load("concatenation", SPEECH, count=8, per_clip=(1, 2), background="pink", snr=10))
    asked = list(questions(clips, "all", min_length=1))
    with pytest.warns(DatasetWarning, match="clips give no question of the kind 'absent'"):
        asked += questions(clips, "absent", min_length=1)  # of few clips, some have all the words
    assert {bool(question.reference.events) for question in asked} == {True, False}
    for shift in (0.0, 0.1):
        got = values(qa.run(asked, "locate", teller(clips, shift), tmp_path / f"run{shift}", progress=False))
        assert got["locate", "onset_error"] == pytest.approx(shift, abs=1e-6)
        assert got["locate", "presence"] == 1
        assert got["locate", "span_iou"] == pytest.approx(1 if not shift else 0.5, abs=1e-5)
