"""Corpora of music in the layouts they are distributed in, as folders and as the archives of them."""

import json
import tracemalloc

import pytest
from corpora import canonical, checked, clip, folder, heard_as, release
from effort import within

from qaeval import datasets
from qaeval.datasets import gtzan, nsynth
from qaeval.datasets._json import members
from qaeval.errors import DatasetError, DatasetWarning, UnknownNameError
from qaeval.text.labels.keys import MAJOR, MINOR

BEATPORT = (
    *("breaks", "chill-out", "deep-house", "drum-and-bass", "dubstep", "dj-tools", "electro-house", "electronica"),
    *("funk-r-and-b", "glitch-hop", "hard-dance", "hardcore-hard-techno", "hip-hop", "house", "indie-dance-nu-disco"),
    *("minimal", "pop-rock", "progressive-house", "psy-trance", "reggae-dub", "tech-house", "techno", "trance"),
)
FLAT_AND_SHARP = ("C", "Db", "C#", "D", "Eb", "D#", "E", "F", "Gb", "F#", "G", "Ab", "G#", "A", "Bb", "A#", "B")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))


class TestGtzan:
    @pytest.mark.parametrize("form", ["folder", ".tar.gz", ".zip"])
    @pytest.mark.parametrize(("top", "suffix"), [("genres", "flac"), ("Data/genres_original", "wav")])
    def test_ten_genres(self, tmp_path, form, top, suffix):
        files = {
            f"{top}/{genre}/{genre}.{number:05}.{suffix}": clip(10 * n + number, f".{suffix}")
            for n, genre in enumerate(gtzan.GENRES)
            for number in range(2)
        }
        files |= {"Data/images_original/blues/blues00000.png": b"x", "Data/features_30_sec.csv": "filename,label\n"}
        samples = checked(datasets.load("gtzan", release(tmp_path / "gtzan", files, form)))
        assert [sample.id for sample in samples[:3]] == ["blues.00000", "blues.00001", "classical.00000"]
        assert [sample.reference.labels for sample in samples[::2]] == [{"genre": (genre,)} for genre in gtzan.GENRES]
        assert samples[0].meta == {"genre": "blues"}
        assert samples[0].inputs == {"choices": ", ".join(gtzan.GENRES)}

    def test_its_genres_are_ten_labels(self):
        assert len({canonical("genre", genre) for genre in gtzan.GENRES} - {None}) == 10

    @pytest.mark.parametrize("genre", gtzan.GENRES)
    def test_each_genre_is_told_by_its_name(self, genre):
        """Metal is under rock, and both are in the set."""
        assert heard_as("music", "genre", genre, gtzan.GENRES) == {(canonical("genre", genre),)}

    def test_old_files_of_sun_are_found(self, tmp_path):
        (sample,) = datasets.load("gtzan", folder(tmp_path / "a", {"genres/rock/rock.00099.au": b".snd"}))
        assert (sample.id, sample.audio.name) == ("rock.00099", "genres/rock/rock.00099.au")

    def test_other_names(self, tmp_path):
        path = folder(tmp_path / "a", {"genres/rock/rock.00000.wav": clip(), "genres/rock/pop.00000.wav": clip(1)})
        with pytest.raises(DatasetError, match=r"rock/pop\.00000\.wav: expected a name like blues/blues\.00000\.wav"):
            list(datasets.load("gtzan", path))
        with pytest.warns(DatasetWarning, match="1 rows"):
            assert len(list(datasets.load("gtzan", path, bad_rows="skip"))) == 1
        with pytest.raises(DatasetError, match=r"no genres/blues/\*\.wav or genres_original/blues/\*\.wav in it"):
            datasets.load("gtzan", folder(tmp_path / "b", {"polka/polka.00000.wav": clip()}))


def note(family, number, **more):
    source = ("acoustic", "electronic", "synthetic")[number % 3]
    told = {
        "note": 201034 + number, "note_str": f"{family}_{source}_{number:03}-049-025", "instrument": 900 + number,
        "instrument_str": f"{family}_{source}_{number:03}", "pitch": 49, "velocity": 25, "sample_rate": 16000,
        "qualities": [0, 1, 0, 0, 0, 0, 0, 0, 0, 1], "qualities_str": ["dark", "reverb"],
        "instrument_family": number, "instrument_family_str": family, "instrument_source": number % 3,
        "instrument_source_str": source, **more,
    }  # fmt: skip
    return told["note_str"], told


