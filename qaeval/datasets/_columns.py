"""Which column of a manifest means what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qaeval.errors import DatasetError

ALIASES: Mapping[str, tuple[str, ...]] = {
    "audio": ("path", "file", "wav", "filename", "file_name", "audio_path", "audio_file", "audio_filepath"),
    "text": ("sentence", "transcript", "transcription"),
    "language": ("locale", "lang"),
    "id": (),
    "events": (),
}
"""Other names that a column may bear, per name of ours: taken when exactly one of them is there, in any case."""

MOST_COLUMNS = 1000

Renames = tuple[tuple[str, str | None], ...]
Places = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of the cells that matter; ``nested`` are cells that hold a mapping of labels or of inputs."""

    audio: int
    id: int | None
    text: int | None
    language: int | None
    events: int | None
    labels: Places
    inputs: Places
    meta: Places
    nested: Places

    @property
    def is_annotated(self) -> bool:
        """Whether there are labels or inputs."""
        return bool(self.labels or self.inputs or self.nested)

    @classmethod
    def of(cls, columns: Sequence[str], renames: Renames = ()) -> Layout:
        """The layout of these columns; raises `DatasetError` when they are not clear.

        >>> Layout.of(["path", "sentence", "age"]).meta
        (('age', 2),)
        """
        _check(columns)
        roles, used = _renamed(columns, renames)
        fixed = {ours for ours, _ in renames}
        for role in ALIASES:
            if role not in fixed and (index := _find(role, columns, used)) is not None:
                roles[role] = index
                used.add(index)
        audio = roles.pop("audio", None)
        if audio is None:
            raise _no_audio(columns)
        id, text, language, events = (roles.pop(role, None) for role in ("id", "text", "language", "events"))
        rest = [*roles.items(), *((name, index) for index, name in enumerate(columns) if index not in used)]
        if language is not None and columns[language].casefold() in ALIASES["language"]:
            rest.append((columns[language], language))  # en-IN says more than en, the code that it is reduced to
        return cls(audio, id, text, language, events, **_grouped(rest))


def _no_audio(columns: Sequence[str]) -> DatasetError:
    accepted = ", ".join(("audio", *ALIASES["audio"]))
    hint = "".join(f"; is the delimiter {mark!r}?" for mark in ";\t|" if len(columns) == 1 and mark in columns[0])
    return DatasetError(
        f'no audio column; seen: {_listed(columns)}; accepted: {accepted}, or say columns={{"audio": ...}}{hint}'
    )


def _check(columns: Sequence[str]) -> None:
    if len(columns) > MOST_COLUMNS:
        raise DatasetError(
            f"expected at most {MOST_COLUMNS:,} columns, seen {len(columns):,}; is the delimiter right, one clip a row?"
        )
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise DatasetError(f"two columns have the same name: {_listed(twice)}")


def _renamed(columns: Sequence[str], renames: Renames) -> tuple[dict[str, int], set[int]]:
    """The columns that the user named, and those that are used up (or left out, where renamed to None)."""
    roles: dict[str, int] = {}
    used: set[int] = set()
    places = {name: index for index, name in enumerate(columns)}
    for ours, theirs in renames:
        if theirs is not None and theirs not in places:
            raise DatasetError(f"columns={{{ours!r}: {theirs!r}}}: no such column; seen: {_listed(columns)}")
        index = places.get(ours if theirs is None else theirs)
        if index is not None:
            used.add(index)
        if index is not None and theirs is not None:
            roles[ours] = index
    return roles, used


def _find(role: str, columns: Sequence[str], used: set[int]) -> int | None:
    """The one column that means ``role``: by its own name, else by an alias when there is only one."""
    free = [(name.casefold(), index) for index, name in enumerate(columns) if index not in used]
    for accepted in ((role,), ALIASES[role]):
        found = [index for name, index in free if name in accepted]
        if len(found) > 1:
            both = " and ".join(repr(columns[index]) for index in found)
            raise DatasetError(f'columns {both} could all be {role}; say which: columns={{"{role}": ...}}')
        if found:
            return found[0]
    return None


def _grouped(named: Iterable[tuple[str, int]]) -> dict[str, Places]:
    groups: dict[str, list[tuple[str, int]]] = {"labels": [], "inputs": [], "meta": [], "nested": []}
    for name, index in named:
        group, dot, rest = name.partition(".")
        if group in ("labels", "inputs") and not dot:
            groups["nested"].append((group, index))
        elif group in ("labels", "inputs") and rest:
            groups[group].append((rest, index))
        else:
            groups["meta"].append((name, index))
    for found in groups.values():
        _check([name for name, _ in found])
    return {group: tuple(found) for group, found in groups.items()}


def _listed(names: Iterable[str]) -> str:
    shown = [repr(name[:40]) for name in names]
    return ", ".join(shown[:20]) + (f" and {len(shown) - 20:,} more" if len(shown) > 20 else "")
