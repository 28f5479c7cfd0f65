"""Whether a model takes a clip as it is, and what its audio would cost."""

from __future__ import annotations

from typing import Any

from qaeval import fitting
from qaeval.audio.looking import Look
from qaeval.types import Model, Request, Sample

VERDICTS = (
    "readable",
    "fits",
    "cut",
    "too long",
    "too large",
    "unsupported format",
    "unsupported language",
    "unreadable",
)
"""What `check` says of a clip. ``cut``: the model would hear only its start; ``readable``: no model was named."""
_KINDS = {"format": "unsupported format", "language": "unsupported language", "too_large": "too large"}


def read(look: Look) -> dict[str, Any]:
    """The columns of a clip that is meant for no model."""
    return {"model": "", "verdict": "readable" if look.info else "unreadable", "what": look.reason}


def judged(sample: Sample, look: Look, model: Model) -> dict[str, Any]:
    """The columns that say what a model makes of a clip."""
    if look.info is None:
        return {"model": model.name, "verdict": "unreadable", "what": look.reason}
    found = fitting.judged(look.info, sample.language, model.hears)
    if not any(misfit.kind == "language" for misfit in found) and (refusal := _refused(sample, model)):
        found.insert(0, fitting.Misfit("language", refusal))
    too_long = "cut" if model.hears.cuts else "too long"
    tokens = model.hears.tokens(look.info.duration)
    return {
        "model": model.name,
        "verdict": _KINDS.get(found[0].kind, too_long) if found else "fits",
        "what": "; ".join(misfit.text for misfit in found),
        "audio_tokens": tokens,
        "price": _price(model, look.info.duration, tokens),
    }


def _refused(sample: Sample, model: Model) -> str:
    """Why a model that judges languages itself, as the local engines do, refuses the clip's; ``""``: it does not."""
    if not sample.language:
        return ""
    asked, unknown = (
        Request(model.name, sample.audio, task="transcribe", language=language, reads_prompt=model.reads_prompt)
        for language in (sample.language, "")
    )
    return "" if model.refuses(unknown) else model.refuses(asked)


def _price(model: Model, seconds: float, tokens: int | None) -> float | None:
    """CNY for the audio of a clip, None where it is not known."""
    prices, limit = model.prices, model.hears.seconds
    if prices is None or (tokens is None and prices.audio_in):
        return None
    heard = min(seconds, limit) if model.hears.cuts and limit is not None else seconds
    return prices.cost({"audio_tokens": tokens or 0}, heard)
