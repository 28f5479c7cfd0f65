"""What a service takes, how fast it may be asked, and what it costs: words of `qaeval.types`, kept apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """What a service takes of a clip, and what it counts for it. None or ``()``: no limit is known.

    ``seconds`` is the longest clip; a longer one is heard only so far where ``cuts``, else refused. ``size`` is in
    bytes of the encoded file, ``formats`` names containers and codecs as `qaeval.audio.AudioInfo` does, ``languages``
    are codes. ``tokens_per_second`` and ``least_tokens`` are how audio is counted as tokens.
    """

    seconds: float | None = None
    cuts: bool = False
    size: int | None = None
    formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tokens_per_second: float | None = None
    least_tokens: int = 0

    def tokens(self, seconds: float) -> int | None:
        """Audio tokens of so many seconds, rounded up; None where the rate is not known.

        >>> AudioLimits(tokens_per_second=25, least_tokens=25).tokens(3.4), AudioLimits().tokens(3.4)
        (85, None)
        """
        if self.tokens_per_second is None:
            return None
        heard = min(seconds, self.seconds) if self.cuts and self.seconds is not None else seconds
        return max(math.ceil(round(heard * self.tokens_per_second, 6)), self.least_tokens)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How fast a service may be asked: requests and tokens (in and out) in any 60 seconds; None: as one likes.

    ``per_second``: the service also enforces a sixtieth of them in each second.
    """

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    per_second: bool = False


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in CNY: of a million tokens of text in, audio in and text out, and of a second of audio."""

    text_in: float = 0.0
    audio_in: float = 0.0
    text_out: float = 0.0
    second: float = 0.0

    def cost(self, usage: Mapping[str, int], seconds: float = 0.0) -> float:
        """What a call costs, in CNY, from its usage (as in `Reply`) and the seconds of audio that were sent.

        >>> Prices(text_in=2.2, audio_in=18, text_out=13.3).cost({"input_tokens": 50, "audio_tokens": 210})
        0.00389
        """
        tokens = (
            usage.get("input_tokens", 0) * self.text_in
            + usage.get("audio_tokens", 0) * self.audio_in
            + usage.get("output_tokens", 0) * self.text_out
        )
        return round(tokens / 1e6 + seconds * self.second, 9)
