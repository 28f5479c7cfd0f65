"""What is shown of a clip: the frames of a run are read once, each clip is drawn when it is asked for.

``clip.html`` lays a `ClipView` out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from qaeval import audio, frames
from qaeval.errors import AudioError
from qaeval.markup import anchor, difference, joined, note, player, text
from qaeval.markup.asked import Row, told, wholes
from qaeval.markup.numbers import count, metric_of, shown
from qaeval.markup.ranking import records
from qaeval.markup.timeline import Lane, timeline
from qaeval.metrics._sides import Sides, reference_of
from qaeval.scoring import parts
from qaeval.text.alignment import align
from qaeval.text.profiles import LANGUAGES, find_profile
from qaeval.text.tokens import mixed
from qaeval.types import Annotation, Case, Sample, Task

if TYPE_CHECKING:
    import pandas as pd

    from qaeval.runs import Run

SECONDS = 30.0
"""How much of a clip a player holds, in seconds."""

_BITRATE = 32_000  # bits a second, mono: six seconds are 24 kB; speech stays clear, and 200 clips below 10 MB
_RATE = 24_000  # Hz, at most
_ELSEWHERE = ("language", "duration")  # meta that is told in its own way
_LONG = 60  # characters of a value that are shown
_FLAG_MEANS = {
    "cut": "only the start was heard",
    "truncated": "the answer was cut off",
    "unheard": "the audio tokens do not fit the audio",
}
_COUNTS = {"substitutions": "substitution", "deletions": "deletion", "insertions": "insertion"}


@dataclass(frozen=True, slots=True)
class Said:
    """What one model replied to a question. ``side`` is A, B or empty; ``raw`` None when the service gave no reply."""

    model: str
    side: str
    outcome: str
    shown: Markup
    raw: str | None
    facts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Question:
    """One task and prompt about a clip; ``reference`` None when it has no text (then the timeline shows it)."""

    task: str
    facts: list[str]
    reference: Markup | None
    timeline: Markup
    answers: list[Said]
    others: list[Said]


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip with its player and questions."""

    id: str
    anchor: str
    player: Markup
    facts: list[str]
    questions: list[Question]


class Clips:
    """The samples, replies and scores of a run by clip; ``seconds`` are the clips' lengths where they are known.

    The scores (default: `Run.scores`) also say with which profile texts are normalised before they are compared.
    """

    def __init__(self, run: Run, scores: pd.DataFrame | None = None) -> None:
        self.run = run
        self.scores = run.scores() if scores is None else scores
        self.samples = {sample.id: sample for sample in run.iter_samples()}
        lengths = run.samples().set_index("sample")["duration"].dropna()
        self.seconds = {str(id): float(seconds) for id, seconds in lengths.items()}
        self.replies = run.replies()
        self._rows_of = self.replies.groupby("sample", sort=False, observed=True).indices
        self._scores_of = self.scores.groupby("sample", sort=False, observed=True).indices
        names = self.scores["profile"].unique()
        self._profile = find_profile(str(names[0])) if len(names) else find_profile()

    def reasons(self) -> list[str]:
        """Why there are no replies, a line each."""
        return frames.reasons(self.replies)

    def unasked(self) -> int:
        """How many clips no task was asked about: they lack the reference or the input that each needs."""
        return len(self.samples.keys() - self._rows_of.keys())

    def view(self, id: str, a: str, b: str | None = None) -> ClipView:
        """All that was asked about the clip of that sample, what ``a`` and ``b`` said, then the other models."""
        sample = self.samples[id]
        replies = records(self.replies.iloc[self._rows_of.get(sample.id, [])])
        scores = records(self.scores.iloc[self._scores_of.get(sample.id, [])])
        asked = dict.fromkeys((row["task"], row["prompt"]) for row in replies)
        questions = [
            self._question(sample, task, prompt, _of(replies, task, prompt), _of(scores, task, prompt), [a, b])
            for task, prompt in asked
        ]
        return ClipView(sample.id, anchor(sample.id), clip_player(sample), self._facts(sample), questions)

    def _facts(self, sample: Sample) -> list[str]:
        seconds = self.seconds.get(sample.id)
        known = [sample.language, f"{seconds:.1f} s" if seconds else ""]
        said = {name: str(value) for name, value in sample.meta.items() if name not in _ELSEWHERE and told(value)}
        known += [f"{name} {value if len(value) <= _LONG else value[:_LONG] + '…'}" for name, value in said.items()]
        return [fact for fact in known if fact]

    def _question(
        self, sample: Sample, name: str, prompt: str, replies: list[Row], scores: list[Row], sides: list[str | None]
    ) -> Question:
        task = self.run.tasks[name]
        order = list(dict.fromkeys([*filter(None, sides), *self.run.models]))
        answers, lanes = [], [Lane("reference", sample.reference.events, "R")]
        ordered = sorted(replies, key=lambda row: (order.index(row["model"]), row["repeat"], row["part"]))
        for alike in _alike(wholes(ordered)):
            row = alike[0]
            side = "AB"[sides.index(row["model"])] if row["model"] in sides else ""
            said = row["said"] if told(row["text"]) else None
            heard = parts.read(said, lambda text: task.parse(text, sample)) if said else None
            drawn = Markup("") if heard is None else self._shown(sample, task, heard, _is_refused(row, scores))
            answers.append(_said(alike, side, drawn, scores, any(row["repeat"] for row in replies)))
            if side:
                lanes.append(Lane(row["model"], heard.events if heard else None, side))
        timed = "events" in _fields(task)
        return Question(
            name,
            [prompt, *(f"{key}: {sample.inputs[key]}" for key in task.inputs if key in sample.inputs)],
            None if timed else self._reference(sample, task),
            timeline(lanes, self.seconds.get(sample.id, 0.0)) if timed else Markup(""),
            [answer for answer in answers if answer.side],
            [answer for answer in answers if not answer.side],
        )

    def _shown(self, sample: Sample, task: Task, heard: Annotation, refused: bool) -> Markup:
        fields = _fields(task)
        if "text" in fields and heard.text is not None:
            return text(heard.text) if refused else self._difference(sample, heard)
        if "events" in fields:
            return Markup("")  # the timeline says it
        return text(_labels(heard, fields))

    def _reference(self, sample: Sample, task: Task) -> Markup | None:
        if "text" in _fields(task):
            known = sample.reference.text
            return None if known is None else text(joined(self._tokens(known, sample.language)))
        return text(_labels(sample.reference, _fields(task)))

    def _difference(self, sample: Sample, heard: Annotation) -> Markup:
        """What was heard against the reference, in the form that was scored: numbers as the reference has them."""
        case, words = Case(sample.reference, heard, _known(sample.language), self._profile), heard.text or ""
        if (reference := reference_of(case)) is None:
            return text(joined(self._tokens(words, case.language)))
        return difference(align(reference.tokens(mixed), Sides(case, reference, words).nearest(mixed)))

    def _tokens(self, words: str, language: str) -> list[str]:
        """Characters of Chinese and Japanese, words of the rest, normalised."""
        return mixed(self._profile.normalise(words, _known(language)))


