"""Values that are not sum over sum, and their intervals: against the delta method, scipy's bootstrap and simulation."""

import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import beta, bootstrap

from qaeval import reducers
from qaeval.errors import ScoreError
from qaeval.reducers import confusion
from qaeval.stats import resampling
from qaeval.stats.alike import effective, effectives, least_error
from qaeval.stats.clustered import Rows
from qaeval.stats.intervals import Spread, interval, linearise, p_values, spread
from qaeval.stats.resampling import RESAMPLES, estimate, estimates, value_of
from qaeval.types import Reducer

RATIO = Reducer("ratio", lambda parts, num, den: num.sum(axis=-1) / den.sum(axis=-1))
MIDDLE = Reducer("middle", lambda parts, num, den: num.sum(axis=-1) / den.sum(axis=-1), each=True)


def rows(num, den=None, cluster=None, part=None, parts=("1",)):
    num = np.asarray(num, float)
    size = len(num)
    cluster = np.arange(size) if cluster is None else np.asarray(cluster)
    part = np.zeros(size, int) if part is None else np.asarray(part)
    return Rows(parts, part, cluster, num, np.ones(size) if den is None else np.asarray(den, float))


def answers(told, cluster=None):
    """Rows of confusions from (reference, hypothesis)."""
    names = sorted({confusion(*pair) for pair in told})
    part = [names.index(confusion(*pair)) for pair in told]
    return rows(np.ones(len(told)), cluster=cluster, part=part, parts=names)


def flat(found):
    return [*found.values, found.error, found.clusters]


def some_answers(seed, size=240):
    rng = np.random.default_rng(seed)
    truths = rng.choice(["a", "b", "c"], size, p=[0.5, 0.3, 0.2])
    told = np.where(rng.random(size) < 0.7, truths, rng.choice(["a", "b", "c", "(none)"], size))
    return list(zip(truths.tolist(), told.tolist(), strict=True))


@pytest.mark.parametrize("reducer", [RATIO, MIDDLE])
@pytest.mark.parametrize("clusters", [5, 60, 3 * resampling.MOST_DRAWN])
def test_the_error_of_a_mean_is_that_of_the_delta_method(reducer, clusters):
    """Also where clusters are drawn in bundles. The resamples tell it to about 2 %, and worse with few clusters."""
    rng = np.random.default_rng(clusters)
    den = rng.integers(5, 20, 4 * clusters).astype(float)
    hard = np.repeat(rng.beta(2, 8, clusters), 4)
    cluster = np.repeat(np.arange(clusters), 4)
    num = rng.binomial(den.astype(int), hard).astype(float)
    found = estimate(reducer, [rows(num, den, cluster)])
    one = np.zeros(len(num), int)
    value, z = linearise(num, den, one, 1)
    error = spread(z, den > 0, one, cluster, np.abs(value)).error[0]
    assert found.values == (pytest.approx(value[0]),)
    assert found.clusters == clusters
    assert found.error == pytest.approx(error, rel=0.25 if clusters == 5 else 0.08)


def test_the_error_of_a_median_is_that_of_scipys_bootstrap():
    rng = np.random.default_rng(1)
    amounts = rng.lognormal(size=80)
    oracle = bootstrap((amounts,), np.median, n_resamples=4000, method="percentile", rng=np.random.default_rng(2))
    found = estimate(reducers.MEDIAN, [rows(amounts)])
    assert found.values == (np.median(amounts),)
    assert found.error == pytest.approx(oracle.standard_error * np.sqrt(80 / 79), rel=0.1)


def test_the_error_of_a_macro_f1_is_that_of_drawing_replies_one_by_one():
    told = some_answers(3)
    rng = np.random.default_rng(4)

    def macro_f1(chosen):
        counts = Counter(confusion(*told[i]) for i in chosen)
        return float(reducers.MACRO_F1.value(list(counts), np.array(list(counts.values()), float), None))

    drawn = [macro_f1(rng.integers(0, len(told), len(told))) for _ in range(1000)]
    found = estimate(reducers.MACRO_F1, [answers(told)])
    assert found.values == (pytest.approx(macro_f1(range(len(told)))),)
    assert found.error == pytest.approx(np.std(drawn), rel=0.1)


def test_whole_clusters_are_drawn():
    """Every reply told twice over: as clusters of two the error stays, as single replies it looks smaller."""
    told = some_answers(5)
    once, twice = answers(told), answers(told * 2, np.tile(np.arange(len(told)), 2))
    alone = answers(told * 2)
    assert flat(estimate(reducers.MACRO_F1, [twice])) == pytest.approx(flat(estimate(reducers.MACRO_F1, [once])))
    assert estimate(reducers.MACRO_F1, [alone]).error < 0.8 * estimate(reducers.MACRO_F1, [once]).error


