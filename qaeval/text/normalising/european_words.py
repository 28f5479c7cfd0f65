"""The words around numbers in French, Italian, Spanish and German: units, months, ordinals, times of day.

Words are as `qaeval.text.normalising.cleaning.bare` leaves them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qaeval.text.numbers import french, german, italian, spanish
from qaeval.text.numbers.european import Numerals


@dataclass(frozen=True)
class Words:
    """What a language calls things."""

    numerals: Numerals
    point: str  # 3.5
    minus: tuple[str, ...]
    percent: tuple[str, ...]
    currencies: Mapping[str, tuple[str, str]]  # by symbol: one, several
    to: str  # 3-5
    against: str  # 3:2
    months: tuple[str, ...]
    ordinal: Callable[[int], tuple[str, ...]]  # 1st to 31st, the commonest first
    endings: tuple[str, ...]  # of ordinals in digits, as they are normalised
    hours: tuple[str, ...]  # between the hour and the minute
    times: Mapping[int, tuple[str, ...]]  # by minute: {hour}, and {next} for the hour after it
    fractions: Mapping[str, tuple[str, ...]]


def _french_ordinal(n: int) -> tuple[str, ...]:
    if n == 1:
        return ("premier", "première")
    stem = french.NUMERALS.forms(n)[0].removesuffix("e")
    stem = f"{stem}u" if stem.endswith("cinq") else f"{stem[:-1]}v" if stem.endswith("neuf") else stem
    return (f"{stem}ième", *(("second", "seconde") if n == 2 else ()))


def _german_ordinal(n: int) -> tuple[str, ...]:
    stem = {1: "ers", 3: "drit", 7: "sieb", 8: "ach"}.get(n) or german.NUMERALS.forms(n)[0] + "s" * (n > 19)
    return tuple(f"{stem}te{ending}" if n != 1 else f"erste{ending}" for ending in ("n", "r", "", "s", "m"))


_ITALIAN = ("primo", "secondo", "terzo", "quarto", "quinto", "sesto", "settimo", "ottavo", "nono", "decimo")


def _italian_ordinal(n: int) -> tuple[str, ...]:
    said = italian.NUMERALS.forms(n)[0].replace("tré", "tre")
    name = _ITALIAN[n - 1] if n <= 10 else f"{said if n in (23, 26) else said[:-1]}esimo"
    return name, f"{name[:-1]}a"


_SPANISH: tuple[str, ...] = (
    "primero",
    "segundo",
    "tercero",
    "cuarto",
    "quinto",
    "sexto",
    "séptimo",
    "octavo",
    "noveno",
)
_SPANISH += ("décimo", "undécimo", "duodécimo")


def _spanish_ordinal(n: int) -> tuple[str, ...]:
    tens, unit = divmod(n, 10)
    if n < 20:
        name = _SPANISH[n - 1] if n <= 12 else f"decimo{_SPANISH[unit - 1]}"
    else:
        name = f"{'vigésimo' if tens == 2 else 'trigésimo'} {_SPANISH[unit - 1] if unit else ''}".strip()
    return (name, f"{name[:-1]}a", *((name[:-1],) if n in (1, 3) else ()))


_FRENCH_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre")
_ITALIAN_MONTHS = ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre")
_SPANISH_MONTHS = ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre")
_GERMAN_MONTHS = ("januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober")

WORDS = {
    "fr": Words(
        numerals=french.NUMERALS,
        point="virgule",
        minus=("moins",),
        percent=("pour cent",),
        currencies={"€": ("euro", "euros"), "$": ("dollar", "dollars"), "£": ("livre", "livres")},
        to="à",
        against="à",
        months=(*_FRENCH_MONTHS, "novembre", "décembre"),
        ordinal=_french_ordinal,
        endings=("er", "re", "e"),
        hours=("heures", "heure"),
        times={
            0: ("{hour} heures", "{hour} heure"),
            15: ("{hour} heures et quart", "{hour} heure et quart"),
            30: ("{hour} heures et demie", "{hour} heure et demie"),
            45: ("{next} heures moins le quart", "{next} heure moins le quart"),
        },
        fractions={"1/2": ("un demi", "une demie"), "1/3": ("un tiers",), "2/3": ("deux tiers",), "1/4": ("un quart",),
                   "3/4": ("trois quarts",)},
    ),
    "it": Words(
        numerals=italian.NUMERALS,
        point="virgola",
        minus=("meno",),
        percent=("per cento", "percento"),
        currencies={"€": ("euro", "euro"), "$": ("dollaro", "dollari"), "£": ("sterlina", "sterline")},
        to="a",
        against="a",
        months=(*_ITALIAN_MONTHS, "ottobre", "novembre", "dicembre"),
        ordinal=_italian_ordinal,
        endings=("o", "a"),
        hours=("e",),
        times={
            0: ("{hour} in punto",),
            15: ("{hour} e un quarto",),
            30: ("{hour} e mezza", "{hour} e mezzo"),
            45: ("{hour} e tre quarti", "{next} meno un quarto"),
        },
        fractions={"1/2": ("un mezzo", "mezzo"), "1/3": ("un terzo",), "2/3": ("due terzi",), "1/4": ("un quarto",),
                   "3/4": ("tre quarti",)},
    ),
    "es": Words(
        numerals=spanish.NUMERALS,
        point="coma",
        minus=("menos",),
        percent=("por ciento",),
        currencies={"€": ("euro", "euros"), "$": ("dólar", "dólares"), "£": ("libra", "libras")},
        to="a",
        against="a",
        months=(*_SPANISH_MONTHS, "noviembre", "diciembre"),
        ordinal=_spanish_ordinal,
        endings=("o", "a"),
        hours=("y",),
        times={
            0: ("{hour} en punto",),
            15: ("{hour} y cuarto",),
            30: ("{hour} y media",),
            45: ("{next} menos cuarto",),
        },
        fractions={"1/2": ("un medio", "medio"), "1/3": ("un tercio",), "2/3": ("dos tercios",), "1/4": ("un cuarto",),
                   "3/4": ("tres cuartos",)},
    ),
    "de": Words(
        numerals=german.NUMERALS,
        point="komma",
        minus=("minus",),
        percent=("prozent",),
        currencies={"€": ("euro", "euro"), "$": ("dollar", "dollar"), "£": ("pfund", "pfund")},
        to="bis",
        against="zu",
        months=(*_GERMAN_MONTHS, "november", "dezember", "jahrhundert", "jahrhunderts"),
        ordinal=_german_ordinal,
        endings=(),
        hours=("uhr",),
        times={
            0: ("{hour} uhr",),
            15: ("viertel nach {hour}", "viertel {next}"),
            30: ("halb {next}",),
            45: ("viertel vor {next}", "dreiviertel {next}"),
        },
        fractions={"1/2": ("ein halb", "einhalb"), "1/3": ("ein drittel",), "2/3": ("zwei drittel",),
                   "1/4": ("ein viertel",), "3/4": ("drei viertel", "dreiviertel")},
    ),
}  # fmt: skip
"""By language."""
