"""What stands behind a value: which class was told for which, and how much the wording of the prompt matters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from qaeval import registry
from qaeval.errors import ScoreError
from qaeval.reducers import confused
from qaeval.scores import SERVICE_OUTCOMES, Groups, Ints, checked, plain, row_groups, select
from qaeval.tables import summarize

if TYPE_CHECKING:
    import pandas as pd

EFFECT = (
    *("model", "metric", "prompts", "value_best", "value_worst", "range", "deviation", "n", "left_out"),
    *("best", "worst", "task", "field", "better", "unit", "profile"),
)
"""The columns of `prompt_effect`."""

_QUESTION = ["model", "task", "field"]
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def confusion(
    scores: pd.DataFrame,
    field: str,
    model: str | None = None,
    metric: str = "macro_f1",
    task: str | None = None,
    prompt: str | None = None,
) -> pd.DataFrame:
    """How often each class was told (columns) for each true one (rows), over the replies of one model.

    ``metric`` is one whose parts are confusions (`qaeval.reducers.confusion`): macro_f1, kappa ... The classes of the
    references come first, by the number that they begin with or by name; then those that were only told; then what is
    no class: ``(other)``, ``(several)``, ``(none)``. ``model`` may be left out where there is one.

    Raises `ScoreError` when several models, tasks or prompts match (choose one) or the metric has no confusions, and
    `UnknownNameError` for an unknown name.

    >>> import pandas as pd
    >>> from qaeval.scores import COLUMNS
    >>> fixed = dict.fromkeys(COLUMNS, "") | {"outcome": "answered", "model": "m", "metric": "macro_f1", "repeat": 0,
    ...                                       "field": "gender", "better": "higher", "den": 1, "num": 1}
    >>> told = [("a", "male → male"), ("b", "male → (none)"), ("c", "female → male")]
    >>> rows = [fixed | {"sample": sample, "part": part} for sample, pair in told for part in ("", pair)]
    >>> confusion(pd.DataFrame(rows), "gender")
    hypothesis  female  male  (none)
    reference
    female           0     1       0
    male             0     1       1
    """
    models = [str(name) for name in scores["model"].unique()] if model is None else [model]
    rows = select(scores, models, metric, task, prompt, field, part=None)
    for name in ("model", "task", "prompt"):
        if len(known := sorted(map(str, rows[name].unique()))) > 1:
            told = ", ".join(known)
            raise ScoreError(f"{metric} of {field} was scored for several {name}s; choose one with {name}=: {told}")
    counts = rows.groupby("part", observed=True)["num"].sum()
    pairs = {pair: float(count) for part, count in counts.items() if (pair := confused(str(part)))}
    if not pairs:
        raise ScoreError(f"{metric} of {field} has no confusions, {_having(scores, field)}")
    truths = sorted({truth for truth, _ in pairs}, key=_place)
    told_only = sorted({claim for _, claim in pairs} - set(truths), key=_place)
    return _square(pairs, truths, [*truths, *told_only])


def _having(scores: pd.DataFrame, field: str) -> str:
    pairs = scores.loc[scores["field"] == field, ["metric", "part"]].drop_duplicates().astype(str)
    names = sorted(set(pairs["metric"][[confused(part) is not None for part in pairs["part"]]]))
    return f"these metrics have: {', '.join(names) or 'none'}"


def _place(label: str) -> tuple[Any, ...]:
    number = _NUMBER.match(label)
    return label.startswith("("), float(number[0]) if number else np.inf, label


def _square(pairs: dict[tuple[str, str], float], truths: list[str], told: list[str]) -> pd.DataFrame:
    import pandas as pd

    counts = np.array([[pairs.get((truth, claim), 0.0) for claim in told] for truth in truths])
    whole = counts.astype(np.int64) if (counts == np.round(counts)).all() else counts
    return pd.DataFrame(whole, pd.Index(truths, name="reference"), pd.Index(told, name="hypothesis"))


def prompt_effect(scores: pd.DataFrame, metric: str, task: str | None = None, field: str | None = None) -> pd.DataFrame:
    """How much the wording matters: the best and the worst prompt of each model, on the same samples.

    One row a model, task and field. Only samples count that the model replied to under every one of its prompts (for a
    metric with a unit: told an amount): n of them, left_out are the others. ``range`` is how far the best value is from
    the worst, ``deviation`` the standard deviation of the values over the prompts (nan with one prompt). The best of
    several prompts is partly luck: name the prompt beforehand, or take its value from other clips.

    Columns: `EFFECT`. Raises `ScoreError` and `UnknownNameError` as `qaeval.tables.summarize` does, and for unknown
    names.

    >>> import pandas as pd
    >>> from qaeval.scores import COLUMNS
    >>> fixed = dict.fromkeys(COLUMNS, "") | {"outcome": "answered", "model": "m", "metric": "wer", "better": "lower",
    ...                                       "repeat": 0, "den": 10}
    >>> said = {"en": [1, 2], "zh": [4, 5], "strict": [0, 3]}
    >>> rows = [fixed | {"prompt": prompt, "sample": str(i), "num": num} for prompt, nums in said.items()
    ...         for i, num in enumerate(nums)]
    >>> table = prompt_effect(pd.DataFrame(rows), "wer")
    >>> table[["prompts", "best", "value_best", "worst", "value_worst", "n"]].values.tolist()
    [[3, 'en', 0.15, 'zh', 0.45, 2]]
    """
    import pandas as pd

    checked(scores)
    wanted = np.ones(len(scores), bool)
    for column, name in (("metric", metric), ("task", task), ("field", field)):
        if name is not None and name not in (known := list(map(str, scores[column].unique()))):
            raise registry.unknown(column, name, known)
        wanted &= True if name is None else (scores[column] == name).to_numpy(bool)
    rows = scores[wanted]
    questions = row_groups(rows, _QUESTION)
    kept, counts = _complete(rows, questions)
    values = summarize(kept, by="model").groupby(_QUESTION)
    heads = plain(rows.iloc[questions.first][[*_QUESTION, "metric", "better", "unit", "profile"]])
    told = [
        _extremes(values.get_group(key)[["prompt", "value"]], better) if (key := tuple(names)) in values.groups else {}
        for *names, better in heads[[*_QUESTION, "better"]].itertuples(index=False)
    ]
    empty = {"value_best": np.nan, "value_worst": np.nan, "range": np.nan, "deviation": np.nan, "best": "", "worst": ""}
    table = pd.concat([heads.assign(**counts), pd.DataFrame([empty | one for one in told], index=heads.index)], axis=1)
    return table[list(EFFECT)]


def _complete(rows: pd.DataFrame, questions: Groups) -> tuple[pd.DataFrame, dict[str, Ints]]:
    """The rows of samples with a value under every prompt; of each question its prompts, n and left_out."""
    samples = row_groups(rows, [*_QUESTION, "dataset", "sample"])
    prompts = row_groups(rows, [*_QUESTION, "prompt"])
    size, question = len(questions.first), questions.number[samples.first]
    asked = np.bincount(questions.number[prompts.first], minlength=size)
    replied = (rows["part"] == "") & ~rows["outcome"].isin(SERVICE_OUTCOMES)
    valued = (replied & ((rows["unit"] == "") | (rows["den"] > 0))).to_numpy(bool)
    seen = np.unique(samples.number[valued] * len(prompts.first) + prompts.number[valued])
    under = np.bincount(seen // max(1, len(prompts.first)), minlength=len(samples.first))
    whole = under == asked[question]
    n = np.bincount(question[whole], minlength=size)
    left_out = np.bincount(question[~whole], minlength=size)
    return rows[whole[samples.number]], {"prompts": asked, "n": n, "left_out": left_out}


def _extremes(values: pd.DataFrame, better: str) -> dict[str, Any]:
    ranked = values.dropna().sort_values(["value", "prompt"], ascending=[better == "lower", True])
    if ranked.empty or better == "neither":
        return {}
    best, worst = ranked.iloc[0], ranked.iloc[-1]
    return {
        "best": best["prompt"],
        "worst": worst["prompt"],
        "value_best": best["value"],
        "value_worst": worst["value"],
        "range": abs(best["value"] - worst["value"]),
        "deviation": ranked["value"].std(),
    }
