"""A rehearsal: the very same run, but every service is the emulator on this machine.

What goes over the wire is what would go to the services, the models' names included. The replies come from local
engines, are named ``rehearsal/...`` in every row, and lie in a folder of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qaeval import emulator
from qaeval.launch.choices import Models
from qaeval.launch.running import catalogue_of, run
from qaeval.runs import Run
from qaeval.types import Dataset, Sample, Task


def rehearse(
    dataset: Dataset | Iterable[Sample] | str,
    tasks: Sequence[str | Task] | str | Task,
    models: Models,
    out: str | Path,
    *,
    settings: emulator.Settings | None = None,
    catalogue: Any = None,
    **options: Any,
) -> Run:
    """`qaeval.run` with the emulator in the place of every service; local models answer as ever.

    Args:
        dataset: as in `qaeval.run`.
        tasks: as in `qaeval.run`.
        models: as in `qaeval.run`.
        out: as in `qaeval.run`; not the folder of a real run.
        settings: of the emulator: its engines, limits, quotas, faults.
        catalogue: as in `qaeval.run`.
        **options: the other arguments of `qaeval.run`.

    Raises:
        QaevalError: the extra ``emulator`` or the engine behind it is missing; and what `qaeval.run` raises.

    >>> import qaeval as qa
    >>> from qaeval import emulator
    >>> from tempfile import TemporaryDirectory
    >>> settings = emulator.Settings(engine=lambda request: "这段音频说的是:'hello'")  # by default, a recogniser
    >>> clips = qa.load("demo", language="en", limit=1)
    >>> with TemporaryDirectory() as folder:
    ...     run = qa.rehearse(
    ...         clips, "transcribe", "qwen3.5-omni-flash", folder, fit="transcode", settings=settings, progress=False
    ...     )
    ...     [reply] = run.replies().to_dict("records")
    >>> reply["model"], reply["outcome"], reply["hypothesis"], reply["audio_tokens"] > 0
    ('rehearsal/dashscope/qwen3.5-omni-flash', 'ok', 'hello', True)
    """
    known = catalogue_of(catalogue)
    with emulator.serving(settings or emulator.Settings(catalogue=known)) as base:
        return run(dataset, tasks, models, out, catalogue=known.pointing_to(base), **options)


def folder_of(out: Path) -> Path:
    """Where the rehearsal of a run goes by default: beside it.

    >>> folder_of(Path("results/mine")).name
    'mine-rehearsal'
    """
    return out.with_name(f"{out.name}-rehearsal")
