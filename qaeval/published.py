"""Published results, so that a summary can stand beside them: figures, sources and caveats of ``references.toml``.

None of them was measured here, and none is a target: see the column ``caveats``. No numbers are published for the dated
snapshots of the commercial Qwen-Audio models but for AIR-Bench's of Qwen-Audio-Turbo.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval import registry
from qaeval.errors import ScoreError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("dataset", "version", "split", "language", "part", "model", "task", "field", "metric", "value"),
    *("published_as", "source", "date", "caveats"),
)
_CHOOSES = ("dataset", "version", "split", "language", "part", "model", "task", "metric")


def references(dataset: str | None = None, **chosen: str) -> pd.DataFrame:
    """Published results as a DataFrame: one row a model, dataset, split, language (or part of the dataset) and metric.

    ``dataset`` is its name here, such as ``librispeech`` (None: all of them); ``chosen`` takes the rows of a version,
    split, language, part, model, task or metric. Values are on the scale of qaeval's metric of that name (shares, not
    percent), ``published_as`` is what the source calls it.

    Raises `UnknownNameError` for a value that no row has, `ScoreError` for an unknown column.

    >>> table = references("common_voice", language="yue")
    >>> table[["model", "metric", "value"]].values.tolist()[0]
    ['Qwen2-Audio', 'cer', 0.059]
    """
    import pandas as pd

    table = pd.DataFrame(_rows(), columns=list(COLUMNS))
    for name, value in ({"dataset": dataset} | chosen).items():
        if name not in _CHOOSES:
            raise ScoreError(f"published results are chosen by {', '.join(_CHOOSES)}; seen {name!r}")
        if value is None:
            continue
        if value not in (known := list(dict.fromkeys(table[name]))):
            raise registry.unknown(f"{name} of published results", value, known)
        table = table[table[name] == value]
    return table.reset_index(drop=True)


def beside(summary: pd.DataFrame, dataset: str, **chosen: str) -> pd.DataFrame:
    """The rows of a summary with the published results of the same metrics below them.

    ``summary`` is one of `qaeval.tables.summarize`; ``dataset`` and ``chosen`` say which published results, as
    `references` takes them. Columns: model, metric, value, n, coverage, profile, published (False for the summary's
    own), then split, language, part, source and caveats of what is published. The conditions differ: read the caveats
    before the values.

    Raises what `references` does, and `ScoreError` where nothing published is of a metric of the summary.

    >>> import pandas as pd
    >>> own = {"model": "m", "metric": "wer", "value": 0.05, "n": 9, "coverage": 1.0, "profile": "qwen-1"}
    >>> table = beside(pd.DataFrame([own]), "librispeech", split="test-clean")
    >>> table[["model", "value", "published"]].values.tolist()[:2]
    [['m', 0.05, False], ['Qwen-Audio', 0.02, True]]
    """
    import pandas as pd

    published = references(dataset, **chosen)
    theirs = published[published["metric"].isin(set(summary["metric"]))]
    if theirs.empty:
        seen, there = (", ".join(sorted(set(table["metric"]))) for table in (summary, published))
        raise ScoreError(f"no published result of {dataset} is of a metric of this summary: {seen}; there are: {there}")
    ours = summary[summary["metric"].isin(set(theirs["metric"]))]
    columns = ["model", "metric", "value", "n", "coverage", "profile"]
    own = ours.reindex(columns=columns).assign(published=False)
    other = theirs.reindex(columns=["model", "metric", "value", "split", "language", "part", "source", "caveats"])
    return pd.concat([own, other.assign(published=True)], ignore_index=True)


@functools.cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("references.toml").read_text("utf-8"))


def _rows() -> Iterator[dict[str, Any]]:
    data = _data()
    for table in data["tables"]:
        source = data["sources"][table["source"]]
        fixed = {name: table[name] for name in ("dataset", "task", "published_as")}
        fixed |= {"version": table.get("version", ""), "field": table.get("field", "text")}
        fixed |= {"source": source["title"], "date": source["date"]}
        fixed |= {"caveats": "; ".join(data["caveats"][name] for name in table["caveats"])}
        for model, values in table["values"].items():
            yield from _row(table, fixed, model, values)


def _row(
    table: Mapping[str, Any], fixed: Mapping[str, Any], model: str, values: Sequence[float]
) -> Iterator[dict[str, Any]]:
    """One row a value: the list runs over the splits, the languages or the parts, whichever are several."""
    names = {"split": table["splits"], "language": table.get("languages", [""]), "part": table.get("parts", [""])}
    for i, value in enumerate(values):
        place = {name: known[i] if len(known) > 1 else known[0] for name, known in names.items()}
        metric = table["metric"] if isinstance(table["metric"], str) else table["metric"][i]
        yield dict(fixed) | place | {"model": model, "metric": metric, "value": round(value * table["scale"], 6)}
