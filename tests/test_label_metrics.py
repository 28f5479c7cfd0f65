"""Metrics of labels: what is right, which class a reply is in, and agreement with scikit-learn, or why not."""

import importlib
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn import metrics as sk
from sklearn.preprocessing import MultiLabelBinarizer

from qaeval import metrics, reducers
from qaeval.text.labels.vocabulary import OTHER
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Case, Metric, Ratio

ONE_VALUE = ("accuracy", "balanced_accuracy", "macro_f1", "kappa", "majority_baseline")
SEVERAL = ("label_f1", "label_macro_f1", "jaccard")
NAMES = (*ONE_VALUE, *SEVERAL, "parent_accuracy", "lenient_accuracy", "abstention")
FIELD = "tag"  # has no vocabulary
CLASSES = ("a", "b", "c", "d")


def told(values, field=FIELD):
    """None: not told; a text: one value; else several."""
    if values is None:
        return Annotation()
    return Annotation(labels={field: (values,) if isinstance(values, str) else tuple(values)})


def scored(name, reference, hypothesis, field=FIELD):
    metric = importlib.import_module(f"qaeval.metrics.{name}").on(field)
    got = metric.score(Case(told(reference, field), told(hypothesis, field), "", find_profile()))
    return {"": got} if isinstance(got, Ratio) else got


def value(name, pairs, field=FIELD):
    """The metric of many pairs of reference and hypothesis, as a summary has it."""
    metric = importlib.import_module(f"qaeval.metrics.{name}").on(field)
    sums: dict[str, Ratio] = {}
    for pair in pairs:
        for part, ratio in (scored(name, *pair, field) or {}).items():
            sums[part] = sums.get(part, Ratio(0, 0)) + ratio
    if metric.reduce is None:
        return sums[""].value
    rows = {part: ratio for part, ratio in sums.items() if part}
    num, den = (np.array([getattr(ratio, side) for ratio in rows.values()], float) for side in ("num", "den"))
    return float(metric.reduce.value(list(rows), num, den))


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_is_made_for_any_label(name):
    make = importlib.import_module(f"qaeval.metrics.{name}").on
    assert metrics.find(name).name == name == make("anything").name
    assert isinstance(make("anything"), Metric)
    assert make("anything").field == "anything"
    assert make("anything") is make("anything")
    directions = {"abstention": "lower", "majority_baseline": "neither"}
    assert make("anything").better == directions.get(name, "higher")
    assert scored(name, None, "a") is None


# One value -----------------------------------------------------------------------------------------------------------

PAIRS = st.lists(
    st.tuples(st.sampled_from(CLASSES[:3]), st.sampled_from((*CLASSES, None, ("a", "b")))), min_size=1, max_size=40
)


def classes(pairs):
    """The classes of both sides, as scikit-learn takes them: no and several values are classes of predictions."""
    names = {None: "(none)", ("a", "b"): "(several)"}
    return [true for true, _ in pairs], [names.get(said, said) for _, said in pairs]


