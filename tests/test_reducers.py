"""The built-in reducers against scikit-learn, sacreBLEU and numpy, and the laws that hold for all of them."""

from collections import Counter

import numpy as np
import pytest
import sacrebleu
from effort import within
from hypothesis import given, settings, strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, balanced_accuracy_score, cohen_kappa_score, f1_score

from qaeval import reducers
from qaeval.errors import ScoreError, UnknownNameError
from qaeval.reducers import confused, confusion, quantile
from qaeval.types import Reducer

CLASSES = st.sampled_from(["happy", "sad", "angry", "neutral"])
TOLD = st.one_of(CLASSES, st.sampled_from(["(none)", "(other)", "surprised"]))
ANSWERS = st.lists(st.tuples(CLASSES, TOLD), min_size=1, max_size=30)


def value(reducer, counts):
    """The value of counted parts."""
    num = np.array(list(counts.values()), float)
    return float(reducer.value(list(counts), num, np.ones(len(counts))))


def of_answers(reducer, answers):
    return value(reducer, Counter(confusion(*pair) for pair in answers))


@given(ANSWERS)
@settings(max_examples=150)
@pytest.mark.filterwarnings("ignore:.*:UserWarning", "ignore:.*:sklearn.exceptions.UndefinedMetricWarning")
def test_values_of_classes_are_those_of_scikit_learn(answers):
    truths, told = map(list, zip(*answers, strict=True))
    f1 = f1_score(truths, told, labels=sorted(set(truths)), average="macro", zero_division=0)
    assert of_answers(reducers.MACRO_F1, answers) == pytest.approx(f1)
    assert of_answers(reducers.BALANCED_ACCURACY, answers) == pytest.approx(balanced_accuracy_score(truths, told))
    constant = DummyClassifier(strategy="most_frequent").fit(np.zeros((len(truths), 1)), truths)
    majority = accuracy_score(truths, constant.predict(np.zeros((len(truths), 1))))
    assert of_answers(reducers.MAJORITY, answers) == pytest.approx(majority)
    if len({*truths, *told}) > 1:
        assert of_answers(reducers.KAPPA, answers) == pytest.approx(cohen_kappa_score(truths, told))


DECADES = [f"{age}-{age + 9}" for age in range(0, 100, 10)]


@given(st.lists(st.tuples(st.sampled_from(DECADES), st.sampled_from(DECADES)), min_size=2, max_size=30))
@settings(max_examples=100)
def test_quadratic_kappa_weighs_by_the_distance_of_decades(answers):
    truths, told = map(list, zip(*answers, strict=True))
    if len({*truths, *told}) > 1:
        oracle = cohen_kappa_score(truths, told, labels=DECADES, weights="quadratic")
        assert of_answers(reducers.QUADRATIC_KAPPA, answers) == pytest.approx(oracle)


def test_quadratic_kappa_does_not_care_which_decades_were_told():
    """scikit-learn ranks the classes that it is given: left to itself it takes 60 to be next to 20 here, wrongly."""
    near = [("20-29", "20-29"), ("60-69", "60-69"), ("20-29", "60-69"), ("60-69", "60-69")]
    more = [*near, ("20-29", "30-39")]
    truths, told = map(list, zip(*more, strict=True))
    assert of_answers(reducers.QUADRATIC_KAPPA, more) == pytest.approx(
        cohen_kappa_score(truths, told, labels=DECADES, weights="quadratic")
    )
    assert of_answers(reducers.QUADRATIC_KAPPA, more) != pytest.approx(
        cohen_kappa_score(truths, told, weights="quadratic")
    )


def test_abstaining_agrees_no_better_than_chance():
    right = [("20-29", "20-29"), ("40-49", "40-49"), ("30-39", "30-39")]
    for reducer in (reducers.KAPPA, reducers.QUADRATIC_KAPPA):
        assert of_answers(reducer, right) == 1
        assert of_answers(reducer, [(truth, "(none)") for truth, _ in right]) == 0
        half = [*right, *((truth, "(none)") for truth, _ in right)]
        assert 0 < of_answers(reducer, half) < 0.7


def test_a_class_that_is_only_told_has_no_f1_of_its_own():
    answers = [("a", "a"), ("a", "x"), ("b", "b"), ("b", "(none)")]
    assert of_answers(reducers.MACRO_F1, answers) == pytest.approx(2 / 3)
    assert f1_score(*zip(*answers, strict=True), average="macro", zero_division=0) == pytest.approx(1 / 3)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_confusion_can_be_told_apart_again(reference, hypothesis):
    assert confused(confusion(reference, hypothesis)) == (reference, hypothesis)


