"""Which samples are meant: filters, prefixes that grow without changing, strata, and corrections."""

import collections
import json

import pytest
from hypothesis import given, strategies as st

import qaeval as qa
from qaeval.errors import DatasetError, UnknownNameError


def clips(count=40):
    return [
        qa.Sample(
            f"c{n:02}",
            f"{n}.wav",
            qa.Annotation(text=f"text {n}", labels={"sound": ("dog",) if n % 3 else ("cat", "dog")}),
            {"accent": ("us", "gb", "in", "us")[n % 4], "fold": n % 5 + 1, "language": "en"},
        )
        for n in range(count)
    ]


def ids(**options):
    return [clip.id for clip in qa.load(clips(), **options)]


def test_without_options_it_is_the_dataset_itself():
    data = qa.load(clips())
    assert qa.load(data) is data
    assert ids() == [clip.id for clip in clips()]


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({"accent": "us"}, 20),
        ({"accent": ["us", "gb"], "fold": 1}, 6),
        ({"fold": lambda fold: fold > 3}, 16),
        ({"labels.sound": "cat"}, 14),
        ({"language": "en", "id": {"c01", "c02"}}, 2),
        (lambda clip: clip.reference.text.endswith("7"), 4),
    ],
)
def test_a_filter_takes_what_fits_in_order(where, count):
    found = ids(where=where)
    assert len(found) == count
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"where": "us"}, r"where: expected columns with their values, such as .* seen 'us'"),
        ({"where": ["accent"]}, r"where: expected columns .* seen \['accent'\]"),
        ({"where": {3: 4}}, "where: expected names of columns, seen 3"),
        (
            {"where": {"fold": lambda fold: fold > "x"}},
            r"where: the test of 'fold', which is \d, of sample 'c00' raised T",
        ),
        ({"where": lambda clip: clip.nothing}, "where: the test of sample 'c00' raised AttributeError"),
        ({"limit": "a"}, "limit: expected a whole number of 1 or more, seen 'a'"),
        ({"limit": -1}, "limit: expected a whole number of 1 or more, seen -1"),
        ({"limit": True}, "limit: expected a whole number of 1 or more, seen True"),
        ({"limit": 2, "seed": "s"}, "seed: expected a whole number, seen 's'"),
        ({"limit": 2, "stratify": 5}, "stratify: expected the name of a column, .* seen 5"),
        ({"corrections": 3}, r"corrections: expected the path of a file \(.csv, .tsv, .jsonl\), seen 3"),
        (
            {"nam": "x"},
            r"the loader 'samples' cannot be called so: it has no option 'nam'; did you mean 'name'\? its options ",
        ),
        (
            {"wher": {}},
            r"did you mean 'where'\? its options are: source, name; those of all: where, limit, seed, strat",
        ),
        ({"name": 3}, "the loader 'samples': name: expected a string, seen 3 .int.; as a string: '3'"),
    ],
)
def test_an_option_that_is_none_is_told_with_what_was_expected(options, message):
    with pytest.raises(DatasetError, match=message):
        list(qa.load(clips(), **options))


def test_what_no_sample_has_is_an_error():
    with pytest.raises(UnknownNameError, match=r"where 'acent'; did you mean 'accent'"):
        ids(where={"acent": "us"})
    with pytest.raises(DatasetError, match=r"no sample is left; where {'accent': 'nz'} chose none"):
        ids(where={"accent": "nz"})
    with pytest.raises(UnknownNameError, match="stratify 'acent'; did you mean 'accent'"):
        ids(limit=3, stratify="acent")
    with pytest.raises(DatasetError, match="say with limit= how many"):
        ids(stratify="accent")
    with pytest.raises(DatasetError, match="limit: expected a whole number of 1 or more, seen 0"):
        ids(limit=0)


@given(st.integers(1, 45), st.integers(1, 45), st.integers(0, 3), st.sampled_from([None, "accent", "fold"]))
def test_the_smaller_choice_is_the_beginning_of_the_larger(small, large, seed, stratify):
    small, large = sorted((small, large))
    assert ids(limit=large, seed=seed, stratify=stratify)[:small] == ids(limit=small, seed=seed, stratify=stratify)


def test_the_choice_does_not_depend_on_the_order_of_the_dataset():
    turned = [clip.id for clip in qa.load(clips()[::-1], limit=9, stratify="accent")]
    assert turned == ids(limit=9, stratify="accent")
    assert ids(limit=9, seed=1) != ids(limit=9, seed=2)


@given(st.integers(1, 40))
def test_strata_come_equally_often_as_far_as_they_go(limit):
    counts = collections.Counter(clip.meta["accent"] for clip in qa.load(clips(), limit=limit, stratify="accent"))
    short = {accent for accent, size in {"us": 20, "gb": 10, "in": 10}.items() if counts[accent] == size}
    rest = [counts[accent] for accent in ("us", "gb", "in") if accent not in short]
    assert sum(counts.values()) == limit
    assert not rest or max(rest) - min(rest) <= 1


