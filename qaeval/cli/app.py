"""The application, the options that several commands share, and how an error is told."""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import shlex
import sys
import tomllib
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from qaeval._version import __version__
from qaeval.errors import QaevalError, RunError
from qaeval.redaction import redact

app = typer.Typer(
    help="Evaluation of audio-language models: ask, keep every reply, score truthfully, compare.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Folder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
Profile = Annotated[str | None, typer.Option(help="The text normalisation to score with.")]
By = Annotated[list[str] | None, typer.Option("--by", help="Columns to slice by; may be given several times.")]
Source = Annotated[
    str | None, typer.Option(help="Where the named dataset lies: its folder or archive, as downloaded (option source).")
]
Metric = Annotated[str | None, typer.Option(help="The metric to compare on.")]
Everything = Annotated[
    bool, typer.Option("--all", help="Show every metric, not just those that answer the task's question.")
]
Catalogue = Annotated[Path | None, typer.Option(help="A TOML file that changes what is known of the models.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"qaeval {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """What may stand before a command."""


_PATHS = ("source", "corrections")  # a folder may be called 2024


def option_of(said: str) -> tuple[str, Any]:
    """``name=value``; the value is a whole number, true, false, a list ... as in TOML, or else a text."""
    name, equals, value = said.partition("=")
    if not (name and equals):
        raise RunError(f"{said!r}: expected name=value, such as encoding=gb18030")
    if name in _PATHS:
        return name, value
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value


def options_of(said: list[str] | None, language: str | None, source: str | None) -> dict[str, Any]:
    """What the dataset's loader is called with: each ``--option``, and those that have an option of their own."""
    named = {"language": language, "source": source}
    return dict(map(option_of, said or ())) | {name: value for name, value in named.items() if value}


def in_options(told: str) -> str:
    """What is said of a loader's options, as the command line gives them: no user of it writes ``quotes=False``.

    >>> in_options('say empty_text="silence", or quotes=False; name a folder with root=')
    'say --option empty_text=silence, or --option quotes=false; name a folder with --option root='
    """
    return _IN_PYTHON.sub(_option, told)


def _option(found: re.Match[str]) -> str:
    text = found[2] or found[3]
    return f"--option {found[1]}={shlex.quote(text) if text else (found[4] or '').lower()}"


_IN_PYTHON = re.compile(
    r"(?<![\w.&?-])(?<!--option )(bad_rows|delimiter|empty_text|encoding|follow_links|missing|quotes|root)="
    r"""(?:"([^"\n]*)"|'([^'\n]*)'|(True|False)|(?=[\s,;.]|$))"""
)

_OF_THE_SYSTEM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
"""Errors of the operating system that are nobody's mistake in here: a full disk, a file that must not be read."""
_LIKE = "qaeval.like"
_ASCII = {"↓": "v", "↑": "^", "\N{MINUS SIGN}": "-", "–": "-", "·": "-", "→": "->", "…": "...", "≥": ">=", "κ": "kappa"}


def _like(error: UnicodeError) -> tuple[str, int]:
    """What is shown in the place of characters that a terminal lacks: lower and higher must not look the same."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_ASCII.get(lacking, "?") for lacking in error.object[error.start : error.end]), error.end


codecs.register_error(_LIKE, _like)


def main() -> None:
    """The entry point: an error is one message, never a traceback (QAEVAL_DEBUG=1 shows it)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_LIKE)  # a terminal that lacks a character shows another, and goes on
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _noted
            app()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        if os.environ.get("QAEVAL_DEBUG"):
            raise
        from qaeval.markup import plain  # what a dataset or a service says must not steer the terminal

        print(f"error: {plain(redact(in_options(_told(error))))}", file=sys.stderr)
        sys.exit(2)


_SHOWN = warnings.showwarning
_NOTES: set[str] = set()


def _noted(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: Any = None,
    line: str | None = None,
) -> None:
    """A warning of qaeval is a note, said once; a line of code tells a user of the command line nothing."""
    if not category.__module__.startswith("qaeval."):
        _SHOWN(message, category, filename, lineno, file, line)
    elif (said := str(message)) not in _NOTES:
        from qaeval.markup import plain

        _NOTES.add(said)
        print(f"note: {plain(redact(in_options(said)))}", file=sys.stderr)


def _told(error: Exception) -> str:
    if isinstance(error, QaevalError):
        return str(error)
    if isinstance(error, OSError) and error.errno in _OF_THE_SYSTEM:
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    return f"unexpected {type(error).__name__} (QAEVAL_DEBUG=1 shows where): {error}"
