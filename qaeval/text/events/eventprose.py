"""Which label of a reply goes with which time: ``0-2 s: dog, speech``, 狗叫声出现在0到2秒, a heading and times below.

A reply is made of sentences (lines, too), those of clauses (up to a comma). What stands first leads: after "from 0 to 2
s" come the labels that it holds for, after "the dog barks" its times. A clause with both is done; else its sentence is
looked at, then the sentences beside it: a line of times below a line with a label, labels below a line with a time.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from qaeval.text.labels.vocabulary import OTHER
from qaeval.text.times.timeranges import Span, spans

Labels = tuple[str, ...]
Found = tuple[Labels, Span]
Read = Callable[[str], Labels]

_COMMA = re.compile(r"\([^()\n]{1,80}\)|,(?!\d)")  # not one in parentheses
_LIST = re.compile(r"\s*(?:(?:and|or|also|then|an?|the)\b\s*|[和与及]\s*)*")
_TOLD_AFTER = re.compile(r"[\s)\]*]*[:~|-][\s*]*[^\W\d_]{2}")
_TOLD_BEFORE = re.compile(r"[^\W\d_]{2}[\s*]*:[\s*(\[]*\Z")
_OF_TIME = re.compile(r"time|start|begin|onset|occurrence|interval|span|时|次|开始|起|区间")
_LETTER = re.compile(r"[^\W\d_]")
_HEADING = re.compile(r"[:*#]\s*\Z|\A\s*[*#]")


class Clause(NamedTuple):
    """The labels and the times of a clause in their order, and whether it is nothing but a label."""

    items: tuple[Labels | Span, ...]
    bare: bool = False

    @property
    def labels(self) -> bool:
        """Whether a label is told."""
        return any(not isinstance(item, Span) for item in self.items)

    @property
    def times(self) -> bool:
        """Whether a time is told."""
        return any(isinstance(item, Span) for item in self.items)


class Sentence(NamedTuple):
    """What a sentence tells by itself, what is left of labels and of times, and whether it is a heading."""

    found: list[Found]
    labels: Labels
    times: list[Span]
    heading: bool


def pair(items: Iterable[Labels | Span]) -> tuple[list[Found], Labels, list[Span]]:
    """Labels with times by what leads, and what is left over of each.

    >>> dog, cat, one, two = ("dog",), ("cat",), Span(0, 1, 0, 0), Span(2, 3, 0, 0)
    >>> pair([dog, one, two]) == pair([one, two, dog]) == ([(dog, one), (dog, two)], (), [])
    True
    >>> pair([one, dog, two, cat])[0] == pair([dog, one, cat, two])[0] == [(dog, one), (cat, two)]
    True
    """
    items = list(items)
    found: list[Found] = []
    labels: Labels = ()
    times: list[Span] = []
    for before, item in zip([None, *items], items, strict=False):
        turned = before is not None and isinstance(before, Span) != isinstance(item, Span)
        if turned and isinstance(item, Span) == isinstance(items[0], Span):
            found += [(labels, time) for time in times]  # the next group begins
            labels, times = (), []
        if isinstance(item, Span):
            times.append(item)
        else:
            labels += item
    if labels and times:
        return [*found, *((labels, time) for time in times)], (), []
    if times and found:  # "0-1 s: a dog, and again 2-3 s"
        return [*found, *((found[-1][0], time) for time in times)], (), []
    return found, labels, times


def read_sentence(text: str, read: Read, is_name: Callable[[str], bool]) -> Sentence:
    """What a plain sentence tells. ``read`` gives the labels in a text, ``is_name`` whether a text is one label."""
    done: list[Found] = []
    waiting: list[Clause] = []
    led = False  # whether a time leads the last clause with a time
    clauses = [clause for clause in _clauses(text, read, is_name) if clause.items]
    for clause, after in zip(clauses, [*clauses[1:], None], strict=False):
        if clause.labels and clause.times:
            led = isinstance(clause.items[0], Span)
            listed = [] if led else _bare_at_end(waiting)
            done += pair([*(item for one in listed for item in one.items), *clause.items])[0]
        elif clause.labels and led and done and (after is None or after.labels):
            done.append((_labels(clause), done[-1][1]))  # "0-2 s: dog, speech"
        else:
            led = led and not clause.times
            waiting.append(clause)
    found, labels, times = pair(item for clause in waiting for item in clause.items)
    if times and not labels and done:
        found, times = [*found, *((done[-1][0], time) for time in times)], []
    told = sorted(done + found, key=lambda one: one[1].start)
    heading = bool(_HEADING.search(text)) or all(clause.bare for clause in clauses)
    return Sentence(told, labels, times, heading)


def _clauses(text: str, read: Read, is_name: Callable[[str], bool]) -> Iterator[Clause]:
    """The clauses of a sentence, split at commas that are outside of spans."""
    for start, end, inside in _stretches(text):
        edges = [start, *(place for span in inside for place in (span.start, span.end)), end]
        texts = [text[i:j] for i, j in zip(edges[::2], edges[1::2], strict=True)]
        labels = [read(one) for one in texts]
        if inside and not any(labels) and _names_something(texts):
            labels[-1] = (OTHER,)
        items: list[Labels | Span] = [labels[0]] if labels[0] else []
        for span, told in zip(inside, labels[1:], strict=True):
            items += [span, told] if told else [span]
        yield Clause(tuple(items), bool(labels[0]) and not inside and is_name(_LIST.sub("", texts[0], count=1)))


def _stretches(text: str) -> Iterator[tuple[int, int, list[Span]]]:
    """Where each clause begins and ends, and the spans in it."""
    found = deque(spans(text))
    start, inside = 0, list[Span]()
    commas = [match.start() for match in _COMMA.finditer(text) if match[0] == ","]
    for place in [*commas, len(text)]:
        while found and found[0].start < place:
            inside.append(found.popleft())
        if not inside or inside[-1].end <= place:
            yield start, place, inside
            start, inside = place + 1, []


def _names_something(texts: Sequence[str]) -> bool:
    """Whether what stands around times tells of something: "0-2 s: a whoosh", "whoosh: 0-2 s", but not "start: 0 s"."""
    before, after = texts[0], texts[-1]
    if _TOLD_AFTER.match(after):
        return not _LETTER.search(before)
    return _TOLD_BEFORE.search(before) is not None and not _OF_TIME.search(before) and not _LETTER.search(after)


def _bare_at_end(clauses: list[Clause]) -> list[Clause]:
    """Takes off the last clauses that are nothing but a label: "speech, a dog and wind from 0 to 2 s"."""
    taken: list[Clause] = []
    while clauses and clauses[-1].bare and not clauses[-1].times:
        taken.append(clauses.pop())
    return taken[::-1]


def _labels(clause: Clause) -> Labels:
    return tuple(label for item in clause.items if not isinstance(item, Span) for label in item)


def join(sentences: Iterable[Sentence]) -> Iterator[Found]:
    """What all sentences tell, those with only labels or only times beside each other; no label: ``()``."""
    run: list[Sentence] = []
    last: Labels = ()
    for one in sentences:
        if one.labels or one.times:
            run.append(one._replace(found=[]))
        if one.found:
            yield from _beside(run, last)
            yield from one.found
            run, last = [], one.found[-1][0]
    yield from _beside(run, last)


def _beside(run: Sequence[Sentence], last: Labels) -> Iterator[Found]:
    """What sentences in a row tell that have only labels or only times; ``last`` are the labels before them."""
    items = [item for one in run for item in ((one.labels,) if one.labels else one.times)]
    if len(items) > 2 and run[0].labels and run[-1].labels and not run[0].heading and run[-1].heading:
        first = next((n for n, item in enumerate(items) if isinstance(item, Span)), 0)
        items = items[first:]  # an introduction: "I hear a dog and a car." before times with labels below
    found, _, times = pair(items)
    yield from found
    yield from ((last, time) for time in times)
