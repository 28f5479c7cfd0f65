"""Corpora of emotions in the layouts they are distributed in, as folders and archives."""

import pytest
from corpora import canonical, checked, clip, folder, heard_as, release

from qaeval import datasets
from qaeval.datasets import cremad, meld, ravdess
from qaeval.errors import DatasetError, DatasetWarning


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))


def labels(samples, name):
    return [sample.reference.labels.get(name) for sample in samples]


ACTED = (
    *("1001_DFA_ANG_XX", "1001_IEO_DIS_LO", "1001_IEO_FEA_MD", "1001_IEO_HAP_HI", "1001_ITS_NEU_XX"),
    "1040_ITH_SAD_X",
)
CREMAD = {
    "CREMA-D/VideoDemographics.csv": "ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,Caucasian,Not Hispanic\n",
    **{f"CREMA-D/AudioWAV/{name}.wav": clip(n) for n, name in enumerate(ACTED)},
}


class TestCremaD:
    @pytest.mark.parametrize("form", ["folder", ".zip", ".tar.gz"])
    def test_names_and_people(self, tmp_path, form):
        samples = checked(datasets.load("cremad", release(tmp_path / "crema", CREMAD, form)))
        first, *_, last = samples
        assert first.id == "1001_DFA_ANG_XX"
        assert first.reference.text == "Don't forget a jacket."
        assert first.reference.labels == {"emotion": ("anger",), "gender": ("male",), "age": ("51",)}
        assert first.meta == {
            "speaker": "1001", "sentence": "DFA", "level": "unspecified", "gender": "male", "age": "51",
            "race": "Caucasian", "ethnicity": "Not Hispanic", "language": "en",
        }  # fmt: skip
        emotions = [value for (value,) in labels(samples, "emotion")]
        assert emotions == first.inputs["choices"].split(", ")
        assert len({canonical("emotion", value) for value in emotions}) == 6
        assert (last.meta["level"], last.reference.labels) == ("unspecified", {"emotion": ("sad",)})

    def test_the_clips_alone(self, tmp_path):
        files = {
            "AudioWAV/1001_WSI_SAD_XX.wav": clip(),
            "AudioWAV/.DS_Store": "x",
            "AudioWAV/._1001_WSI_SAD_XX.wav": "x",
        }
        (sample,) = checked(datasets.load("cremad", folder(tmp_path / "kaggle", files)))
        assert set(sample.reference.labels) == {"emotion"}

    def test_other_names(self, tmp_path):
        files = {**CREMAD, "CREMA-D/AudioWAV/1001_DFA_JOY_XX.wav": clip(), "CREMA-D/AudioWAV/test.wav": clip()}
        path = folder(tmp_path / "crema", files)
        with pytest.raises(DatasetError, match=r"1001_DFA_JOY_XX\.wav: .*JOY"):
            list(datasets.load("cremad", path))
        with pytest.warns(DatasetWarning, match="2 rows"):
            assert len(list(datasets.load("cremad", path, bad_rows="skip"))) == 6
        with pytest.raises(DatasetError, match=r"AudioWAV/\*\.wav.*VideoDemographics"):
            datasets.load("cremad", folder(tmp_path / "no", {"README.md": "x"}))


class TestRavdess:
    EMOTIONS = "neutral, calm, happy, sad, angry, fearful, disgust, surprised"

    def files(self):
        speech = [f"Actor_12/03-01-{n:02}-01-02-01-12.wav" for n in range(1, 9)]
        return {name: clip(n) for n, name in enumerate([*speech, "Actor_01/03-02-05-02-01-02-01.wav"])}

    @pytest.mark.parametrize("form", ["folder", ".zip"])
    def test_names_tell_all(self, tmp_path, form):
        song, *speech = checked(datasets.load("ravdess", release(tmp_path / "r", self.files(), form)))
        assert [value for (value,) in labels(speech, "emotion")] == self.EMOTIONS.split(", ")
        assert speech[0].inputs["choices"] == self.EMOTIONS
        assert speech[0].reference.text == "Dogs are sitting by the door."
        assert {labels for (labels,) in [sample.reference.labels["gender"] for sample in speech]} == {"female"}
        assert song.id == "03-02-05-02-01-02-01"
        assert song.reference.labels == {"emotion": ("angry",), "gender": ("male",)}
        assert song.meta == {
            "speaker": "01", "gender": "male", "channel": "song", "intensity": "strong", "repetition": 2,
            "language": "en",
        }  # fmt: skip

    def test_a_channel(self, tmp_path):
        path = folder(tmp_path / "r", self.files())
        assert len(list(datasets.load("ravdess", path, channel="speech"))) == 8
        assert len(list(datasets.load("ravdess", path, channel="song"))) == 1
        assert datasets.load("ravdess", path).fingerprint != datasets.load("ravdess", path, channel="song").fingerprint

    def test_names_that_tell_nothing(self, tmp_path):
        path = folder(tmp_path / "r", self.files() | {"Actor_01/03-01-09-01-01-01-01.wav": clip()})
        with pytest.raises(DatasetError, match="emotion 09: expected 01 to 08"):
            list(datasets.load("ravdess", path))
        path = folder(tmp_path / "s", {"Actor_01/hello.wav": clip()})
        with pytest.raises(DatasetError, match=r"Actor_01/hello\.wav: expected a name like 03-01-06"):
            list(datasets.load("ravdess", path))


