"""What a check found, as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qaeval.checks.fits import ASKED, REFUSED, VERDICTS
from qaeval.checks.problems import PROBLEMS

if TYPE_CHECKING:
    import pandas as pd


def check_text(frame: pd.DataFrame, most: int = 10) -> str:
    """What `check` found, for a terminal: counts by model and verdict, what the clips that fit take, why others do not.

    >>> from qaeval.checks import check
    >>> from qaeval.models.control import quiet
    >>> from qaeval.types import Sample
    >>> print(check_text(check([Sample("a", quiet(2)), Sample("b", b"no audio")], progress=False), most=0))
    clips: 2, 2 s of audio; readable 1, unreadable 1
    not taken as they are: 1
    """
    frame = frame[frame["verdict"] != REFUSED]
    if frame.empty:
        return "no clips"
    clips = frame.drop_duplicates("sample")
    lines = [f"clips: {len(clips)}, {_time(clips['seconds'].sum())} of audio"]
    for name, rows in frame.groupby("model", sort=False):
        if name:
            lines.append(f"{name!s}: {_counts(rows)}{_sent(rows)}{_costs(rows[rows['verdict'].isin(ASKED)])}")
        else:
            lines[0] += f"; {_counts(rows)}"
    return "\n".join([*lines, *_misfits(frame, most)])


def problems_text(frame: pd.DataFrame, most: int = 20) -> str:
    """How many samples have which problem, with the reason of the first; ``""`` where nothing is wrong.

    Rows of which no sample could be made are told one by one, ``most`` of them.

    >>> from qaeval.checks import check
    >>> from qaeval.models.control import quiet
    >>> from qaeval.types import Sample
    >>> print(problems_text(check([Sample("a", quiet(2)), Sample("b", "none.wav")], progress=False)))
    samples with problems: 2 of 2
      missing 1: b: none.wav: there is no such file; expected an audio file; check the path
      silent 1: a: it is digital silence, expected at least -60 dBFS
    """
    refused = frame[frame["verdict"] == REFUSED]
    samples = frame[frame["verdict"] != REFUSED].drop_duplicates("sample")
    wrong = samples[samples["problems"] != ""]
    lines = [f"samples with problems: {len(wrong)} of {len(samples)}"] if len(wrong) else []
    for problem in PROBLEMS:
        some = wrong[(("; " + wrong["problems"] + "; ").str.contains(f"; {problem}; ", regex=False))]
        if len(some):
            lines.append(f"  {problem} {len(some)}: {some['sample'].iloc[0]}: {some['reason'].iloc[0]}")
    return "\n".join([*lines, *_refused(refused, most)])


def _refused(rows: pd.DataFrame, most: int) -> list[str]:
    """Each of the rows with what is wrong with it, and what a run makes of them."""
    if rows.empty:
        return []
    told = [f"  {place}: {why}" for place, why in zip(rows["sample"][:most], rows["reason"][:most], strict=True)]
    more = [f"  and {len(rows) - most} more"] if len(rows) > most else []
    return [f'{REFUSED}s: {len(rows)}. A run ends at the first; bad_rows="skip" passes over them', *told, *more]


def _counts(rows: pd.DataFrame) -> str:
    counts = rows["verdict"].value_counts()
    return ", ".join(f"{verdict} {counts[verdict]}" for verdict in VERDICTS if verdict in counts)


def _sent(rows: pd.DataFrame) -> str:
    """What is done to the clips that are fitted: the parts of those that are split are counted together."""
    fitted = rows[rows["verdict"] == "fitted"]
    whole, split = fitted[fitted["parts"] == 1], fitted[fitted["parts"] > 1]
    done = [f"{count} as {said}" for said, count in whole["fitted"].value_counts().items()]
    done += [f"{len(split)} in {split['parts'].sum()} parts"] if len(split) else []
    return f" ({', '.join(done)})" if done else ""


def _costs(fit: pd.DataFrame) -> str:
    """What the clips that are asked about take, as far as it is known."""
    said = ""
    if len(fit) and fit["audio_tokens"].notna().all():
        said += f"; {fit['audio_tokens'].sum():,} audio tokens"
    if len(fit) and fit["price"].notna().all():
        said += f"; {fit['price'].sum():.4g} CNY for the audio"
    return said


def _misfits(frame: pd.DataFrame, most: int) -> list[str]:
    """How many clips do not fit, the first reasons with the clips they hold for, and what can be done about them."""
    misfits = frame[~frame["verdict"].isin(ASKED)]
    if misfits.empty:
        return []
    reasons = [
        (f"  {model!s}{': ' if model else ''}{verdict}: {what}: {_first(samples)}", len(samples))
        for (model, verdict, what), samples in misfits.groupby(["model", "verdict", "what"], sort=False)["sample"]
    ]
    rest = sum(count for _, count in reasons[most:])
    more = [f"  and {rest} more, for other reasons"] if 0 < most < len(reasons) else []
    return [f"not taken as they are: {len(misfits)}", *(line for line, _ in reasons[:most]), *more, *_choices(misfits)]


def _choices(misfits: pd.DataFrame) -> list[str]:
    """A line on what other ways to fit clips would help, and how many of them; none if there is no such way."""
    ways = [way for ways in misfits["ways"].dropna() for way in ways.split("; ")]
    least = ways.count("transcode")
    helping = [mode for mode in _CHOICES if ways.count(mode) > (0 if mode == "transcode" else least)]
    told = ", ".join(f"{mode} {ways.count(mode)} ({_CHOICES[mode]})" for mode in helping)
    return [f"A run skips them. Of these {len(misfits)} it would ask about, with --fit (fit=): {told}"] if told else []


def _first(samples: pd.Series[str]) -> str:
    return f"{samples.iloc[0]}" + (f" and {len(samples) - 1} more" if len(samples) > 1 else "")


_CHOICES = {"transcode": "encoded anew", "cut": "only the start of long clips", "split": "long clips in parts"}


def _time(seconds: float) -> str:
    """Seconds as people say them.

    >>> _time(2.0), _time(200.4), _time(7500)
    ('2 s', '3 min 20 s', '2 h 5 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.3g} s"
    minutes = whole // 60
    return f"{minutes} min {whole % 60} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
