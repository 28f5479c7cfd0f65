"""What is to be known of a reply beside its outcome: whether its model heard the clip, and said all that it had to say.

``cut``
    Only the start of the clip was heard: it was cut before it was sent, or is longer than the service listens.
``truncated``
    The answer ended at the limit on its length.
``unheard``
    The audio tokens that the service counted do not fit the seconds that were sent (`audio_tokens_fit`): the audio did
    not arrive, or not as it was sent.
"""

from __future__ import annotations

import math

from qaeval.fitting import is_cut
from qaeval.types import AudioLimits, Reply

FLAGS = ("cut", "truncated", "unheard")

TOLERANCE = 0.02
"""How far counted tokens may be off, as a part of those expected, where that is more than those of a second."""

SLACK = 0.1
"""Seconds that a clip may be longer than the service listens without being flagged: padding of an encoder."""

_UNKNOWN = AudioLimits()


def flags_of(reply: Reply, seconds: float | None = None, hears: AudioLimits | None = None) -> tuple[str, ...]:
    """The flags of a reply, in alphabetical order; none where there is no reply of the model.

    ``seconds`` is how much audio it was asked about, where `Reply.sent_seconds` does not say; ``hears`` is how its
    model counts audio.

    >>> hears = AudioLimits(tokens_per_second=25, least_tokens=25)
    >>> flags_of(Reply("and then he", finish_reason="length", usage={"audio_tokens": 85}), 3.4, hears)
    ('truncated',)
    >>> flags_of(Reply("I hear nothing", usage={"input_tokens": 33, "output_tokens": 4}), 3.4, hears)
    ('unheard',)
    """
    if reply.text is None:
        return ()
    if not reply.usage and not reply.fitted and not reply.finish_reason and hears is None:
        return ()
    hears = hears or _UNKNOWN
    sent = sent_seconds(reply, seconds)
    reported = reply.usage.get("audio_tokens", 0) if reply.usage else None
    raised = []
    if is_cut(reply.fitted) or _outlasts(sent, hears):
        raised.append("cut")
    if reply.truncated:
        raised.append("truncated")
    if audio_tokens_fit(reported, sent, hears) is False:
        raised.append("unheard")
    return tuple(raised)


def sent_seconds(reply: Reply, seconds: float | None = None) -> float | None:
    """How much audio was sent: what the reply says, else ``seconds`` unless the clip was cut."""
    if reply.sent_seconds is not None or is_cut(reply.fitted):
        return reply.sent_seconds
    return seconds


def _outlasts(sent: float | None, hears: AudioLimits) -> bool:
    return hears.cuts and hears.seconds is not None and sent is not None and sent > hears.seconds + SLACK


def audio_tokens_fit(reported: int | None, seconds: float | None, hears: AudioLimits) -> bool | None:
    """Whether a service counted as many audio tokens as that much audio has; None where that cannot be told.

    How services round is not documented: the count may be off by the tokens of one second or by 2 %, whichever is
    more, but not below the least that the service counts. None at all never fits. A service that cuts long clips counts
    them up to its limit.

    >>> hears = AudioLimits(tokens_per_second=25, least_tokens=25, seconds=30, cuts=True)
    >>> [audio_tokens_fit(tokens, 3.4, hears) for tokens in (85, 110, 111, 0)]
    [True, True, False, False]
    >>> audio_tokens_fit(1, 0.9, hears)
    False
    >>> audio_tokens_fit(750, 45.0, hears), audio_tokens_fit(85, 3.4, AudioLimits()), audio_tokens_fit(None, 3.4, hears)
    (True, None, None)
    """
    if reported is None or seconds is None or hears.tokens_per_second is None:
        return None
    if seconds == 0:  # a question in words only
        return reported <= 0
    expected = hears.tokens(seconds) or 0
    if reported <= 0:
        return expected <= 0
    if reported < hears.least_tokens - 1:
        return False
    return abs(reported - expected) <= max(math.ceil(hears.tokens_per_second), TOLERANCE * expected)
