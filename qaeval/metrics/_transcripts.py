"""What the metrics of transcripts give for a reply, found out together: each text is normalised and aligned once.

Errors over tokens of the reference are the part ``""``; hits, substitutions, deletions and insertions are over the
same. Where texts mix scripts (`qaeval.text.scripts`; numbers are one of them) ``mer`` has parts such as ``errors:han``
and ``substitutions:latin`` too, over the tokens of that script in the reference: what is lost at code switches and in
numbers. They are of such texts only. ``wer`` has them where its words are the mixed tokens; ``cer`` has none, for a
Latin word is many characters.

A reference that is empty once it is normalised has no error rate, as there is nothing to divide by.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from qaeval.metrics._sides import Sides, reference_of
from qaeval.metrics._together import Found, Layout, Place
from qaeval.text.alignment import Counts
from qaeval.text.tokens import UNSPACED, characters, has_cjk, mixed, words
from qaeval.types import Case

PARTS = ("hits", "substitutions", "deletions", "insertions")
BY_SCRIPT = ("errors", *PARTS[1:])
_UNSPACED = ("cer", "mer")
_NOTHING = Found(Layout((), {}), [])
_SPLIT = {"wer": words, "cer": characters, "mer": mixed}


def transcript(case: Case) -> Found:
    """What the metrics of transcripts give, by name; those that do not apply to the reference are left out."""
    if (reference := reference_of(case)) is None:
        return _NOTHING
    said, reply = case.hypothesis.text or "", case.reply
    both = Sides(case, reference, said)
    wrapped = said != reply and _more_is_said(said, reply)
    if not reference.text:
        return _of_silence(len(mixed(both.hypothesis)), wrapped, case.seconds)
    raw = both if said == reply else Sides(case, reference, reply)
    return _of_speech(both, raw, _rates(case), wrapped)


def _more_is_said(said: str, reply: str) -> bool:
    """Whether they differ by more than white space."""
    if said and said in reply:
        before, _, after = reply.partition(said)
        return bool(before.strip() or after.strip())
    return "".join(said.split()) != "".join(reply.split())


def _rates(case: Case) -> tuple[str, ...]:
    """The error rates that are defined: white space must separate the words of the reference for a word error rate."""
    spaced = case.language not in UNSPACED and (case.language or not has_cjk(case.reference.text or ""))
    return ("wer", "cer", "mer") if spaced else _UNSPACED


def _of_silence(inserted: int, wrapped: bool, seconds: float | None) -> Found:
    numbers: list[float] = [int(inserted > 0), inserted, int(wrapped), 1]
    return Found(_TIMED, [*numbers, seconds / 60]) if seconds else Found(_SILENT, numbers)


def _of_speech(both: Sides, raw: Sides, rates: tuple[str, ...], wrapped: bool) -> Found:
    if both.plain is characters and raw.plain is characters and rates == _UNSPACED:
        return _of_characters(both, raw, wrapped)
    told: tuple[str, ...] = ()
    scripts = _several(both.apart()) if both.plain is mixed else []
    if scripts:
        # Where a Chinese character is a token of its own, mixed tokens are no words.
        told = ("mer",) if has_cjk(both.reference.text + both.hypothesis) else ("wer", "mer")
    numbers: list[float] = []
    errors = 0
    for name in rates:
        split = _SPLIT[name]
        hits, substitutions, deletions, insertions = both.counts(split)
        errors = substitutions + deletions + insertions
        of_raw = errors if raw is both else raw.errors(split)
        numbers += (hits + substitutions + deletions, errors, hits, substitutions, deletions, insertions, of_raw)
    numbers += (int(errors > 0), int(wrapped), 1)  # the last errors are of mixed tokens
    if not scripts:
        return Found(_PLAIN[rates], numbers)
    for _, of in scripts:
        numbers += (of.total, of.errors, of.substitutions, of.deletions, of.insertions)
    return Found(_layout(rates, told, tuple([name for name, _ in scripts])), numbers)


def _of_characters(both: Sides, raw: Sides, wrapped: bool) -> Found:
    """The same of texts whose mixed tokens are their characters, and whose words are not told."""
    hits, substitutions, deletions, insertions = both.counts(characters)
    errors = substitutions + deletions + insertions
    of_raw = errors if raw is both else raw.errors(characters)
    numbers: list[float] = [hits + substitutions + deletions, errors, hits, substitutions, deletions, insertions]
    return Found(_CHARACTERS, [*numbers, of_raw, int(errors > 0), int(wrapped), 1])


def _several(apart: dict[str, Counts]) -> list[tuple[str, Counts]]:
    return sorted(apart.items()) if len(apart) > 1 else []


def _of_rate(of: str) -> tuple[str, ...]:
    """The numbers of an error rate: how many tokens there are, what became of them, the errors of the raw reply."""
    return tuple([f"{of} {number}" for number in ("tokens", "errors", *PARTS, "raw")])


def _ratios(rates: Mapping[str, str], told: tuple[str, ...], scripts: tuple[str, ...]) -> dict[Place, tuple[str, str]]:
    """Of what each place is made; ``rates`` says which numbers a rate has, ``told`` have parts by script."""
    ratios: dict[Place, tuple[str, str]] = {}
    for rate, of in rates.items():
        tokens = f"{of} tokens"
        ratios |= {(rate, ""): (f"{of} errors", tokens), **{(rate, part): (f"{of} {part}", tokens) for part in PARTS}}
        for script in scripts if rate in told else ():
            ratios |= {(rate, f"{part}:{script}"): (f"{script} {part}", f"{script} tokens") for part in BY_SCRIPT}
    ratios |= {("sentence_error", ""): ("wrong", "one"), ("wrapped", ""): ("wrapped", "one")}
    return ratios | {(f"raw_{rate}", ""): (f"{of} raw", f"{of} tokens") for rate, of in rates.items()}


@cache
def _layout(rates: tuple[str, ...], told: tuple[str, ...], scripts: tuple[str, ...]) -> Layout:
    numbers = [number for rate in rates for number in _of_rate(rate)] + ["wrong", "wrapped", "one"]
    numbers += [f"{script} {number}" for script in scripts for number in ("tokens", *BY_SCRIPT)]
    return Layout(numbers, _ratios({rate: rate for rate in rates}, told, scripts))


_PLAIN: dict[tuple[str, ...], Layout] = {rates: _layout(rates, (), ()) for rates in (("wer", "cer", "mer"), _UNSPACED)}
_CHARACTERS = Layout([*_of_rate("cer"), "wrong", "wrapped", "one"], _ratios(dict.fromkeys(_UNSPACED, "cer"), (), ()))
_SILENCE: dict[Place, tuple[str, str]] = {
    ("hallucination", ""): ("heard", "one"),
    ("hallucination", "insertions"): ("inserted", "one"),
}
_PER_MINUTE: dict[Place, tuple[str, str]] = {("hallucination", "insertions_per_minute"): ("inserted", "minutes")}
_ROW: dict[Place, tuple[str, str]] = {("wrapped", ""): ("wrapped", "one")}
_OF_SILENCE = ("heard", "inserted", "wrapped", "one")
_SILENT = Layout(_OF_SILENCE, _SILENCE | _ROW)
_TIMED = Layout((*_OF_SILENCE, "minutes"), _SILENCE | _PER_MINUTE | _ROW)
