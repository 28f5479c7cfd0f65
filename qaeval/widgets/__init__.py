"""Looking into a run from a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qaeval.runs import Run
    from qaeval.widgets.explorer import Explorer


def explore(run: Run, profile: str | None = None) -> Explorer:
    """Listen to a run: choose two models and a metric, see the clips worst first, and hear and read each.

    Args:
        run: the run; one that goes on meanwhile is shown as it was when this was called.
        profile: the text normalisation; see `Run.scores`.

    Returns:
        A widget for the notebook (`ipywidgets.VBox`); with one model, its clips by error.

    Raises:
        RunError: the run has no model.
        UnknownNameError: there is no such profile.

    >>> import qaeval as qa
    >>> explorer = qa.explore(qa.open_run("results/demo-example"))  # of the repository
    >>> explorer.a.value, explorer.b.value, len(explorer.listing.options)
    ('whisper/tiny.en', 'whisper/base', 9)
    """
    from qaeval.widgets.explorer import Explorer

    return Explorer(run, profile)
