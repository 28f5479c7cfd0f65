"""The catalogue as a DataFrame, and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from qaeval.models._catalogue.entry import Entry

if TYPE_CHECKING:
    import pandas as pd

    from qaeval.models.catalogue import Catalogue

_INT = ("context", "max_input", "max_output", "rpm", "tpm", "free_tokens", "free_seconds", "free_days", "least_tokens")
_FLOAT = ("audio_seconds", "audio_mb", "tokens_per_second", "text_in", "audio_in", "text_out", "second")


def table(catalogue: Catalogue) -> pd.DataFrame:
    """One row a model; what is not known is missing (``<NA>``, ``""``).

    ``audio_mb`` in MiB; ``rpm`` and ``tpm`` are requests and tokens a minute; ``text_in``, ``audio_in`` and
    ``text_out`` are in CNY a million tokens and ``second`` in CNY a second of audio, in the model's ``region``.
    """
    import pandas as pd

    frame = pd.DataFrame([_row(entry) for entry in catalogue.entries.values()], columns=list(_row(Entry(""))))
    return frame.astype({**dict.fromkeys(_INT, "Int64"), **dict.fromkeys(_FLOAT, "Float64")})


def _row(entry: Entry) -> dict[str, Any]:
    names = ("name", "provider", "protocol", "status", "retired_on", "replacement", "replacement_offered")
    return {
        **{name: getattr(entry, name) for name in names},
        "aliases": ", ".join(entry.aliases),
        **{name: getattr(entry, name) for name in ("means", "context", "max_input", "max_output")},
        **_audio(entry),
        "rpm": entry.rates.requests_per_minute,
        "tpm": entry.rates.tokens_per_minute,
        **{name: getattr(entry, name) for name in ("free_tokens", "free_seconds", "free_days", "region")},
        **{name: getattr(entry.price, name, None) for name in ("text_in", "audio_in", "text_out", "second")},
        **{name: getattr(entry, name) for name in ("voice_chat", "system", "stream", "thinking")},
        **{name: getattr(entry, name) for name in ("note", "source", "date")},
    }


def _audio(entry: Entry) -> dict[str, Any]:
    audio = entry.audio
    return {
        "audio_seconds": audio.seconds,
        "audio_cuts": audio.cuts,
        "audio_mb": None if audio.size is None else audio.size / 2**20,
        "formats": ", ".join(audio.formats),
        "languages": ", ".join(audio.languages),
        "tokens_per_second": audio.tokens_per_second,
        "least_tokens": audio.least_tokens,
    }


def table_text(frame: pd.DataFrame) -> str:
    """A frame of `table` for a terminal of 120 columns: status, what is heard, limits, price and replacement.

    >>> from qaeval.models.catalogue import read_catalogue
    >>> print(table_text(table(read_catalogue()).head(1)))  # doctest: +ELLIPSIS
    model             status     hears              per minute  price  replacement
    qwen-audio-turbo  not known  30 s (cut), 10 MB  120, 100k   free   -
    ...
    """
    rows = [_cells(row) for row in frame.to_dict("records")]
    if not rows:
        return "(no model)"
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*text, "", *_LEGEND])


_LEGEND = (
    "- means not known. hears: the longest clip (cut: only so far is heard), the largest file. per minute: requests,",
    "tokens. price in the model's region: CNY a million tokens of audio in / of text out, or a second of audio; free:",
    "as long as the free quota lasts, nothing can be bought. replacement: the vendor's; (*): not in this catalogue.",
)


def _cells(row: Mapping[Any, Any]) -> dict[str, str]:
    status = "not known" if row["status"] == "unknown" else row["status"]
    replacement = row["replacement"] or "-"
    return {
        "model": row["name"],
        "status": f"{status} {row['retired_on']}".rstrip(),
        "hears": _joined([_span(row["audio_seconds"], row["audio_cuts"]), _figure(row["audio_mb"], " MB")]),
        "per minute": _joined([_figure(row["rpm"]), _thousands(row["tpm"])]),
        "price": _price(row),
        "replacement": replacement if row["replacement_offered"] else f"{replacement} (*)",
    }


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part != "-") or "-"


def _known(value: Any) -> bool:
    import pandas as pd

    return not pd.isna(value)


def _figure(value: Any, unit: str = "") -> str:
    return f"{value:g}{unit}" if _known(value) else "-"


def _thousands(value: Any) -> str:
    return f"{value / 1000:g}k" if _known(value) else "-"


def _span(seconds: Any, cuts: bool) -> str:
    if not _known(seconds):
        return "-"
    unit, size = next(((unit, size) for unit, size in (("h", 3600), ("min", 60)) if seconds % size == 0), ("s", 1))
    return f"{seconds / size:g} {unit}{' (cut)' if cuts else ''}"


def _price(row: Mapping[Any, Any]) -> str:
    if not _known(row["audio_in"]):
        return "-"
    if row["second"]:
        return f"{row['second']:g}/s"
    return f"{row['audio_in']:g} / {row['text_out']:g}" if row["audio_in"] or row["text_out"] else "free"
