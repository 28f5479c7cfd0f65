"""A run's samples, asks and replies as DataFrames: what was stored, and how each reply was read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from qaeval.errors import ScoreError
from qaeval.flags import flags_of, sent_seconds
from qaeval.store.rows import ASK_COLUMNS
from qaeval.terms import Terms
from qaeval.text.replies.unwrap import unwrap
from qaeval.types import Annotation, Event, Reply, Sample, Task

if TYPE_CHECKING:
    import pandas as pd

PART_COLUMNS = ("part", "onset", "offset")
REPLY_COLUMNS = (
    *("sample", "task", "prompt", "model", "repeat", *PART_COLUMNS, "outcome", "reason", "flags", "text", "rule"),
    *("hypothesis", "fitted", "sent_seconds", "seconds", "first_token_seconds", "attempts", "finish_reason"),
    *("input_tokens", "audio_tokens", "output_tokens", "total_tokens", "cost"),
    *("request_id", "served_model", "at", "key"),
)
_TOKENS = ("input_tokens", "audio_tokens", "output_tokens", "total_tokens")


def sample_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One row a sample: sample, audio, duration (s), problem, text, events, ``labels.*``, ``inputs.*``, meta."""
    import pandas as pd

    made = [_sample_row(row) for row in rows]
    return pd.DataFrame(made) if made else pd.DataFrame(columns=["sample", "audio", "duration", "problem", "sha256"])


def _sample_row(row: Mapping[str, Any]) -> dict[str, Any]:
    reference = json.loads(row["reference"])
    known: dict[str, Any] = {"sample": row["id"]}
    known |= {name: row[name] for name in ("audio", "duration", "problem", "sha256")}
    known |= {"text": reference["text"], "events": reference["events"]}
    known |= {f"labels.{name}": tuple(values) for name, values in reference["labels"].items()}
    known |= {f"inputs.{name}": value for name, value in json.loads(row["inputs"]).items()}
    meta = json.loads(row["meta"])
    return known | {(f"meta.{name}" if name in known else name): value for name, value in meta.items()}


