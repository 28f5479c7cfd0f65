"""Times in prose: ``"阿里" 从第1.53秒开始出现,至第1.87秒结束。`` is the span from 1.53 to 1.87 seconds.

How a reply is read, clause by clause:

* Numbers inside quotation marks, the query itself, durations ("前2秒", "within 2 s", "a 2-second pause") and ordinals
  without a unit are no times. A duration after a beginning ("从1.53秒开始,持续0.34秒", "at 1 s for 2 seconds") gives
  the end of the span.
* Times are ``1.53秒``, ``第1.53秒``, ``1秒53``, ``1分20秒``, ``1 min 20 s``, ``1m20s``, ``1'20"``, ``00:01.53``,
  ``80毫秒``, ``80 ms``, ``1.53 s``, ``second 1.53``, ``the 3rd second``, ``一点五三秒``, ``半秒``, "two and a half
  seconds", ``<|1.53|>``, and 从开头到 / "from the beginning to" for 0. A number without a unit counts in a range or
  series whose last number has one ("2-3 s", "at 1.5, 3 and 5 s"), in brackets (``[1.53, 1.87]``), where both ends have
  a decimal point ("from 1.53 to 1.87"), where start and end are so called ("start: 1, end: 2"), or where nothing but
  the range is said ("2-3"). ``10:30`` is ten and a half minutes.
* JSON and tables are read first (`qaeval.text.times.timelists`); a list of words with times
  (`qaeval.text.times.timedwords`, also Qwen-Audio's ``<|0.54|>面<|0.86|>条<|1.17|>``) is searched for the query.
* Two times with a word of ranging between them (至, 到, ~, -, to, until, 结束, "and ends at" ...) are a span, whichever
  comes first, even where the second begins a sentence or line ("End: 1.87 s"); a time alone is a span of no length.
  What is told twice counts once: the same span, a time within a told span, a time in parentheses after the same time.
* A clause that denies a time or a further occurrence ("not at 1 s but", "之后没有再出现") is passed over. One that says
  that nothing was found ("没有出现", "not present") gives no span: if no time is told either, the answer is the empty
  tuple; if one is, the reply contradicts itself or tells of something else, and there is no answer (None). Nor is there
  one where neither a time nor such a clause is: "halfway through", 在音频的最后.

Times are kept as told, even beyond the end of the clip: what is there and not there is for a metric to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from qaeval.text.replies.jsontexts import json_values
from qaeval.text.replies.turns import own_words
from qaeval.text.replies.unwrap import unfenced, unwrap
from qaeval.text.times.absence import says_nothing, without_denials
from qaeval.text.times.moments import MARK
from qaeval.text.times.timedwords import find_words, tokens
from qaeval.text.times.timelists import listed, texts_of
from qaeval.text.times.timeprose import plain
from qaeval.text.times.timeranges import spans
from qaeval.types import Event

_LAST_ENDS = (
    r"[\s\W]{0,20}(?:(?:the|it|and)\s|它?在?|并)?"
    rf"(?:结束|终止|停止|截止|end(?:s|ing)?\b|offset\b|stop|finish|{MARK})"
)
SENTENCES = re.compile(rf"(?:[。!?;\n]++|\.(?=\s|\Z)\n*+)(?!{_LAST_ENDS})")
"""Where sentences and lines of a plain text end, but for those that go on with the end of a span."""

HEARD = re.compile(r"[听提遇看感收达找测]到|等到|到处")
"""Words with a 到 that is none of ranges."""


def read_spans(reply: str, query: str = "") -> tuple[Event, ...] | None:
    """The spans (seconds) that a reply names, labelled with the query, in the order in which they are told.

    ``()`` when the reply says that there is none, ``None`` when it says neither, or both. Ends told before beginnings
    are put in order.

    >>> read_spans('"阿里" 从第1.53秒开始出现,至第1.87秒结束。', "阿里")
    (Event(label='阿里', onset=1.53, offset=1.87),)
    >>> read_spans("It is said between 2 and 3.5 seconds, and again from 0:07 to 0:08.", "it")
    (Event(label='it', onset=2.0, offset=3.5), Event(label='it', onset=7.0, offset=8.0))
    >>> read_spans('"阿里" 没有在这段音频中出现。'), read_spans("我不知道。")
    ((), None)
    """
    reply = own_words(reply)
    if words := tokens(reply):
        return _events(query, [item[1:] for item in find_words(words, query)])
    items = listed(reply)
    if items is not None:
        # A model may list all the words that it heard, and when.
        return _events(query, [item[1:] for item in find_words(items, query) or items])
    return () if says_nothing(reply) else _read_prose(reply, query)


def _read_prose(reply: str, query: str) -> tuple[Event, ...] | None:
    said = unwrap(reply)  # of a transcript it would leave the words alone: here the times count
    text = said.text if said.rule == "quotes" else reply.strip() if "<|" in reply else unfenced(reply)
    found: list[tuple[float, float]] = []
    absent = "silence" in said.rule
    for sentence in SENTENCES.split(plain("\n".join(_answers(text)), query)):
        told, denied = without_denials(sentence)
        absent = absent or denied
        found.extend((span.onset, span.offset) for span in spans(HEARD.sub(" ", told)))
    if found and absent:
        return None
    return _events(query, found) if found else () if absent else None


def _answers(text: str) -> Iterable[str]:
    """The texts in a reply that is JSON, else the reply."""
    values = json_values(text) if text.startswith(("{", "[")) else []
    return list(texts_of(values)) or [text]


def _events(query: str, found: Iterable[tuple[float, float]]) -> tuple[Event, ...]:
    """Each span once, without the times that lie in one."""
    once = list(dict.fromkeys(found))
    ranges = [pair for pair in once if pair[0] < pair[1]]
    return tuple(Event(query, *pair) for pair in once if not (pair[0] == pair[1] and _within(pair[0], ranges)))


def _within(time: float, ranges: Iterable[tuple[float, float]]) -> bool:
    return any(onset <= time <= offset for onset, offset in ranges)