@pytest.mark.parametrize("label", ["→", " → ", "\\→", "a →", "→ b", "\\", ""])
def test_arrows_in_labels_are_safe(label):
    assert confused(confusion(label, label)) == (label, label)
    assert confused(confusion(label, "x")) == (label, "x")


def test_f1_of_sets_is_that_of_scikit_learn():
    truth = [{"a", "b"}, {"b"}, set(), {"c"}, {"a", "c"}]
    told = [{"a"}, {"b", "x"}, {"x"}, set(), {"a", "b", "c"}]
    kinds = [("tp", lambda t, h: t & h), ("fp", lambda t, h: h - t), ("fn", lambda t, h: t - h)]
    sums, by_label = Counter(), Counter()
    for t, h in zip(truth, told, strict=True):
        for kind, chosen in kinds:
            sums[kind] += len(chosen(t, h))
            by_label.update(f"{kind}:{label}" for label in chosen(t, h))
    labels, known = ["a", "b", "c", "x"], ["a", "b", "c"]
    table = {side: [[label in s for label in labels] for s in sets] for side, sets in (("t", truth), ("h", told))}
    assert value(reducers.MICRO_F1, sums) == pytest.approx(f1_score(table["t"], table["h"], average="micro"))
    narrow = {side: [row[: len(known)] for row in rows] for side, rows in table.items()}
    macro = f1_score(narrow["t"], narrow["h"], average="macro", zero_division=0)
    assert value(reducers.MACRO_F1_SETS, by_label) == pytest.approx(macro)


def grams(tokens, n):
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def bleu_parts(reference, hypothesis):
    parts = {"hypothesis": len(hypothesis), "reference": len(reference)}
    for n in range(1, 5):
        said = grams(hypothesis, n)
        parts |= {f"match-{n}": (said & grams(reference, n)).total(), f"total-{n}": said.total()}
    return Counter(parts)


def chrf_parts(reference, hypothesis):
    truth, said = ("".join(text.split()) for text in (reference, hypothesis))
    parts = {}
    for n in range(1, 7):
        a, b = grams(truth, n), grams(said, n)
        parts |= {f"match-{n}": (a & b).total(), f"hyp-{n}": b.total() if a else 0, f"ref-{n}": a.total()}
    return Counter(parts)


def added(counts):
    total = Counter()
    for count in counts:
        total.update(count)
    return total


SENTENCES = st.lists(st.sampled_from(["the", "cat", "sat", "on", "a", "mat", "and", "dog"]), max_size=9)
TEXTS = st.lists(st.tuples(SENTENCES.filter(len), SENTENCES), min_size=1, max_size=6)


@given(TEXTS)
@settings(max_examples=150)
def test_bleu_and_chrf_are_those_of_sacrebleu(texts):
    truths, said = ([" ".join(side) for side in sides] for sides in zip(*texts, strict=True))
    bleu = sacrebleu.corpus_bleu(said, [truths], tokenize="none").score
    assert value(reducers.BLEU, added(bleu_parts(*pair) for pair in texts)) == pytest.approx(bleu, abs=1e-9)
    chrf = sacrebleu.corpus_chrf(said, [truths]).score
    parts = added(map(chrf_parts, truths, said))
    assert value(reducers.CHRF, parts) == pytest.approx(chrf, abs=1e-9)


def test_bleu_of_real_sentences_with_and_without_long_matches():
    truth = ["The", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "near", "the", "river", "."]
    for said, least in ((truth, 100), (truth[:9], 40), (truth[::-1], 0.1), (["a", "fox"], 0), ([], 0)):
        oracle = sacrebleu.corpus_bleu([" ".join(said)], [[" ".join(truth)]], tokenize="none").score
        assert value(reducers.BLEU, bleu_parts(truth, said)) == pytest.approx(oracle)
        assert oracle >= least - 1e-9


AMOUNTS = st.lists(st.integers(0, 40).map(lambda n: n / 8), min_size=1, max_size=40)


@given(AMOUNTS, st.sampled_from([0.1, 0.25, 0.5, 0.9]))
def test_quantiles_are_those_of_numpy(amounts, share):
    parts, den = [str(i) for i in range(len(amounts))], np.ones(len(amounts))
    found = float(quantile("q", share).value(parts, np.array(amounts), den))
    assert found == np.quantile(amounts, share, method="averaged_inverted_cdf")
    assert float(reducers.MEDIAN.value(parts, np.array(amounts), den)) == np.median(amounts)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=20))
def test_a_weight_is_as_many_rows(rows):
    amounts, weights = map(np.array, zip(*rows, strict=True))
    many = np.repeat(amounts, weights).astype(float)
    for reducer in (reducers.MEDIAN, reducers.P90):
        weighted = reducer.value([""] * len(rows), (amounts * weights).astype(float), weights.astype(float))
        assert float(weighted) == float(reducer.value([""] * len(many), many, np.ones(len(many))))
        thirds = reducer.value([""] * len(rows), amounts * weights / 3, weights / 3)
        assert float(thirds) == pytest.approx(float(weighted))


