"""A run's folder or a dataset, opened as a user means it; what is wrong is told in the words of the command line."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qaeval as qa
from qaeval import registry
from qaeval.errors import DatasetError, RunError
from qaeval.markup.numbers import count

if TYPE_CHECKING:
    import pandas as pd

_INFO = "run.json"


def opened(folder: Path, audio_root: Path | None = None) -> qa.Run:
    """The run of a folder. Raises `RunError`, with the runs whose folders have names like it where it is none."""
    if not (folder / _INFO).exists():
        what = "there is no such folder" if not folder.exists() else "it is a file" if folder.is_file() else ""
        raise RunError(f"{folder} is not a run: {what or f'it has no {_INFO}'}{_others(folder)}")
    run = qa.open_run(folder, audio_root=audio_root)
    for name in ("samples", "asks"):
        if not any((folder / f"{name}.{kind}").exists() for kind in ("parquet", "spool")):
            raise RunError(
                f"{folder} lacks {name}.parquet, which says what was asked; run the same command again: it is made "
                "anew, and what has a reply is not asked again"
            )
    return run


def _others(folder: Path) -> str:
    """The end of a sentence: runs beside the folder, and in results."""
    rooms = dict.fromkeys((folder.parent, Path("results")))
    known = [str(path.parent) for room in rooms for path in sorted(room.glob(f"*/{_INFO}"))]
    return registry.nearest(str(folder), known) if known else ""


def scores_of(run: qa.Run, profile: str | None = None) -> pd.DataFrame:
    """The scores; where replies are missing from a run that ended, that is noted."""
    scores = run.scores(profile)
    asks = scores.loc[scores["outcome"] == "pending", ["sample", "task", "prompt", "model", "repeat"]]
    if run.info.get("complete") and (lacking := len(asks.drop_duplicates())):
        print(
            f"note: {count(lacking, 'question')} without a reply in {run.folder / 'replies'}: not asked yet, or lines "
            "of the journal are missing or spoiled. The command that ran it asks again",
            file=sys.stderr,
        )
    return scores


def _alike(path: Path) -> str:
    """The end of a sentence about a file that is not there: those beside it that are of its kind and named like it."""
    names = [] if path.exists() else [other.name for other in path.parent.glob(f"*{path.suffix}")]
    near = difflib.get_close_matches(path.name, names)
    return f"; did you mean {' or '.join(repr(str(path.with_name(name))) for name in near)}?" if near else ""


def loaded(dataset: str, options: Mapping[str, Any], load: Callable[..., qa.Dataset]) -> qa.Dataset:
    """What ``load`` gives for a dataset and the options of its loader; raises `DatasetError`, `UnknownNameError`."""
    try:
        return load(dataset, **options)
    except DatasetError as error:
        if "cannot be called so" not in str(error):
            if "no such file" in str(error) and (hint := _alike(Path(dataset))):
                raise DatasetError(f"{error}{hint}") from None
            raise
        if "source" in options and "multiple values" in str(error):
            raise DatasetError(f"{dataset} says itself where it lies: --source is for datasets by name") from None
        if "source" not in options and "argument: 'source'" in str(error):
            raise DatasetError(f"{dataset}: say where it lies, as downloaded: --source FOLDER (or archive)") from None
        raise