def ask_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One row an ask: sample, task, prompt, model, repeat, part, onset, offset, key, question.

    A long clip that was asked in parts has a row for each: ``part`` counts from 0, ``onset`` and ``offset`` are seconds
    in the clip (missing: all of it).
    """
    import pandas as pd

    table = pd.DataFrame(list(rows), columns=list(ASK_COLUMNS))
    return table.astype({"part": "int64", "onset": "float64", "offset": "float64"})


def reply_frame(
    samples: Iterable[Sample],
    asks: pd.DataFrame,
    replies: Mapping[str, Reply],
    tasks: Mapping[str, Task],
    terms: Mapping[str, Terms] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """One row an ask, and one for each part of a clip that was asked in parts, with what came back and how it was read.

    ``outcome`` is the service's: ok, failed, quota, retired, skipped, or ``pending`` when there is no reply yet;
    ``flags`` are those of `qaeval.flags`, ``text`` is the raw reply, ``rule`` the unwrapping rule that fired,
    ``hypothesis`` what was read as people write it (labels before their times, from the start of the part), ``fitted``
    what was done to the audio before ``sent_seconds`` of it were sent, ``input_tokens`` those of text, ``cost`` is in
    CNY by the prices of the day. Rows of one ``key`` share one reply, which was paid for once.

    ``terms``, by model, and ``seconds``, the length of a sample's audio, are what flags and costs are made from.
    """
    import pandas as pd

    by_id = {sample.id: sample for sample in samples}
    rows: list[dict[Any, Any]] = []
    for ask in asks.to_dict("records"):
        if (sample := by_id.get(ask["sample"])) is not None:
            reply = replies.get(ask["key"])
            rows.append(dict(ask) | _reply_row(reply, sample, tasks[ask["task"]]))
            if reply is not None:
                length = ask["offset"] - ask["onset"] if ask["offset"] > 0 else (seconds or {}).get(sample.id)
                rows[-1] |= _usage(reply, length, (terms or {}).get(ask["model"], Terms()))
    return pd.DataFrame(rows, columns=list(REPLY_COLUMNS))


def _reply_row(reply: Reply | None, sample: Sample, task: Task) -> dict[str, Any]:
    if reply is None:
        return {"outcome": "pending", "reason": "not asked yet"}
    names = ("text", "seconds", "first_token_seconds", "attempts", "finish_reason", "request_id", "served_model", "at")
    row: dict[str, Any] = {name: getattr(reply, name) for name in (*names, "fitted", "outcome")}
    if reply.text is None:
        return row | {"reason": reply.error.reason if reply.error else None}
    return row | {"rule": unwrap(reply.text).rule, "hypothesis": shown(_parsed(reply.text, sample, task))}


def _usage(reply: Reply, seconds: float | None, terms: Terms) -> dict[str, Any]:
    """What was sent, counted and charged; ``seconds`` is how much audio was asked about."""
    sent = sent_seconds(reply, seconds)
    row: dict[str, Any] = {name: reply.usage.get(name) for name in _TOKENS}
    row |= {"sent_seconds": reply.sent_seconds, "flags": " ".join(flags_of(reply, seconds, terms.hears))}
    return row | {"cost": terms.cost(reply.usage, sent) if reply.usage or reply.text is not None else None}


def _parsed(text: str, sample: Sample, task: Task) -> Annotation:
    try:
        return task.parse(text, sample)
    except Exception as error:
        raise ScoreError(
            f"sample {sample.id!r}, task {task.name!r}: parse failed on {text!r:.80}: {type(error).__name__}: {error}"
        ) from error


def shown(annotation: Annotation) -> str | None:
    """An annotation as people write it; None when nothing could be read.

    Each event has its label before its times, in seconds; a label is written on one line, whatever a reply holds.

    >>> shown(Annotation(events=(Event("狗叫声", 0.5, 2.31), Event("Male speech, man speaking", 3, 4.25))))
    '狗叫声 0.50-2.31 s; Male speech, man speaking 3.00-4.25 s'
    >>> shown(Annotation(events=()))
    'not present'
    """
    parts = [] if annotation.text is None else [annotation.text]
    if annotation.events is not None:
        parts += [_event(event) for event in annotation.events] or ["not present"]
    parts += [f"{name}: {', '.join(values) or 'none'}" for name, values in annotation.labels.items()]
    return "; ".join(parts) if parts else None


def _event(event: Event) -> str:
    return " ".join([*event.label.split(), f"{event.onset:.2f}-{event.offset:.2f} s"])


def reasons(replies: pd.DataFrame, most: int = 3) -> list[str]:
    """Why there are no replies, a line each: the commonest reasons of each model, of `reply_frame`."""
    missing = replies[~replies["outcome"].isin(["ok", "pending"])]
    lines = []
    for model, rows in missing.groupby("model", sort=False):
        counts = rows.groupby(["outcome", "reason"], sort=False).size().sort_values(ascending=False, kind="stable")
        top = counts[:most].reset_index(name="count").to_dict("records")
        lines += [f"{model}: {row['count']} {row['outcome']}: {row['reason']}" for row in top]
        if len(counts) > most:
            lines.append(f"{model}: {counts[most:].sum()} more, for other reasons")
    return lines


def with_texts(changes: pd.DataFrame, samples: Iterable[Sample], replies: pd.DataFrame) -> pd.DataFrame:
    """`qaeval.tables.changes` with what each sample's reference says of the field, and what each model's reply says.

    The columns ``reference``, ``hypothesis_a`` and ``hypothesis_b`` stand behind the difference. Repeats and parts that
    say other things are joined by `` | ``.
    """
    import pandas as pd

    fields = dict(zip(changes["sample"].astype(str), changes["field"].astype(str), strict=True))
    known = {one.id: shown(_of_field(one.reference, fields[one.id])) for one in samples if one.id in fields}
    texts: dict[str, Mapping[str, str | None]] = {
        "reference": known,
        **{f"hypothesis_{side}": _said(replies, changes, side) for side in "ab"},
    }
    names = [str(name) for name in changes.columns if name not in texts]
    place = names.index("difference") + 1
    ids = list(map(str, changes["sample"]))
    columns = {
        name: pd.Series([said.get(sample) for sample in ids], changes.index, object) for name, said in texts.items()
    }
    made = changes.assign(**columns)
    return made[[*names[:place], *texts, *names[place:]]]


def _of_field(reference: Annotation, field: str) -> Annotation:
    if field == "text":
        return Annotation(text=reference.text)
    if field == "events":
        return Annotation(events=reference.events)
    return Annotation(labels={name: values for name, values in reference.labels.items() if name == field})


def _said(replies: pd.DataFrame, changes: pd.DataFrame, side: str) -> dict[str, str]:
    """By sample, what the model of a side said to the prompts of the changes, under whichever task it was asked."""
    rows = replies[replies["model"].isin(changes[side]) & replies["prompt"].isin(changes["prompt"])]
    rows = rows[rows["hypothesis"].notna()].sort_values(["repeat", "part"], kind="stable")
    by_sample = rows.groupby("sample", sort=False)["hypothesis"]
    return {str(sample): " | ".join(dict.fromkeys(map(str, each))) for sample, each in by_sample}
