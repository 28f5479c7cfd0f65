"""French numerals, those of Belgium and Switzerland among them."""

from __future__ import annotations

from collections.abc import Sequence

from qaeval.text.numbers.european import Numerals

_SMALL: tuple[str, ...] = (
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
)
_SMALL += ("quatorze", "quinze", "seize", "dix sept", "dix huit", "dix neuf")
_TENS = ("", "", "vingt", "trente", "quarante", "cinquante", "soixante")
_ELSEWHERE = {7: ("septante",), 8: ("huitante", "octante"), 9: ("nonante",)}
_ONE = ("un", "une")


def _below_100(n: int) -> list[str]:
    tens, unit = divmod(n, 10)
    if n < 20:
        return list(_ONE) if n == 1 else [_SMALL[n]]
    if tens < 7:
        return _ten(_TENS[tens], unit)
    if tens == 7:
        ways = ["soixante et onze"] if unit == 1 else [f"soixante {_SMALL[10 + unit]}"]
    elif n == 80:
        ways = ["quatre vingts", "quatre vingt"]
    else:
        ways = [f"quatre vingt {_SMALL[n - 80]}"] + (["quatre vingt une"] if n == 81 else [])
    return ways + [way for name in _ELSEWHERE[tens] for way in _ten(name, unit)]


def _ten(name: str, unit: int) -> list[str]:
    if unit == 1:
        return [f"{name} et {one}" for one in _ONE]
    return [f"{name} {_SMALL[unit]}" if unit else name]


def _below(n: int) -> Sequence[str]:
    """0 to 999.

    >>> _below(200), _below(72)
    (['deux cents', 'deux cent'], ['soixante douze', 'septante deux'])
    """
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        return _below_100(n)
    head = "cent" if hundreds == 1 else f"{_SMALL[hundreds]} cent"
    if rest:
        return [f"{head} {way}" for way in _below_100(rest)]
    return [head] if hundreds == 1 else [f"{head}s", head]


def _thousand(high: int, ways: Sequence[str]) -> Sequence[str]:
    return ["mille"] if high == 1 else [f"{way} mille" for way in reversed(ways) if not way.endswith("une")]


def _years(n: int) -> Sequence[str]:
    """Dix neuf cent quatre vingt quatre."""
    hundreds, rest = divmod(n, 100)
    if not 11 <= hundreds <= 19:
        return ()
    return [f"{_SMALL[hundreds]} cent {way}" for way in _below_100(rest)] if rest else [f"{_SMALL[hundreds]} cents"]


NUMERALS = Numerals(
    below=_below,
    thousand=_thousand,
    thousands=("mille", "mil"),
    millions=(("un million", "million", "millions"), ("un milliard", "milliard", "milliards")),
    connectors=frozenset({"et"}),
    years=_years,
)
