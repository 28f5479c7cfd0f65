"""Whether a model takes a clip as it is, what a run would do to it so that it fits, and what its audio would cost."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from qaeval import fitting
from qaeval.audio import AudioInfo
from qaeval.audio.looking import Look, local
from qaeval.errors import AudioError
from qaeval.fitting import ClipInfo
from qaeval.types import Model, Request, Sample

REFUSED = "unreadable row"
VERDICTS = (
    "readable",
    "fits",
    "fitted",
    "cut",
    "too long",
    "too large",
    "unsupported format",
    "unsupported language",
    "unreadable",
    REFUSED,
)
"""What `check` says of a clip. ``fitted``: it is asked as ``fit`` says; ``cut``: the model would hear only its start;
``readable``: no model was named; ``unreadable row``: it is not said of a clip, but of a row that names none."""
ASKED = ("readable", "fits", "fitted")
"""The verdicts of clips that a run asks about."""
_KINDS = {"format": "unsupported format", "language": "unsupported language", "too_large": "too large"}


def read(look: Look) -> dict[str, Any]:
    """The columns of a clip that is meant for no model."""
    return {"model": "", "verdict": "readable" if look.info else "unreadable", "what": look.reason}


def judged(sample: Sample, look: Look, model: Model, fit: str) -> dict[str, Any]:
    """The columns that say what a model makes of a clip in a run with that ``fit``."""
    if look.info is None:
        return {"model": model.name, "verdict": "unreadable", "what": look.reason}
    found = fitting.judged(look.info, sample.language, model.hears)
    if not any(misfit.kind == "language" for misfit in found) and (refusal := _refused(sample, model)):
        found.insert(0, fitting.Misfit("language", refusal))
    too_long = "cut" if model.hears.cuts else "too long"
    verdict = _KINDS.get(found[0].kind, too_long) if found else "fits"
    row: dict[str, Any] = {"model": model.name, "verdict": verdict, "what": "; ".join(each.text for each in found)}
    if not found or found[0].kind == "language":
        return row | _cost(model, [look.info.duration])
    ways = [mode for mode in fitting.MODES if model.endpoint and fitting.recipe(look.info, model.hears, mode)]
    row["ways"] = "; ".join(ways)
    return row | (_fitted(sample, look.info, model, fit) if fit in ways else _cost(model, [look.info.duration]))


def _fitted(sample: Sample, info: AudioInfo, model: Model, fit: str) -> dict[str, Any]:
    """The columns of a clip that is asked otherwise than it is: just what a run would send, part by part."""
    try:
        sent = list(_sent(sample, _searched(sample, info, model, fit), model, fit))
    except AudioError as error:
        return {"verdict": "unreadable", "what": str(error), "ways": ""}
    said = ", ".join(dict.fromkeys(each.said for each in sent)) if len(sent) == 1 else f"{len(sent)} parts"
    seconds = [each.seconds or 0.0 for each in sent]
    return {"verdict": "fitted", "fitted": said, "parts": len(sent)} | _cost(model, seconds)


def _searched(sample: Sample, info: AudioInfo, model: Model, fit: str) -> ClipInfo:
    """What the clip holds, and where it is quiet if it is to be split there."""
    limit = model.hears.seconds
    known = ClipInfo(**dataclasses.asdict(info))
    if fit != "split" or limit is None or info.duration <= limit:
        return known
    return dataclasses.replace(known, pauses=tuple(fitting.quiet_places(local(sample.audio))))


def _sent(sample: Sample, info: ClipInfo, model: Model, fit: str) -> Iterator[fitting.Fitted]:
    """What is sent of the clip. Nothing is encoded, as for a control that fits another clip."""
    way = fitting.way(info, sample.language, model, fit)
    silent = dataclasses.replace(model, ask=None, prepare=_never)
    for span in way.parts:
        request = Request(model.name, sample.audio, endpoint=model.endpoint, span=span, fitting=way.recipe)
        yield fitting.applied(request, info, silent)


def _never(samples: object) -> Any:
    raise NotImplementedError("a check asks nobody")


def _refused(sample: Sample, model: Model) -> str:
    """Why a model that judges languages itself, as the local engines do, refuses the clip's; ``""``: it does not."""
    if not sample.language:
        return ""
    asked, unknown = (
        Request(model.name, sample.audio, task="transcribe", language=language, reads_prompt=model.reads_prompt)
        for language in (sample.language, "")
    )
    return "" if model.refuses(unknown) else model.refuses(asked)


def _cost(model: Model, seconds: list[float]) -> dict[str, Any]:
    """The columns of what so many seconds of audio each, sent one after the other, count as and cost."""
    tokens = [model.hears.tokens(each) for each in seconds]
    prices = [_price(model, each, count) for each, count in zip(seconds, tokens, strict=True)]
    return {"audio_tokens": _sum(tokens), "price": _sum(prices)}


def _sum(amounts: list[Any]) -> Any:
    return None if None in amounts else sum(amounts)


def _price(model: Model, seconds: float, tokens: int | None) -> float | None:
    """CNY for the audio of a clip, None where it is not known."""
    prices, limit = model.prices, model.hears.seconds
    if prices is None or (tokens is None and prices.audio_in):
        return None
    heard = min(seconds, limit) if model.hears.cuts and limit is not None else seconds
    return prices.cost({"audio_tokens": tokens or 0}, heard)
