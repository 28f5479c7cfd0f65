"""Mozilla Common Voice, as downloaded: read sentences in many languages.

    cv-corpus-22.0-2025-06-20/zh-CN/
        train.tsv dev.tsv test.tsv validated.tsv invalidated.tsv other.tsv
        clips/common_voice_zh-CN_18531536.mp3 ...
        clip_durations.tsv                        (newer releases)

Columns of the tables (releases 1 to 22): client_id, path, sentence, up_votes, down_votes, age, gender, accent or
accents; from 7 on locale and segment; from 17 on variant, sentence_id and sentence_domain. The licence is CC0.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import (
    Aside,
    BadRows,
    Cells,
    below,
    chosen,
    corpus,
    known,
    readable,
    release_of,
    table,
    torn,
)
from qaeval.datasets._lookup import Lookup
from qaeval.datasets._release import Release, ReleaseFile
from qaeval.errors import DatasetError
from qaeval.languages import language_code
from qaeval.types import Annotation, Dataset, Sample

SPLITS = ("train", "dev", "test", "validated", "invalidated", "other")
LAYOUT = "LOCALE/test.tsv (train, dev, validated ...) and LOCALE/clips/*.mp3, as in cv-corpus-22.0-2025-06-20"
UNTOLD = {"gender": ("do_not_wish_to_say",), "accent": ("other", "other_county", "出生地：其他")}
"""What is said instead of an answer."""
META = ("age", "gender", "accent", "variant", "sentence_domain", "segment", "up_votes", "down_votes")


def load(
    source: str | Path, *, locale: str | None = None, split: str = "test", name: str = "common_voice",
    bad_rows: BadRows = "error",
) -> Dataset:  # fmt: skip
    """Mozilla Common Voice: read sentences in many languages (folder or archive of a release).

    Args:
        source: the release, a locale's folder in it, or its archive.
        locale: such as ``zh-CN``, ``yue``, ``nan-tw``, ``en``; needed where the release has several.
        split: one of train, dev, test, validated, invalidated, other.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over rows that are torn or name no clip, with a warning.

    The id is the clip's file name; ``text`` is the sentence. Meta: speaker (client_id), locale, age, gender, accent
    (also of the newer column ``accents``), variant, sentence_domain, segment, up_votes, down_votes, duration (s, of
    clip_durations.tsv), language, as they are known. Where age, gender or accent is told, it is a reference label too
    (do_not_wish_to_say and an accent 出生地：其他 tell nothing).

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of Common Voice", split, SPLITS)
    top = below(release, locale, f"{split}.tsv")
    of_clips = release.file(f"{top}{split}.tsv")
    durations = f"{top}clip_durations.tsv"
    files = [of_clips, *([release.file(durations)] if release.has(durations) else [])]
    code = locale or top.rstrip("/").rpartition("/")[2]

    def rows() -> Iterator[tuple[str, Cells]]:
        if not release.has(durations):
            yield from table(of_clips)
            return
        aside: Aside = []
        seconds = Lookup(_durations(release.file(durations), aside))
        yield from aside
        for place, cells in table(of_clips):
            found = seconds.get(cells.get("path", ""))
            yield place, cells if found is None else {**cells, "duration": str(found)}

    return corpus(name, rows, partial(_sample, release, top, code), files, (locale, split), bad_rows)


def _durations(file: ReleaseFile, aside: Aside) -> Iterator[tuple[str, float]]:
    for place, cells in readable(table(file), aside):
        try:
            clip, milliseconds = (cells[key] for key in cells)
            yield clip, float(milliseconds) / 1000
        except ValueError:
            aside.append((place, torn(f"expected a clip and its duration in ms, seen {dict(cells)!r:.120}")))


def _sample(release: Release, top: str, code: str, cells: Cells) -> Sample:
    path = cells.get("path", "")
    if not path:
        raise DatasetError("the cell 'path' is empty")
    accent = {"accent": cells["accents"]} if cells.get("accents", "").strip() else {}
    meta: dict[str, object] = dict(known({**cells, **accent}, *META))
    if speaker := cells.get("client_id", ""):
        meta["speaker"] = speaker
    if "duration" in cells:
        meta["duration"] = float(cells["duration"])
    locale = cells.get("locale") or code
    meta |= {"locale": locale, "language": language_code(locale)}
    told = {name: str(meta[name]) for name in ("age", "gender", "accent") if name in meta}
    labels: dict[str, tuple[str, ...]] = {
        name: (value,) for name, value in told.items() if value not in UNTOLD.get(name, ())
    }
    audio = release.audio(f"{top}clips/{path}")
    return Sample(path, audio, Annotation(cells.get("sentence") or None, labels=labels), meta)
