"""The application, the options that several commands share, and how an error is told."""

from __future__ import annotations

import io
import os
import sys
import tomllib
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


def option_of(said: str) -> tuple[str, Any]:
    """``name=value``; the value is a whole number, true, false, a list ... as in TOML, or else a text."""
    name, equals, value = said.partition("=")
    if not equals:
        raise RunError(f"{said!r}: expected name=value, such as encoding=gb18030")
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value


def options_of(said: list[str] | None, language: str | None, source: str | None) -> dict[str, Any]:
    """What the dataset's loader is called with: each ``--option``, and those that have an option of their own."""
    named = {"language": language, "source": source}
    return dict(map(option_of, said or ())) | {name: value for name, value in named.items() if value}


def main() -> None:
    """The entry point: an error is one message, never a traceback (QAEVAL_DEBUG=1 shows it)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows another, and goes on
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("QAEVAL_DEBUG"):
            raise
        known = isinstance(error, QaevalError)
        kind = "" if known else f"unexpected {type(error).__name__} (QAEVAL_DEBUG=1 shows where): "
        print(f"error: {kind}{redact(str(error))}", file=sys.stderr)
        sys.exit(2)
