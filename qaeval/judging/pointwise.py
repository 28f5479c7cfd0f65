"""From a judge's ratings to their means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qaeval.judging import agreement
from qaeval.judging.asking import Answer
from qaeval.judging.measures import Told, length, mean_interval, part, suspect

if TYPE_CHECKING:
    import pandas as pd

    from qaeval.types import Sample

RATINGS = (
    *("sample", "prompt", "repeat", "model", "judge_repeat", "outcome", "rating", "text", "length", "suspect", "human"),
    *("recording", "speaker"),
)
"""The columns of the frame of ratings."""

LEAST, MOST = 1.0, 10.0
"""The ends of the scale: other ratings are not read (`qaeval.text.answers.verdicts.read_rating`)."""


def rating_frame(
    found: Sequence[Answer],
    told: Mapping[tuple[str, int], Told],
    repeats: int,
    samples: Mapping[str, Sample],
    human: Mapping[tuple[str, str], float],
) -> pd.DataFrame:
    """One row an answer and repeat of the judge, with the columns `RATINGS`; a rating that could not be read is nan."""
    import pandas as pd

    rows = []
    for answer in found:
        sample = samples[answer.sample]
        about: dict[str, Any] = {**answer._asdict(), "length": length(answer.text), "suspect": suspect(answer.text)}
        about |= {"recording": sample.audio.sha256[:16], "speaker": sample.meta.get("speaker")}
        about |= {"human": human.get((answer.sample, answer.model))}
        for turn in range(repeats):
            got = told.get((f"{answer.place}|{answer.model}", turn), Told("pending", None))
            rows.append(about | {"judge_repeat": turn, "outcome": got.outcome, "rating": got.value})
    numbers = {"rating": "float64", "human": "float64"}
    return pd.DataFrame(rows, columns=list(RATINGS)).astype(numbers)


def tally(ratings: pd.DataFrame) -> dict[str, Any]:
    """The mean of some ratings, and what is to be known beside it; see `qaeval.rate`."""
    judged = ratings[ratings["outcome"] == "ok"]
    read = judged[judged["rating"].notna()]
    low, high, clusters = mean_interval(read, read["rating"], LEAST, MOST)
    labelled = read[read["human"].notna()]
    return {
        "rating": read["rating"].mean(),
        "ci_low": low,
        "ci_high": high,
        "n": len(read),
        "clusters": clusters,
        "unparsed": len(judged) - len(read),
        "unjudged": len(ratings) - len(judged),
        "parse_failure_rate": part(len(judged) - len(read), len(judged)),
        **_repeat_agreement(read),
        "length_correlation": agreement.spearman(read["length"].tolist(), read["rating"].tolist()),
        "suspect": int(judged["suspect"].sum()),
        "human_n": len(labelled),
        "human_correlation": agreement.spearman(labelled["human"].tolist(), labelled["rating"].tolist()),
    }


def _repeat_agreement(read: pd.DataFrame) -> dict[str, float]:
    """Each answer has its share of agreeing repeats, if two could be read."""
    answers = read.groupby(["sample", "prompt", "repeat", "model"], sort=False)["rating"]
    told = [each.tolist() for _, each in answers]
    firsts = read.drop_duplicates(["sample", "prompt", "repeat", "model"])[[len(each) > 1 for each in told]]
    shares = [agreement.among([each]) for each in told if len(each) > 1]
    return {"repeat_agreement": agreement.among(told), **mean_interval(firsts, shares).named("repeat_agreement")}
