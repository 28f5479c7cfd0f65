"""Intervals of values that have bounds: against scipy, by hand, and by simulation."""

import numpy as np
import pytest
from scipy.stats import binomtest, t as student

from qaeval.stats.intervals import (
    Bounds,
    Spread,
    bounded_interval,
    bounds,
    effective_clusters,
    interval,
    linearise,
    spread,
)

SHARE = Bounds(np.zeros(1), np.ones(1))


def between(least, most):
    return Bounds(np.array([float(least)]), np.array([float(most)]))


def limits(value, error, clusters, within=SHARE, effective=np.nan, level=0.95):
    noise = Spread(np.array([float(error)]), np.array([clusters]))
    found = bounded_interval(np.array([float(value)]), noise, within, np.array([float(effective)]), level)
    return tuple(float(side[0]) for side in found)


@pytest.mark.parametrize("right", [1, 7, 15, 29, 30])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_where_all_or_none_are_right_it_is_that_of_clopper_and_pearson(right, level):
    for hits, at in ((right, 1.0), (0, 0.0)):
        exact = binomtest(hits, right).proportion_ci(level, "exact")
        assert limits(at, 0, right, effective=right, level=level) == pytest.approx((exact.low, exact.high))


@pytest.mark.parametrize("within", [SHARE, between(-1, 1), between(1, 10)], ids=["share", "kappa", "rating"])
def test_where_all_are_alike_the_rest_may_lie_anywhere(within):
    """Clopper's and Pearson's least share of clusters like those seen; the others at one end, then at the other."""
    like = binomtest(30, 30).proportion_ci(0.95, "exact").low
    least, most = float(within.least[0]), float(within.most[0])
    for value in (least, least + 0.3 * (most - least), most):
        expected = (like * value + (1 - like) * least, like * value + (1 - like) * most)
        assert limits(value, 0, 30, within, effective=30) == pytest.approx(expected)


def test_what_adds_to_the_numerator_alone_is_in_the_error():
    """Two clips with 10 words each, two without any of which one has 6 errors: four clusters, and z by hand."""
    num, den, one = np.array([1.0, 0, 6, 0]), np.array([10.0, 10, 0, 0]), np.zeros(4, int)
    value, z = linearise(num, den, one, 1)
    assert z == pytest.approx([(1 - 3.5) / 20, -3.5 / 20, 6 / 20, 0])
    noise = spread(z, den != 0, one, np.arange(4), value)
    assert noise.clusters.tolist() == [3]  # the last one adds nothing to anything
    assert noise.error[0] == pytest.approx(np.sqrt(3 / 2 * np.sum(z**2)))


def test_nothing_is_claimed_where_nothing_varies_and_less_is_known():
    assert np.isnan(limits(1, 0, 30)).all()  # a macro-F1: what a cluster weighs is not known
    assert np.isnan(limits(0, 0, 30, between(0, np.inf), 30)).all()  # seconds: they have no largest
    assert np.isnan(limits(1, np.nan, 1, effective=1)).all()


def test_between_bounds_it_is_the_t_interval_of_the_logit():
    """As svyciprop(method = "logit") of R's survey does; the odds lie as far above as below."""
    low, high = limits(0.9, 0.04, 20)
    half = student.ppf(0.975, 19) * 0.04 / (0.9 * 0.1)
    assert np.log([low / (1 - low), high / (1 - high)]) == pytest.approx([np.log(9) - half, np.log(9) + half])


def test_a_kappa_has_fishers_interval():
    low, high = limits(0.8, 0.1, 20, between(-1, 1))
    half = student.ppf(0.975, 19) * 0.1 / (1 - 0.8**2)
    assert np.arctanh([low, high]) == pytest.approx([np.arctanh(0.8) - half, np.arctanh(0.8) + half])


def test_above_one_bound_it_is_the_t_interval_of_the_logarithm():
    low, high = limits(0.3, 0.1, 5, between(0, np.inf))
    factor = np.exp(student.ppf(0.975, 4) * 0.1 / 0.3)
    assert (low, high) == pytest.approx((0.3 / factor, 0.3 * factor))


