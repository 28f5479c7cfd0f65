"""German numerals."""

from __future__ import annotations

from collections.abc import Sequence

from qaeval.text.numbers.european import Numerals

_SMALL: tuple[str, ...] = (
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
)
_SMALL += ("dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn")
_TENS = ("", "", "zwanzig", "dreissig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_ONE = ("eins", "ein", "eine", "einen", "einem", "einer", "eines")


def _below_100(n: int) -> list[str]:
    if n == 1:
        return list(_ONE)
    if n == 2:
        return ["zwei", "zwo"]
    if n < 20:
        return [_SMALL[n]]
    tens, unit = divmod(n, 10)
    units = ("zwei", "zwo") if unit == 2 else (_SMALL[unit],)
    return [f"{name}und{_TENS[tens]}" for name in units] if unit else [_TENS[tens]]


def _below(n: int) -> Sequence[str]:
    """0 to 999.

    >>> _below(100), _below(223)[:2]
    (('einhundert', 'hundert'), ['zweihundertdreiundzwanzig', 'zweihundertunddreiundzwanzig'])
    """
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        return _below_100(n)
    heads = ("einhundert", "hundert") if hundreds == 1 else (f"{_SMALL[hundreds]}hundert",)
    if not rest:
        return heads
    tails = ("eins", "ein") if rest == 1 else _below_100(rest)
    return [f"{head}{joint}{tail}" for joint in ("", "und") for head in heads for tail in tails]


def _thousand(high: int, ways: Sequence[str]) -> Sequence[str]:
    if high == 1:
        return ["eintausend", "tausend"]
    return [f"{way}tausend" for way in ways if "hundertund" not in way]


def _years(n: int) -> Sequence[str]:
    """Neunzehnhundertvierundachtzig."""
    hundreds, rest = divmod(n, 100)
    if not 11 <= hundreds <= 19:
        return ()
    tails = ("eins",) if rest == 1 else _below_100(rest) if rest else ("",)
    return [f"{_SMALL[hundreds]}hundert{joint}{tail}" for joint in ("", "und")[: 1 + bool(rest)] for tail in tails]


NUMERALS = Numerals(
    below=_below,
    thousand=_thousand,
    thousands=("tausend",),
    millions=(("eine million", "million", "millionen"), ("eine milliarde", "milliarde", "milliarden")),
    connectors=frozenset({"und"}),
    joins=True,
    full="eins",
    years=_years,
)
