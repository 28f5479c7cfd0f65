"""Will these clips be taken, cut or refused, what would they cost, what is wrong with them? Nobody is asked."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval import fitting
from qaeval.audio.looking import Look
from qaeval.checks.correcting import corrections as corrections, is_filled_in as is_filled_in
from qaeval.checks.fits import ASKED as ASKED, REFUSED, VERDICTS as VERDICTS, judged, read
from qaeval.checks.opening import Opened as Opened, opened as opened
from qaeval.checks.problems import PROBLEMS as PROBLEMS, Problems
from qaeval.checks.telling import check_text as check_text, problems_text as problems_text
from qaeval.checks.workers import looked
from qaeval.errors import RunError
from qaeval.launch.choices import Models, models_of
from qaeval.models.catalogue import read_catalogue
from qaeval.types import Dataset, Model, Sample

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("sample", "audio", "seconds", "size", "codec", "container", "rate", "channels", "language"),
    *("model", "verdict", "what", "ways", "fitted", "parts", "audio_tokens", "price"),
    *("peak", "level", "clipped", "text", "problems", "reason"),
)
_INTEGERS = ("size", "rate", "channels", "parts", "audio_tokens")
_NUMBERS = ("seconds", "price", "peak", "level", "clipped")
_ROWS_AT_ONCE = 2_000


def check(
    dataset: Dataset | Iterable[Sample] | str | Path,
    models: Models = (),
    *,
    fit: str = "refuse",
    fast: bool = False,
    progress: bool = True,
    workers: int | None = None,
) -> pd.DataFrame:
    """What is wrong with each sample, and what a run would make of its clip for each model: a row a sample and model.

    ``dataset`` is what `qaeval.load` takes, or the path of one audio file. Without models there is one row a sample
    (``model`` is ``""``). Clips are read and decoded, many at once, on all cores (``workers`` processes); with ``fast``
    they are not decoded, so that levels and damage inside stay unknown. Those at URLs are fetched. A clip that
    takes longer to decode than `qaeval.checks.processes.limit_s` is unreadable. ``fit`` is what `qaeval.run` would be
    given: refuse, transcode, cut or split (`qaeval.fitting`); clips to be split are decoded in any case, since they are
    split where they are quiet. Of a path, a row that no sample can be made of is no error, where the loader has
    ``bad_rows``: it is a row of the frame's end, ``sample`` says where it stands (``FILE, line N``), and ``verdict``
    and ``problems`` are ``unreadable row``.

    The columns: sample, audio (its name), seconds, size (bytes), codec, container, rate (Hz), channels, language;
    model, verdict (one of `VERDICTS`; of several the one that is hardest to mend), what (all that keeps the clip as it
    is from being taken, in words), ways (each ``fit`` with which it would be asked, ``"; "`` between), fitted (what is
    done to it), parts (requests that it is sent in, where it is fitted), audio_tokens (as the model counts what is
    sent) and price (of that audio, in CNY), both empty where they are not known;
    peak and level (of the loudest sample, and root mean square; dBFS), clipped (share of samples, see
    `qaeval.audio.levels`), text (of the reference), problems (of `PROBLEMS`, ``"; "`` between; ``""`` if there are
    none) and reason (what is wrong, in words). Of duplicates all but the first are told; of a value of meta that is
    written in several ways, the first sample with each of the rarer ones. Bounds: `qaeval.checks.problems`,
    `qaeval.checks.references`, `qaeval.checks.labels` and `qaeval.checks.columns`. `corrections` makes of it a file
    that can be filled in.

    Raises `DatasetError` for a dataset that cannot be read, `UnknownNameError` for a model or a ``fit``, `RunError` for
    what is no model, a model that is named twice, or a number of ``workers`` that is none.

    >>> from qaeval.models.control import quiet
    >>> from qaeval.types import AudioLimits
    >>> small = Model("mine", lambda request: "", endpoint="openai", hears=AudioLimits(seconds=1, tokens_per_second=25))
    >>> clips = [Sample(f"{seconds} s", quiet(seconds)) for seconds in (0.8, 2)]
    >>> frame = check(clips, small, progress=False)
    >>> frame[["sample", "verdict", "what", "audio_tokens"]].values.tolist()
    [['0.8 s', 'fits', '', 20], ['2 s', 'too long', 'it lasts 2 s, the model takes at most 1 s', 50]]
    >>> check(clips, small, fit="split", progress=False)[["verdict", "fitted", "parts"]].values.tolist()[1]
    ['fitted', '2 parts', 2]
    >>> frame[frame["problems"].str.contains("silent")]["reason"].to_list()[0]
    'it is digital silence, expected at least -60 dBFS'
    """
    fitting.checked(fit)
    none = isinstance(models, Sequence) and not models
    chosen = [] if none else models_of(models, None, read_catalogue())
    if not (workers is None or (isinstance(workers, int) and workers >= 0)):
        raise RunError(f"workers: expected a whole number of 0 or more, or None, seen {workers!r:.80}")
    samples = dataset if isinstance(dataset, Dataset) else opened(dataset)
    seen = _bar(looked(samples, not fast, workers), samples, progress)
    problems = Problems()
    frame = _frame(_rows(seen, problems, chosen, fit))
    if odd := problems.of_columns():
        which = frame["sample"].isin(list(odd))
        _tell(frame, which, "other spelling", frame.loc[which, "sample"].map(odd))
    return _with_refused(frame, samples.refused) if isinstance(samples, Opened) else frame


def _bar(seen: Iterator[tuple[Sample, Look]], samples: Dataset, progress: bool) -> Iterator[tuple[Sample, Look]]:
    from tqdm.auto import tqdm

    hidden = None if progress else True  # None: shown on a terminal only
    bar = tqdm(seen, "clips", unit=" clips", disable=hidden, dynamic_ncols=True)
    if not bar.disable:
        bar.total = _count(samples)
    yield from bar


def _count(samples: Dataset) -> int | None:
    """How many there are; None where that would cost to read all audio."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they come again
        passed = iter(samples)
        first = next(passed, None)
        if first is None or isinstance(first.audio.source, bytes):
            return None
        return 1 + sum(1 for _ in passed)