def test_two_sides_are_drawn_together():
    """The same answers on both sides do not differ at all; swapped sides differ by the sign."""
    first, second = answers(some_answers(6)), answers(some_answers(7))
    same = estimate(reducers.KAPPA, [first, first])
    assert (same.error, same.values[0]) == (0, same.values[1])
    there, back = estimate(reducers.KAPPA, [first, second]), estimate(reducers.KAPPA, [second, first])
    assert there.values == back.values[::-1]
    assert there.error == pytest.approx(back.error)
    apart = np.hypot(*(estimate(reducers.KAPPA, [side]).error for side in (first, second)))
    assert there.error == pytest.approx(apart, rel=0.1)  # these two have nothing to do with each other


def test_nothing_is_random_and_memory_makes_no_difference(monkeypatch):
    side = answers(some_answers(8), np.arange(240) % 30)
    found = estimate(reducers.MACRO_F1, [side])
    assert estimate(reducers.MACRO_F1, [side]) == found
    monkeypatch.setattr(resampling, "_CELLS", 1000)
    assert flat(estimate(reducers.MACRO_F1, [side])) == pytest.approx(flat(found))


def test_resamples_are_held_in_blocks(monkeypatch):
    seen = []
    spy = Reducer("spy", lambda parts, num, den: (seen.append(num.shape), num.sum(axis=-1))[1])
    estimate(spy, [rows(np.ones(100), cluster=np.arange(100))])
    assert seen == [(1,), (RESAMPLES, 1)]
    monkeypatch.setattr(resampling, "_CELLS", 100 * 300)
    seen.clear()
    estimate(spy, [rows(np.ones(100), cluster=np.arange(100))])
    assert seen == [(1,), (300, 1), (300, 1), (300, 1), (100, 1)]


def test_where_there_is_no_error():
    one = estimate(reducers.MACRO_F1, [answers(some_answers(9), np.zeros(240, int))])
    assert (one.clusters, np.isnan(one.error), one.values[0] > 0) == (1, True, True)
    right = estimate(reducers.MACRO_F1, [answers([("a", "a"), ("b", "b")] * 9)])
    assert (right.values, right.error) == ((1.0,), 0.0)
    rare = [("a", "a")] * 40 + [("b", "b")]  # more than a third of the resamples lack b, and have no kappa
    assert estimate(reducers.KAPPA, [answers(rare)]).error == 0
    lone = Reducer("lone", lambda parts, num, den: np.where(num.max(axis=-1) > 3, 1.0, np.nan))
    assert np.isnan(
        estimate(lone, [rows(np.ones(30), part=np.arange(30), parts=list("abcdefghijklmnopqrstuvwxyz0123"))]).error
    )
    nothing = estimate(reducers.MEDIAN, [rows([]), rows([1.0, 2.0])])
    assert np.isnan([nothing.values[0], nothing.error]).all()
    assert nothing.values[1] == 1.5
    assert np.isnan(value_of(reducers.MEDIAN, rows([0.0, 0.0], [0.0, 0.0])))


def test_a_reducer_that_fails_is_named():
    def fail(parts, num, den):
        raise ZeroDivisionError("no classes")

    with pytest.raises(ScoreError, match="the reducer 'bad' failed: ZeroDivisionError: no classes"):
        estimate(Reducer("bad", fail), [rows([1, 2])])
    with pytest.raises(
        ScoreError, match=r"'flat' must give one number a resample, .* shape \(1000,\); seen one of shape \(\)"
    ):
        estimate(Reducer("flat", lambda parts, num, den: np.float64(num.sum())), [rows([1, 2])])


def test_equal_amounts_share_a_column_and_weights_are_kept():
    seen = {}
    spy = Reducer(
        "spy-each", lambda parts, num, den: (seen.update({num.ndim: (parts, den)}), num.sum(axis=-1))[1], True
    )
    estimate(spy, [rows([3, 1, 3, 4, 0], [1, 1, 1, 2, 0], cluster=[0, 0, 1, 1, 1])])
    assert seen[1][0] == ["1.0", "2.0", "3.0"]
    assert seen[1][1].tolist() == [1, 2, 2]


def alike(reducer, told, cluster=None):
    """As how many clusters they count, and the value."""
    side = answers(told, cluster)
    found = estimate(reducer, [side])
    assert found.error == 0
    return pytest.approx(effective(reducer, side, found.values[0])), found.values[0]


