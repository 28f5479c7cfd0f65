"""CoVoST 2: translations of Common Voice 4, from 21 languages into English and from English into 15.

    fr/                                              (the folder of a language in Common Voice 4)
        covost_v2.fr_en.test.tsv (train, dev)        (made by get_covost_splits.py of facebookresearch/covost)
        clips/common_voice_fr_17299399.mp3 ...

Columns, as that script writes them: path, sentence, translation, client_id. What is downloaded for CoVoST 2 itself,
covost_v2.fr_en.tsv, has no sentences; the script joins them with Common Voice's validated.tsv, and writes a backslash
before what would break a table. The README of facebookresearch/covost has the data as CC0, and all else in it as CC
BY-NC 4.0. (Wang, Wu and Pino 2020, arXiv 2007.10310.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qaeval.datasets._corpus import BadRows, Cells, chosen, corpus, release_of, table
from qaeval.datasets._release import Release
from qaeval.errors import DatasetError
from qaeval.languages import language_code, language_name
from qaeval.types import Annotation, Dataset, Sample

SPLITS = ("train", "dev", "test")
LAYOUT = "covost_v2.fr_en.test.tsv (of get_covost_splits.py) beside Common Voice's clips/*.mp3"
_ESCAPED = re.compile(r"\\(.)")


def load(
    source: str | Path, *, pair: str, split: str = "test", name: str = "covost2", bad_rows: BadRows = "error"
) -> Dataset:
    """CoVoST 2: speech translation, into English and from it (folder or archive of a language).

    Args:
        source: the folder of a language, with the table and the clips.
        pair: the two languages as the table's name has them, such as fr_en, zh-CN_en, en_ja.
        split: train, dev or test.
        name: what to call the dataset.
        bad_rows: ``skip`` passes over torn rows, with a warning.

    The id is the clip's file name; ``text`` is the sentence, the label ``translation`` its translation, and the input
    ``target_language`` the English name of the language that it is in. Meta: speaker (client_id), language, split.

    Raises `DatasetError` saying what a folder lacks, and naming file and line of a row that is not as it should be.
    """
    release = release_of(source, LAYOUT)
    chosen("split of CoVoST 2", split, SPLITS)
    spoken, _, target = pair.partition("_")
    if not (spoken and target):
        raise DatasetError(f"pair: expected two languages such as fr_en or en_zh-CN, seen {pair[:40]!r}")
    wanted = f"covost_v2.{pair}.{split}.tsv"
    top = release.top(wanted)
    file = release.file(top + wanted)

    def rows() -> Iterator[tuple[str, Cells]]:
        return table(file)

    make = partial(_sample, release, top, (language_code(spoken), language_name(language_code(target))), split)
    return corpus(name, rows, make, [file], (pair, split), bad_rows)


def _sample(release: Release, top: str, pair: tuple[str, str], split: str, cells: Cells) -> Sample:
    if missing := [column for column in ("path", "sentence", "translation") if not cells.get(column)]:
        raise DatasetError(f"nothing in {', '.join(missing)}; seen the columns {', '.join(cells)}")
    sentence, translation = (_ESCAPED.sub(r"\1", cells[column]) for column in ("sentence", "translation"))
    meta = {"speaker": cells.get("client_id", ""), "language": pair[0], "split": split}
    return Sample(
        cells["path"],
        release.audio(f"{top}clips/{cells['path']}"),
        Annotation(sentence, labels={"translation": (translation,)}),
        meta,
        {"target_language": pair[1]},
    )