CONFUSIONS = [confusion(*pair) for pair in (("10", "10"), ("20", "20"), ("10", "20"), ("20", "(none)"), ("30", "10"))]
BUILT_IN = {
    "median": ["1", "2", "3"],
    "p90": ["1", "2", "3"],
    **dict.fromkeys(("macro_f1", "balanced_accuracy", "kappa", "quadratic_kappa", "majority"), CONFUSIONS),
    "micro_f1": ["tp", "fp", "fn"],
    "macro_f1_sets": ["tp:a", "fp:a", "fn:a", "tp:b", "fn:b", "fp:c"],
    "bleu": ["hypothesis", "reference", *(f"{kind}-{n}" for n in range(1, 5) for kind in ("match", "total"))],
    "chrf": [f"{kind}-{n}" for n in range(1, 7) for kind in ("match", "hyp", "ref")],
}


@pytest.mark.parametrize("name", BUILT_IN)
def test_laws_of_every_reducer(name):
    """Leading axes are apart; order, twice of everything, and columns of nothing change nothing; nothing is nan."""
    reducer, parts = reducers.find(name), BUILT_IN[name]
    rng = np.random.default_rng(1)
    num = rng.integers(1, 9, (3, 4, len(parts))).astype(float)
    den = np.ones_like(num)
    values = reducer.value(parts, num, den)
    assert values.shape == (3, 4)
    assert np.isfinite(values).all()
    assert len(np.unique(values)) > 3
    alone = [float(reducer.value(parts, row, np.ones(len(parts)))) for row in num.reshape(12, -1)]
    assert values.ravel().tolist() == pytest.approx(alone)
    order = rng.permutation(len(parts))
    shuffled = reducer.value([parts[i] for i in order], num[..., order], den)
    assert shuffled.ravel().tolist() == pytest.approx(values.ravel().tolist())
    assert reducer.value(parts, 2 * num, 2 * den).ravel().tolist() == pytest.approx(values.ravel().tolist())
    more = np.concatenate([num, np.zeros((3, 4, 2))], axis=-1)
    others = [confusion("90", "80"), "tp:never"]
    weights = np.concatenate([den, np.zeros((3, 4, 2))], axis=-1)
    assert reducer.value([*parts, *others], more, weights).ravel().tolist() == pytest.approx(values.ravel().tolist())
    assert np.isnan(reducer.value(parts, np.zeros(len(parts)), np.zeros(len(parts))))
    assert np.isnan(reducer.value([], np.zeros(0), np.zeros(0)))


def test_perfect_is_the_best_value():
    answers = [("10", "10"), ("20", "20"), ("20", "20"), ("30", "30")]
    for name in ("macro_f1", "balanced_accuracy", "kappa", "quadratic_kappa"):
        assert of_answers(reducers.find(name), answers) == 1
    assert of_answers(reducers.MAJORITY, answers) == 0.5
    assert np.isnan(of_answers(reducers.KAPPA, [("10", "10")]))


def test_parts_that_are_no_confusions_do_not_count():
    counts = Counter(confusion(*pair) for pair in [("a", "a"), ("a", "b"), ("b", "b")])
    for name in ("macro_f1", "balanced_accuracy", "kappa", "majority"):
        reducer = reducers.find(name)
        assert value(reducer, counts | {"exact": 7.0, "parent": 2.0}) == value(reducer, counts)


def test_many_and_long_labels_take_little_time():
    rng = np.random.default_rng(2)
    labels = [f"{i}" + "9" * 1000 for i in range(300)]
    parts = sorted({confusion(*(labels[i] for i in pair)) for pair in rng.integers(0, 300, (5000, 2))})
    num = rng.integers(0, 3, (50, len(parts))).astype(float)
    names = ("macro_f1", "balanced_accuracy", "kappa", "quadratic_kappa", "majority")
    values = within(2, lambda: [reducers.find(name).value(parts, num, np.ones_like(num)) for name in names])
    assert np.isfinite(values).all()


def test_names_are_unique_and_unknown_ones_are_told():
    mine = Reducer("mine-of-a-test", lambda parts, num, den: num.sum(axis=-1))
    assert reducers.remember(mine) == reducers.remember(mine) == "mine-of-a-test"
    with pytest.raises(ScoreError, match="two reducers have the name 'mine-of-a-test'"):
        reducers.remember(Reducer("mine-of-a-test", lambda parts, num, den: num.sum(axis=-1)))
    with pytest.raises(UnknownNameError, match=r"unknown reducer .*'medain'; did you mean 'median'"):
        reducers.find("medain")
