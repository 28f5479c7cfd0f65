"""From a judge's verdicts to results of pairs, and from those to rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qaeval.errors import RunError
from qaeval.judging import agreement
from qaeval.judging.asking import ORDERS, Pair
from qaeval.judging.measures import (
    Told,
    ac1_interval,
    kappa_interval,
    length,
    mean_interval,
    part,
    ratio_interval,
    suspect,
)

if TYPE_CHECKING:
    import pandas as pd

    from qaeval.types import Sample

DECIDED = ("a", "b", "tie")
PAIRS = (
    *("sample", "prompt", "repeat", "judge_repeat", "result", "how", "verdict_ab", "verdict_ba", "text_a", "text_b"),
    *("length_a", "length_b", "suspect", "human", "recording", "speaker"),
)
"""The columns of the frame of pairs."""

_WORTH = {"a": 1.0, "b": -1.0, "tie": 0.0}
_SAID = {"ab": {"first": "a", "second": "b"}, "ba": {"first": "b", "second": "a"}}


def result(ab: Told | None, ba: Told | None) -> tuple[str, str]:
    """The result of a pair, and how it came about.

    ``a`` or ``b`` wins only if both orders say so. Else it is a ``tie``: ``agreed`` if both say that, ``flipped`` if
    both preferred the same place and so different answers, ``mixed`` if one said tie. ``unparsed``: a verdict could not
    be read. ``unjudged``: a reply is missing.

    >>> result(Told("ok", "first"), Told("ok", "second")), result(Told("ok", "first"), Told("ok", "first"))
    (('a', 'agreed'), ('tie', 'flipped'))
    """
    if ab is None or ba is None or ab.outcome != "ok" or ba.outcome != "ok":
        return "unjudged", ""
    if ab.value is None or ba.value is None:
        return "unparsed", ""
    said = [_SAID[order].get(told.value or "", "tie") for order, told in zip(ORDERS, (ab, ba), strict=True)]
    if said[0] == said[1]:
        return said[0], "agreed"
    return "tie", "mixed" if "tie" in said else "flipped"


def pair_frame(
    pairs: Sequence[Pair],
    told: Mapping[tuple[str, int], Told],
    repeats: int,
    samples: Mapping[str, Sample],
    human: Mapping[str, str],
) -> pd.DataFrame:
    """One row a pair and repeat of the judge, with the columns `PAIRS`; ``told`` is by sample of the judge and repeat.

    Equal answers were not asked about: a tie that is ``identical``, as often as it would have been asked, so that no
    pair weighs less than another.
    """
    import pandas as pd

    rows = []
    for pair in pairs:
        for turn in range(repeats):
            both = [told.get((f"{pair.a.place}|{order}", turn)) for order in ORDERS]
            found, how = ("tie", "identical") if pair.identical else result(*both)
            verdicts = [each.value if each else None for each in both]
            rows.append(_row(pair, turn, samples[pair.a.sample], human) | {"result": found, "how": how})
            rows[-1] |= {f"verdict_{order}": verdict for order, verdict in zip(ORDERS, verdicts, strict=True)}
    return pd.DataFrame(rows, columns=list(PAIRS))


def _row(pair: Pair, turn: int, sample: Sample, human: Mapping[str, str]) -> dict[str, Any]:
    return {
        "sample": pair.a.sample,
        "prompt": pair.a.prompt,
        "repeat": pair.a.repeat,
        "judge_repeat": turn,
        "text_a": pair.a.text,
        "text_b": pair.b.text,
        "length_a": length(pair.a.text),
        "length_b": length(pair.b.text),
        "suspect": suspect(pair.a.text) or suspect(pair.b.text),
        "human": human.get(pair.a.sample),
        "recording": sample.audio.sha256[:16],
        "speaker": sample.meta.get("speaker"),
    }


def tally(pairs: pd.DataFrame) -> dict[str, Any]:
    """The rates of a frame of pairs; see `qaeval.judge` for what they mean."""
    judged = pairs[pairs["result"] != "unjudged"]
    counts = {name: int((pairs["result"] == name).sum()) for name in (*DECIDED, "unparsed", "unjudged")}
    asked = judged[judged["how"] != "identical"]
    verdicts = [verdict for order in ORDERS for verdict in asked[f"verdict_{order}"].tolist()]
    said = [verdict for verdict in verdicts if isinstance(verdict, str)]
    decided = judged[judged["result"].isin(DECIDED)]
    net = mean_interval(decided, decided["result"].map(_WORTH), least=-1.0)
    return {
        "n": len(judged),
        **{f"{name}_share": part(counts[name], len(judged)) for name in (*DECIDED, "unparsed")},
        "net": part(counts["a"] - counts["b"], sum(counts[name] for name in DECIDED)),
        **net.named("net"),
        "clusters": net.clusters,
        **{name: counts[name] for name in (*DECIDED, "unparsed", "unjudged")},
        "identical": int((pairs["how"] == "identical").sum()),
        **_of_places(asked),
        "parse_failure_rate": part(len(verdicts) - len(said), len(verdicts)),
        **_repeat_agreement(asked),
        **_by_length(asked),
        "suspect": int(judged["suspect"].sum()),
        **with_people(judged),
        **_limits_of_shares(judged),
    }


def _limits_of_shares(judged: pd.DataFrame) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in (*DECIDED, "unparsed"):
        found |= mean_interval(judged, judged["result"] == name).named(f"{name}_share")
    return found


def _of_places(asked: pd.DataFrame) -> dict[str, float]:
    """What the place of an answer decides."""
    read = asked[asked["result"] != "unparsed"]
    flipped = read["how"] == "flipped"
    verdicts = asked[[f"verdict_{order}" for order in ORDERS]]
    first, placed = (verdicts.isin(names).sum(axis=1) for names in (["first"], ["first", "second"]))
    return {
        "flip_rate": part(int(flipped.sum()), len(read)),
        **mean_interval(read, flipped).named("flip_rate"),
        "first_share": part(int(first.sum()), int(placed.sum())),
        **ratio_interval(asked, first, placed).named("first_share"),
    }


def _repeat_agreement(asked: pd.DataFrame) -> dict[str, float]:
    """Each order of each question has its share of agreeing repeats, if two could be read."""
    questions = [rows for _, rows in asked.groupby(["sample", "prompt", "repeat"], sort=False)]
    told = [rows[f"verdict_{order}"].dropna().tolist() for rows in questions for order in ORDERS]
    several = [len(each) > 1 for each in told]
    firsts = asked.drop_duplicates(["sample", "prompt", "repeat"])
    firsts = firsts.loc[firsts.index.repeat(len(ORDERS))][several]
    shares = [agreement.among([each]) for each in told if len(each) > 1]
    return {"repeat_agreement": agreement.among(told), **mean_interval(firsts, shares).named("repeat_agreement")}


def _by_length(asked: pd.DataFrame) -> dict[str, float]:
    """Whether the longer answer is preferred."""
    read = asked[asked["result"] != "unparsed"]
    longer, worth = read["length_a"] - read["length_b"], read["result"].map(_WORTH).astype(float)
    decided = read[(longer != 0) & (worth != 0)]
    won = (longer * worth)[decided.index] > 0
    return {
        "length_correlation": agreement.spearman(longer.tolist(), worth.tolist()),
        "longer_wins": part(int(won.sum()), len(decided)),
        **mean_interval(decided, won).named("longer_wins"),
    }


def with_people(judged: pd.DataFrame) -> dict[str, float]:
    """Agreement with the people's labels of the pairs that have one; a verdict that could not be read disagrees."""
    labelled = judged[judged["human"].notna()]
    ours, theirs = labelled["result"].tolist(), labelled["human"].tolist()
    categories = len(DECIDED) + ("unparsed" in ours)
    return {
        "human_n": len(labelled),
        "human_agreement": agreement.raw(ours, theirs),
        **mean_interval(labelled, labelled["result"] == labelled["human"]).named("human_agreement"),
        "human_kappa": agreement.kappa(ours, theirs),
        **kappa_interval(labelled, ours, theirs).named("human_kappa"),
        "human_ac1": agreement.ac1(ours, theirs, categories),
        **ac1_interval(labelled, ours, theirs, categories).named("human_ac1"),
    }


def labels_of(human: Any, a: str, b: str) -> dict[str, str]:
    """People's labels by sample id, as ``a``, ``b`` or ``tie``; a model's name stands for its letter.

    Raises `RunError` for another label.

    >>> labels_of({"s1": "tie", "s2": "whisper/base"}, "whisper/base", "mine")
    {'s1': 'tie', 's2': 'a'}
    """
    meant = {"a": "a", "b": "b", "tie": "tie", a: "a", b: "b"}
    found = {str(sample): str(label) for sample, label in dict(human if human is not None else {}).items()}
    if strange := sorted(set(found.values()) - set(meant)):
        raise RunError(f"human: expected a label a, b or tie for each sample id, or {a} or {b}; seen {strange[0]!r}")
    return {sample: meant[label] for sample, label in found.items()}
