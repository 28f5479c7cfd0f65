"""Spanish numerals."""

from __future__ import annotations

from collections.abc import Sequence

from qaeval.text.numbers.european import Numerals

_SMALL: tuple[str, ...] = (
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
)
_SMALL += ("trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno")
_SMALL += ("veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho")
_SMALL += ("veintinueve",)
_TENS = ("", "", "veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
_HUNDREDS: tuple[str, ...] = (
    "",
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
)
_HUNDREDS += ("ochocientos", "novecientos")


def _below_100(n: int) -> list[str]:
    if n == 21:
        return ["veintiuno", "veintiún", "veintiuna"]
    tens, unit = divmod(n, 10)
    if n < 30:
        return ["uno", "un", "una"] if n == 1 else [_SMALL[n]]
    ones = ("uno", "un", "una") if unit == 1 else (_SMALL[unit],)
    return [f"{_TENS[tens]} y {one}" for one in ones] if unit else [_TENS[tens]]


def _below(n: int) -> Sequence[str]:
    """0 to 999.

    >>> _below(100), _below(101), _below(200)
    (['cien'], ['ciento uno', 'ciento un', 'ciento una'], ['doscientos', 'doscientas'])
    """
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        return _below_100(n)
    if n == 100:
        return ["cien"]
    heads = [_HUNDREDS[hundreds]] + ([_HUNDREDS[hundreds][:-2] + "as"] if hundreds > 1 else [])
    return [f"{head} {way}" for head in heads for way in _below_100(rest)] if rest else heads


def _thousand(high: int, ways: Sequence[str]) -> Sequence[str]:
    return ["mil"] if high == 1 else [f"{way} mil" for way in ways]


NUMERALS = Numerals(
    below=_below,
    thousand=_thousand,
    thousands=("mil",),
    millions=(("un millón", "millón", "millones"),),
    full="uno",
    connectors=frozenset({"y"}),
)
