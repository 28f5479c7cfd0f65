"""Comparisons against oracles: scipy's paired t-test, arithmetic done by hand, a bootstrap and a simulation."""

import numpy as np
import pandas as pd
import pytest
from effort import within
from hypothesis import given, settings, strategies as st
from scipy.stats import kstest, t as student, ttest_1samp, ttest_rel

from qaeval.errors import ScoreError, UnknownNameError
from qaeval.scores import COLUMNS
from qaeval.stats import RESULTS, compare

FIXED = dict.fromkeys(COLUMNS, "") | {
    "dataset": "d", "task": "transcribe", "field": "text", "prompt": "zh@1", "outcome": "answered", "metric": "wer",
    "repeat": 0, "profile": "raw-1", "better": "lower",
}  # fmt: skip


def frame(*rows, **fixed):
    """A scores frame: rows of (sample, model, num, den) and what else is said of them."""
    return pd.DataFrame(
        [
            FIXED
            | fixed
            | dict(zip(("sample", "model", "num", "den"), row[:4], strict=True))
            | (row[4] if row[4:] else {})
            for row in rows
        ]
    )


def two_models(num_a, num_b, den_a, den_b=None, **columns):
    """Models a and b on samples s0, s1 ..., with one value a sample in each of ``columns``."""
    size = len(num_a)
    blocks = [
        pd.DataFrame(
            {**FIXED, "sample": [f"s{i}" for i in range(size)], "model": model, "num": num, "den": den, **columns}
        )
        for model, num, den in (("a", num_a, den_a), ("b", num_b, den_a if den_b is None else den_b))
    ]
    return pd.concat(blocks, ignore_index=True)


def only(table):
    assert len(table) == 1
    return table.iloc[0]


def test_equal_denominators_and_single_clusters_are_the_paired_t_test():
    rng = np.random.default_rng(1)
    num_a, num_b = rng.poisson(3, 40), rng.poisson(2, 40)
    row = only(compare(two_models(num_a, num_b, np.full(40, 10)), "a", "b", "wer"))
    oracle = ttest_rel(num_b / 10, num_a / 10)
    limits = oracle.confidence_interval(0.95)
    assert row.difference == pytest.approx((num_b.sum() - num_a.sum()) / 400)
    assert row.p_value == pytest.approx(oracle.pvalue)
    assert (row.ci_low, row.ci_high) == (pytest.approx(limits.low), pytest.approx(limits.high))
    assert (row.n, row.clusters, row.cluster) == (40, 40, "sample")


def test_level_is_that_of_the_interval():
    rng = np.random.default_rng(2)
    num_a, num_b = rng.poisson(3, 20), rng.poisson(2, 20)
    row = only(compare(two_models(num_a, num_b, np.full(20, 10)), "a", "b", "wer", level=0.8))
    limits = ttest_rel(num_b / 10, num_a / 10).confidence_interval(0.8)
    assert (row.level, row.ci_low, row.ci_high) == (0.8, pytest.approx(limits.low), pytest.approx(limits.high))


def test_equal_speakers_are_the_t_test_over_speakers():
    """With equally many words a speaker, the test is one over the speakers' own differences."""
    rng = np.random.default_rng(3)
    speaker = np.repeat([f"p{i}" for i in range(12)], 5)
    num_a, num_b = rng.poisson(3, 60), rng.poisson(2, 60)
    row = only(compare(two_models(num_a, num_b, np.full(60, 10), speaker=speaker), "a", "b", "wer"))
    by_speaker = (num_b - num_a).reshape(12, 5).sum(axis=1) / 50
    assert row.p_value == pytest.approx(ttest_1samp(by_speaker, 0).pvalue)
    assert (row.clusters, row.cluster) == (12, "speaker")


