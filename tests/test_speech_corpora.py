"""Corpora of speech in the layouts they are distributed in: every column and split, folders and archives, bad rows."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from corpora import FORMS, archive, clip, folder, json_lines, packed, release, table
from hypothesis import HealthCheck, given, settings, strategies as st

from qaeval import audio, datasets
from qaeval.datasets._lookup import Lookup
from qaeval.errors import AudioError, DatasetError, DatasetWarning, UnknownNameError
from qaeval.text.labels.ages import read_ages
from qaeval.text.labels.vocabulary import find_vocabulary


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def one(dataset):
    (sample,) = dataset
    return sample


def heard(sample):
    """The seconds of a clip, read from where it lies."""
    return audio.probe(sample.audio).duration


def check(dataset):
    """What holds for every corpus: passes are the same, ids are unique, clips can be read, labels are known names."""
    samples = list(dataset)
    assert [sample.id for sample in dataset] == [sample.id for sample in samples]
    assert len({sample.id for sample in samples}) == len(samples)
    assert all(heard(sample) == pytest.approx(0.2, abs=0.1) for sample in samples)
    assert len({audio.sha256(sample.audio) for sample in samples}) == len(samples)
    for sample in samples:
        for name, values in sample.reference.labels.items():
            if name == "age":
                assert all(read_ages(value) for value in values)
            elif name != "translation":
                assert all(find_vocabulary(name).canonical(value) for value in values), (name, values)
    return samples


# Common Voice

OLD = ["client_id", "path", "sentence", "up_votes", "down_votes", "age", "gender", "accent"]
MIDDLE = [*OLD[:7], "accents", "locale", "segment"]
NEW = [
    "client_id", "path", "sentence_id", "sentence", "sentence_domain", "up_votes", "down_votes", "age", "gender",
    "accents", "variant", "locale", "segment",
]  # fmt: skip
SPLITS = ("train", "dev", "test", "validated", "invalidated", "other")
LOCALES = {
    "zh-CN": ("zh", "出生地:51 四川省", "他们是好朋友。"),
    "zh-TW": ("zh", "出生地:台北市", "他們是好朋友。"),
    "zh-HK": ("yue", "", "佢哋係好朋友。"),
    "yue": ("yue", "", "佢哋係好朋友。"),
    "nan-tw": ("nan", "", "𪜶是好朋友。"),
    "en": ("en", "United States English", "They are good friends."),
    "fr": ("fr", "", "C'est l'été, « déjà »."),
    "it": ("it", "", "Perché no?"),
    "es": ("es", "", "¿Por qué no?"),
    "de": ("de", "", "Das heißt „nein“."),
    "ja": ("ja", "", "友達です。"),
}


def voice(locale, columns=NEW, numbers=(1,), **cells):
    row = {
        "client_id": "a" * 128, "sentence_id": "f" * 64, "sentence": LOCALES[locale][2], "sentence_domain": "general",
        "up_votes": "2", "down_votes": "1", "age": "twenties", "gender": "male_masculine", "locale": locale,
        "accent": "us", "accents": LOCALES[locale][1], "variant": "", "segment": "Benchmark", **cells,
    }  # fmt: skip
    return table(columns, [{**row, "path": f"common_voice_{locale}_{n}.mp3"} for n in numbers])


def common_voice(*locales, top="cv-corpus-22.0-2025-06-20/", columns=NEW):
    files = {}
    for locale in locales:
        for n, split in enumerate(SPLITS):
            files[f"{top}{locale}/{split}.tsv"] = voice(locale, columns, (n,))
            files[f"{top}{locale}/clips/common_voice_{locale}_{n}.mp3"] = clip(n, ".mp3")
    return files


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("split", SPLITS)
def test_common_voice_has_every_split(tmp_path, form, split):
    path = release(tmp_path / "cv", common_voice("en"), form)
    sample = one(datasets.load("common_voice", path, split=split))
    assert sample.id == sample.audio.name.rpartition("/")[2] == f"common_voice_en_{SPLITS.index(split)}.mp3"
    assert heard(sample) == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize("locale", LOCALES)
def test_common_voice_has_every_language(tmp_path, locale):
    language, accent, sentence = LOCALES[locale]
    path = folder(tmp_path / "cv", common_voice(*LOCALES))
    sample = one(datasets.load("common_voice", path, locale=locale))
    assert (sample.language, sample.meta["locale"], sample.reference.text) == (language, locale, sentence)
    assert sample.meta.get("accent", "") == accent
    for inside in (path / "cv-corpus-22.0-2025-06-20" / locale, path / "cv-corpus-22.0-2025-06-20"):
        assert one(datasets.load("common_voice", inside, locale=locale)).reference.text == sentence


def test_common_voice_has_every_column_of_new_releases(tmp_path):
    files = {"en/test.tsv": voice("en", variant="England"), "en/clips/common_voice_en_1.mp3": clip(1, ".mp3")}
    files["en/clip_durations.tsv"] = "clip\tduration[ms]\ncommon_voice_en_1.mp3\t2352\nother.mp3\t1\n"
    (sample,) = check(datasets.load("common_voice", folder(tmp_path / "cv", files)))
    assert sample.meta == {
        "speaker": "a" * 128, "locale": "en", "language": "en", "age": "twenties", "gender": "male_masculine",
        "accent": "United States English", "variant": "England", "sentence_domain": "general", "segment": "Benchmark",
        "up_votes": "2", "down_votes": "1", "duration": 2.352,
    }  # fmt: skip
    assert sample.reference.labels == {
        "age": ("twenties",),
        "gender": ("male_masculine",),
        "accent": ("United States English",),
    }


@pytest.mark.parametrize(("columns", "accent"), [(OLD, "us"), (MIDDLE, "United States English")])
def test_common_voice_has_the_columns_of_old_releases(tmp_path, columns, accent):
    files = {"en/test.tsv": voice("en", columns), "en/clips/common_voice_en_1.mp3": clip(1, ".mp3")}
    (sample,) = check(datasets.load("common_voice", folder(tmp_path / "cv", files)))
    assert sample.meta["accent"] == accent
    assert (sample.meta["locale"], sample.language, "segment" in sample.meta) == ("en", "en", columns is MIDDLE)


def test_common_voice_with_nothing_told_has_no_labels(tmp_path):
    text = voice("en", age="", gender="", accents=" ", segment="")
    sample = one(datasets.load("common_voice", folder(tmp_path / "en", {"test.tsv": text})))
    assert not sample.reference.labels
    assert {"age", "gender", "accent", "segment"}.isdisjoint(sample.meta)


def test_who_does_not_wish_to_say_tells_nothing(tmp_path):
    text = voice("en", gender="do_not_wish_to_say")
    sample = one(datasets.load("common_voice", folder(tmp_path / "en", {"test.tsv": text})))
    assert sample.meta["gender"] == "do_not_wish_to_say"
    assert set(sample.reference.labels) == {"age", "accent"}


# LEGACY_ACCENTS of nan-tw and zh-TW in web/src/stores/demographics.ts (common-voice/common-voice).
TAIWAN = {
    "keelung_city": "基隆市", "taipei_city": "臺北市", "new_taipei_city": "新北市", "taoyuan_city": "桃園市",
    "hsinchu_county": "新竹縣", "hsinchu_city": "新竹市", "miaoli_county": "苗栗縣", "taichung_city": "臺中市",
    "changhua_county": "彰化縣", "nantou_county": "南投縣", "yunlin_county": "雲林縣", "chiayi_county": "嘉義縣",
    "chiayi_city": "嘉義市", "tainan_city": "臺南市", "kaohsiung_city": "高雄市", "pingtung_county": "屏東縣",
    "yilan_county": "宜蘭縣", "hualien_county": "花蓮縣", "taitung_county": "臺東縣", "penghu_county": "澎湖縣",
    "kinmen_county": "金門縣", "lienchiang_county": "連江縣",
}  # fmt: skip


@pytest.mark.parametrize("locale", ["zh-TW", "nan-tw"])
def test_accents_of_taiwan_are_those_that_common_voice_has(tmp_path, locale):
    cells = [told for code, place in TAIWAN.items() for told in (code, f"出生地：{place}", place)]
    rows = [{"path": f"{n}.mp3", "sentence": "好", "accent": cell} for n, cell in enumerate([*cells, "香港"])]
    path = folder(tmp_path / "cv", {f"{locale}/test.tsv": table(OLD, rows)})
    samples = datasets.load("common_voice", path)
    accents = [find_vocabulary("accent").canonical(sample.reference.labels["accent"][0]) for sample in samples]
    assert accents[-1] == "hongkong"
    assert all(accents[n] == accents[n + 1] == accents[n + 2] for n in range(0, len(cells), 3))
    assert len(set(accents[:-1])) == len(TAIWAN) - 2, "of two places, the city and its county are one"
    assert {accent.partition("/")[0] for accent in accents[:-1]} == {"台湾"}


@pytest.mark.parametrize("accent", ["other_county", "出生地：其他", "other"])
def test_an_accent_that_is_another_one_tells_nothing(tmp_path, accent):
    text = voice("zh-TW", accents=accent)
    sample = one(datasets.load("common_voice", folder(tmp_path / "zh-TW", {"test.tsv": text})))
    assert sample.meta["accent"] == accent
    assert "accent" not in sample.reference.labels


def test_common_voice_with_bom_crlf_and_quotes(tmp_path):
    text = voice("en", sentence='"Yes," she said; "no').replace("\n", "\r\n")
    path = folder(tmp_path / "en", {"test.tsv": b"\xef\xbb\xbf" + text.encode()})
    assert one(datasets.load("common_voice", path)).reference.text == '"Yes," she said; "no'


def test_what_common_voice_lacks_is_said_with_the_layout(tmp_path):
    path = folder(tmp_path / "cv", common_voice("en", "fr"))
    with pytest.raises(DatasetError, match=r"expected test.tsv, seen in several folders: .*en/, .*fr/"):
        datasets.load("common_voice", path)
    with pytest.raises(DatasetError, match=r"expected de/test.tsv, seen only .*a release has LOCALE/test.tsv"):
        datasets.load("common_voice", path, locale="de")
    with pytest.raises(UnknownNameError, match=r"'tests'.*did you mean 'test'"):
        datasets.load("common_voice", path, locale="en", split="tests")


def test_a_torn_row_of_common_voice_names_its_line_and_can_be_passed_over(tmp_path):
    text = voice("en", numbers=(1, 2, 3)).splitlines(keepends=True)
    text[2] = "only\tthree\tcells\n"
    path = folder(tmp_path / "en", {"test.tsv": "".join(text)})
    with pytest.raises(DatasetError, match=r"en/test.tsv, line 3: expected 13 cells .* seen 3; begins with 'only'"):
        list(datasets.load("common_voice", path))
    with pytest.warns(DatasetWarning, match=r"1 rows were passed over, the first is .*line 3"):
        assert len(list(datasets.load("common_voice", path, bad_rows="skip"))) == 2


def test_a_wrong_encoding_of_common_voice_names_its_line(tmp_path):
    path = folder(tmp_path / "zh-CN", {"test.tsv": voice("zh-CN").encode("gb18030")})
    with pytest.raises(DatasetError, match=r"test.tsv, line 2: byte .* is not UTF-8"):
        list(datasets.load("common_voice", path))


def test_bad_durations_of_common_voice_name_their_line(tmp_path):
    files = {"test.tsv": voice("en"), "clip_durations.tsv": "clip\tduration[ms]\na.mp3\tlong\n"}
    with pytest.raises(DatasetError, match=r"clip_durations.tsv, line 2: expected a clip and its duration in ms"):
        list(datasets.load("common_voice", folder(tmp_path / "en", files)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", ["../../secret.mp3", "/etc/passwd", "..\\..\\secret.mp3", "a/../../../secret.mp3"])
def test_paths_of_a_hostile_table_stay_inside(tmp_path, form, path):
    (tmp_path / "secret.mp3").write_bytes(clip(1, ".mp3"))
    files = {"cv/en/test.tsv": voice("en").replace("common_voice_en_1.mp3", path), "cv/en/clips/a.mp3": clip(1, ".mp3")}
    with pytest.raises((DatasetError, AudioError), match=r"leaves|absolute|no such|is not"):
        audio.read(one(datasets.load("common_voice", release(tmp_path / "in", files, form))).audio)


def test_a_row_of_ten_thousand_columns_is_torn(tmp_path):
    path = folder(tmp_path / "en", {"test.tsv": voice("en") + "x\t" * 10_000 + "\n"})
    with pytest.raises(DatasetError, match=r"line 3: expected 13 cells as the columns are, seen 10001"):
        list(datasets.load("common_voice", path))


def test_a_clip_that_comes_twice_is_said(tmp_path):
    path = folder(tmp_path / "en", {"test.tsv": voice("en", numbers=(1, 2, 1))})
    with pytest.raises(DatasetError, match=r"line 4: the clip 'common_voice_en_1.mp3' stands there a second time"):
        list(datasets.load("common_voice", path))


@given(st.lists(st.tuples(st.text(max_size=4), st.floats(allow_nan=False))), st.text(max_size=4))
def test_a_lookup_finds_what_a_dict_does(numbers, other):
    expected = dict(reversed(numbers))
    lookup = Lookup(numbers)
    assert {name: lookup.get(name) for name in expected} == expected
    assert lookup.get(other) == expected.get(other)


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=5))
def test_any_sentence_comes_back_as_it_was_written(tmp_path_factory, sentences):
    rows = [voice("en", numbers=(n,), sentence=text).partition("\n")[2] for n, text in enumerate(sentences)]
    path = folder(tmp_path_factory.mktemp("cv") / "en", {"test.tsv": voice("en", numbers=()) + "".join(rows)})
    assert [sample.reference.text for sample in datasets.load("common_voice", path)] == sentences


def test_the_same_release_has_one_fingerprint_wherever_it_lies(tmp_path):
    files = common_voice("en")
    paths = [release(tmp_path / "cv", files, form) for form in FORMS]
    prints = {datasets.load("common_voice", path).fingerprint for path in paths}
    assert len(prints) == 1
    assert datasets.load("common_voice", paths[0], split="dev").fingerprint not in prints


# LibriSpeech

SPEAKERS = """; Some pipe(|) separated metadata about all LibriSpeech speakers
;
;ID  |SEX| SUBSET           |MINUTES| NAME
1089 | M | {0}       | 8.03  | Peter Bobbe
61   | F | {0}       | 8.08  | A|B "Jenny"
"""


def librispeech(split="test-clean"):
    files = {"LibriSpeech/SPEAKERS.TXT": SPEAKERS.format(split), "LibriSpeech/README.TXT": "LibriSpeech"}
    for speaker, chapter in ((1089, 134686), (61, 70968)):
        base = f"LibriSpeech/{split}/{speaker}/{chapter}/{speaker}-{chapter}"
        keys = [f"{speaker}-{chapter}-{n:04}" for n in range(2)]
        files[f"{base}.trans.txt"] = "".join(f"{key} IT'S {n} O'CLOCK\n" for n, key in enumerate(keys))
        files |= {f"{base}-{n:04}.flac": clip(speaker % 100 + n, ".flac") for n in range(2)}
    return files


@pytest.mark.parametrize("form", FORMS)
def test_librispeech_as_a_folder_and_as_archives(tmp_path, form):
    path = release(tmp_path / "test-clean", librispeech(), form)
    samples = check(datasets.load("librispeech", path))
    assert [sample.id for sample in samples] == [
        "1089-134686-0000", "1089-134686-0001", "61-70968-0000", "61-70968-0001"
    ]  # fmt: skip
    assert samples[3].reference.text == "IT'S 1 O'CLOCK"
    assert samples[3].meta == {
        "speaker": "61", "chapter": "70968", "reader": 'A|B "Jenny"', "gender": "female", "split": "test-clean",
        "language": "en",
    }  # fmt: skip
    assert samples[0].reference.labels == {"gender": ("male",)}


@pytest.mark.parametrize(
    "split",
    ["test-clean", "test-other", "dev-clean", "dev-other", "train-clean-100", "train-clean-360", "train-other-500"],
)
def test_librispeech_has_every_split(tmp_path, split):
    path = folder(tmp_path / "libri", librispeech(split))
    assert len(check(datasets.load("librispeech", path, split=split))) == 4
    other = "dev-clean" if split != "dev-clean" else "dev-other"
    with pytest.raises(DatasetError, match=rf"no LibriSpeech/{other}/.*trans.txt in it"):
        datasets.load("librispeech", path, split=other)


def test_a_bad_line_of_librispeech_is_said(tmp_path):
    files = librispeech()
    name = "LibriSpeech/test-clean/61/70968/61-70968.trans.txt"
    files[name] = "61-70968-0000 YES\n\n61-70968-0001\n"
    path = folder(tmp_path / "libri", files)
    with pytest.raises(DatasetError, match=r"61-70968.trans.txt, line 3: expected READER-CHAPTER-NUMBER and a text"):
        list(datasets.load("librispeech", path))
    with pytest.warns(DatasetWarning, match="1 rows"):
        assert len(list(datasets.load("librispeech", path, bad_rows="skip"))) == 3


# AISHELL-1

SPOKEN = {"train": ("S0002", "而 对 楼市 成交"), "dev": ("S0724", "广州市 房地产"), "test": ("S0764", "甚至 出现 5G")}


def aishell(inner=False):
    utterances = {split: (f"BAC009{who}W0121", who, text) for split, (who, text) in SPOKEN.items()}
    lines = "".join(f"{key} {text}\n" for key, _, text in utterances.values())
    files = {"data_aishell/transcript/aishell_transcript_v0.8.txt": lines}
    for n, (split, (key, who, _)) in enumerate(utterances.items()):
        if inner:
            files[f"data_aishell/wav/{who}.tar.gz"] = archive({f"./{split}/{who}/{key}.wav": clip(n)})
        else:
            files[f"data_aishell/wav/{split}/{who}/{key}.wav"] = clip(n)
    return files | {"resource_aishell/speaker.info": "0002 F\n0724 M\n0764 F\n"}


@pytest.mark.parametrize("split", SPOKEN)
@pytest.mark.parametrize("inner", [False, True])
def test_aishell_has_every_split_with_the_speakers_archives_unpacked_or_not(tmp_path, split, inner):
    who, text = SPOKEN[split]
    (sample,) = check(datasets.load("aishell1", folder(tmp_path / "aishell", aishell(inner)), split=split))
    assert (sample.id, sample.reference.text) == (f"BAC009{who}W0121", text.replace(" ", ""))
    gender = "male" if split == "dev" else "female"
    assert sample.meta == {"speaker": who, "gender": gender, "split": split, "language": "zh"}
    assert sample.reference.labels == {"gender": (gender,)}


def test_what_macos_puts_into_an_archive_is_passed_over(tmp_path):
    files = aishell(inner=True)
    key = "BAC009S0764W0121"
    files["data_aishell/wav/S0764.tar.gz"] = archive({"._test": b"of macOS", f"test/S0764/{key}.wav": clip()})
    assert check(datasets.load("aishell1", folder(tmp_path / "a", files)))[0].id == key


@pytest.mark.parametrize("form", FORMS[1:])
def test_aishell_unpacked_and_packed_again_is_read_in_place(tmp_path, form):
    check(datasets.load("aishell1", release(tmp_path / "aishell", aishell(), form)))


def test_aishell_without_speaker_info_has_no_gender(tmp_path):
    files = {name: content for name, content in aishell().items() if "speaker.info" not in name}
    sample = one(datasets.load("aishell1", folder(tmp_path / "a", files) / "data_aishell"))
    assert not sample.reference.labels
    assert "gender" not in sample.meta


def test_an_archive_of_archives_must_be_unpacked_once(tmp_path):
    path = packed(tmp_path / "data_aishell.tgz", aishell(inner=True))
    with pytest.raises(DatasetError, match=r"holds another archive, .*S0002.tar.gz; unpack the outer one"):
        list(datasets.load("aishell1", path))


def test_what_aishell_lacks_is_said(tmp_path):
    files = aishell()
    del files["data_aishell/wav/test/S0764/BAC009S0764W0121.wav"]
    with pytest.raises(DatasetError, match=r"no data_aishell/wav/test/.* in it.*a release has data_aishell/transcript"):
        list(datasets.load("aishell1", folder(tmp_path / "a", files)))
    with pytest.raises(DatasetError, match=r"expected transcript/aishell_transcript_v0.8.txt"):
        datasets.load("aishell1", folder(tmp_path / "b", {"wav/x.wav": clip()}))


def test_an_inner_archive_that_is_damaged_or_lacks_a_clip_is_said(tmp_path):
    files = aishell(inner=True)
    files["data_aishell/wav/S0764.tar.gz"] = archive({"test/S0764/other.wav": clip()})
    sample = one(datasets.load("aishell1", folder(tmp_path / "a", files)))
    with pytest.raises(AudioError, match=r"S0764.tar.gz: no file 'BAC009S0764W0121.wav' in it"):
        audio.read(sample.audio)
    files["data_aishell/wav/S0764.tar.gz"] = b"not an archive"
    with pytest.raises(DatasetError, match=r"S0764.tar.gz: not a readable archive"):
        list(datasets.load("aishell1", folder(tmp_path / "b", files)))


# FLEURS

CONFIGS = {
    "cmn_hans_cn": "zh", "yue_hant_hk": "yue", "en_us": "en", "fr_fr": "fr", "it_it": "it", "es_419": "es",
    "de_de": "de", "ja_jp": "ja",
}  # fmt: skip


def fleurs(config, top="data/", inner=True):
    files = {}
    for n, split in enumerate(("train", "dev", "test")):
        row = [str(n), f"{n}77.wav", f'Said: "{config}".', f"said {config}", "s a i d | x", "3200", "FEMALE"]
        again = [str(n), f"{n}78.wav", *row[2:6], "OTHER"]
        files[f"{top}{config}/{split}.tsv"] = "\t".join(row) + "\n" + "\t".join(again) + "\n"
        clips = {f"{split}/{n}7{m}.wav": clip(n * 10 + m) for m in (7, 8)}
        if inner:
            files[f"{top}{config}/audio/{split}.tar.gz"] = archive(clips)
        else:
            files |= {f"{top}{config}/audio/{name}": content for name, content in clips.items()}
    return files


@pytest.mark.parametrize("split", ["train", "dev", "test"])
@pytest.mark.parametrize("inner", [True, False])
def test_fleurs_has_every_split_and_column(tmp_path, split, inner):
    n = ("train", "dev", "test").index(split)
    path = folder(tmp_path / "fleurs", fleurs("en_us", inner=inner))
    first, second = check(datasets.load("fleurs", path, split=split))
    assert (first.id, first.reference.text) == (f"{n}77.wav", 'Said: "en_us".')
    assert first.meta == {
        "config": "en_us", "language": "en", "sentence": str(n), "gender": "female", "duration": 0.2, "split": split
    }  # fmt: skip
    assert first.reference.labels == {"gender": ("female",)}
    assert (second.meta["gender"], second.reference.labels) == ("other", {})
    plain = next(iter(datasets.load("fleurs", path, split=split, text="transcription")))
    assert plain.reference.text == "said en_us"


def test_what_is_unpacked_beside_its_archive_is_read_there(tmp_path, cache):
    files = fleurs("en_us", inner=False) | {"data/en_us/audio/test.tar.gz": b"fetched by half"}
    check(datasets.load("fleurs", folder(tmp_path / "fleurs", files)))
    assert not cache.exists()


@pytest.mark.parametrize("config", CONFIGS)
def test_fleurs_has_every_language(tmp_path, config):
    files = fleurs("cmn_hans_cn") | fleurs(config)
    path = folder(tmp_path / "fleurs", files)
    for inside in (path, path / "data", path / "data" / config):
        samples = check(datasets.load("fleurs", inside, config=config))
        assert {sample.language for sample in samples} == {CONFIGS[config]}
    assert one(datasets.load("fleurs", path / "data" / config, limit=1)).meta["config"] == config


@pytest.mark.parametrize("form", FORMS[1:])
def test_fleurs_in_one_archive(tmp_path, form):
    files = fleurs("ja_jp", top="", inner=False)
    assert {s.language for s in check(datasets.load("fleurs", release(tmp_path / "ja_jp", files, form)))} == {"ja"}


def test_bad_rows_of_fleurs_are_said(tmp_path):
    files = fleurs("en_us", top="")
    files["en_us/test.tsv"] += "1\tx.wav\ttorn\n" + "\t".join(["1", "y.wav", "a", "a", "a", "many", "MALE"]) + "\n"
    path = folder(tmp_path / "f", files)
    with pytest.raises(DatasetError, match=r"test.tsv, line 3: expected 7 cells .* seen 3"):
        list(datasets.load("fleurs", path))
    with pytest.warns(DatasetWarning, match="2 rows were passed over"):
        assert len(list(datasets.load("fleurs", path, bad_rows="skip"))) == 2
    with pytest.raises(UnknownNameError, match="did you mean 'transcription'"):
        datasets.load("fleurs", path, text="transcript")


# KeSpeech

PARTS = ("train_phase1", "train_phase2", "dev_phase1", "dev_phase2", "test")
SUBDIALECTS = (
    "Mandarin", "Beijing", "Ji-Lu", "Jiang-Huai", "Jiao-Liao", "Lan-Yin", "Northeastern", "Southwestern", "Zhongyuan"
)  # fmt: skip


def kespeech(split="test", top="KeSpeech/"):
    keys = [f"100000{n}_{n:08x}" for n in range(len(SUBDIALECTS))]
    base = f"{top}Tasks/ASR/{split}/"
    files = {
        f"{base}wav.scp": "".join(f"{key} Audio/{key[:7]}/phase1/{key}.wav\n" for key in keys),
        f"{base}text": "".join(f"{key} 第{n}句<SPOKEN_NOISE>话\n" for n, key in enumerate(keys)),
        f"{base}utt2spk": "".join(f"{key} {key[:7]}\n" for key in keys),
        f"{base}utt2subdialect": "".join(f"{key} {name}\n" for key, name in zip(keys, SUBDIALECTS, strict=True)),
        f"{top}Metadata/spk2gender": "1000001 M\n1000002 Female\n",
        f"{top}Metadata/spk2age": "1000001 31\n",
        f"{top}Metadata/spk2city": "1000001 Beijing\n",
    }
    return files | {f"{top}Audio/{key[:7]}/phase1/{key}.wav": clip(n) for n, key in enumerate(keys)}


@pytest.mark.parametrize("form", FORMS)
def test_kespeech_has_every_subdialect(tmp_path, form):
    samples = check(datasets.load("kespeech", release(tmp_path / "ke", kespeech(), form)))
    assert [sample.meta["dialect"] for sample in samples] == list(SUBDIALECTS)
    assert samples[1].meta == {
        "speaker": "1000001", "dialect": "Beijing", "gender": "male", "age": "31", "city": "Beijing", "language": "zh",
        "split": "test",
    }  # fmt: skip
    assert samples[1].reference.labels == {"dialect": ("Beijing",), "gender": ("male",), "age": ("31",)}
    assert samples[1].reference.text == "第1句 话"
    assert samples[2].meta["gender"] == "female"
    assert samples[3].reference.labels == {"dialect": ("Jiang-Huai",)}


@pytest.mark.parametrize("split", PARTS)
def test_kespeech_has_every_split(tmp_path, split):
    assert len(check(datasets.load("kespeech", folder(tmp_path / "ke", kespeech(split)), split=split))) == 9


@pytest.mark.parametrize("file", ["text", "utt2spk", "utt2subdialect"])
def test_tables_of_kespeech_that_do_not_fit_are_said(tmp_path, file):
    name = f"Tasks/ASR/test/{file}"
    files = kespeech(top="")
    lines = files[name].splitlines(keepends=True)
    for wrong, expected in (
        (lines[:3] + lines[4:], r"wav.scp, line 4: expected the utterance '1000003_.*seen '1000004_"),
        (lines[:-1], r"wav.scp, line 9: expected the utterance '1000008_.*seen the end of the file"),
        ([*lines, "x y\n"], rf"{file}, line 10: the utterance 'x' is not in .*wav.scp"),
    ):
        path = folder(tmp_path / "ke", files | {name: "".join(wrong)})
        with pytest.raises(DatasetError, match=expected):
            list(datasets.load("kespeech", path))
    del files[name]
    with pytest.raises(DatasetError, match=rf"no {name} in it.*a release has Tasks/ASR/test/wav.scp"):
        datasets.load("kespeech", folder(tmp_path / "lacking", files))


# WenetSpeech-Yue

GRID = '''File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 0.2
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "文本"
        xmin = 0
        xmax = 0.2
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 0.05
            text = "第一句 ""OK"""
        intervals [2]:
            xmin = 0.05
            xmax = 0.1
            text = ""
        intervals [3]:
            xmin = 0.1
            xmax = 0.2
            text = "第二句"
    item [2]:
        class = "IntervalTier"
        name = "性别"
        xmin = 0
        xmax = 0.2
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 0.2
            text = "女"