def test_where_all_are_right_each_class_counts_as_its_clusters():
    right = [("a", "a")] * 12 + [("b", "b")] * 4
    assert alike(reducers.BALANCED_ACCURACY, right) == (2 / (1 / 12 + 1 / 4), 1)
    assert alike(reducers.MACRO_F1, right) == (2 / ((1 + 3) / 2 / 12 + 1 / 4), 1)  # what is wrong may be told b
    speakers = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0, 1, 2, 3]
    assert alike(reducers.BALANCED_ACCURACY, right, speakers) == (2 / (1 / 6 + 1 / 4), 1)
    unequal = [0] * 9 + [1, 2, 3] + [0, 1, 2, 3]
    assert alike(reducers.BALANCED_ACCURACY, right, unequal) == (2 / (84 / 144 + 1 / 4), 1)  # Kish: 9, 1, 1, 1 of a
    assert alike(reducers.MACRO_F1, [("a", "a")] * 9) == (9, 1)  # one class: as an accuracy


def test_where_all_are_wrong_and_where_one_answer_is_given_to_all():
    wrong = [("a", "(none)")] * 12 + [("b", "x")] * 4
    assert alike(reducers.BALANCED_ACCURACY, wrong) == (2 / (1 / 12 + 1 / 4), 0)
    assert alike(reducers.MACRO_F1, wrong) == (1 / (1 / 12 + 1 / 4), 0)
    always_a = answers([("a", "a")] * 12 + [("b", "a")] * 4)
    assert effective(reducers.BALANCED_ACCURACY, always_a, 0.5) == 4  # the recall of b is the less known


def test_of_other_values_nothing_is_argued():
    right = [("a", "a"), ("b", "b")] * 6
    for reducer in (reducers.KAPPA, reducers.QUADRATIC_KAPPA, reducers.MAJORITY):
        assert np.isnan(effective(reducer, answers(right), 1.0))
    assert np.isnan(effective(reducers.MACRO_F1, answers([("a", "a"), ("b", "a")] * 6), 1 / 3))
    assert np.isnan(effective(reducers.MEDIAN, rows([2.0] * 9), 2.0))
    assert np.isnan(effective(reducers.MACRO_F1, answers(right).where(slice(0)), np.nan))
    assert np.isnan(effective(reducers.MACRO_F1, rows([1.0] * 9), 1.0))  # no confusions


def test_each_group_counts_by_its_own_clusters_and_only_where_nothing_varies():
    told = [("a", "a"), ("b", "b")] * 6 + [("a", "b"), ("b", "b")] * 4 + [("a", "a"), ("b", "a")] * 2
    side, group = answers(told), np.array([4] * 12 + [1] * 12)
    chosen = dict.fromkeys((1, 4), reducers.MACRO_F1)
    found = estimates(chosen, [(side, group)])
    assert effectives(chosen, side, group, found) == pytest.approx({1: np.nan, 4: 6}, nan_ok=True)


@pytest.mark.parametrize("name", ["macro_f1", "balanced_accuracy"])
@pytest.mark.parametrize("off", [0.02, 0.05, 0.1, 0.2, 0.4])
def test_no_worse_truth_makes_all_alike_more_often_than_it_may(name, off):
    """A share of speakers takes all for the rarest class: below the limit, 2.5 % of studies at most see none."""
    reducer, speakers = reducers.find(name), 20
    shares = {"a": 14, "b": 4, "c": 2}
    right = [(truth, truth) for truth, clips in shares.items() for _ in range(clips)]
    seen = answers(right * speakers, np.repeat(np.arange(speakers), len(right)))
    low = 0.025 ** (1 / effective(reducer, seen, 1.0))
    parts = {(t, h): n * (1 - off) for (t, h), n in Counter(right).items()}
    for truth, clips in shares.items():
        parts[truth, "c"] = parts.get((truth, "c"), 0) + clips * off
    truth = float(reducer.value([confusion(*pair) for pair in parts], np.array(list(parts.values())), None))
    assert truth >= low or (1 - off) ** speakers <= 0.025


def coarse(rng, clips):
    """Errors of two models that are alike, told in whole units that are about as large as the median."""
    return [rows(np.round(rng.lognormal(0, 1.2, clips) / 2) * 2) for _ in range(2)]


def test_coarse_amounts_make_no_difference_out_of_nothing():
    """Medians are 0 or 2, and most resamples agree by chance: their deviation alone finds a difference in 15 %."""
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(100):
        found = estimate(reducers.MEDIAN, coarse(rng, 50))
        noise = Spread(np.array([found.error]), np.array([found.clusters]))
        wrong += p_values(np.array([found.values[1] - found.values[0]]), noise)[0] < 0.05
    assert wrong <= 5