def test_the_formula_for_unequal_denominators_and_clusters():
    """z_g = (n_gB - R_B d_gB) / D_B - (n_gA - R_A d_gA) / D_A, worked out with plain numbers."""
    scores = two_models([1, 4, 2, 0], [2, 1, 0, 3], [10, 20, 5, 15], [10, 20, 0, 15], speaker=["p", "p", "q", "r"])
    row = only(compare(scores, "a", "b", "wer"))
    r_a, r_b = 7 / 50, 6 / 45
    z = [(3 - r_b * 30) / 45 - (5 - r_a * 30) / 50, 0 - (2 - r_a * 5) / 50, (3 - r_b * 15) / 45 - (0 - r_a * 15) / 50]
    error = np.sqrt(3 / 2 * sum(x**2 for x in z))
    assert row.difference == pytest.approx(r_b - r_a)
    assert (row.ci_high - row.ci_low) / 2 == pytest.approx(4.302652729911275 * error)  # t(0.975, 2 degrees of freedom)
    assert (row.unscored_a, row.unscored_b, row.clusters) == (0, 1, 3)


def speakers(rng, groups, per=6, gap=0.0):
    """Errors of two models on the same clips; speakers differ in how hard they are, and in which model they suit."""
    hard, taste = rng.beta(2, 18, groups), rng.normal(0, 0.03, groups)
    words = rng.integers(5, 25, (groups, per))
    p_a = np.clip(hard, 0.001, 0.9)[:, None]
    p_b = np.clip(hard + taste + gap, 0.001, 0.9)[:, None]
    who = np.repeat([f"p{i}" for i in range(groups)], per)
    return rng.binomial(words, p_a).ravel(), rng.binomial(words, p_b).ravel(), words.ravel(), who


def test_the_interval_covers_the_truth_as_often_as_it_says():
    """No true difference, 20 speakers a study, 400 studies side by side as slices: about 95 % of intervals hold 0.

    Clustered by sample instead, they hold it too seldom: that is why speakers are the default.
    """
    rng = np.random.default_rng(4)
    studies = [
        two_models(*speakers(rng, 20)[:3], speaker=np.repeat([f"{study}-{i}" for i in range(20)], 6), study=study)
        .assign(dataset=f"d{study}")
        for study in range(400)
    ]  # fmt: skip
    scores = pd.concat(studies, ignore_index=True)
    covered = {}
    for cluster in (None, "sample"):
        table = compare(scores, "a", "b", "wer", by="study", cluster=cluster)
        assert len(table) == 400
        covered[cluster] = ((table.ci_low <= 0) & (table.ci_high >= 0)).mean()
    assert 0.93 <= covered[None] <= 0.975
    assert covered["sample"] < covered[None] - 0.03


def test_a_bootstrap_over_speakers_gives_about_the_same_interval():
    rng = np.random.default_rng(5)
    num_a, num_b, words, who = speakers(rng, 60, gap=0.02)
    row = only(compare(two_models(num_a, num_b, words, speaker=who), "a", "b", "wer"))
    sums = np.stack([num_a, num_b, words], axis=1).reshape(60, 6, 3).sum(axis=1)
    drawn = sums[rng.integers(0, 60, (4000, 60))].sum(axis=1)
    low, high = np.quantile((drawn[:, 1] - drawn[:, 0]) / drawn[:, 2], [0.025, 0.975])
    width = row.ci_high - row.ci_low
    assert row.ci_low == pytest.approx(low, abs=0.1 * width)
    assert row.ci_high == pytest.approx(high, abs=0.1 * width)


counts = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 9)), min_size=2, max_size=12)


@given(counts)
@settings(max_examples=40)
def test_swapping_the_models_swaps_the_signs(rows):
    scores = two_models(*map(list, zip(*rows, strict=True)))
    there, back = only(compare(scores, "a", "b", "wer")), only(compare(scores, "b", "a", "wer"))
    assert there.difference == -back.difference
    assert there.ci_low == pytest.approx(-back.ci_high, nan_ok=True)
    assert there.p_value == pytest.approx(back.p_value, nan_ok=True)


