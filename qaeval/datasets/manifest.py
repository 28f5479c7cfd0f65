"""Manifests: CSV, TSV, JSON Lines and Parquet files with one clip a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from qaeval.datasets._audio import AudioFolder, Missing
from qaeval.datasets._bad_rows import BadRows, check_bad_rows
from qaeval.datasets._fingerprint import fingerprint
from qaeval.datasets._lines import check_encoding
from qaeval.datasets._readers import CsvTable, JsonlTable, ParquetTable
from qaeval.datasets._rows import EmptyText, Reading, Rows, Table
from qaeval.errors import DatasetError
from qaeval.types import Dataset

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".pq")
"""What a manifest's name ends in; ``.json`` is read as JSON Lines."""

_BLOCK = 1 << 20


def load(
    source: str | Path,
    *,
    name: str | None = None,
    language: str | None = None,
    columns: Mapping[str, str | None] | None = None,
    root: str | Path | None = None,
    empty_text: EmptyText = "error",
    missing: Missing = "error",
    follow_links: bool = False,
    encoding: str | None = None,
    delimiter: str | None = None,
    quotes: bool = True,
    bad_rows: BadRows = "error",
) -> Dataset:
    r"""The clips of a manifest, one a row.

    Columns: ``audio`` (a path relative to the manifest's folder, an http(s) URL, or bytes in Parquet), ``id``,
    ``text``, ``language``, ``events`` (``[[label, onset, offset], ...]``, seconds; JSON in CSV), ``labels.NAME`` (one
    value or a JSON list), ``inputs.NAME``; all others become meta. Where a column of ours is not there, one other name
    is taken if just one of them is: path, file, wav, filename, file_name, audio_path, audio_file or audio_filepath for
    audio; sentence, transcript or transcription for text; locale or lang for language (kept as meta too). Without an
    ``id`` column the audio's path is the id, with ``#2`` ... when it comes again with other inputs.

    Opening reads the header alone. Every pass reads the file anew, a piece at a time, and checks each row. Cells of CSV
    and TSV are strings, whatever they look like; meta of JSON Lines and Parquet keeps its types.

    Args:
        source: The file; what its name ends in says what it is (see `SUFFIXES`).
        name: What to call the dataset; the file's name without its ending unless given.
        language: Of all clips whose row names none, such as ``zh``, ``yue``, ``en-US``.
        columns: From our name to the file's: ``{"text": "sentence"}``; None leaves a column out.
        root: The folder that audio paths start from and may not leave, instead of the manifest's own. Absolute paths
            are accepted only when it is given, and only below it (``"/"`` for any).
        empty_text: An empty reference is an error; ``"silence"`` takes it as known to be silent, ``"unknown"`` as none.
        missing: ``"keep"`` lets audio files be absent until they are asked for.
        follow_links: Lets symbolic links lead out of the folder.
        encoding: Of a text file that is not UTF-8, such as ``gb18030``, ``big5``, ``utf-16``.
        delimiter: Between the cells of a CSV file; comma, or tab for TSV, unless given.
        quotes: False reads the quotes of a CSV or TSV file as plain characters.
        bad_rows: ``skip`` passes over rows that are torn, not in their encoding or not as they should be (audio that is
            not there, an empty reference ...), with a warning; a function is called with the place of each and what is
            wrong with it. The line that names the columns cannot be one of them. What is not UTF-16 is an error all
            the same.

    Raises:
        DatasetError: Naming file and line (row, for Parquet), at once for the header, else when that row is reached.

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.wav").write_bytes(b"RIFF")
    ...     _ = Path(folder, "clips.csv").write_text("audio,text,speaker\na.wav,hello,s1\n")
    ...     [(clip.id, clip.reference.text, clip.meta) for clip in load(f"{folder}/clips.csv", language="en-US")]
    [('a.wav', 'hello', {'speaker': 's1', 'language': 'en'})]
    """
    path = Path(source)
    table = _table(path, encoding, delimiter, quotes, passing=check_bad_rows(bad_rows) != "error")
    reading = Reading.of(language, columns, empty_text)
    audio = AudioFolder.of(path.parent, root, missing, follow_links)
    rows = Rows(str(path), table, reading, audio, bad_rows=bad_rows)
    rows.check()
    options = (reading, encoding, delimiter, quotes)
    return Dataset(name or path.stem, rows.read, partial(fingerprint, partial(_bytes, path), options))


def _table(path: Path, encoding: str | None, delimiter: str | None, quotes: bool, passing: bool = False) -> Table:
    if not path.is_file():
        raise DatasetError(f"{path}: {'a folder' if path.is_dir() else 'no such file'}")
    check_encoding(encoding)
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        delimiter = delimiter or ("\t" if suffix == ".tsv" else ",")
        if len(delimiter) != 1 or delimiter in '"\r\n ':
            raise DatasetError(f"delimiter: expected one character such as ',' or ';', seen {delimiter!r}")
        return CsvTable(path, delimiter, quotes, encoding, passing=passing)
    if suffix in (".jsonl", ".ndjson", ".json"):
        return JsonlTable(path, encoding, passing=passing)
    if suffix in (".parquet", ".pq"):
        return ParquetTable(path)
    raise DatasetError(f"{path}: expected a name that ends in {', '.join(SUFFIXES)}, seen {suffix or 'no ending'!r}")


def _bytes(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
