"""Will these clips be taken, cut or refused, and what would they cost? Looked up before anything is asked or sent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval import audio, datasets, fitting, models as providers
from qaeval.datasets.folder import SUFFIXES
from qaeval.errors import AudioError
from qaeval.types import Audio, Dataset, Model, Request, Sample

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("sample", "audio", "seconds", "size", "codec", "container", "rate", "channels", "language"),
    *("model", "verdict", "what", "audio_tokens", "price"),
)
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

Known = audio.AudioInfo | str  # what a clip is, or why it cannot be read


def check(
    dataset: Dataset | Iterable[Sample] | str | Path,
    models: Sequence[str | Model] | str | Model = (),
    *,
    progress: bool = True,
) -> pd.DataFrame:
    """Whether each model takes each clip as it is: one row a sample and model, in their order. Nobody is asked.

    ``dataset`` is what `qaeval.load` takes, or the path of one audio file. Without models there is one row a sample
    (``model`` is ``""``) that says what the clip is and whether it can be read. Clips are probed, many at once, not
    decoded; those at URLs are fetched.

    The columns: sample, audio (its name), seconds, size (bytes), codec, container, rate (Hz), channels, language;
    model, verdict (one of `VERDICTS`; of several the one that is hardest to mend), what (all of them, in words),
    audio_tokens (as the model counts them) and price (of the audio, in CNY), both empty where they are not known.

    Raises `DatasetError` for a dataset that is not as it should be, `UnknownNameError` for a model.

    >>> from qaeval.models.control import quiet
    >>> from qaeval.types import AudioLimits
    >>> small = Model("mine", lambda request: "", endpoint="openai", hears=AudioLimits(seconds=1, tokens_per_second=25))
    >>> clips = [Sample(f"{seconds} s", quiet(seconds)) for seconds in (0.8, 2)]
    >>> check(clips, small, progress=False)[["sample", "verdict", "what", "audio_tokens"]].values.tolist()
    [['0.8 s', 'fits', '', 20], ['2 s', 'too long', 'it lasts 2 s, the model takes at most 1 s', 50]]
    """
    import pandas as pd

    chosen = [_found(model) for model in ([models] if isinstance(models, str | Model) else models)]
    samples = _samples(dataset)
    rows: list[dict[str, Any]] = []
    for sample, known in zip(samples, _probed(samples, progress), strict=True):
        clip = _clip(sample, known)
        rows += [clip | _judged(sample, known, model) for model in chosen] or [clip | _read(known)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    counts = dict.fromkeys(("size", "rate", "channels", "audio_tokens"), "Int64")
    return frame.astype({**counts, "seconds": "float64", "price": "float64"})


def _samples(dataset: Dataset | Iterable[Sample] | str | Path) -> list[Sample]:
    if isinstance(dataset, str | Path) and str(dataset).lower().endswith(SUFFIXES) and os.path.isfile(dataset):
        return [Sample(str(dataset), dataset)]
    return list(datasets.load(dataset))


def _found(model: str | Model) -> Model:
    return providers.find(model) if isinstance(model, str) else model


def _probed(samples: Sequence[Sample], progress: bool) -> Iterator[Known]:
    """What each clip is, in their order."""
    from tqdm.auto import tqdm

    hidden = None if progress else True  # None: shown on a terminal only
    with ThreadPoolExecutor(min(32, (os.cpu_count() or 1) + 4)) as pool:
        known = pool.map(_probe, (sample.audio for sample in samples))
        yield from tqdm(known, "clips", len(samples), unit=" clips", disable=hidden, dynamic_ncols=True)


def _probe(clip: Audio) -> Known:
    try:
        return audio.probe(clip)
    except AudioError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - one clip that trips a decoder must not hide what the others are
        return f"{type(error).__name__}: {error}"


def _clip(sample: Sample, known: Known) -> dict[str, Any]:
    row: dict[str, Any] = {"sample": sample.id, "audio": sample.audio.name, "language": sample.language}
    if isinstance(known, str):
        return row
    names = ("size", "codec", "container", "rate", "channels")
    return row | {"seconds": known.duration} | {name: getattr(known, name) for name in names}


def _read(known: Known) -> dict[str, Any]:
    readable = not isinstance(known, str)
    return {"model": "", "verdict": "readable" if readable else "unreadable", "what": "" if readable else known}


def _judged(sample: Sample, known: Known, model: Model) -> dict[str, Any]:
    if isinstance(known, str):
        return {"model": model.name, "verdict": "unreadable", "what": known}
    found = fitting.judged(known, sample.language, model.hears)
    if not any(misfit.kind == "language" for misfit in found) and (refusal := _refused(sample, model)):
        found.insert(0, fitting.Misfit("language", refusal))
    too_long = "cut" if model.hears.cuts else "too long"
    tokens = model.hears.tokens(known.duration)
    return {
        "model": model.name,
        "verdict": _KINDS.get(found[0].kind, too_long) if found else "fits",
        "what": "; ".join(misfit.text for misfit in found),
        "audio_tokens": tokens,
        "price": _price(model, known.duration, tokens),
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


def check_text(frame: pd.DataFrame, most: int = 10) -> str:
    """What `check` found, for a terminal: counts by model and verdict, what the clips that fit take, why others do not.

    >>> from qaeval.models.control import quiet
    >>> print(check_text(check([Sample("a", quiet(2)), Sample("b", b"no audio")], progress=False), most=0))
    clips: 2, 2 s of audio; readable 1, unreadable 1
    not taken as they are: 1
    """
    if frame.empty:
        return "no clips"
    clips = frame.drop_duplicates("sample")
    lines = [f"clips: {len(clips)}, {_time(clips['seconds'].sum())} of audio"]
    for name, rows in frame.groupby("model", sort=False):
        if name:
            lines.append(f"{name!s}: {_counts(rows)}{_costs(rows[rows['verdict'] == 'fits'])}")
        else:
            lines[0] += f"; {_counts(rows)}"
    return "\n".join([*lines, *_misfits(frame, most)])


def _counts(rows: pd.DataFrame) -> str:
    counts = rows["verdict"].value_counts()
    return ", ".join(f"{verdict} {counts[verdict]}" for verdict in VERDICTS if verdict in counts)


def _costs(fit: pd.DataFrame) -> str:
    """What the clips that fit take, as far as it is known."""
    said = ""
    if len(fit) and fit["audio_tokens"].notna().all():
        said += f"; {fit['audio_tokens'].sum():,} audio tokens"
    if len(fit) and fit["price"].notna().all():
        said += f"; {fit['price'].sum():.4g} CNY for the audio"
    return said


def _misfits(frame: pd.DataFrame, most: int) -> list[str]:
    """How many clips do not fit, the first reasons with the clips they hold for, and what can be done about them."""
    misfits = frame[~frame["verdict"].isin(["readable", "fits"])]
    if misfits.empty:
        return []
    reasons = [
        (f"  {model!s}{': ' if model else ''}{verdict}: {what}: {_first(samples)}", len(samples))
        for (model, verdict, what), samples in misfits.groupby(["model", "verdict", "what"], sort=False)["sample"]
    ]
    rest = sum(count for _, count in reasons[most:])
    more = [f"  and {rest} more, for other reasons"] if 0 < most < len(reasons) else []
    choices = [_CHOICES] if misfits["verdict"].isin(_MENDABLE).any() else []
    return [f"not taken as they are: {len(misfits)}", *(line for line, _ in reasons[:most]), *more, *choices]


def _first(samples: pd.Series[str]) -> str:
    return f"{samples.iloc[0]}" + (f" and {len(samples) - 1} more" if len(samples) > 1 else "")


_MENDABLE = ["cut", "too long", "too large", "unsupported format"]
_CHOICES = (
    "A run skips them, unless it is told to fit them: fit = transcode (large files, formats), cut (long clips: only "
    "their start) or split (long clips: in parts)"
)


def _time(seconds: float) -> str:
    """Seconds as people say them.

    >>> _time(2.0), _time(200.4), _time(7500)
    ('2 s', '3 min 20 s', '2 h 5 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.3g} s"
    minutes = whole // 60
    return f"{minutes} min {whole % 60} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
