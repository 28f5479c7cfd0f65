"""Draws summaries, comparisons and changes with matplotlib, and computes nothing.

Each function gives a `matplotlib.figure.Figure` of its own (nothing goes through pyplot), with intervals, n, coverage
and clusters written in. What comes from a rehearsal bears the mark of `qaeval.drawing.look.mark` in its corner.
"""

from qaeval.plots.forests import plot_comparison, plot_summary
from qaeval.plots.scatter import plot_changes

__all__ = ["plot_changes", "plot_comparison", "plot_summary"]
