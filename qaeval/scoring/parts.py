"""A long clip may be asked in parts: several requests, whose replies are read one by one and joined into one answer.

Rows of asks that differ only in ``part`` are one ask. Its outcome, when a part has no reply of the model, is the first
of `qaeval.scores.SERVICE_OUTCOMES` that a part has: half an answer is never scored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qaeval.errors import ScoreError
from qaeval.flags import flags_of
from qaeval.scores import SERVICE_OUTCOMES, row_groups
from qaeval.text.tokens import has_cjk
from qaeval.types import Annotation, AudioLimits, Event, Reply

if TYPE_CHECKING:
    import pandas as pd

ASK = ("sample", "task", "prompt", "model", "repeat")
"""What tells one ask from another."""

_UNSPACED = re.compile("[\u3000-\u303f\uff01-\uff5e]")  # full-width punctuation


class Part(NamedTuple):
    """One part of an ask: the key of its reply, and which seconds of the clip it is about (nan: all of it)."""

    key: str
    onset: float = float("nan")
    offset: float = float("nan")

    @property
    def start(self) -> float:
        """Where it begins, in seconds from the start of the file."""
        return self.onset if self.onset > 0 else 0.0

    @property
    def seconds(self) -> float | None:
        """How long it is; None when it is all of the clip.

        >>> Part("k", 28.0, 57.5).seconds, Part("k").seconds
        (29.5, None)
        """
        return self.offset - self.onset if self.offset > self.onset else None


Asked = str | list[Part]
"""The key of an ask about a whole clip, or the parts of one, in their order."""


Said = str | tuple[tuple[float, str], ...]
"""What a model said of a clip: a text, or one for each part, with the second where the part begins."""


class Whole:
    """What came back for an ask about a whole clip."""

    __slots__ = ("reply", "said")

    def __init__(self, reply: Reply | None) -> None:
        self.reply = reply
        self.said: Said | None = reply.text if reply else None

    @property
    def missing(self) -> Sequence[str]:
        """Why nothing was said."""
        return (self.reply.outcome if self.reply else "pending",) if self.said is None else ()

    @property
    def fitted(self) -> str:
        """What was done to the audio before it was sent."""
        return self.reply.fitted if self.reply else ""

    def flags(self, seconds: float | None, hears: AudioLimits | None) -> str:
        """The flags of the reply (`qaeval.flags`) with spaces between.

        ``seconds`` is the length of the clip, ``hears`` how the model counts audio.
        """
        return " ".join(flags_of(self.reply, seconds, hears)) if self.reply else ""


class InParts:
    """What came back for an ask about a clip in parts: nothing was said unless all parts have a reply of the model."""

    __slots__ = ("missing", "replies", "said")

    def __init__(self, asked: Sequence[Part], replies: Mapping[str, Reply]) -> None:
        self.replies = [(part, replies[part.key]) for part in asked if part.key in replies]
        texts = tuple([(part.start, reply.text) for part, reply in self.replies if reply.text is not None])
        self.missing = ["pending"] * (len(asked) - len(self.replies))
        self.missing += [reply.outcome for _, reply in self.replies if reply.text is None]
        self.said: Said | None = None if self.missing else texts

    @property
    def fitted(self) -> str:
        """What was done to the audio before it was sent, part by part."""
        return " | ".join([reply.fitted for _, reply in self.replies if reply.fitted])

    def flags(self, seconds: float | None, hears: AudioLimits | None) -> str:
        """The same for all parts together; none where nothing was said."""
        raised = [flags_of(reply, part.seconds or seconds, hears) for part, reply in self.replies]
        return "" if self.missing else " ".join(sorted(set().union(*raised)))


def answer(asked: Asked, replies: Mapping[str, Reply]) -> Whole | InParts:
    """What came back, looked up in the replies by key."""
    return Whole(replies.get(asked)) if isinstance(asked, str) else InParts(asked, replies)


def gathered(asks: pd.DataFrame | Iterable[Mapping[str, Any]]) -> tuple[pd.DataFrame, list[Asked]]:
    """One row an ask (the columns `ASK`), in order of appearance, and what was asked by it.

    ``asks`` has those columns and ``key``, and may have ``part`` (0, 1, ...), ``onset`` and ``offset`` (seconds).

    Raises `ScoreError` for missing columns, and when the same part of an ask is there twice.
    """
    import pandas as pd

    table = asks if isinstance(asks, pd.DataFrame) else pd.DataFrame(list(asks))
    if table.empty:
        return pd.DataFrame(columns=list(ASK), dtype=object), []
    if missing := [name for name in (*ASK, "key") if name not in table.columns]:
        raise ScoreError(f"the asks lack {', '.join(missing)}; expected the columns {', '.join((*ASK, 'key'))}")
    table = whole_where_untold(table).reset_index(drop=True)
    groups = row_groups(table, ASK)
    keys = table["key"].tolist()
    if len(groups.first) == len(table) and table["onset"].isna().all():
        return table[list(ASK)], keys
    if (twice := table.duplicated([*ASK, "part"])).any():
        raise ScoreError(f"the same ask is there twice: {table[twice].iloc[0][[*ASK, 'part', 'key']].to_dict()}")
    order = np.lexsort((table["part"].to_numpy(np.int64), groups.number))
    asked: list[Any] = [[] for _ in groups.first]
    columns = [table[name].to_numpy()[order].tolist() for name in ("key", "onset", "offset")]
    for ask, *part in zip(groups.number[order].tolist(), *columns, strict=True):
        asked[ask].append(Part(*part))
    return table.iloc[groups.first][list(ASK)].reset_index(drop=True), asked


def whole_where_untold(asks: pd.DataFrame) -> pd.DataFrame:
    """The same asks with part, onset and offset, as numbers: untold, it is part 0 and all of the clip."""
    import pandas as pd

    told = {name: pd.to_numeric(asks[name]) if name in asks.columns else np.nan for name in ("part", "onset", "offset")}
    table = asks.assign(**told)
    return table.astype({"onset": "float64", "offset": "float64"}).assign(part=table["part"].fillna(0).astype("int64"))


def worst(outcomes: Iterable[str]) -> str:
    """The outcome of an ask whose parts have these; ``ok`` when all have a reply of the model.

    >>> worst(["ok", "pending", "failed"]), worst(["ok", "ok"])
    ('failed', 'ok')
    """
    seen = set(outcomes)
    return next((outcome for outcome in SERVICE_OUTCOMES if outcome in seen), "ok")


def one_text(texts: Iterable[str]) -> str:
    """Texts in their order as one: with a space between, but for two Chinese or Japanese characters.

    >>> one_text(["欢迎使用", "阿里云", "OK", "go"]), one_text(["你好。", "", "再见"])
    ('欢迎使用阿里云 OK go', '你好。再见')
    """
    said = ""
    for text in filter(None, texts):
        said += ("" if not said or (_is_unspaced(said[-1]) and _is_unspaced(text[0])) else " ") + text
    return said


def _is_unspaced(character: str) -> bool:
    return has_cjk(character) or _UNSPACED.match(character) is not None


def read(said: Sequence[tuple[float, str]], parse: Callable[[str], Annotation]) -> Annotation:
    """What replies about parts of a clip, with the seconds where each part begins, say together.

    Texts are joined, events moved by the start of their part, values of labels united, each once; all in the order of
    the parts. What some part found is what was found; what none found is absent if every part knows so, else unknown.

    >>> parse = lambda text: Annotation(text=text, events=(Event("x", 1.0, 2.0),))
    >>> read([(0.0, "你好"), (30.0, "再见")], parse).events
    (Event(label='x', onset=1.0, offset=2.0), Event(label='x', onset=31.0, offset=32.0))
    """
    found = [_moved(parse(text), start) for start, text in said]
    return found[0] if len(found) == 1 else _joined(found)


def _moved(annotation: Annotation, start: float) -> Annotation:
    if not start or not annotation.events:
        return annotation
    events = tuple(Event(event.label, event.onset + start, event.offset + start) for event in annotation.events)
    return Annotation(annotation.text, events, annotation.labels)


def _joined(found: Sequence[Annotation]) -> Annotation:
    texts = _known(one.text for one in found)
    events = _known(one.events for one in found)
    names = dict.fromkeys(name for one in found for name in one.labels)
    labels = {name: _known(one.labels.get(name) for one in found) for name in names}
    return Annotation(
        None if texts is None else one_text(texts),
        None if events is None else tuple(event for one in events for event in one),
        {
            name: tuple(dict.fromkeys(value for one in values for value in one))
            for name, values in labels.items()
            if values is not None
        },
    )


def _known(values: Iterable[Any]) -> list[Any] | None:
    """The values that hold something; none when all are known to be empty; None when that is not known."""
    values = list(values)
    found = [value for value in values if value]
    return None if not found and None in values else found