def _known(language: str) -> str:
    """A language, or ``""`` where there are no rules for it: those of its script must do."""
    return language if language in LANGUAGES else ""


def clip_player(sample: Sample, seconds: float = SECONDS) -> Markup:
    """A player with the first ``seconds`` of a clip as MP3, or a note that says why there is none."""
    try:
        known = audio.probe(sample.audio)
        end = seconds if known.duration > seconds else None
        data = audio.transcode(
            sample.audio, "mp3", rate=min(known.rate, _RATE), mono=True, bitrate=_BITRATE, offset=end
        )
    except AudioError as error:
        return note(f"No player: {error}")
    made = player(data, f"Clip {sample.id}")
    return made + note(f"The first {seconds:g} of {known.duration:.0f} seconds.") if end else made


def _alike(replies: list[Row]) -> list[list[Row]]:
    """Repeats of a model that came back with the same belong together."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in replies:
        groups.setdefault((row["model"], row["outcome"], str(row["reason"]), str(row["text"])), []).append(row)
    return list(groups.values())


def _said(alike: list[Row], side: str, drawn: Markup, scores: list[Row], repeated: bool) -> Said:
    """What the first of some repeats that are alike said, and which these are."""
    row = alike[0]
    mine = [score for score in scores if (score["model"], score["repeat"]) == (row["model"], row["repeat"])]
    outcome = next((score["outcome"] for score in mine), row["outcome"])
    facts = [row["reason"]] if told(row["reason"]) else []
    facts += [*_values(mine), *_counts(mine)]
    facts += [f"replied in {row['seconds']:.2f} s"] if told(row["seconds"]) else []
    facts += [f"unwrapped: {row['rule']}"] if told(row["rule"]) else []
    facts += [f"audio: {row['fitted']}"] if told(row["fitted"]) else []
    facts += [_FLAG_MEANS[flag] for flag in str(row["flags"]).split()] if told(row["flags"]) else []
    if repeated:
        facts.append(f"repeat{'s' if len(alike) > 1 else ''} {', '.join(str(one['repeat'] + 1) for one in alike)}")
    return Said(row["model"], side, outcome, drawn, row["text"] if told(row["text"]) else None, facts)


def _is_refused(reply: Row, scores: Iterable[Row]) -> bool:
    """Whether a reply was scored as a refusal to transcribe, of whose words none is right or wrong."""
    scored = ((score["model"], score["repeat"], score["field"], score["outcome"]) for score in scores)
    return (reply["model"], reply["repeat"], "text", "refused") in scored


def _of(rows: Iterable[Row], task: str, prompt: str) -> list[Row]:
    return [row for row in rows if (row["task"], row["prompt"]) == (task, prompt)]


def _fields(task: Task) -> list[str]:
    return list(dict.fromkeys(metric.field for metric in task.metrics))


def _labels(annotation: Annotation, names: Iterable[str]) -> str:
    known = {name: annotation.labels[name] for name in names if name in annotation.labels}
    return "; ".join(f"{name}: {', '.join(values) or 'none'}" for name, values in known.items()) or "unknown"


def _values(scores: Iterable[Row]) -> list[str]:
    """The metrics that one reply has a value of: a median, macro-F1 or BLEU is made of many."""
    main = [s for s in scores if not s["part"] and s["den"] and not s.get("reduce")]
    return [f"{metric_of(s['metric'], s['field'])} {shown(s['num'] / s['den'], s['unit'])}" for s in main]


def _counts(scores: list[Row]) -> list[str]:
    """Substitutions, deletions and insertions of the first metric that counts them."""
    counted = [s for s in scores if s["part"] in _COUNTS]
    return [
        count(int(s["num"]), _COUNTS[s["part"]]) for s in counted if s["metric"] == counted[0]["metric"] and s["num"]
    ]
