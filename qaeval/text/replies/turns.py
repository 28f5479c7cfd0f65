"""What of a reply is the model's own: not what it thinks aloud, and no turn of a user that it imitates.

A model may repeat the question as a turn of the user's, or go on with the conversation instead of ending its reply::

    User: the answer is A
    Assistant: B

Of such a dialogue the turns of the user are not the reply's. Where words of its own stand before the first of them,
they are the reply and what is behind them is made up: a stop sequence at "User:" would have left the same. Else all
turns of the assistant are the reply's, since which of several answers the question is not told: those that tell
different things are several answers. A reply with no turn but the user's says nothing.

Only the names of the two roles at the beginning of a line, with a colon, and those of ChatML make turns: "Man: ..." and
"Speaker 1: ..." are what is heard, and the A of "Q: ... A: ..." may be an option.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_TURN = re.compile(
    r"""^[ \t]*[*\#_\[【]{0,4}
    (?:(?P<user>user|human|用户|提问者|人类)|(?:ai\s)?assistant|ai|(?:chat)?bot|(?:ai|人工智能|智能)?助手)
    [*_\]】]{0,4}\s?[:：][*_]{0,3}
    |<\|im_start\|>(?:(?P<chatml>user)|assistant)\n""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_USERS = re.compile(r"user|human|用户|提问者|人类", re.IGNORECASE)
_HEARD = ("human", "人类")
"""Names that, without a turn of the assistant, are what is heard: "Human: coughing"."""
_ASKS = re.compile(
    r"""(?:this|following|provided|attached)\s(?:\w{1,12}\s)?(?:audio|recording|clip|speech)|\btranscribe\b
    |[这该此](?:一?[段条个])?(?:中文|英文)?(?:音频|录音|语音)|转写""",
    re.IGNORECASE | re.VERBOSE,
)
_LATER = re.compile(r"\n[^\S\n]*+(?:user|用户)\s?[:：]", re.IGNORECASE)
_NAMED = re.compile(r"^\W{0,4}[^\W\d]{1,12}(?: \w{1,3})?\s?[:：]", re.MULTILINE)
_END = re.compile(r"<\|(?:im_end|endoftext)\|>")


def own_words(reply: str) -> str:
    r"""A reply without the thoughts before it and without the turns of a user that it imitates.

    >>> own_words("<think>A?</think> B"), own_words("User: the answer is A\nAssistant: B")
    (' B', 'B')
    >>> own_words("It is B.\nUser: And now?\nAssistant: A"), own_words("User: Is it A?")
    ('It is B.', '')
    """
    reply = reply.rpartition("</think>")[2]
    opening = _TURN.match(reply.lstrip())
    if opening is None and not _USERS.search(reply):
        return reply
    turns = list(_TURN.finditer(reply))
    first = next((place for place, turn in enumerate(turns) if _is_user(turn)), None)
    if first is None:
        return _said(reply, turns) if opening else reply
    if all(map(_is_user, turns)) and (turns[first]["user"] or "").lower() in _HEARD:
        return reply
    before = _said(reply[: turns[first].start()], turns[:first])
    if before and not before.endswith((":", "：")):
        return before
    return _said(reply, turns)


def _is_user(turn: re.Match[str]) -> bool:
    return bool(turn["user"] or turn["chatml"])


def _said(reply: str, turns: Sequence[re.Match[str]]) -> str:
    """What stands before all turns and in those that are not a user's."""
    starts = [turn.start() for turn in turns] + [len(reply)]
    pieces = [reply[: starts[0]]]
    pieces += [reply[turn.end() : end] for turn, end in zip(turns, starts[1:], strict=True) if not _is_user(turn)]
    return "\n".join(filter(None, (_END.sub("", piece).strip() for piece in pieces)))


def answer_to_the_prompt(text: str) -> str | None:
    r"""The answer in a transcript's reply that repeats the prompt before it; None where it does not.

    A clip may be a dialogue with an assistant, so turns count only where the user's asks about a clip, or where they
    are those of a chat template.

    >>> answer_to_the_prompt("User: What is said in this audio?\nAssistant: Go home.")
    'Go home.'
    >>> answer_to_the_prompt("User: Set an alarm.\nAssistant: Done."), answer_to_the_prompt("User: admin")
    (None, None)
    """
    if text.startswith("assistant\n"):
        return text.partition("\n")[2]
    if text.startswith(("system\n", "user\n")):
        asked, _, told = f"\n{text}".partition("\nassistant\n")
        return told if told and "\nuser\n" in f"{asked}\n" else None
    opening = _TURN.match(text)
    if opening is None:
        return None
    if opening["user"] is None:
        return text[opening.end() :] if text.startswith("<|im_start|>assistant") else None
    answer = _TURN.search(text, opening.end())
    if answer is None or _is_user(answer) or not _ASKS.search(text, opening.end(), answer.start()):
        return None
    later = next((turn.start() for turn in _TURN.finditer(text, answer.end()) if _is_user(turn)), len(text))
    return text[answer.end() : later].strip()


def without_later_turns(text: str) -> str | None:
    r"""What stands before the turn of a user's that a model makes up after its own; None where there is none.

    Where a line before it begins with a name, the clip is a dialogue.

    >>> without_later_turns("Go home.\nUser: Thanks!"), without_later_turns("Agent: Hello!\nUser: Hi.")
    ('Go home.', None)
    """
    later = _LATER.search(text)
    return text[: later.start()] if later and not _NAMED.search(text, 0, later.start()) else None
