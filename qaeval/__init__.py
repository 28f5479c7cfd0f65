"""qaeval: evaluation of audio-language models. Ask, keep every reply, score truthfully, compare.

>>> import qaeval as qa
>>> clips = qa.load("demo", language="en")
>>> run = qa.run(clips, "transcribe", "whisper/base", out="results/first")  # doctest: +SKIP
>>> qa.summarize(run.scores())  # doctest: +SKIP

What is named here is the whole public interface; the heavy parts are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from qaeval._version import __version__ as __version__
from qaeval.errors import QaevalError as QaevalError
from qaeval.types import (
    Annotation as Annotation,
    Audio as Audio,
    Case as Case,
    Dataset as Dataset,
    Event as Event,
    Failure as Failure,
    Message as Message,
    Metric as Metric,
    Model as Model,
    Profile as Profile,
    Prompt as Prompt,
    Ratio as Ratio,
    Reply as Reply,
    Request as Request,
    Sample as Sample,
    Task as Task,
)

if TYPE_CHECKING:
    from qaeval.benchmark import read_benchmark as read_benchmark
    from qaeval.breakdowns import confusion as confusion, prompt_effect as prompt_effect
    from qaeval.checks import check as check
    from qaeval.datasets import load as load
    from qaeval.datasets.alignments import attach as attach
    from qaeval.datasets.questions import questions as questions
    from qaeval.judging import judge as judge, rate as rate
    from qaeval.launch.running import run as run
    from qaeval.markup.tabulating import tabulate as tabulate
    from qaeval.plots import (
        plot_changes as plot_changes,
        plot_comparison as plot_comparison,
        plot_summary as plot_summary,
    )
    from qaeval.published import beside as beside, references as references
    from qaeval.rehearsal import rehearse as rehearse
    from qaeval.reporting import report as report
    from qaeval.runs import Run as Run, open_run as open_run
    from qaeval.stats import compare as compare
    from qaeval.tables import changes as changes, summarize as summarize
    from qaeval.widgets import explore as explore

_WHERE = {
    "read_benchmark": "benchmark",
    "confusion": "breakdowns",
    "prompt_effect": "breakdowns",
    "check": "checks",
    "judge": "judging",
    "rate": "judging",
    "beside": "published",
    "references": "published",
    "load": "datasets",
    "attach": "datasets.alignments",
    "questions": "datasets.questions",
    "tabulate": "markup.tabulating",
    "plot_changes": "plots",
    "plot_comparison": "plots",
    "plot_summary": "plots",
    "rehearse": "rehearsal",
    "report": "reporting",
    "Run": "runs",
    "open_run": "runs",
    "run": "launch.running",
    "compare": "stats",
    "changes": "tables",
    "summarize": "tables",
    "explore": "widgets",
}


_HERE = [name for name in globals() if name[0].isupper() and name not in ("Any", "TYPE_CHECKING")]
__all__ = sorted([*_HERE, *_WHERE, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'qaeval' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"qaeval.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
