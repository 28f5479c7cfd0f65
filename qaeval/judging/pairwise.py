"""From a judge's verdicts to results of pairs, and from those to rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qaeval.errors import RunError
from qaeval.judging import agreement
from qaeval.judging.asking import ORDERS, Pair
from qaeval.judging.measures import Told, length, mean_interval, part, suspect

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

    Equal answers were not asked about: one row, a tie that is ``identical``.
    """
    import pandas as pd

    rows = []
    for pair in pairs:
        for turn in range(1 if pair.identical else repeats):
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
    read = asked[asked["result"] != "unparsed"]
    verdicts = [verdict for order in ORDERS for verdict in asked[f"verdict_{order}"].tolist()]
    said = [verdict for verdict in verdicts if isinstance(verdict, str)]
    placed = [verdict for verdict in said if verdict != "tie"]
    decided = judged[judged["result"].isin(DECIDED)]
    low, high, clusters = mean_interval(decided, decided["result"].map(_WORTH))
    return {
        "n": len(judged),
        **{f"{name}_share": part(counts[name], len(judged)) for name in (*DECIDED, "unparsed")},
        "net": part(counts["a"] - counts["b"], sum(counts[name] for name in DECIDED)),
        "net_low": low,
        "net_high": high,
        "clusters": clusters,
        **{name: counts[name] for name in (*DECIDED, "unparsed", "unjudged")},
        "identical": int((pairs["how"] == "identical").sum()),
        "flip_rate": part(int((read["how"] == "flipped").sum()), len(read)),
        "first_share": part(placed.count("first"), len(placed)),
        "parse_failure_rate": part(len(verdicts) - len(said), len(verdicts)),
        "repeat_agreement": _repeat_agreement(asked),
        **_by_length(read),
        "suspect": int(judged["suspect"].sum()),
        **with_people(judged),
    }


def _repeat_agreement(asked: pd.DataFrame) -> float:
    groups = asked.groupby(["sample", "prompt", "repeat"], sort=False)
    told = [rows[f"verdict_{order}"].dropna().tolist() for _, rows in groups for order in ORDERS]
    return agreement.among(told)


def _by_length(read: pd.DataFrame) -> dict[str, float]:
    """Whether the longer answer is preferred."""
    longer = (read["length_a"] - read["length_b"]).tolist()
    worth = read["result"].map(_WORTH).tolist()
    decided = [by * won > 0 for by, won in zip(longer, worth, strict=True) if by and won]
    return {
        "length_correlation": agreement.spearman(longer, worth),
        "longer_wins": part(sum(decided), len(decided)),
    }


def with_people(judged: pd.DataFrame) -> dict[str, float]:
    """Agreement with the people's labels of the pairs that have one; a verdict that could not be read disagrees."""
    labelled = judged[judged["human"].notna()]
    ours, theirs = labelled["result"].tolist(), labelled["human"].tolist()
    categories = len(DECIDED) + ("unparsed" in ours)
    return {
        "human_n": len(labelled),
        "human_agreement": agreement.raw(ours, theirs),
        "human_kappa": agreement.kappa(ours, theirs),
        "human_ac1": agreement.ac1(ours, theirs, categories),
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
