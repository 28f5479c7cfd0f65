"""The command line: names become objects, objects become text. What it does, Python does with the same words.

``app``: the application, and how errors are told; ``opening``: runs and datasets; ``running``: what asks (``demo`` is
one of them); ``reading``: what reads a run; ``services``: what is about services; ``listing``: what there is;
``printing``: what is printed, as ``terminal`` and ``widths`` lay it out.
"""

from qaeval.cli import listing, reading, running, services
from qaeval.cli.app import main as main

__all__ = ["listing", "main", "reading", "running", "services"]