def test_the_interval_of_a_coarse_median_holds_what_the_resamples_say():
    """14 of 1.0 and 11 of 2.0: a fifth to a third of the resamples have the median 2.0."""
    found = estimate(reducers.MEDIAN, [rows([1.0] * 14 + [2.0] * 11)])
    low, high = interval(np.array(found.values), Spread(np.array([found.error]), np.array([found.clusters])))
    assert found.values == (1.0,)
    assert low[0] < 1 < 2 <= high[0]


def coverage():
    path = Path(__file__).parent.parent / "benchmarks" / "coverage.py"
    spec = importlib.util.spec_from_file_location("coverage_of_intervals", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("study", "name"),
    [
        ("classes", "macro_f1"),
        ("classes", "kappa"),
        ("times", "median"),
        ("rare", "balanced_accuracy"),
    ],
)
def test_intervals_hold_the_truth_about_as_often_as_they_say(study, name):
    """150 studies of 20 speakers: a share of 95 % has a standard error of 1.8 points.

    Without the least error of classes that do not vary, those of "rare" would hold it in 51 and 81 %.
    """
    made = coverage()
    single, difference = made.simulate(getattr(made, study), reducers.find(name), speakers=20, clips=6, studies=150)
    assert 0.89 <= single <= 1
    assert 0.91 <= difference <= 1


def test_a_rare_class_that_is_all_right_is_not_known_to_be_so():
    """10 clips of a rare class, all right, as 10 clusters: Jeffreys' posterior is Beta(10.5, 0.5)."""
    side = answers([("a", "a")] * 96 + [("a", "b")] * 4 + [("b", "b")] * 10)
    found = estimate(reducers.BALANCED_ACCURACY, [side])
    common, hidden = 0.04 * 0.96 / 99, beta(10.5, 0.5).var()
    assert found.values == (pytest.approx((0.96 + 1) / 2),)
    assert least_error(reducers.BALANCED_ACCURACY, [side]) == pytest.approx(np.sqrt(common + hidden) / 2)
    assert found.error == pytest.approx(np.sqrt(common + hidden) / 2)
    slope_a, slope_b = 2 * 100 * 100 / (100 + 96) ** 2, 2 * 10 * (10 + 4) / (10 + 14) ** 2
    macro = np.sqrt(slope_a**2 * common + slope_b**2 * hidden) / 2
    assert least_error(reducers.MACRO_F1, [side]) == pytest.approx(macro)


def test_a_class_on_which_two_models_agree_may_still_tell_them_apart():
    """The second tells two clips of class a better; on the 5 of class b they agree, which 5 clips may do by chance."""
    first = answers([("a", "b")] * 3 + [("a", "a")] * 97 + [("b", "b")] * 5)
    second = answers([("a", "b")] * 1 + [("a", "a")] * 99 + [("b", "b")] * 5)
    differ = 0.02 * 0.98 / 99
    least = np.sqrt(differ + beta(5.5, 0.5).var()) / 2
    assert least_error(reducers.BALANCED_ACCURACY, [first, second]) == pytest.approx(least)
    assert least_error(reducers.BALANCED_ACCURACY, [second, first]) == pytest.approx(least)
    assert estimate(reducers.BALANCED_ACCURACY, [first, second]).error == pytest.approx(least)


def test_the_least_error_is_of_classes_only_and_adds_nothing_to_many_classes_that_vary():
    side = answers(some_answers(9))
    assert least_error(reducers.KAPPA, [side]) == 0 == least_error(reducers.MEDIAN, [rows([1.0, 2.0])])
    found = estimate(reducers.BALANCED_ACCURACY, [side])
    assert 0 < least_error(reducers.BALANCED_ACCURACY, [side]) < 1.1 * found.error
    assert least_error(reducers.MACRO_F1, [rows([1.0, 1.0], parts=("x",))]) == 0  # no confusions


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcd"), st.integers(0, 5)), min_size=1, max_size=30))
def test_the_least_error_is_a_number_whatever_was_answered(told):
    pairs, cluster = [pair[:2] for pair in told], np.array([group for *_, group in told])
    side, other = answers(pairs, cluster), answers([(truth, truth) for truth, _ in pairs], cluster)
    for reducer in (reducers.BALANCED_ACCURACY, reducers.MACRO_F1):
        for sides in ([side], [side, other], [other, side]):
            assert 0 < least_error(reducer, sides) < 2
    there, back = (least_error(reducers.BALANCED_ACCURACY, both) for both in ([side, other], [other, side]))
    assert there == pytest.approx(back)