'''


def wsyue(inner=True):
    rows = [["0000004453.wav", "中年(36~59)", "中立", "男", "佢 OK 喇"], ["0000004454.wav", "青年", "高兴", "女", "好"]]
    files = {"Short/content.txt": "".join("\t".join(row) + "\n" for row in rows)}
    grids = {"TextGrid/xq1.TextGrid": GRID, "TextGrid/xq2.TextGrid": GRID.encode("utf-16")}
    short = {f"wav_/{row[0]}": clip(n) for n, row in enumerate(rows)}
    long = {f"wav/xq{n}.wav": clip(10 + n) for n in (1, 2)}
    if inner:
        hidden = {"wav_/._0000004453.wav": b"of macOS"}
        files["Long/TextGrid.tar.gz"] = archive({"TextGrid/._xq1.TextGrid": b"of macOS"} | grids)
        return files | {"Short/wav.tar.gz": archive(hidden | short), "Long/wav.tar.gz": archive(long)}
    files |= {f"Long/{name}": content for name, content in grids.items()}
    beside = {f"Short/{name}": content for name, content in short.items()}
    return files | beside | {f"Long/{name}": content for name, content in long.items()}


@pytest.mark.parametrize("inner", [True, False])
def test_wsyue_short_and_long(tmp_path, inner):
    path = folder(tmp_path / "WSYue-ASR-eval", wsyue(inner))
    first, second = check(datasets.load("wenetspeech_yue", path))
    assert (first.id, first.reference.text) == ("0000004453", "佢 OK 喇")
    assert first.meta == {
        "age": "中年(36~59)", "gender": "男", "emotion": "中立", "language": "yue", "subset": "Short"
    }  # fmt: skip
    assert first.reference.labels == {"age": ("36-59",), "gender": ("男",), "emotion": ("中立",)}
    assert second.reference.labels["age"] == ("青年",)
    long = check(datasets.load("wenetspeech_yue", path, subset="Long"))
    assert [sample.id for sample in long] == ["xq1", "xq2"]
    for sample in long:
        assert sample.reference.text == '第一句 "OK"第二句'
        assert [(event.onset, event.offset) for event in sample.reference.events] == [(0, 0.05), (0.1, 0.2)]
        assert sample.reference.labels == {"gender": ("女",)}


def test_wsyue_that_is_not_as_expected_is_said(tmp_path):
    with pytest.raises(DatasetError, match=r"expected Short/content.txt.*a release has Short/content.txt"):
        datasets.load("wenetspeech_yue", folder(tmp_path / "a", {"Short/text": ""}))
    with pytest.raises(DatasetError, match=r"no Long/TextGrid/\*.TextGrid in it"):
        datasets.load("wenetspeech_yue", folder(tmp_path / "a", {}), subset="Long")
    bad = {"Long/TextGrid/a.TextGrid": GRID.replace("文本", "other"), "Long/wav/a.wav": clip()}
    with pytest.raises(DatasetError, match=r"a.TextGrid: expected a tier 文本"):
        list(datasets.load("wenetspeech_yue", folder(tmp_path / "b", bad), subset="Long"))
    bad["Long/TextGrid/a.TextGrid"] = GRID.replace("xmax = 0.05", "xmax = soon")
    with pytest.raises(DatasetError, match=r"a.TextGrid, line 18: .*expected a number"):
        list(datasets.load("wenetspeech_yue", folder(tmp_path / "b", bad), subset="Long"))


# WenetSpeech-Chuan


@pytest.mark.parametrize("subset", ["Easy", "Hard", "Short", "Long"])
@pytest.mark.parametrize("inner", [True, False])
def test_wsc_eval_has_every_subset(tmp_path, subset, inner):
    top = f"WSC-Eval-ASR/{subset}/"
    files = {f"{top}text": "u1 你*好（是的）()\nu2\t要得\n", f"{top}wav.scp": "u1 /data/u1.wav\nu2 /data/u2.wav\n"}
    clips = {f"wav/u{n}.wav": clip(n) for n in (1, 2)}
    packed = {f"{top}wav.tar.gz": archive(clips)}
    files |= packed if inner else {f"{top}{name}": content for name, content in clips.items()}
    first, second = check(datasets.load("wenetspeech_chuan", folder(tmp_path / "wsc", files), subset=subset))
    assert (first.reference.text, second.reference.text) == ("你好是的", "要得")
    assert first.meta == {"language": "zh", "dialect": "四川话", "subset": subset}
    assert first.reference.labels == {"dialect": ("四川话",)}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["audio_labels/x1.jsonl", "wsc_metadata.jsonl"])
def test_wsc_train_has_every_key(tmp_path, form, name):
    row = {
        "wav_utt_id_timestamp": "x1_0_1", "wav_utt_id_timestamp_path": "wavs/x1_0_1.wav", "audio_clip_id": 0,
        "timestamp": "0-1", "wvmos_score": 3.5, "text": "要得", "text_punc": "要得。", "spk_num": "single",
        "confidence": 0.93, "emotion": "愤怒", "age": "中年(36~59)", "gender": "男",
    }  # fmt: skip
    files = {f"WenetSpeech-Chuan/{name}": json_lines([row]), "WenetSpeech-Chuan/wavs/x1_0_1.wav": clip()}
    path = release(tmp_path / "wsc", files, form)
    (sample,) = check(datasets.load("wenetspeech_chuan", path, subset="train"))
    assert (sample.id, sample.reference.text) == ("x1_0_1", "要得")
    assert sample.meta == {
        "spk_num": "single", "confidence": "0.93", "wvmos_score": "3.5", "timestamp": "0-1", "age": "中年(36~59)",
        "gender": "男", "emotion": "愤怒", "language": "zh", "dialect": "四川话", "subset": "train",
    }  # fmt: skip
    assert sample.reference.labels["age"] == ("36-59",)


def test_bad_lines_of_wsc_train_are_said(tmp_path):
    path = folder(tmp_path / "a", {"audio_labels/x.jsonl": '{"text": "a"}\n'})
    with pytest.raises(DatasetError, match=r"x.jsonl, line 1: expected wav_utt_id_timestamp .* seen the keys text"):
        list(datasets.load("wenetspeech_chuan", path, subset="train"))
    with pytest.raises(DatasetError, match=r"no audio_labels/\*.jsonl in it"):
        datasets.load("wenetspeech_chuan", folder(tmp_path / "b", {"x.txt": ""}), subset="train")


# MagicData


def slr68(split="test"):
    return {
        f"{split}/TRANS.txt": "UtteranceID\tSpeakerID\tTranscription\n38_5716_1.wav\t38_5716\t四川美食确实以辣闻名\n",
        f"{split}/38_5716/38_5716_1.wav": clip(),
        "metadata/SPKINFO.txt": "SPKID\tAge\tGender\tDialect\n38_5716\t18\tfemale\the bei\n",
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_magicdata_of_openslr(tmp_path, form, split):
    (sample,) = check(datasets.load("magicdata", release(tmp_path / "magic", slr68(split), form), split=split))
    assert (sample.id, sample.reference.text) == ("38_5716_1", "四川美食确实以辣闻名")
    assert sample.meta == {
        "speaker": "38_5716", "language": "zh", "region": "he bei", "age": "18", "gender": "female", "split": split
    }  # fmt: skip
    assert sample.reference.labels == {"age": ("18",), "gender": ("female",), "accent": ("hebei",)}


def test_marks_of_fillers_and_noise_are_no_text(tmp_path):
    """lhotse/recipes/magicdata.py leaves them out, too."""
    files = slr68()
    files["test/TRANS.txt"] = files["test/TRANS.txt"].replace("四川美食确实", "[FIL]四川美食 [SPK] 确实")
    assert one(datasets.load("magicdata", folder(tmp_path, files))).reference.text == "四川美食 确实以辣闻名"


@pytest.mark.parametrize("name", ["UTTRANSINFO.txt", "UTTERANCEINFO.txt"])
def test_dialects_of_magichub(tmp_path, name):
    top = "Guangzhou_Cantonese_Scripted_Speech_Corpus_Daily_Use_Sentence/"
    files = {
        f"{top}{name}": "CHANNEL\tUTTRANS_ID\tSPEAKER_ID\tPROMPT\tTRANSCRIPTION\r\nC0\tG1_9.wav\tG1\t\t唔使\r\n",
        f"{top}SPKINFO.txt": "CHANNEL\tSPEAKER_ID\tGENDER\tAGE\tREGION\nC0\tG1\tMale\t27\tGuangdong\n",
        f"{top}WAV/G1/G1_9.wav": clip(),
    }
    path = folder(tmp_path / "hub", files)
    (sample,) = check(datasets.load("magicdata", path, dialect="粤语/广州话", language="yue"))
    assert sample.meta == {
        "speaker": "G1", "language": "yue", "dialect": "粤语/广州话", "region": "Guangdong", "age": "27",
        "gender": "male",
    }  # fmt: skip
    assert sample.reference.labels["dialect"] == ("粤语/广州话",)
    assert sample.reference.text == "唔使"


def test_magicdata_without_speakers_and_what_it_lacks(tmp_path):
    files = {name: content for name, content in slr68().items() if "SPKINFO" not in name}
    assert not one(datasets.load("magicdata", folder(tmp_path / "a", files))).reference.labels
    with pytest.raises(DatasetError, match=r"expected UTTRANSINFO.txt or UTTERANCEINFO.txt or test/TRANS.txt"):
        datasets.load("magicdata", folder(tmp_path / "b", {"x.wav": clip()}))
    files["test/TRANS.txt"] += "torn\n"
    with pytest.raises(DatasetError, match=r"TRANS.txt, line 3: expected 3 cells .* seen 1"):
        list(datasets.load("magicdata", folder(tmp_path / "c", files)))


# CoVoST 2


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_covost_has_a_translation_and_says_into_what(tmp_path, form, split):
    columns = ["path", "sentence", "translation", "client_id"]
    row = ["common_voice_zh-CN_1.mp3", "他说“好”。", r'He said \\ "yes".', "c"]
    text = table(columns, [dict(zip(columns, row, strict=True))])
    files = {f"zh-CN/covost_v2.zh-CN_en.{split}.tsv": text, "zh-CN/clips/common_voice_zh-CN_1.mp3": clip(1, ".mp3")}
    path = release(tmp_path / "covost", files, form)
    (sample,) = check(datasets.load("covost2", path, pair="zh-CN_en", split=split))
    assert sample.reference.text == "他说“好”。"
    assert sample.reference.labels == {"translation": ('He said \\ "yes".',)}
    assert sample.inputs == {"target_language": "English"}
    assert sample.meta == {"speaker": "c", "language": "zh", "split": split}


def test_covost_as_it_is_downloaded_lacks_sentences(tmp_path):
    files = {"covost_v2.fr_en.tsv": "path\ttranslation\tsplit\na.mp3\tYes.\ttest\n"}
    with pytest.raises(DatasetError, match=r"expected covost_v2.fr_en.test.tsv.*of get_covost_splits.py"):
        datasets.load("covost2", folder(tmp_path / "fr", files), pair="fr_en")
    files = {"covost_v2.fr_en.test.tsv": files["covost_v2.fr_en.tsv"]}
    with pytest.raises(DatasetError, match=r"line 2: nothing in sentence; seen the columns path, translation, split"):
        list(datasets.load("covost2", folder(tmp_path / "fr", files), pair="fr_en"))
    with pytest.raises(DatasetError, match="pair: expected two languages such as fr_en"):
        datasets.load("covost2", tmp_path / "fr", pair="fr")


# All of them


@pytest.mark.parametrize(
    "name",
    [
        "common_voice",
        "librispeech",
        "aishell1",
        "fleurs",
        "kespeech",
        "wenetspeech_yue",
        "wenetspeech_chuan",
        "magicdata",
    ],
)
def test_a_folder_that_is_something_else_is_said_with_the_layout(tmp_path, name):
    path = folder(tmp_path / "other", {"readme.md": "hello", "a/b.wav": clip()})
    with pytest.raises(DatasetError, match=r"(?s)other: expected .*a release has "):
        datasets.load(name, path)
    with pytest.raises(DatasetError, match="no such folder or archive"):
        datasets.load(name, tmp_path / "none")
    with pytest.raises(DatasetError, match="expected the path of a release"):
        datasets.load(name, 3)
    assert datasets.summaries()[name].endswith(".")


TABLES = {
    "common_voice": "en/test.tsv", "librispeech": "LibriSpeech/test-clean/1089/134686/1089-134686.trans.txt",
    "aishell1": "data_aishell/transcript/aishell_transcript_v0.8.txt", "fleurs": "data/en_us/test.tsv",
    "kespeech": "Tasks/ASR/test/text", "wenetspeech_yue": "Short/content.txt", "wenetspeech_chuan": "Easy/text",
    "magicdata": "test/TRANS.txt",
}  # fmt: skip


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    whole = common_voice("en", top=""), librispeech(), aishell(), fleurs("en_us"), kespeech(top=""), wsyue(), slr68()
    files = {"Easy/text": "u1 a\n", "Easy/wav/u1.wav": clip()}
    for each in whole:
        files |= each
    return folder(tmp_path_factory.mktemp("all"), files)


@pytest.mark.filterwarnings("ignore::qaeval.errors.DatasetWarning")
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("name", TABLES)
@given(data=st.data())
def test_whatever_stands_in_a_table_is_read_or_refused_with_its_name(releases, name, data):
    file = releases / TABLES[name]
    content = file.read_bytes()
    at = data.draw(st.integers(0, len(content)))
    broken = content[:at] + data.draw(st.binary(max_size=20)) + content[at + data.draw(st.integers(0, 20)) :]
    bad_rows = data.draw(st.sampled_from(["error", "skip"]))
    said = file.name
    try:
        file.write_bytes(broken)
        list(datasets.load(name, releases, bad_rows=bad_rows))
    except DatasetError as error:
        said = str(error)
    finally:
        file.write_bytes(content)
    assert file.name in said or f"{name}: no clips in it" in said


def test_many_threads_may_read_the_clips_of_an_archive(tmp_path):
    path = packed(tmp_path / "ke.tar.gz", kespeech())
    samples = [sample for _ in range(4) for sample in datasets.load("kespeech", path)]
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda sample: audio.read(sample.audio), samples))
    assert read == [clip(n) for n in range(len(SUBDIALECTS))] * 4


def test_samples_are_chosen_and_sampled_as_everywhere(tmp_path):
    path = folder(tmp_path / "ke", kespeech())
    some = datasets.load("kespeech", path, where={"dialect": ["Ji-Lu", "Lan-Yin"]})
    assert [sample.meta["dialect"] for sample in some] == ["Ji-Lu", "Lan-Yin"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(datasets.load("kespeech", path, limit=9, stratify="dialect", seed=1))) == 9