NOTES = dict(note(family, n) for n, family in enumerate(nsynth.FAMILIES))


class TestNSynth:
    def files(self, split="test", notes=None):
        notes = NOTES if notes is None else notes
        made = {f"nsynth-{split}/audio/{name}.wav": clip(n) for n, name in enumerate(notes)}
        return {f"nsynth-{split}/examples.json": json.dumps(notes, indent=4), **made}

    @pytest.mark.parametrize("form", ["folder", ".tar.gz"])
    @pytest.mark.parametrize("split", nsynth.SPLITS)
    def test_eleven_families(self, tmp_path, form, split):
        path = release(tmp_path / "nsynth", self.files(split), form)
        samples = checked(datasets.load("nsynth", path, split=split))
        assert [sample.id for sample in samples] == list(NOTES)
        assert [sample.reference.labels["instrument"] for sample in samples] == [(name,) for name in nsynth.FAMILIES]
        assert samples[0].meta == {
            "family": "bass", "instrument": "bass_acoustic_000", "source": "acoustic", "pitch": 49, "velocity": 25,
            "split": split, "qualities": "dark, reverb",
        }  # fmt: skip
        assert samples[0].inputs == {"choices": ", ".join(nsynth.FAMILIES)}

    def test_its_families_are_eleven_labels(self):
        assert len({canonical("instrument", name) for name in nsynth.FAMILIES} - {None}) == 11

    @pytest.mark.parametrize("family", nsynth.FAMILIES)
    def test_each_family_is_told_by_its_name(self, family):
        assert heard_as("music", "instrument", family, nsynth.FAMILIES) == {(canonical("instrument", family),)}

    @pytest.mark.parametrize(
        ("told", "family"),
        [("acoustic guitar", "guitar"), ("violin", "strings"), ("trumpet", "brass"), ("drums", "(other)")],
    )
    def test_an_instrument_is_of_a_family(self, told, family):
        assert heard_as("music", "instrument", told, nsynth.FAMILIES) == {(family,)}

    def test_the_folder_of_a_split(self, tmp_path):
        path = folder(tmp_path / "nsynth", self.files()) / "nsynth-test"
        assert len(list(datasets.load("nsynth", path))) == 11
        with pytest.raises(DatasetError, match=r"nsynth-valid/examples\.json, seen only"):
            datasets.load("nsynth", path, split="valid")
        with pytest.raises(UnknownNameError, match="valid"):
            datasets.load("nsynth", path, split="validation")

    def test_notes_that_lack_something(self, tmp_path):
        notes = dict([note("bass", 1), note("brass", 2), note("kazoo", 3)])
        del notes["brass_synthetic_002-049-025"]["pitch"]
        path = folder(tmp_path / "nsynth", self.files(notes=notes))
        with pytest.raises(DatasetError, match=r"examples\.json, member 2: the note 'brass_synthetic.*lacks pitch"):
            list(datasets.load("nsynth", path))
        with pytest.warns(DatasetWarning, match="2 rows"):
            assert len(list(datasets.load("nsynth", path, bad_rows="skip"))) == 1
        (path / "nsynth-test/examples.json").write_text('{"a": {"pitch": 1}')
        with pytest.raises(DatasetError, match="is the file whole"):
            list(datasets.load("nsynth", path, bad_rows="skip"))

    @pytest.mark.parametrize("indent", [None, 4])
    def test_a_large_table_is_read_in_little_memory(self, tmp_path, indent):
        path = tmp_path / "examples.json"
        path.write_text(json.dumps(dict(note("bass", n) for n in range(20_000)), indent=indent))
        tracemalloc.start()
        assert within(10, lambda: sum(1 for _ in members(path))) == 20_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2_000_000 < path.stat().st_size