@given(counts, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_rows_and_the_kind_of_columns_do_not_matter(rows, random):
    scores = two_models(*map(list, zip(*rows, strict=True)), speaker=[f"p{i % 5}" for i in range(len(rows))])
    places = list(range(len(scores)))
    random.shuffle(places)
    text = ["sample", "model", "task", "speaker", "metric", "outcome", "prompt", "dataset"]
    shuffled = scores.iloc[places].astype(dict.fromkeys(text, "category"))
    pd.testing.assert_frame_equal(compare(scores, "a", "b", "wer"), compare(shuffled, "a", "b", "wer"), rtol=1e-9)


def test_only_samples_that_both_replied_to_are_compared():
    failed, refused = {"outcome": "failed"}, {"outcome": "refused"}
    row = only(compare(frame(
        ("s0", "a", 1, 10), ("s0", "b", 2, 10),
        ("s1", "a", 9, 10), ("s1", "b", 0, 0, failed),
        ("s2", "a", 0, 0, {"outcome": "pending"}), ("s2", "b", 9, 10),
        ("s3", "a", 0, 0, failed), ("s3", "b", 0, 0, {"outcome": "skipped"}),
        ("s4", "a", 1, 10), ("s4", "b", 10, 10, refused),
        ("s5", "a", 3, 10),
    ), "a", "b", "wer"))  # fmt: skip
    assert (row.n, row.only_a, row.only_b, row.neither) == (2, 2, 1, 1)
    assert (row.value_a, row.value_b) == (0.1, 0.6)


def test_amounts_are_compared_where_both_gave_one():
    """Model b tells the time of the easy clips only: there it is no better than a, whose errors elsewhere are large."""
    easy, hard = [0.1, 0.2, 0.3, 0.2] * 3, [3.0, 5.0, 4.0, 6.0] * 3
    den_b = [1] * 12 + [0] * 12
    scores = two_models(easy + hard, easy + [0] * 12, [1] * 24, den_b, unit="s").assign(metric="onset_error")
    row = only(compare(scores, "a", "b", "onset_error"))
    assert (row.n, row.unscored_a, row.unscored_b, row.only_a) == (12, 0, 12, 0)
    assert (row.difference, row.verdict) == (0, "no difference shown")
    nothing = only(compare(two_models([1, 2], [1, 2], [1, 0], [0, 1], unit="s"), "a", "b", "wer"))
    assert (nothing.n, nothing.verdict) == (0, "nothing to compare")


def test_p_values_are_uniform_where_there_is_no_difference():
    """400 studies of 20 speakers with equally many words; the interval holds 0 just where p is above 0.05."""
    rng = np.random.default_rng(8)
    studies = [
        two_models(*speakers(rng, 20)[:3], speaker=np.repeat([f"{study}-{i}" for i in range(20)], 6), study=study)
        .assign(dataset=f"d{study}")
        for study in range(400)
    ]  # fmt: skip
    table = compare(pd.concat(studies, ignore_index=True), "a", "b", "wer", by="study")
    assert kstest(table.p_value, "uniform").pvalue > 0.01
    assert ((table.ci_low <= 0) & (table.ci_high >= 0)).equals(table.p_value >= 0.05)


def test_repeats_of_a_sample_are_one_observation_with_its_own_weight():
    """Repeats that failed make no sample lighter: s0 counts as much for b with one reply as for a with three."""
    again = [("s0", "a", 2, 10, {"repeat": i}) for i in (1, 2)]
    failed = [("s0", "b", 0, 0, {"repeat": i, "outcome": "quota"}) for i in (1, 2)]
    whole = [("s0", "a", 2, 10), ("s0", "b", 4, 10), ("s1", "a", 0, 10), ("s1", "b", 0, 10)]
    row = only(compare(frame(*whole, *again, *failed), "a", "b", "wer"))
    assert (row.n, row.value_a, row.value_b) == (2, pytest.approx(0.1), pytest.approx(0.2))


def test_clusters_fall_back_to_recording_and_then_to_the_sample():
    base = two_models([1] * 6, [2, 1, 3, 1, 2, 1], [9] * 6)

    def clusters(**columns):
        row = only(compare(base.assign(**{name: values * 2 for name, values in columns.items()}), "a", "b", "wer"))
        return row.clusters, row.cluster

    assert clusters() == (6, "sample")
    assert clusters(recording=["r", "r", "q", "q", "", ""]) == (4, "recording or sample")
    assert clusters(recording=list("uvwxyz"), speaker=["p", "p", "q", None, None, ""]) == (5, "speaker or recording")
    assert clusters(speaker=[1, 1, 2, 2, 3, 3]) == (3, "speaker")


def test_equal_speaker_names_in_two_datasets_are_two_speakers():
    base = two_models([1] * 4, [2, 1, 3, 1], [9] * 4, speaker=["p", "p", "q", "q"])
    scores = pd.concat([base, base.assign(dataset="other")])
    assert only(compare(scores, "a", "b", "wer")).clusters == 4
    assert only(compare(scores, "a", "b", "wer")).n == 8


def test_verdicts():
    def verdict(num_a, num_b, better="lower", den=10):
        return only(
            compare(two_models(num_a, num_b, [den] * len(num_a)).assign(better=better), "a", "b", "wer")
        ).verdict

    many, few = [3, 4, 5, 3, 4, 5, 3, 4], [1, 1, 2, 2, 1, 1, 2, 2]
    assert verdict(many, few) == "b is better"
    assert verdict(few, many) == "a is better"
    assert verdict(few, many, better="higher") == "b is better"
    assert verdict(few, few[::-1]) == "no difference shown"
    assert verdict(many[:7], few[:7]) == "too few clusters to tell"
    assert verdict(many, few, den=0) == "nothing to compare"


def test_without_variation_there_is_no_interval_of_no_width():
    same = only(compare(two_models([3] * 9, [3] * 9, [7] * 9), "a", "b", "wer"))
    assert (same.difference, same.p_value, same.verdict) == (0, 1, "no difference shown")
    assert np.isnan([same.ci_low, same.ci_high]).all()
    shifted = only(compare(two_models([3] * 9, [1] * 9, [7] * 9), "a", "b", "wer"))
    assert (shifted.p_value, shifted.verdict) == (2**-8, "b is better")


@pytest.mark.parametrize(
    ("unit", "num_b", "widest"),
    [("", [0, 0, 1], 1), ("", [0, 0, 2], np.inf), ("κ", [0, 0, 1], 2), ("s", [0, 0, 1], np.inf)],
)
def test_the_interval_of_a_difference_ends_where_no_difference_can_be(unit, num_b, widest):
    """Three clips: Student's t with two degrees of freedom. Of accuracies no difference is beyond 1."""
    row = only(compare(two_models([1, 1, 0], num_b, [1, 1, 1], unit=unit), "a", "b", "wer"))
    half = student.ppf(0.975, 2) * np.std(np.array(num_b) - [1, 1, 0], ddof=1) / np.sqrt(3)
    ends = (row.difference - half, row.difference + half)
    assert max(map(abs, ends)) > 2
    assert (row.ci_low, row.ci_high) == pytest.approx(tuple(np.clip(ends, -widest, widest)))


def test_what_tells_of_the_clips_has_no_p_value():
    row = only(compare(two_models([3] * 9, [3] * 9, [7] * 9, better="neither"), "a", "b", "wer"))
    assert np.isnan([row.difference, row.p_value, row.ci_low]).all()
    assert row.verdict == "nothing to compare"


def test_errors_without_a_denominator_are_in_the_interval():
    """Clips without words, where a says some: 15 errors of 19 are there. Deleting the clip changes the value by z."""
    num = np.array([1, 0, 1, 0, 0, 1, 0, 1, 6, 0, 0, 9])
    den = np.array([10] * 8 + [0] * 4)
    row = only(compare(two_models(num, num * 0, den), "a", "b", "wer"))
    z = (num - num.sum() / 80 * den) / 80
    error = np.sqrt(10 / 9 * np.sum(z**2))  # two clips have neither errors nor words
    assert (row.difference, row.clusters) == (pytest.approx(-19 / 80), 10)
    assert (row.ci_high - row.ci_low) / 2 == pytest.approx(student.ppf(0.975, 9) * error)
    assert row.verdict == "no difference shown"


def test_a_single_cluster_has_a_difference_and_no_interval():
    row = only(compare(two_models([3, 1], [1, 1], [7, 7], speaker="p"), "a", "b", "wer"))
    assert row.difference == pytest.approx(-2 / 14)
    assert np.isnan([row.ci_low, row.ci_high, row.p_value]).all()


def test_slices_tasks_and_prompts_each_have_their_row():
    base = two_models([1, 2, 3], [0, 2, 3], [5, 5, 5], dialect=["重庆", "重庆", None], level=[1, 1, 2])
    scores = pd.concat([base, base.assign(prompt="en@2"), base.assign(task="dictate")])
    table = compare(scores, "a", "b", "wer", by=["dialect", "level"])
    assert list(table.columns) == ["dialect", "meta.level", *RESULTS]
    assert len(table) == 6
    assert table["dialect"].isna().sum() == 3
    assert set(zip(table.task, table.prompt, strict=True)) == {
        ("transcribe", "zh@1"), ("transcribe", "en@2"), ("dictate", "zh@1")
    }  # fmt: skip
    assert table["n"].tolist() == [2, 1] * 3
    assert len(compare(scores, "a", "b", "wer", task="transcribe", prompt="en")) == 1


def test_one_metric_of_two_fields_is_two_numbers():
    base = two_models([1, 0, 1], [0, 0, 1], [1, 1, 1]).assign(metric="accuracy", better="higher", field="gender")
    scores = pd.concat([base, base.assign(field="age", num=1)])
    table = compare(scores, "a", "b", "accuracy")
    assert table[["field", "n", "value_a"]].values.tolist() == [["gender", 3, 2 / 3], ["age", 3, 1.0]]
    assert compare(scores, "a", "b", "accuracy", field="age")["field"].tolist() == ["age"]
    with pytest.raises(UnknownNameError, match="unknown field 'aeg'; did you mean 'age'"):
        compare(scores, "a", "b", "accuracy", field="aeg")


def test_refusals_say_what_to_do():
    base = two_models([1, 2], [1, 2], [5, 5])
    with pytest.raises(UnknownNameError, match="unknown model 'aa'; did you mean 'a'"):
        compare(base, "aa", "b", "wer")
    with pytest.raises(UnknownNameError, match="unknown metric 'wear'; did you mean 'wer'"):
        compare(base, "a", "b", "wear")
    with pytest.raises(UnknownNameError, match="unknown task 'transcibe'; did you mean 'transcribe'"):
        compare(base, "a", "b", "wer", task="transcibe")
    with pytest.raises(UnknownNameError, match=r"unknown prompt 'en'\. There are: zh@1"):
        compare(base, "a", "b", "wer", prompt="en")
    with pytest.raises(UnknownNameError, match=r"unknown column 'speaker'\. There are: (?!.*part)"):
        compare(base, "a", "b", "wer", cluster="speaker")
    with pytest.raises(UnknownNameError, match="unknown column of samples 'outcome'"):
        compare(base, "a", "b", "wer", by="outcome")
    with pytest.raises(ScoreError, match="two models, seen 'a' twice"):
        compare(base, "a", "a", "wer")
    with pytest.raises(ScoreError, match=r"between 0 and 1, such as 0\.95; seen 95"):
        compare(base, "a", "b", "wer", level=95)
    with pytest.raises(ScoreError, match="lacks outcome; make one with"):
        compare(base.drop(columns="outcome"), "a", "b", "wer")


def test_unequal_questions_profiles_and_doubled_rows_are_refused():
    base = two_models([1, 2], [1, 2], [5, 5])
    other = base.assign(prompt=base["prompt"].where(base["model"] == "a", "en@2"))
    with pytest.raises(ScoreError, match="'a' was asked transcribe with zh@1; 'b' was asked transcribe with en@2"):
        compare(other, "a", "b", "wer")
    with pytest.raises(ScoreError, match="'b' was asked nothing"):
        compare(base.assign(metric=["wer", "wer", "cer", "cer"]), "a", "b", "wer")
    with pytest.raises(ScoreError, match="different profiles are not comparable, seen raw-1, whisper-1"):
        compare(base.assign(profile=["raw-1", "raw-1", "raw-1", "whisper-1"]), "a", "b", "wer")
    with pytest.raises(ScoreError, match=r"more than one row for sample 's0'.*same run added twice\?"):
        compare(pd.concat([base, base]), "a", "b", "wer")
    with pytest.raises(ScoreError, match="unknown outcome 'fine'"):
        compare(base.assign(outcome="fine"), "a", "b", "wer")


def test_a_hundred_thousand_rows_take_less_than_a_second():
    rng = np.random.default_rng(6)
    size = 50_000
    words = rng.integers(1, 30, size)
    scores = two_models(
        rng.binomial(words, 0.1), rng.binomial(words, 0.09), words, speaker=[f"p{i % 900}" for i in range(size)]
    )
    scores = scores.astype({"sample": "category", "speaker": "category"})
    row = only(within(1, lambda: compare(scores, "a", "b", "wer")))
    assert (row.n, row.clusters, row.verdict) == (size, 900, "b is better")
