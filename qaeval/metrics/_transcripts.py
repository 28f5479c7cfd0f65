"""What the metrics of transcripts give for a reply, found out together: each text is normalised and aligned once.

Errors over tokens of the reference are the part ``""``; hits, substitutions, deletions and insertions are over the
same. Where texts mix scripts (`qaeval.text.scripts`; numbers are one of them) ``mer`` has parts such as ``errors:han``
and ``substitutions:latin`` too, over the tokens of that script in the reference: what is lost at code switches and in
numbers. They are of such texts only. ``wer`` has them where its words are the mixed tokens; ``cer`` has none, for a
Latin word is many characters.

A reference that is empty once it is normalised has no error rate, as there is nothing to divide by.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from qaeval.metrics._sides import Sides, reference_of
from qaeval.metrics._together import Found, Layout
from qaeval.text.alignment import Counts
from qaeval.text.tokens import UNSPACED, characters, has_cjk, mixed, words
from qaeval.types import Case

PARTS = ("", "hits", "substitutions", "deletions", "insertions")
BY_SCRIPT = ("errors", "substitutions", "deletions", "insertions")
_UNSPACED = ("cer", "mer")
_NOTHING = Found(Layout(()), [], [])
_SPLIT = {"wer": words, "cer": characters, "mer": mixed}
_SILENCE = ("hallucination", ""), ("hallucination", "insertions"), ("wrapped", "")
_SILENT = Layout(_SILENCE)
_TIMED = Layout((*_SILENCE[:2], ("hallucination", "insertions_per_minute"), _SILENCE[2]))


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
    heard = int(inserted > 0)
    if not seconds:
        return Found(_SILENT, [heard, inserted, int(wrapped)], [1, 1, 1])
    return Found(_TIMED, [heard, inserted, inserted, int(wrapped)], [1, 1, seconds / 60, 1])


def _of_speech(both: Sides, raw: Sides, rates: tuple[str, ...], wrapped: bool) -> Found:
    if both.plain is characters and raw.plain is characters and rates == _UNSPACED:
        return _of_characters(both, raw, wrapped)
    told: tuple[str, ...] = ()
    scripts = _several(both.apart()) if both.plain is mixed else []
    if scripts:
        # Where a Chinese character is a token of its own, mixed tokens are no words.
        told = ("mer",) if has_cjk(both.reference.text + both.hypothesis) else ("wer", "mer")
    num: list[float] = []
    den: list[float] = []
    raw_num: list[float] = []
    raw_den: list[float] = []
    for name in rates:
        split = _SPLIT[name]
        hits, substitutions, deletions, insertions = both.counts(split)
        total, errors = hits + substitutions + deletions, substitutions + deletions + insertions
        num += (errors, hits, substitutions, deletions, insertions)
        den += (total, total, total, total, total)
        if name in told:
            _add_scripts(scripts, num, den)
        raw_num.append(errors if raw is both else raw.errors(split))
        raw_den.append(total)
    num += (int(errors > 0), int(wrapped), *raw_num)  # the last errors are of mixed tokens
    den += (1, 1, *raw_den)
    return Found(_layout(rates, told, tuple([name for name, _ in scripts])) if scripts else _PLAIN[rates], num, den)


def _of_characters(both: Sides, raw: Sides, wrapped: bool) -> Found:
    """The same of texts whose mixed tokens are their characters, and whose words are not told."""
    hits, substitutions, deletions, insertions = both.counts(characters)
    total, errors = hits + substitutions + deletions, substitutions + deletions + insertions
    of_raw = errors if raw is both else raw.errors(characters)
    rate = [errors, hits, substitutions, deletions, insertions]
    return Found(
        _PLAIN[_UNSPACED],
        [*rate, *rate, int(errors > 0), int(wrapped), of_raw, of_raw],
        [total, total, total, total, total, total, total, total, total, total, 1, 1, total, total],
    )


def _several(apart: dict[str, Counts]) -> list[tuple[str, Counts]]:
    return sorted(apart.items()) if len(apart) > 1 else []


def _add_scripts(scripts: Sequence[tuple[str, Counts]], num: list[float], den: list[float]) -> None:
    for _, of in scripts:
        num += (of.errors, of.substitutions, of.deletions, of.insertions)
        den += (of.total,) * len(BY_SCRIPT)


@cache
def _layout(rates: tuple[str, ...], told: tuple[str, ...], scripts: tuple[str, ...]) -> Layout:
    """In the order in which the numbers are put together; ``told`` have parts by script."""
    by_script = [f"{part}:{script}" for script in scripts for part in BY_SCRIPT]
    places = [(name, part) for name in rates for part in (*PARTS, *(by_script if name in told else ()))]
    return Layout([*places, ("sentence_error", ""), ("wrapped", ""), *((f"raw_{name}", "") for name in rates)])


_PLAIN: dict[tuple[str, ...], Layout] = {rates: _layout(rates, (), ()) for rates in (("wer", "cer", "mer"), _UNSPACED)}