def test_a_run_takes_the_same_prefix(tmp_path):
    from clips import samples

    data = list(samples(tmp_path / "clips", 8))
    run = qa.run(data, "transcribe", [lambda_free], tmp_path / "run", limit=3, seed=4, progress=False)
    assert {clip.id for clip in run.iter_samples()} == {clip.id for clip in qa.load(data, limit=3, seed=4)}


def lambda_free(request):
    return "hello"


def test_the_fingerprint_says_what_was_chosen():
    kinds = [
        {},
        {"limit": 5},
        {"limit": 5, "seed": 1},
        {"where": {"fold": 1}},
        {"where": {"fold": 2}},
        {"where": {"fold": lambda fold: fold > 1}},
        {"where": {"fold": lambda fold: fold > 2}},
        {"limit": 5, "stratify": "fold"},
    ]
    prints = [qa.load(clips(), **kind).fingerprint for kind in kinds]
    assert len(set(prints)) == len(prints)
    assert qa.load(clips(), where={"fold": {3, 1}}).fingerprint == qa.load(clips(), where={"fold": {1, 3}}).fingerprint


# Corrections ---------------------------------------------------------------------------------------------------------


def corrected(tmp_path, text, name="wrong.csv", count=4):
    (tmp_path / name).write_text(text, "utf-8")
    return list(qa.load(clips(count), corrections=tmp_path / name))


def test_corrections_change_references_leave_out_and_say_why(tmp_path):
    text = (
        "sample,reason,text,labels.sound,exclude\nc01,misheard,text one,,\nc02,noise only,,,true\nc03,a wolf,,wolf,\n"
    )
    found = {clip.id: clip for clip in corrected(tmp_path, text)}
    assert list(found) == ["c00", "c01", "c03"]
    assert found["c01"].reference.text == "text one"
    assert found["c01"].reference.labels == {"sound": ("dog",)}
    assert found["c03"].reference.labels == {"sound": ("wolf",)}
    assert "corrected" not in found["c00"].meta
    assert found["c01"].meta["corrected"] == "misheard"
    assert len({clip.meta["corrections"] for clip in found.values()}) == 1


def test_corrections_stand_in_the_fingerprint_and_beside_every_score(tmp_path):
    from clips import samples

    data = list(samples(tmp_path / "clips", 3))
    (tmp_path / "wrong.jsonl").write_text(json.dumps({"sample": "s1", "reason": "typo", "text": "hello"}), "utf-8")
    plain, mended = qa.load(data), qa.load(data, corrections=tmp_path / "wrong.jsonl")
    assert plain.fingerprint != mended.fingerprint
    scores = qa.run(mended, "transcribe", [lambda_free], tmp_path / "run", progress=False).scores()
    assert scores["corrections"].notna().all()
    assert set(scores[scores["corrected"].notna()]["sample"]) == {"s1"}
    assert qa.summarize(scores[scores["corrected"] == "typo"]).set_index("metric").loc["wer", "value"] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sample,reason,text\nc01,,x\n", r"line 2: a correction needs sample and reason, as texts; seen reason ''"),
        ("sample,reason,text\nc01,why,\n", r"line 2: it changes nothing: give text"),
        ("sample,reason,txt\nc01,why,x\n", r"line 2: unknown column of corrections 'txt'; did you mean 'text'"),
        ("sample,reason,exclude\nc01,why,perhaps\n", r"line 2: exclude: expected true or false, seen 'perhaps'"),
        ("sample,reason,text\nc01,why,x\nc01,why,y\n", r"line 3: sample 'c01' stands already in line 2"),
        ("sample,reason,text\nc99,why,x\n", r"line 2: sample 'c99': samples gives no such sample; ids must be"),
        (
            "sample,reason,text\nc01,why,a\nc98,why,b\nc99,why,c\n",
            r"line 3: sample 'c98' \(and 1 more\): samples gives no",
        ),
    ],
)
def test_corrections_that_are_not_so_are_named(tmp_path, text, message):
    with pytest.raises((DatasetError, UnknownNameError), match=message):
        corrected(tmp_path, text)


def test_no_file_of_corrections_is_said(tmp_path):
    with pytest.raises(DatasetError, match="no such file of corrections"):
        qa.load(clips(), corrections=tmp_path / "none.csv")
    (tmp_path / "x.xlsx").write_bytes(b"PK")
    with pytest.raises(DatasetError, match=r"expected corrections as .csv, .tsv or .jsonl, seen '.xlsx'"):
        qa.load(clips(), corrections=tmp_path / "x.xlsx")
