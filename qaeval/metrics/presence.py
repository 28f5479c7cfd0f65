"""Whether a reply is right about something being there at all, wherever it is: the share of right decisions.

A reply that could not be read decides nothing and is wrong. The part ``false_absence`` is the share of clips with a
true span that are said to have none, ``false_presence`` the share of clips without one that are said to have some.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation, Event
>>> score(Case(Annotation(events=()), Annotation(events=(Event("a", 1, 2),)), "", find_profile()))
{'': Ratio(num=0, den=1), 'false_absence': Ratio(num=0, den=0), 'false_presence': Ratio(num=1, den=1)}
"""

from __future__ import annotations

from qaeval.types import Case, Metric, Ratio


def score(case: Case) -> dict[str, Ratio] | None:
    """1 if found and absent are told apart rightly, and the two ways to be wrong."""
    if case.reference.events is None:
        return None
    there, told = bool(case.reference.events), case.hypothesis.events
    said_there, said_absent = bool(told), told is not None and not told
    return {
        "": Ratio(int(said_there if there else said_absent), 1),
        "false_absence": Ratio(int(there and said_absent), int(there)),
        "false_presence": Ratio(int(not there and said_there), int(not there)),
    }


METRIC = Metric("presence", "events", score, "higher", summary="share of clips where found or absent is told rightly")