class TestGiantSteps:
    TOP = "giantsteps-key-dataset-master/"

    def keys(self, keys, suffix=".mp3"):
        files = {f"{self.TOP}annotations/key/{n}.LOFI.key": key for n, key in enumerate(keys)}
        files |= {f"{self.TOP}annotations/genre/{n}.LOFI.genre": "deep-house\n" for n in range(0, len(keys), 2)}
        return files | {f"{self.TOP}audio/{n}.LOFI{suffix}": clip(n, suffix) for n in range(len(keys))}

    @pytest.mark.parametrize("form", ["folder", ".zip"])
    @pytest.mark.parametrize("suffix", [".mp3", ".wav"])
    def test_keys(self, tmp_path, form, suffix):
        files = self.keys(["D major", "Gb minor\n", "a minor\r\n"], suffix)
        samples = checked(datasets.load("giantsteps_key", release(tmp_path / "gs", files, form)))
        assert [sample.id for sample in samples] == ["0.LOFI", "1.LOFI", "2.LOFI"]
        assert [sample.reference.labels["key"] for sample in samples] == [("D major",), ("Gb minor",), ("a minor",)]
        assert samples[0].reference.labels["genre"] == ("deep-house",)
        assert (samples[0].meta, samples[1].meta) == ({"genre": "deep-house"}, {})
        assert samples[0].audio.name == f"{self.TOP}audio/0.LOFI{suffix}"

    def test_every_key_and_genre_is_known(self):
        keys = {canonical("key", f"{name} {mode}") for name in FLAT_AND_SHARP for mode in ("major", "minor")}
        assert keys == {f"{name} major" for name in MAJOR} | {f"{name} minor" for name in MINOR}
        assert [genre for genre in BEATPORT if canonical("genre", genre) is None] == []

    def test_what_is_no_key(self, tmp_path):
        path = folder(tmp_path / "gs", self.keys(["D major", "X", ""]))
        with pytest.raises(DatasetError, match=r"1\.LOFI\.key: expected a key such as D major, seen 'X'"):
            list(datasets.load("giantsteps_key", path))
        with pytest.warns(DatasetWarning, match="2 rows"):
            assert len(list(datasets.load("giantsteps_key", path, bad_rows="skip"))) == 1
        silent = {name: text for name, text in self.keys(["D major"]).items() if "/audio/" not in name}
        with pytest.raises(DatasetError, match=r"no audio/\*\.LOFI\.mp3 in it.*audio_dl\.sh"):
            datasets.load("giantsteps_key", folder(tmp_path / "silent", silent))
        with pytest.raises(DatasetError, match=r"no annotations/key/\*\.key in it"):
            datasets.load("giantsteps_key", folder(tmp_path / "no", {"audio/1.LOFI.mp3": clip(1, ".mp3")}))

    def test_a_new_file_changes_the_fingerprint(self, tmp_path):
        path = folder(tmp_path / "gs", self.keys(["D major"]))
        before = datasets.load("giantsteps_key", path).fingerprint
        assert datasets.load("giantsteps_key", path).fingerprint == before
        (path / self.TOP / "annotations/key/0.LOFI.key").write_text("D minor")
        assert datasets.load("giantsteps_key", path).fingerprint != before

    def tempi(self, first, second):
        files = {f"annotations/tempo/{n}.LOFI.bpm": tempo for n, tempo in enumerate(first)}
        files |= {f"annotations_v2/tempo/{n}.LOFI.bpm": tempo for n, tempo in enumerate(second)}
        files |= {f"annotations/genre/{n}.LOFI.genre": "trance" for n in range(len(first))}
        return files | {f"audio/{n}.LOFI.mp3": clip(n, ".mp3") for n in range(len(first))}

    def test_tempi(self, tmp_path):
        path = folder(tmp_path / "gs", self.tempi(["140", "86\n", "128"], ["140.0", "172.5", "0.0"]))
        new, old = (checked(datasets.load("giantsteps_tempo", path, version=version)) for version in ("v2", "v1"))
        assert [sample.reference.labels.get("tempo") for sample in new] == [("140.0",), ("172.5",), None]
        assert [sample.reference.labels.get("tempo") for sample in old] == [("140",), ("86",), ("128",)]
        assert [canonical("tempo", sample.reference.labels["tempo"][0]) for sample in new[:2]] == [140.0, 172.5]
        assert new[0].reference.labels["genre"] == ("trance",)
        assert [sample.id for sample in datasets.load("giantsteps_tempo", path)] == [sample.id for sample in new]

    def test_what_is_no_tempo(self, tmp_path):
        path = folder(tmp_path / "gs", self.tempi(["140", "1e9", "fast"], []))
        with pytest.raises(DatasetError, match=r"1\.LOFI\.bpm: expected beats a minute, one number, seen '1e9'"):
            list(datasets.load("giantsteps_tempo", path, version="v1"))
        with pytest.raises(DatasetError, match=r"no annotations_v2/tempo/\*\.bpm in it"):
            datasets.load("giantsteps_tempo", path)
        with pytest.raises(UnknownNameError, match="v2"):
            datasets.load("giantsteps_tempo", path, version="v3")