@given(PAIRS)
def test_as_scikit_learn_has_them(pairs):
    true, said = classes(pairs)
    known = sorted(set(true))
    assert value("accuracy", pairs) == pytest.approx(sk.accuracy_score(true, said))
    assert value("majority_baseline", pairs) == pytest.approx(max(Counter(true).values()) / len(true))
    assert value("macro_f1", pairs) == pytest.approx(sk.f1_score(true, said, labels=known, average="macro"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that only occur in predictions, and of a single class
        assert value("balanced_accuracy", pairs) == pytest.approx(sk.balanced_accuracy_score(true, said))
        kappa = sk.cohen_kappa_score(true, said)
    assert value("kappa", pairs) == pytest.approx(kappa, nan_ok=True)


def test_where_scikit_learn_averages_over_classes_that_were_only_told():
    """An unreadable reply is a miss of its class in ours; there it is a class of its own with F1 0."""
    pairs = [("a", "a"), ("b", "b"), ("b", "b"), ("b", None)]
    true, said = classes(pairs)
    ours = value("macro_f1", pairs)
    assert ours == pytest.approx((1 + 0.8) / 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert sk.f1_score(true, said, average="macro") == pytest.approx(ours * 2 / 3)


@given(PAIRS, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_the_truth_is_perfect(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    for name in ONE_VALUE:
        assert value(name, shuffled) == pytest.approx(value(name, pairs), nan_ok=True)
    truth = [(true, true) for true, _ in pairs]
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        assert value(name, truth) == 1
    if len({true for true, _ in pairs}) > 1:
        assert value("kappa", truth) == 1


@given(PAIRS)
def test_counts_add_up(pairs):
    for name in ("balanced_accuracy", "macro_f1", "kappa", "majority_baseline"):
        rows = [scored(name, *pair) for pair in pairs]
        parts = Counter(part for row in rows for part in row if part)
        assert sum(parts.values()) == len(pairs) == sum(row[""].den for row in rows)
        right = sum(count for part, count in parts.items() if len(set(reducers.confused(part))) == 1)
        assert right == sum(row[""].num for row in rows)


def test_a_reply_that_could_not_be_read_is_wrong_and_not_dropped():
    for name in NAMES[:-1]:
        if name != "majority_baseline":
            assert value(name, [("a", None), ("b", None)]) == 0, name
    assert value("abstention", [("a", None), ("a", "b"), ("a", ())]) == pytest.approx(1 / 3)
    assert value("majority_baseline", [("a", None), ("a", None), ("b", None)]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "right"),
    [
        ("a", "a", 1), ("a", " Ａ ", 1), ("a", "b", 0), ("a", ("a", "b"), 0), ("a", (), 0), ("a", ("a", "A"), 1),
        ((), (), 1), ((), "a", 0), ((), None, 0), (("a", "b"), ("b", "a"), 1), (("a", "b"), "a", 0),
    ],
)  # fmt: skip
def test_exactly_the_values_of_the_reference_are_right(reference, hypothesis, right):
    assert scored("accuracy", reference, hypothesis) == {"": Ratio(right, 1)}


def test_values_are_compared_by_their_names_in_the_vocabulary():
    assert scored("accuracy", "女性", "female", "gender")[""] == Ratio(1, 1)
    assert scored("accuracy", "hip-hop", "嘻哈", "genre")[""] == Ratio(1, 1)
    assert scored("accuracy", "Gb major", "F# major", "key")[""] == Ratio(1, 1)
    assert scored("accuracy", "Lullaby", "lullaby", "genre")[""] == Ratio(1, 1)  # of no vocabulary, but the same


def test_the_classes_of_a_confusion():
    def seen(hypothesis, reference="rock"):
        return [reducers.confused(part)[1] for part in scored("macro_f1", reference, hypothesis, "genre") if part]

    assert seen("摇滚") == ["rock"]
    assert seen("jazz") == ["jazz"]
    assert seen(None) == seen(()) == ["(none)"]
    assert seen(("rock", "jazz")) == ["(several)"]
    assert seen("vaporwave") == seen(OTHER) == [OTHER]
    assert seen("Vaporwave", "vaporwave") == ["vaporwave"]
    for name in ("macro_f1", "balanced_accuracy", "kappa", "majority_baseline"):
        assert scored(name, ("rock", "jazz"), "rock", "genre") is scored(name, (), "rock", "genre") is None


def test_paths_and_lineages():
    def right(name, field, reference, hypothesis):
        return scored(name, reference, hypothesis, field)[""].num

    path = ("parent_accuracy", FIELD, "x/y")
    assert [right(*path, said) for said in ("x/y", "x/z", "x", "y", ("x/a", "x/b"), ("x/a", "y"))] == [1, 1, 1, 0, 1, 0]
    assert [right(*path, said) for said in (None, ())] == [0, 0]
    kind = ("lenient_accuracy", "genre", "rock")
    assert [right(*kind, said) for said in ("rock", "hard rock", "jazz", ("rock", "hard rock"), None)] == [
        1,
        1,
        0,
        1,
        0,
    ]
    assert right("lenient_accuracy", "genre", "hard rock", "rock") == 1
    assert right("lenient_accuracy", "genre", "hard rock", "soft rock") == 0
    assert right("lenient_accuracy", "genre", ("jazz", "hard rock"), "rock") == 0
    assert right("lenient_accuracy", FIELD, "a", "a") == 1
    assert right("lenient_accuracy", FIELD, "a", "b") == 0


# Several values ------------------------------------------------------------------------------------------------------

SETS = st.frozensets(st.sampled_from(CLASSES), max_size=3)
SET_PAIRS = st.lists(st.tuples(SETS, SETS), min_size=1, max_size=30)


@given(SET_PAIRS)
def test_sets_as_scikit_learn_has_them(pairs):
    binary = MultiLabelBinarizer(classes=CLASSES)
    true, said = (binary.fit_transform([list(pair[side]) for pair in pairs]) for side in (0, 1))
    kinds = {"zero_division": 0}
    if true.any() or said.any():
        assert value("label_f1", pairs) == pytest.approx(sk.f1_score(true, said, average="micro", **kinds))
    known = [i for i in range(len(CLASSES)) if true[:, i].any()]
    if known:
        macro = sk.f1_score(true, said, average="macro", labels=known, **kinds)
        assert value("label_macro_f1", pairs) == pytest.approx(macro)
    assert value("accuracy", pairs) == pytest.approx(sk.accuracy_score(true, said))
    # A clip without labels that is said to have none is right: there that is a matter of zero_division.
    shared = sk.jaccard_score(true, said, average="samples", zero_division=1)
    assert value("jaccard", pairs) == pytest.approx(shared)


@given(SET_PAIRS, st.randoms(use_true_random=False))
def test_laws_of_sets(pairs, random):
    for name in SEVERAL:
        assert value(name, random.sample(pairs, len(pairs))) == pytest.approx(value(name, pairs), nan_ok=True)
    truth = [(true, true) for true, _ in pairs]
    assert value("jaccard", truth) == 1
    if any(true for true, _ in pairs):
        assert value("label_f1", truth) == value("label_macro_f1", truth) == 1
    for true, said in pairs:
        parts = scored("label_f1", true, said)
        counts = [parts[name].num for name in ("tp", "fp", "fn")]
        assert parts[""] == Ratio(2 * counts[0], 2 * counts[0] + counts[1] + counts[2])
        assert parts["precision"] == Ratio(counts[0], len(said))
        assert parts["recall"] == Ratio(counts[0], len(true))


def test_micro_f1_is_the_same_from_its_counts():
    pairs = [(("a", "b"), ("a",)), (("c",), ("a", "c")), (("d",), None)]
    rows = [scored("label_f1", *pair) for pair in pairs]
    counts = np.array([sum(row[part].num for row in rows) for part in ("tp", "fp", "fn")], float)
    reduced = float(reducers.MICRO_F1.value(["tp", "fp", "fn"], counts, np.ones(3)))
    assert value("label_f1", pairs) == pytest.approx(reduced) == pytest.approx(4 / 7)


def test_what_no_vocabulary_has_is_told_wrongly():
    assert scored("label_f1", ("piano",), ("钢琴", "水晶杯"), "instrument")["fp"] == Ratio(1, 1)
    assert scored("label_f1", ("piano",), (OTHER,), "instrument")[""] == Ratio(0, 2)
    assert "fp:(other)" in scored("label_macro_f1", ("piano",), (OTHER,), "instrument")


def test_a_clip_without_labels():
    assert scored("jaccard", (), ())[""] == Ratio(1, 1)
    assert scored("jaccard", (), None)[""] == Ratio(0, 1)
    assert scored("label_f1", (), ())[""] == scored("label_f1", (), None)[""] == Ratio(0, 0)
    assert scored("label_f1", (), ("a",))[""] == Ratio(0, 1)
