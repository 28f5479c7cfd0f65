"""What is looked at before anything is read or sent: retired models, moved aliases, keys, and the user's consent."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qaeval.errors import RunError
from qaeval.types import Model

Info = Mapping[str, Any]


def look_ahead(
    old: Info,
    folder: Path,
    dataset: str,
    models: Sequence[Model],
    *,
    asks: bool,
    retired: bool,
    moved: bool,
    yes: bool,
) -> dict[str, str]:
    """Raises what a user must know before anything is read or sent; returns the day of consent by host.

    ``old`` is run.json of the folder, empty for a new run; ``asks`` says whether anything may be asked.

    Raises `RunError`: a model is retired and ``retired`` is false; an alias means another snapshot than when the run
    began and ``moved`` is false; rehearsed and real replies would be mixed; nobody agreed that audio leaves the
    machine. Raises `ModelError` for a missing or wrong key.
    """
    _same_kind(old, folder, models)
    if not moved:
        _same_meaning(old, folder, models)
    _alive(models, told=retired)
    if asks:
        for model in models:
            model.check()
    return _agreed(old, dataset, models, yes)


def _alive(models: Iterable[Model], told: bool) -> None:
    gone = [model.retired for model in models if model.retired]
    if gone and not told:
        raise RunError(f"{'; '.join(gone)}. To ask all the same: retired=True, or --retired on the command line")
    for sentence in gone:
        print(f"note: {sentence}.")


def _same_kind(old: Info, folder: Path, models: Iterable[Model]) -> None:
    """A folder holds rehearsed or real replies of services, never both."""
    known = {bool(model["facts"].get("rehearsal")) for model in old.get("models", ()) if model.get("endpoint")}
    now = {bool(model.facts.get("rehearsal")) for model in models if model.endpoint}
    if len(known | now) > 1:
        was = "a rehearsal" if True in known else "real replies" if known else "both"
        raise RunError(
            f"{folder} must not hold rehearsed and real replies together (it holds {was}); choose another folder "
            "(out=...)"
        )


def _same_meaning(old: Info, folder: Path, models: Iterable[Model]) -> None:
    meant = {model["name"]: model["facts"].get("means", "") for model in old.get("models", ())}
    for model in models:
        was, now = meant.get(model.name, ""), model.facts.get("means", "")
        if was and now and was != now:
            raise RunError(
                f"{model.name} meant {was} when the run in {folder} began, and means {now} now: its replies would be "
                "those of two snapshots. Choose another folder (out=...), or mix them with moved=True (--moved)"
            )


def _agreed(old: Info, dataset: str, models: Iterable[Model], yes: bool) -> dict[str, str]:
    """The hosts that audio may be sent to, by the day of the consent; asks the user for those that are new."""
    agreed = dict(old.get("agreed", {}))
    hosts: dict[str, list[str]] = {}
    for model in models:
        if model.host and model.host not in agreed:
            hosts.setdefault(model.host, []).append(model.name)
    if hosts:
        lines = [f"  {host} ({', '.join(names)})" for host, names in hosts.items()]
        what = f"The audio of {dataset!r}, and the questions about it, will be sent to\n" + "\n".join(lines)
        if not yes and not _says_yes(what):
            raise RunError(f"{what}\nNothing was sent. To agree: yes=True, or --yes on the command line")
        if yes:
            print(what)
    today = datetime.now(UTC).date().isoformat()
    return agreed | dict.fromkeys(hosts, today)


def _says_yes(what: str) -> bool:
    if not (sys.stdin and sys.stdin.isatty()):
        return False
    print(what)
    try:
        return input("Nothing else leaves this machine. Send it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:  # Ctrl-D
        print()
        return False
