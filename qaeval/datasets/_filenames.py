"""Corpora without a table: what is known of a clip stands in its name and in those of its folders."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qaeval.datasets._corpus import Cells, torn
from qaeval.datasets._release import Release


def named(release: Release, among: str, form: str) -> list[str]:
    """The names of a release's files that fit ``among``, each with its folders.

    ``form`` says how they look, for the error when there is none. What macOS and Windows put beside files is passed
    over.
    """
    fits = re.compile(among)
    found = [name for name in release.names() if not name.rpartition("/")[2].startswith(".") and fits.fullmatch(name)]
    if not found:
        raise release.lacks(form)
    return found


def told(release: Release, names: list[str], form: str, shown: str) -> Iterator[tuple[str, Cells]]:
    """Each name as a row: the groups of the regular expression ``form``, and the cell ``file``.

    A name of another form is a torn row; ``shown`` says for people how names look.
    """
    fits = re.compile(form)
    for name in names:
        found = fits.fullmatch(name)
        place = f"{release.where}/{name}"
        if found is None:
            yield place, torn(f"expected a name like {shown}")
        else:
            yield place, {"file": name, **{key: value or "" for key, value in found.groupdict().items()}}
