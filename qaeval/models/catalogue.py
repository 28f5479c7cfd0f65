"""What is known of the services' models: names, status, limits, prices. Data, in ``catalogue.toml``; see `Entry`.

A user's file goes before it, field by field: ``~/.config/qaeval/catalogue.toml``, or the one that the environment
variable ``QAEVAL_CATALOGUE`` names. The head of ``catalogue.toml`` shows how to write one.
"""

from __future__ import annotations

import functools
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qaeval import registry
from qaeval.errors import ModelError, UnknownNameError
from qaeval.hosts import is_loopback
from qaeval.models._catalogue import fields
from qaeval.models._catalogue.entry import (
    Entry as Entry,
    retired_sentence as retired_sentence,
    snapshot_sentence as snapshot_sentence,
)
from qaeval.models._catalogue.table import table as table, table_text as table_text
from qaeval.models._catalogue.text import describe as describe
from qaeval.redaction import redact

Defaults = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The models that are known, by their names on the wire. See `read_catalogue`.

    ``emulator`` is the base URL that all of them are asked at in a rehearsal, else ``""``: whoever makes a model that
    is not in the catalogue must ask there, too. Raises `ModelError` when two models share a name.
    """

    entries: Mapping[str, Entry]
    emulator: str = ""

    def __post_init__(self) -> None:
        owners: dict[str, str] = {}
        for owner, entry in self.entries.items():
            for name in (owner, *entry.aliases):
                if name in owners:
                    raise ModelError(
                        f"the name {name!r} is both {owners[name]}'s and {owner}'s; take it from one of them"
                    )
                owners[name] = owner
        told = {name: self._of_its_snapshot(entry, owners) for name, entry in self.entries.items()}
        object.__setattr__(self, "entries", told)

    def _of_its_snapshot(self, entry: Entry, owners: Mapping[str, str]) -> Entry:
        """The entry, with the day on which the snapshot that it means was retired, if that is in the catalogue."""
        snapshot = self.entries.get(owners.get(entry.means, ""))
        if snapshot is None:
            return entry
        gone = snapshot.retired_on or ("unknown" if snapshot.status == "retired" else "")
        return entry if gone == entry.means_retired_on else replace(entry, means_retired_on=gone)

    def find(self, name: str) -> Entry:
        """The model that bears a name, or has it as another name; only whole names count.

        Raises `UnknownNameError` with the nearest names.

        >>> read_catalogue().find("qwen-audio-turbo-1204").name
        'qwen-audio-turbo-2024-12-04'
        """
        found = self.entries.get(name) or next((e for e in self.entries.values() if name in e.aliases), None)
        if found is None:
            error = registry.unknown("model of a service", name, self.names())
            raise UnknownNameError(f"{error}. A newer one can be described in a catalogue file of yours")
        return found

    def names(self) -> list[str]:
        """All names, other names too, in alphabetical order."""
        return sorted({*self.entries, *(alias for entry in self.entries.values() for alias in entry.aliases)})

    def overriding(self, changes: Mapping[str, Mapping[str, Any]], source: str = "catalogue") -> Catalogue:
        """The catalogue with single fields set, or whole new models; ``source`` says in errors where they were said.

        Tables within a model (audio, rates, prices, endpoints) are merged. Raises `ModelError` naming the model, the
        field, what was expected and what was seen.

        >>> changed = read_catalogue().overriding({"qwen-audio-chat": {"audio": {"seconds": 20}}})
        >>> changed.find("qwen-audio-chat").audio.size
        10485760
        """
        entries = dict(self.entries)
        for said, values in changes.items():
            if not said.strip() or not isinstance(values, Mapping):
                raise ModelError(f"{source}: {said!r}: expected the name of a model with a table of its fields")
            name = next((owner for owner, entry in entries.items() if said in entry.aliases), said)
            old = entries.get(name, Entry(name))
            if "means" in values:  # what was known of another snapshot is not known of this one
                old = replace(old, means_retired_on="")
            entries[name] = fields.changed(old, values, f"{source}: model {said!r}")
        made = Catalogue(entries)
        return made.pointing_to(self.emulator) if self.emulator else made

    def pointing_to(self, base: str) -> Catalogue:
        """The catalogue of a rehearsal: every model is asked at the emulator, whose base URL has no path.

        DashScope's two protocols have a path each there, as on its own hosts; a model of another provider is asked
        under ``/v1``, in the form of such servers. Raises `ModelError` unless the emulator is on this machine: in a
        rehearsal no audio leaves it.

        >>> read_catalogue().pointing_to("http://127.0.0.1:8765").find("qwen3-omni-flash").url
        'http://127.0.0.1:8765/compatible-mode/v1'
        """
        base = base.rstrip("/")
        if not _on_this_machine(base):
            raise ModelError(
                f"a rehearsal asks an emulator on this machine, such as http://127.0.0.1:8765, seen {base!r}"
            )
        pointed = {
            name: replace(entry, base_url=base + _emulated_path(entry), rehearsal=True)
            for name, entry in self.entries.items()
        }
        return Catalogue(pointed, base)


def read_catalogue(path: str | Path | None = None) -> Catalogue:
    """The shipped catalogue, overridden by the user's file if there is one, then by ``path`` if given.

    Raises `ModelError` naming the file, the model, the field, what was expected and what was seen.

    >>> read_catalogue().find("qwen3-omni-flash").audio.tokens(30)
    375
    """
    catalogue, defaults = _shipped()
    for file in (_users_file(), None if path is None else Path(path)):
        if file is not None:
            catalogue, defaults = _with_file(catalogue, defaults, file)
    return catalogue


@functools.cache
def _shipped() -> tuple[Catalogue, Defaults]:
    return _with_file(Catalogue({}), {}, Path(__file__).with_name("catalogue.toml"))


def _users_file() -> Path | None:
    if named := os.environ.get("QAEVAL_CATALOGUE"):
        return Path(named)
    usual = os.path.expanduser("~/.config/qaeval/catalogue.toml")
    return Path(usual) if os.path.exists(usual) else None


def _with_file(catalogue: Catalogue, defaults: Defaults, file: Path) -> tuple[Catalogue, Defaults]:
    """The catalogue overridden by a file, and the defaults by group, the file's before the earlier ones.

    What the file says of a group also holds for the models of that group in earlier files.
    """
    own, said = _toml(file)
    defaults = _merged(defaults, own)
    changes = {name: own[entry.group] for name, entry in catalogue.entries.items() if entry.group in own}
    for name, values in said.items():
        changes[name] = _merged(changes.get(name, {}), _merged(_defaults_of(name, values, defaults, file), values))
    made = catalogue.overriding(changes, str(file))
    groups = {entry.group for entry in made.entries.values()} - {""}
    if unused := sorted(own.keys() - groups):
        raise ModelError(f"{file}: no model is of the group {unused[0]!r}{registry.nearest(unused[0], groups)}")
    return made, defaults


def _defaults_of(name: str, values: Mapping[str, Any], defaults: Defaults, file: Path) -> Mapping[str, Any]:
    group = values.get("group", "")
    if not isinstance(group, str) or not group:
        return {}
    if group not in defaults:
        raise ModelError(f"{file}: model {name!r}: unknown group {group!r}{registry.nearest(group, defaults)}")
    return defaults[group]


def _toml(file: Path) -> tuple[Defaults, Defaults]:
    """The tables of a file: those of groups, and those of models."""
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"there is no catalogue file {file}; correct its path (--catalogue, catalogue=, or QAEVAL_CATALOGUE)"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ModelError(f"{file}: not a catalogue file in TOML: {redact(str(error))}") from error
    own = said.pop("defaults", {})
    groups = own.items() if isinstance(own, dict) else ()
    for name, value in [("defaults", own), *said.items(), *groups]:
        if not isinstance(value, dict):
            what = "expected a table (a model's, or one of defaults.<group>)"
            raise ModelError(f"{file}: {name}: {what}, seen {redact(repr(value)):.80}")
    return own, said


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged at every depth, all else is replaced."""
    tables = {name for name in old.keys() & new.keys() if isinstance(old[name], dict) and isinstance(new[name], dict)}
    return {**old, **new, **{name: _merged(old[name], new[name]) for name in tables}}


def _emulated_path(entry: Entry) -> str:
    if entry.protocol == "dashscope":
        return "/api/v1"
    return "/compatible-mode/v1" if entry.provider == "dashscope" else "/v1"


def _on_this_machine(url: str) -> bool:
    """Whether it is the base URL of a server on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return is_loopback(url) and parts.scheme in ("http", "https") and not (parts.path or parts.query or parts.fragment)