class TestMeld:
    HEAD = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\n"
    ROWS = (
        '1,"Oh my God, he\x92s lost it.",Phoebe,sadness,negative,0,0,4,7,"00:20:57,256","00:21:00,049"\n',
        '2,"""Wanted. Non-smoker."" Nice!",Chandler,joy,positive,0,1,6,3,"00:05:30,872","00:05:34,291"\n',
    )
    EMOTIONS = "neutral, joy, surprise, anger, sadness, disgust, fear"

    @pytest.mark.parametrize(
        ("split", "place", "suffix"),
        [
            ("train", "train_splits", ".mp4"), ("dev", "dev_splits_complete", ".wav"),
            ("test", "output_repeated_splits_test", ".flac"), ("test", "test", ".mp3"),
        ],
    )  # fmt: skip
    def test_a_split(self, tmp_path, split, place, suffix):
        made = clip(1, ".m4a" if suffix == ".mp4" else suffix), clip(2, ".m4a" if suffix == ".mp4" else suffix)
        files = {f"MELD.Raw/{split}_sent_emo.csv": self.HEAD + "".join(self.ROWS)}
        files |= {f"MELD.Raw/{place}/dia0_utt{n}{suffix}": content for n, content in enumerate(made)}
        first, second = checked(datasets.load("meld", folder(tmp_path / "meld", files), split=split))
        assert first.id == "dia0_utt0"
        assert first.reference.text == "Oh my God, he’s lost it."
        assert first.reference.labels == {"emotion": ("sadness",)}
        assert first.meta == {
            "speaker": "Phoebe", "sentiment": "negative", "season": "4", "episode": "7", "dialogue": "0",
            "language": "en", "split": split,
        }  # fmt: skip
        assert first.inputs == {"choices": self.EMOTIONS}
        assert second.reference.text == '"Wanted. Non-smoker." Nice!'

    def test_its_emotions_are_seven_labels(self):
        assert len({canonical("emotion", value) for value in self.EMOTIONS.split(", ")}) == 7

    def test_audio_is_taken_before_video(self, tmp_path):
        files = {"test_sent_emo.csv": self.HEAD + self.ROWS[0]}
        files |= {"output_repeated_splits_test/dia0_utt0.mp4": b"", "test/dia0_utt0.wav": clip()}
        (sample,) = datasets.load("meld", folder(tmp_path / "meld", files))
        assert sample.audio.name == "test/dia0_utt0.wav"

    def test_what_is_not_as_it_should_be(self, tmp_path):
        with pytest.raises(DatasetError, match=r"output_repeated_splits_test/dia0_utt0\.mp4 or \.wav.*unpacked"):
            datasets.load("meld", folder(tmp_path / "a", {"test_sent_emo.csv": self.HEAD, "test.tar.gz": b"x"}))
        bad = self.HEAD + self.ROWS[0] + self.ROWS[1].replace(",0,1,", ",0,x,") + "3,torn\n"
        files = {"test_sent_emo.csv": bad, "test/dia0_utt0.wav": clip()}
        with pytest.raises(DatasetError, match=r"test_sent_emo\.csv, line 3: expected numbers"):
            list(datasets.load("meld", folder(tmp_path / "b", files)))
        with pytest.warns(DatasetWarning, match="2 rows"):
            assert len(list(datasets.load("meld", tmp_path / "b", bad_rows="skip"))) == 1
        latin = folder(tmp_path / "c", {**files, "test_sent_emo.csv": (self.HEAD + "1,caf\xe9").encode("latin-1")})
        with pytest.raises(DatasetError, match=r"line 2: byte .*0xe9"):
            list(datasets.load("meld", latin))


@pytest.mark.parametrize(
    "choices", [cremad.EMOTIONS.values(), ravdess.EMOTIONS, meld.EMOTIONS], ids=["cremad", "ravdess", "meld"]
)
def test_each_emotion_is_told_by_its_name(choices):
    for choice in choices:
        assert heard_as("emotion", "emotion", choice, choices) == {(canonical("emotion", choice),)}
