"""Italian numerals."""

from __future__ import annotations

from collections.abc import Sequence

from qaeval.text.numbers.european import Numerals

_SMALL: tuple[str, ...] = (
    "zero",
    "uno",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "nove",
    "dieci",
    "undici",
    "dodici",
)
_SMALL += ("tredici", "quattordici", "quindici", "sedici", "diciassette", "diciotto", "diciannove")
_TENS = ("", "", "venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta")


def _below_100(n: int) -> list[str]:
    if n < 20:
        return {1: ["uno", "un", "una"], 3: ["tre", "tré"]}.get(n, [_SMALL[n]])  # duemilatré
    tens, unit = divmod(n, 10)
    name = _TENS[tens]
    if unit == 1:
        return [f"{name[:-1]}uno", f"{name[:-1]}un", f"{name[:-1]}una"]
    if unit == 3:
        return [f"{name}tré", f"{name}tre"]
    return [f"{name[:-1]}otto"] if unit == 8 else [f"{name}{_SMALL[unit] if unit else ''}"]


def _below(n: int) -> Sequence[str]:
    """0 to 999.

    >>> _below(23), _below(108)
    (['ventitré', 'ventitre'], ['centootto', 'centotto', 'cento otto'])
    """
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        return _below_100(n)
    head = f"{_SMALL[hundreds] if hundreds > 1 else ''}cento"
    if not rest:
        return [head]
    tails = ["tré", "tre"] if rest == 3 else _below_100(rest)
    elided = [f"{head[:-1]}{tail}" for tail in tails if tail.startswith("o")]
    apart = [f"{head} {tail}" for tail in _below_100(rest)]
    return [*(f"{head}{tail}" for tail in tails), *elided, *apart]


def _thousand(high: int, ways: Sequence[str]) -> Sequence[str]:
    return ["mille"] if high == 1 else [f"{way}mila" for way in ways if not way.endswith(("una", "tré"))]


NUMERALS = Numerals(
    below=_below,
    thousand=_thousand,
    thousands=("mila", "mille"),
    millions=(("un milione", "milione", "milioni"), ("un miliardo", "miliardo", "miliardi")),
    addition="e",
    connectors=frozenset({"e"}),
    joins=True,
)