def _rows(
    seen: Iterable[tuple[Sample, Look]], problems: Problems, models: Sequence[Model], fit: str
) -> Iterator[list[dict[str, Any]]]:
    """The rows of each sample."""
    for sample, look in seen:
        look = dataclasses.replace(look, reason=look.reason.removeprefix(f"{sample.id}: "))  # it is named beside it
        found = list(dict.fromkeys(problems.of(sample, look)))
        told = {
            "problems": "; ".join(dict.fromkeys(problem for problem, _ in found)),
            "reason": "; ".join(reason for _, reason in found),
        }
        clip = _clip(sample, look) | told
        yield [clip | judged(sample, look, model, fit) for model in models] or [clip | read(look)]


def _clip(sample: Sample, look: Look) -> dict[str, Any]:
    reference = sample.reference
    row: dict[str, Any] = {"sample": sample.id, "audio": sample.audio.name, "language": sample.language}
    row |= {"text": reference.text, "_known": bool(reference.labels) or reference.events is not None}
    if look.levels is not None:
        row |= {name: getattr(look.levels, name) for name in ("peak", "level", "clipped")}
    if look.info is None:
        return row
    names = ("size", "codec", "container", "rate", "channels")
    return row | {"seconds": look.info.duration} | {name: getattr(look.info, name) for name in names}


def _frame(rows: Iterable[list[dict[str, Any]]]) -> pd.DataFrame:
    """Rows as a frame, some at a time: a frame holds them in a tenth of the memory."""
    import pandas as pd

    done: list[pd.DataFrame] = []
    held: list[Mapping[str, Any]] = []
    for some in rows:
        held += some
        if len(held) >= _ROWS_AT_ONCE:
            done.append(_typed(held))
            held = []
    frame = pd.concat([*done, _typed(held)], ignore_index=True)
    return _without_reference(frame)[list(COLUMNS)]


def _typed(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=[*COLUMNS, "_known"])
    types = dict.fromkeys(_INTEGERS, "Int64") | dict.fromkeys(_NUMBERS, "float64") | {"_known": "bool"}
    texts = [name for name in COLUMNS if name not in types]
    return frame.astype(types | dict.fromkeys(texts, "str"))


def _without_reference(frame: pd.DataFrame) -> pd.DataFrame:
    """Tells of samples without a text where most have one, and without any reference where most have some."""
    texts, known = frame["text"].notna(), frame["text"].notna() | frame["_known"]
    told = {"it has no text, but most samples have one": texts, "it has no reference, but most samples have one": known}
    for reason, here in told.items():
        if 2 * here.sum() > len(frame):
            _tell(frame, ~here & ~frame["problems"].str.contains("no reference"), "no reference", reason)
    return frame


def _tell(frame: pd.DataFrame, which: pd.Series[bool], problem: str, reason: str | pd.Series[str]) -> None:
    """Adds a problem to those of some rows."""
    for column, told in {"problems": problem, "reason": reason}.items():
        before = frame.loc[which, column]
        frame.loc[which, column] = before.where(before == "", before + "; ") + told


def _with_refused(frame: pd.DataFrame, refused: Mapping[str, str]) -> pd.DataFrame:
    """The frame with a row for each of the dataset that no sample could be made of."""
    import pandas as pd

    told = {"model": "", "verdict": REFUSED, "problems": REFUSED}
    rows = [{"sample": place, **told, "what": why, "reason": why} for place, why in refused.items()]
    return pd.concat([frame, _typed(rows)[list(COLUMNS)]], ignore_index=True) if rows else frame
