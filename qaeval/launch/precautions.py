"""What is looked at before anything is sent: retired models, moved aliases, keys, consent, and columns asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

from qaeval import registry
from qaeval.errors import RunError, UnknownNameError
from qaeval.models.catalogue import snapshot_sentence
from qaeval.types import Dataset, Model, Sample

Info = Mapping[str, Any]
_LOOKED_AT = 10_000  # samples that are looked through for a column that the first one lacks


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
    machine. Raises `ModelError` for a missing or wrong key. Of an alias whose snapshot is retired a note is printed.
    """
    _same_kind(old, folder, models)
    if not moved:
        _same_meaning(old, folder, models)
    _alive(models, told=retired)
    if asks:
        _tell_of_snapshots(models)
        for model in models:
            model.check()
    return _agreed(old, dataset, models, yes)


def _alive(models: Iterable[Model], told: bool) -> None:
    gone = [model.retired for model in models if model.retired]
    if gone and not told:
        raise RunError(f"{'; '.join(gone)}. To ask all the same: retired=True, or --retired on the command line")
    for sentence in gone:
        print(f"note: {sentence}.")


def _tell_of_snapshots(models: Iterable[Model]) -> None:
    """A note for each alias that means a retired snapshot: whether the alias still answers is not known by that."""
    for model in models:
        if sentence := snapshot_sentence(model.name, model.facts):
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


def having(data: Dataset, cluster: str | None = None, by: Sequence[str] = ()) -> Dataset:
    """The dataset, once its samples are known to have the columns that a comparison is to be made by.

    The first sample tells of most datasets, and is read by the pass that a run then goes on with. Only where it lacks
    a column are more looked through (10,000 at most), as some may have it.

    Raises `UnknownNameError` with the nearest names when no sample has a column; where there are more samples than were
    looked at, that is a note. Raises what reading the dataset raises.

    >>> clips = Dataset("mine", lambda: [Sample("a", "a.wav", meta={"speaker": "s1"})])
    >>> having(clips, cluster="speaker", by=["language"])
    Dataset(name='mine')
    >>> having(clips, cluster="speakr")
    Traceback (most recent call last):
    qaeval.errors.UnknownNameError: cluster: unknown column of samples 'speakr'; did you mean 'speaker'? There are:
    dataset, language, recording, sample, speaker. Nothing was asked
    """
    wanted = dict.fromkeys(by, "by") | ({cluster: "cluster"} if cluster else {})
    missing = {name: said for name, said in wanted.items() if name not in _OF_ALL[said]}
    if not missing:
        return data
    samples = iter(data)
    first = next(samples, None)
    if first is None or missing.keys() <= _columns(first):
        begun = [chain([first] if first else [], samples)]
        return replace(data, read=lambda: begun.pop() if begun else data.read(), digest=lambda: data.fingerprint)
    _look_through(data, missing)
    return data


_OF_ALL = {
    "by": frozenset({"dataset", "recording", "language"}),
    "cluster": frozenset({"dataset", "recording", "language", "sample"}),
}
"""What can be said of any sample, beside its meta."""


def _columns(sample: Sample) -> set[str]:
    """The columns that a sample's meta gives to a scores frame."""
    from qaeval.scores import COLUMNS, clear_of

    names = [name for name in sample.meta if name != "language"]
    return {clear_of(names, COLUMNS).get(name, name) for name in names}


def _look_through(data: Dataset, missing: Mapping[str, str]) -> None:
    samples, known = iter(data), set[str]()
    for sample in islice(samples, _LOOKED_AT):
        known |= _columns(sample)
        if missing.keys() <= known:
            return
    name, said = next((name, said) for name, said in missing.items() if name not in known)
    error = registry.unknown("column of samples", name, known | _OF_ALL[said])
    if next(samples, None) is None:
        raise UnknownNameError(f"{said}: {error}. Nothing was asked")
    print(f"note: {said}: the first {_LOOKED_AT:,} samples have none: {error}", file=sys.stderr)
