"""What each model costs and how fast it is, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from qaeval.markup import Column, breakable, table
from qaeval.markup.numbers import count, money
from qaeval.terms import TOKENS, Used

_COUNTED = (
    "Replies: one a request, which may answer several questions. Retries: attempts beyond the first of each request; "
    "what they are known to have used counts in tokens and cost."
)
_COST = (
    "Cost: by the prices of the day of the run, which stand at the end; per 1,000 clips, with all that was asked of "
    "each; per hour of audio sent, anew with each request."
)
_FREE = "Free: while the free quota lasts."
_SECONDS = (
    "Seconds: of a reply's last attempt on the wire, without waiting for its turn, to the last token and, where the "
    "reply was streamed, to the first; median / 90th percentile of the replies."
)
_REHEARSED = (
    "In this rehearsal, tokens are as the emulator counts them, costs what they would have been, and seconds those of "
    "this machine, not of a service."
)
_REPLAYED = "Of replays, tokens and seconds are those of the stored replies."


def cost_table(all_used: Sequence[Used]) -> Markup:
    """One row a model: replies, retries, tokens, cost and seconds; what no model has is left out."""
    charged = any(map(_is_charged, all_used))
    streamed = any(one.first_token for one in all_used)
    spent = "would have cost, CNY" if any(one.rehearsed for one in all_used) else "cost, CNY"
    columns = [
        Column("model"),
        Column("replies", True, "one a request, which may answer several questions"),
        Column("retries", True, "attempts beyond the first of each request"),
        *([Column(name, True, hint) for name, hint in _TOKENS.items()] if charged else []),
        *([Column(spent, True), Column("per 1,000 clips", True), Column("per hour of audio", True)] if charged else []),
        Column("seconds, median / p90", True, "to the last token: median and 90th percentile"),
        *([Column("to first token", True, "in seconds: median and 90th percentile")] if streamed else []),
    ]
    return table(columns, [_row(one, charged, streamed) for one in all_used])


_TOKENS = {"text tokens in": "of the questions", "audio tokens in": "of the audio", "tokens out": "of the answers"}


def _row(one: Used, charged: bool, streamed: bool) -> list[object]:
    tokens = [f"{one.tokens[name]:,}" if one.tokens else "–" for name in TOKENS]
    costs = [_cost(one), *(_rate(one, per) for per in (one.clips / 1000, (one.audio or 0) / 3600))]
    return [
        breakable(one.model),
        f"{one.replies:,}",
        f"{one.retries:,}",
        *([*tokens, *costs] if charged else []),
        _spread(one.seconds),
        *([_spread(one.first_token)] if streamed else []),
    ]


def _cost(one: Used) -> str:
    if one.cost is None:
        return "not known" if one.hosted else "–"
    return "free" if one.free else f"{_LEAST if one.unpriced else ''}{money(one.cost)}"


def _rate(one: Used, things: float) -> str:
    amount = one.per(things)
    if amount is None:
        return "–"
    return f"{_LEAST if one.unpriced else ''}{money(amount)}"


_LEAST = "≥\N{NO-BREAK SPACE}"


def _spread(seconds: tuple[float, float] | None) -> str:
    return "–" if seconds is None else " / ".join(f"{value:.{2 if max(seconds) < 10 else 1}f}" for value in seconds)


def cost_note(all_used: Sequence[Used]) -> str:
    """What the columns of `cost_table` mean, and what their values are divided by."""
    charged = [one for one in all_used if _is_charged(one)]
    said = [_COUNTED, *([_COST, *_denominators([one for one in charged if one.cost])] if charged else [])]
    for one in charged:
        said += [f"{one.model}: {one.lost:,} of the tokens were lost to attempts that failed."] if one.lost else []
        if one.cost is not None and one.unpriced:
            unknown = count(one.unpriced, "reply", "replies")
            said.append(f"{one.model}: the cost of {unknown} is not known and not in the sum.")
    said += [_FREE] if any(one.free for one in charged) else []
    said.append(_SECONDS)
    said += [_REHEARSED] if any(one.rehearsed for one in all_used) else []
    return " ".join([*said, *([_REPLAYED] if any(one.replayed for one in all_used) else [])])


def _is_charged(one: Used) -> bool:
    return one.hosted or bool(one.tokens) or one.cost is not None


def _denominators(known: Sequence[Used]) -> list[str]:
    """By what the costs are divided, said once where it is the same for all."""
    said = [f"{count(one.clips, 'clip')} and {_minutes(one.audio)}" for one in known]
    if len(set(said)) == 1:
        return [f"Divided by {said[0]}."]
    return [f"{one.model}: divided by {words}." for one, words in zip(known, said, strict=True)]


def _minutes(seconds: float | None) -> str:
    return "an unknown length of audio" if seconds is None else f"{seconds / 60:.2f} minutes of audio"
