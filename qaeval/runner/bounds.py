"""What a request may cost: an upper bound before it is sent, the truth as far as it is known afterwards.

A bound is a usage as in `Reply`. Text has at most as many tokens as UTF-8 bytes, since the services' tokenizers work on
bytes; audio is counted by the model's own rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qaeval.errors import ModelError, TransientError
from qaeval.types import Model, Reply, Request

OUTPUT_TOKENS = 2048  # of an answer, where neither the request nor the model says
_TEMPLATE_TOKENS = 50  # that a chat template puts around the messages
_AUDIO_RATE = 25  # tokens per second where the model's own is not known: the highest that any model has
_DECODED_S = 0.5  # by how much a decoder may find an encoded clip longer than its header says
_COUNTS = ("input_tokens", "audio_tokens", "output_tokens")


def bound(request: Request, seconds: float | None, model: Model) -> dict[str, int]:
    """The most that a request may use, with so many seconds of audio.

    >>> from qaeval.types import Audio, Message
    >>> hello = Request("m", Audio("a.wav"), (Message("user", "hello"),), {"max_tokens": 64})
    >>> bound(hello, 3.4, Model("m", ask=str))
    {'input_tokens': 55, 'audio_tokens': 98, 'output_tokens': 64, 'total_tokens': 217}
    """
    text = sum(len(message.text.encode("utf-8", "surrogatepass")) for message in request.messages) + _TEMPLATE_TOKENS
    heard = (seconds if seconds is not None else model.hears.seconds or 0.0) + _DECODED_S
    audio = model.hears.tokens(heard)
    if audio is None:
        audio = -int(-heard * _AUDIO_RATE // 1)
    output = _asked_output(request.params) or model.max_output or OUTPUT_TOKENS
    counts = dict(zip(_COUNTS, (text, audio, output), strict=True))
    return counts | {"total_tokens": text + audio + output}


def paced(most: Mapping[str, int], params: Mapping[str, Any]) -> dict[str, int]:
    """What of a bound is held of the service's minute until the answer has come.

    That is all of it, but for an answer whose length the request does not limit: of that, `OUTPUT_TOKENS`. Some models
    may say ten or fifty times as much and hardly ever do; a longer answer counts as what it is once it has come.

    >>> paced({"input_tokens": 90, "audio_tokens": 69, "output_tokens": 16_384, "total_tokens": 16_543}, {})
    {'input_tokens': 90, 'audio_tokens': 69, 'output_tokens': 2048, 'total_tokens': 2207}
    """
    answer = most["output_tokens"]
    held = answer if _asked_output(params) else min(answer, OUTPUT_TOKENS)
    return {**most, "output_tokens": held, "total_tokens": most["total_tokens"] - answer + held}


def _asked_output(params: Mapping[str, Any]) -> int:
    for name in ("max_tokens", "max_completion_tokens"):
        if isinstance(most := params.get(name), int) and most > 0:
            return most
    return 0


def total(usage: Mapping[str, Any]) -> int:
    """All tokens of a usage; what is no count counts as nothing.

    >>> total({"input_tokens": 33, "audio_tokens": 85, "output_tokens": None})
    118
    """
    if isinstance(whole := usage.get("total_tokens"), int):
        return whole
    return sum(count for name in _COUNTS if isinstance(count := usage.get(name), int))


def used(got: Reply | TransientError | ModelError, most: Mapping[str, int]) -> Mapping[str, int]:
    """What a call has to be charged for: what its reply says, nothing for what was refused, else the bound ``most``.

    Of an attempt that broke off only a usage of 0 is believed: what a stream has told before it broke is not all.
    """
    if isinstance(got, Reply):
        return got.usage if got.error or total(got.usage) else most
    if isinstance(got, ModelError) or got.throttled:
        return {}
    return {} if got.usage and not total(got.usage) else most


def held(got: Reply | TransientError | ModelError, most: Mapping[str, int], audio: int | None) -> int:
    """The tokens that a server may have counted in its minute for a call with so many tokens of audio.

    More than it is charged for: a request that fails was admitted all the same, and what a reply says of its audio may
    be wrong. What was refused for coming too fast was not admitted.
    """
    if isinstance(got, ModelError) or (isinstance(got, TransientError) and got.throttled):
        return 0
    if isinstance(got, TransientError) or got.error or not total(got.usage):
        return total(most)
    told = got.usage.get("audio_tokens")
    return total(got.usage) + max((audio or 0) - (told if isinstance(told, int) else 0), 0)


def is_free(name: str, endpoint: str, reads_prompt: bool) -> bool:
    """Whether asking a model costs nothing: an engine on this machine that reads no prompt, or stored replies.

    >>> is_free("whisper/base", "", reads_prompt=False), is_free("mine", "", reads_prompt=True)
    (True, False)
    """
    return not endpoint and (not reads_prompt or name.startswith("replay/"))
