"""The lines of a text file, with the place of every byte that does not belong there."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from qaeval.errors import DatasetError

_BLOCK = 1 << 18
LONGEST_LINE = 1 << 26
"""Characters. A longer line is taken for a file that is not text."""
_ENCODINGS = 'such as encoding="gb18030", "big5", "cp1252" or "utf-16"'
_NO_TEXT = re.compile("[\0\udc80-\udcff]")


class TextFile(Protocol):
    """A path, or what is opened and named like one."""

    def open(self, mode: Any = ..., /) -> Any:
        """The file, for reading bytes."""


class BadLine(str):
    """A line that is no text; ``why`` says so. What cannot be decoded is in it as surrogates."""

    why = ""


def lines(path: TextFile, encoding: str | None = None, *, tolerant: bool = False) -> Iterator[str]:
    """The lines of a file with their ends (LF, CR LF or CR), read a block at a time, without a BOM.

    Raises `DatasetError` with line and byte where the file is not in its encoding (UTF-8 unless told) or holds a NUL.
    A ``tolerant`` reader gives such a line as a `BadLine`, and goes on.
    """
    blocks = _blocks(path, encoding, tolerant)
    if not tolerant:
        return chain.from_iterable(io.StringIO(block, newline="") for block in blocks)
    return chain.from_iterable(map(partial(_marked, encoding), blocks))


def _marked(encoding: str | None, block: str) -> Iterable[str]:
    split = io.StringIO(block, newline="")
    return split if block.isascii() and "\0" not in block else map(partial(_checked, encoding), split)


def _checked(encoding: str | None, line: str) -> str:
    odd = _NO_TEXT.search(line)
    if odd is None:
        return line
    bad = BadLine(line)
    bad.why = (
        "a NUL character; this is not plain text, or it is UTF-16"
        if odd[0] == "\0"
        else f"byte 0x{ord(odd[0]) & 0xFF:02x} is not {encoding or 'UTF-8'}; convert the file to UTF-8, or say of a "
        f"manifest how it was written, {_ENCODINGS}"
    )
    return bad


def check_encoding(encoding: str | None) -> None:
    """Raises `DatasetError` when Python knows no text encoding of this name."""
    try:
        "x".encode(encoding or "utf-8")
    except LookupError:
        raise DatasetError(f'unknown encoding {encoding!r}; for example "utf-8", "gb18030", "big5", "utf-16"') from None


def _blocks(path: TextFile, encoding: str | None, tolerant: bool) -> Iterator[str]:
    """Decoded pieces of the file, each ending where a line does."""
    check_encoding(encoding)
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")("surrogateescape" if tolerant else "strict")
    carry, line, offset = "", 1, 0
    with opened(path) as file:
        while True:
            block = file.read(_BLOCK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise _undecodable(path, encoding, error, line, offset - pending) from None
            except UnicodeError as error:  # UTF-16 or UTF-32 without its mark
                raise DatasetError(f'{path}: {error}; or say "utf-16-le" or "utf-16-be"') from None
            if "\0" in text and not tolerant:
                raise _nul(path, line + text[: text.index("\0")].count("\n"))
            if offset == 0:
                text = text.removeprefix("\ufeff")
            line += text.count("\n")
            offset += len(block)
            text = carry + text
            cut = len(text) if not block else max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1
            yield text[:cut]
            carry = text[cut:]
            if len(carry) > LONGEST_LINE:
                raise DatasetError(f"{path}, line {line}: longer than {LONGEST_LINE:,} characters; is it text?")
            if not block:
                return


def opened(path: TextFile) -> io.BufferedReader:
    """The file, for reading bytes. Raises `DatasetError`, for a pipe too, whose writer would be waited for."""
    try:
        if isinstance(path, Path) and path.exists() and not (path.is_file() or path.is_dir()):
            raise DatasetError(f"{path}: it is not a regular file")
        file: io.BufferedReader = path.open("rb")
        return file
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}") from None


def _undecodable(
    path: TextFile, encoding: str | None, error: UnicodeDecodeError, line: int, before: int
) -> DatasetError:
    line += error.object[: error.start].decode(error.encoding, "ignore").count("\n")
    seen = " ".join(f"0x{byte:02x}" for byte in error.object[error.start : error.end][:4])
    start = error.object[:2] if before == 0 else b""
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and not encoding:
        hint = 'it begins like UTF-16: pass encoding="utf-16"'
    else:
        hint = f"pass the encoding it was written in, {_ENCODINGS}"
    return DatasetError(
        f"{path}, line {line}: byte {before + error.start:,} of the file ({seen}) is not {encoding or 'UTF-8'}; {hint}"
    )


def _nul(path: TextFile, line: int) -> DatasetError:
    return DatasetError(
        f'{path}, line {line}: a NUL character; this is not plain text, or it is UTF-16: pass encoding="utf-16"'
    )