@pytest.mark.parametrize("within", [SHARE, between(0, np.inf), between(-1, 1), between(0, 100)])
def test_no_limit_passes_a_bound(within):
    least, most = float(within.least[0]), float(within.most[0])
    for value in (least, 1e-9 + least, 0.3, 0.999, min(most, 70.0)):
        for error in (1e-6, 0.1, 5.0, 1e4):
            low, high = limits(value, error, 4, within)
            assert least <= low <= value <= high <= most


def test_without_bounds_it_is_the_t_interval():
    none = between(-np.inf, np.inf)
    plain = interval(np.array([0.97]), Spread(np.array([0.02]), np.array([20])))
    assert limits(0.97, 0.02, 20, none) == pytest.approx([float(side[0]) for side in plain])
    assert limits(0.97, 0.02, 20, none) == pytest.approx(student.interval(0.95, 19, 0.97, 0.02))


def test_two_clusters_make_no_limit_of_a_thousand_times_the_value():
    """Errors of 0.0 s and 0.04 s: t with one degree of freedom is 12.7 times the standard error."""
    noise, error = Spread(np.array([0.02]), np.array([2])), Bounds(np.zeros(1), np.array([np.inf]))
    low, high = bounded_interval(np.array([0.02]), noise, error, np.array([2.0]))
    assert 0 < low[0] < 0.001
    assert interval(np.array([0.02]), noise)[1][0] < high[0] < 0.5


def test_the_bounds_are_those_that_a_metric_declares():
    heads = {
        ("higher", "", ""): (0, 1), ("lower", "", ""): (0, 1), ("lower", "", "deletions"): (0, 1),
        ("lower", "s", ""): (0, np.inf), ("lower", "years", "bias"): (-np.inf, np.inf),
        ("higher", "κ", ""): (-1, 1), ("higher", "points", ""): (0, 100), ("higher", "dB", ""): (-np.inf, np.inf),
    }  # fmt: skip
    no = np.zeros(len(heads), bool)
    found = bounds(*zip(*heads, strict=True), no, no)
    assert [*zip(found.least, found.most, strict=True)] == list(heads.values())
    yes = ~no
    opened = {(-np.inf if not unit else least, np.inf if not unit else most) for (_, unit, _), (least, most)
              in heads.items()}  # fmt: skip
    found = bounds(*zip(*heads, strict=True), yes, yes)
    assert {*zip(found.least, found.most, strict=True)} == opened


def test_clusters_count_by_their_weight():
    den, cluster = np.array([2.0, 2.0, 4.0, 4.0, 1.0, 7.0]), np.array([0, 0, 1, 2, 3, 4])
    group = np.array([0, 0, 0, 0, 1, 1])
    assert effective_clusters(den, group, cluster, 3) == pytest.approx([3, 64 / 50, np.nan], nan_ok=True)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("speakers", [8, 40])
def test_it_holds_the_truth_as_often_as_it_says(share, speakers):
    """Speakers of 1 to 39 clips who differ (beta-distributed): 2,000 studies, side by side as groups."""
    studies = 2000
    rng = np.random.default_rng(speakers)
    right = rng.beta(10 * share, 10 * (1 - share), studies * speakers)
    clips = rng.integers(1, 40, studies * speakers)
    num, den = rng.binomial(clips, right).astype(float), clips.astype(float)
    group, cluster = np.repeat(np.arange(studies), speakers), np.tile(np.arange(speakers), studies)
    value, z = linearise(num, den, group, studies)
    noise = spread(z, den > 0, group, cluster, value)
    within = Bounds(np.zeros(studies), np.ones(studies))
    low, high = bounded_interval(value, noise, within, effective_clusters(den, group, cluster, studies))
    assert not np.isnan(low).any()
    assert ((low <= share) & (share <= high)).mean() > 0.915
    plain = interval(value, noise)
    assert ((plain[0] <= share) & (share <= plain[1])).mean() < ((low <= share) & (share <= high)).mean()
