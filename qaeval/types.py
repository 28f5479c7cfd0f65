"""The words of qaeval: small frozen values that every other module speaks in.

Times are seconds from the start of the file, rates are Hz, languages are lower-case codes (``zh``, ``yue``, ``en``,
``fr``, ``it``, ``es``, ``de``, ``ja``; ``""`` = unknown). Reference and hypothesis have the same type, `Annotation`.
Nothing here reads a file, decodes audio or knows a model.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field as member
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

from qaeval.errors import DatasetError, QaevalError
from qaeval.languages import language_code
from qaeval.limits import AudioLimits as AudioLimits, Prices as Prices, RateLimits as RateLimits

ServiceOutcome = Literal["failed", "quota", "retired", "skipped"]


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something heard between two times, in seconds from the start of the file.

    >>> Event("阿里", 1.53, 1.87)
    Event(label='阿里', onset=1.53, offset=1.87)
    """

    label: str
    onset: float
    offset: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.onset) and math.isfinite(self.offset) and 0 <= self.onset <= self.offset):
            raise QaevalError(
                f"event {self.label!r}: expected 0 <= onset <= offset in seconds, seen {self.onset} and {self.offset}"
            )


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is known (a reference) or claimed (a hypothesis) about a clip.

    ``None`` means unknown; an empty text, tuple of events or tuple of label values means known to be absent.
    ``labels`` maps an attribute (gender, age, dialect, sound ...) to a tuple of values.
    """

    text: str | None = None
    events: tuple[Event, ...] | None = None
    labels: Mapping[str, tuple[str, ...]] = member(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the field ``text``, ``events`` or a label of that name is known.

        >>> Annotation(text="").has("text"), Annotation().has("events")
        (True, False)
        """
        if name in ("text", "events"):
            return getattr(self, name) is not None
        return name in self.labels


class Stored(Protocol):
    """Encoded audio that is read when it is needed: a file within an archive, say. It raises `AudioError`."""

    def read(self) -> bytes:
        """All of it."""


@dataclass(frozen=True, slots=True)
class Audio:
    """Where a clip's encoded audio is: a path, an http(s) URL, the bytes of the file themselves, or `Stored`.

    ``name`` is what the dataset calls it (a path relative to the dataset's folder); ``sha256`` is the hex digest of the
    encoded bytes, ``""`` until known. Nothing is read or decoded here: see `qaeval.audio`.
    """

    source: str | Path | bytes | Stored = member(repr=False)
    name: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            size = f"<{len(self.source)} bytes>" if isinstance(self.source, bytes) else str(self.source)
            object.__setattr__(self, "name", size)

    @property
    def is_url(self) -> bool:
        """Whether the source is an http(s) URL."""
        return isinstance(self.source, str) and is_url(self.source)


def is_url(source: str) -> bool:
    """Whether a text is an http(s) URL.

    >>> is_url("HTTPS://example.org/a.wav"), is_url("clips/http/a.wav")
    (True, False)
    """
    return source[:8].lower().startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled clip.

    ``meta`` becomes columns to slice and cluster by (speaker, dialect, fold ...; ``language``, a tag such as ``en`` or
    ``zh-CN``, is kept as a code and also chooses the normalisation); ``inputs`` fills the prompt (``query`` ...).

    Raises `DatasetError` for an id that is not a text or empty, and for a language that cannot be told.

    >>> Sample("a", "a.wav", Annotation(text="你好"), {"speaker": "s1", "language": "zh-CN"}).meta
    {'speaker': 's1', 'language': 'zh'}
    """

    id: str
    audio: Audio
    reference: Annotation = Annotation()
    meta: Mapping[str, Any] = member(default_factory=dict)
    inputs: Mapping[str, str] = member(default_factory=dict)

    def __init__(
        self,
        id: str,
        audio: Audio | str | Path | bytes,
        reference: Annotation | None = None,
        meta: Mapping[str, Any] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> None:
        if not isinstance(id, str) or not id:
            raise DatasetError(f"a sample's id must be a non-empty string, seen {id!r}")
        meta = meta or {}
        if "language" in meta:
            try:
                code = language_code(meta["language"])
            except DatasetError as error:
                raise DatasetError(f"sample {id!r}: {error}") from None
            meta = meta if code == meta["language"] else {**meta, "language": code}
        put = object.__setattr__
        put(self, "id", id)
        put(self, "audio", audio if isinstance(audio, Audio) else Audio(audio))
        put(self, "reference", reference or Annotation())
        put(self, "meta", meta)
        put(self, "inputs", inputs or {})

    @property
    def language(self) -> str:
        """The language code of the clip, ``""`` when the dataset does not say."""
        return str(self.meta.get("language", ""))


@dataclass(frozen=True)
class Dataset:
    """A named, lazy, re-iterable source of samples in a stable order.

    ``read()`` is called anew for every pass, ``digest()`` once, when the `fingerprint` is first asked for.

    >>> clips = Dataset("mine", lambda: [Sample("a", "a.wav")], digest=lambda: "v1")
    >>> clips, [clip.id for clip in clips], clips.fingerprint
    (Dataset(name='mine'), ['a'], 'v1')
    """

    name: str
    read: Callable[[], Iterable[Sample]] = member(repr=False)
    digest: Callable[[], str] = member(default=str, repr=False)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.read())

    @cached_property
    def fingerprint(self) -> str:
        """A short text that changes when the data does, ``""`` where nobody knows; it is recorded in the run."""
        return self.digest()


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation. ``with_audio`` puts the clip before the text of this turn."""

    role: Literal["system", "user", "assistant"]
    text: str = ""
    with_audio: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one model about one clip.

    ``span`` is the (onset, offset) in seconds of the part of the clip that is sent, ``None`` for all of it. ``repeat``
    counts from 0. ``endpoint`` is the kind of endpoint, ``fitting`` the version of the recipe that fits audio to it.
    ``reads_prompt`` is false for engines that answer the task itself; they get ``task``, ``inputs`` and ``language``.
    """

    model: str
    audio: Audio
    messages: tuple[Message, ...] = ()
    params: Mapping[str, Any] = member(default_factory=dict)
    span: tuple[float, float] | None = None
    repeat: int = 0
    task: str = ""
    inputs: Mapping[str, str] = member(default_factory=dict)
    language: str = ""
    endpoint: str = ""
    fitting: str = ""
    reads_prompt: bool = True

    @property
    def question(self) -> str:
        """Hash (32 hex digits) of all that can change the answer, but for the model."""
        return _digest(self._asked())

    @property
    def key(self) -> str:
        """Hash (32 hex digits) of all that can change the answer: the identity of a reply, for ever.

        Never part of it: the sample's id, the name of the task or prompt, a path or a URL.
        """
        return _digest([self.model, self.endpoint, self.fitting, *self._asked()])

    def _asked(self) -> list[Any]:
        if self.reads_prompt:
            wording: Any = [[m.role, m.text, m.with_audio] for m in self.messages]
        else:
            context = [m.text for m in self.messages if m.role == "system"] if self.endpoint else []
            wording = [self.task, dict(self.inputs), self.language, *context]  # a service's recogniser hears of it
        return [self.audio.sha256, wording, dict(self.params), self.span, self.repeat]


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _digest(value: Any) -> str:
    return hashlib.sha256(_CANONICAL.encode(value).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no reply: the service's outcome and a reason for people.

    ``failed``: the request did not work; ``quota``: no allowance left; ``retired``: the model is gone; ``skipped``: it
    cannot work (unreadable audio, unsupported language or task ...), so it was not asked.
    """

    outcome: ServiceOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request: exactly one of ``text`` and ``error``.

    ``raw`` is the service's body without audio. ``usage`` has token counts by these names: ``input_tokens`` (text),
    ``audio_tokens``, ``output_tokens``, ``total_tokens`` (their sum). ``seconds`` is the wall time of the last attempt
    on the wire (queueing apart), ``at`` the UTC time of the reply (ISO 8601). ``lost`` is the usage that attempts
    before the last are known to have had, to no avail. ``fitted`` says what was done to the
    audio before it was sent (``""``: nothing), ``sent_seconds`` how much of it was sent. An ``ask`` leaves ``key``,
    ``question``, ``model``, ``at``, ``fitted`` and ``sent_seconds`` empty: the runner fills them.
    """

    text: str | None = None
    error: Failure | None = None
    key: str = ""
    question: str = ""
    model: str = ""
    raw: Any = None
    finish_reason: str = ""
    usage: Mapping[str, int] = member(default_factory=dict)
    lost: Mapping[str, int] = member(default_factory=dict)
    seconds: float | None = None
    first_token_seconds: float | None = None
    attempts: int = 1
    request_id: str = ""
    served_model: str = ""
    at: str = ""
    fitted: str = ""
    sent_seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.text is None) == (self.error is None):
            raise QaevalError("a reply has exactly one of text and error")

    @property
    def outcome(self) -> str:
        """``ok``, or the service's outcome.

        >>> Reply(error=Failure("skipped", "speaks no Cantonese")).outcome
        'skipped'
        """
        return self.error.outcome if self.error else "ok"

    @property
    def truncated(self) -> bool:
        """Whether the model was cut off by the limit on its output.

        >>> Reply("and then he", finish_reason="length").truncated
        True
        """
        return self.finish_reason in ("length", "max_tokens")


@dataclass(frozen=True, slots=True)
class Ratio:
    """A numerator over a denominator: summed over samples first, divided last.

    >>> sum([Ratio(1, 4), Ratio(0, 6)], Ratio(0, 0)).value
    0.1
    """

    num: float
    den: float

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.num + other.num, self.den + other.den)

    @property
    def value(self) -> float:
        """``num / den``; not a number when the denominator is 0."""
        return self.num / self.den if self.den else math.nan


@dataclass(frozen=True, slots=True)
class Profile:
    """A named, versioned text normalisation: ``normalise(text, language) -> text``. See `qaeval.text.profiles`.

    ``variants(text, language)`` gives further forms of a hypothesis that mean the same (numbers as they may be spoken),
    normalised too: the one with the least distance to the reference is counted. None: there are no others.
    """

    name: str
    normalise: Callable[[str, str], str] = member(repr=False)
    variants: Callable[[str, str], Sequence[str]] | None = member(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """What a metric sees of one reply: the truth, the claim, and how texts are to be normalised.

    ``reply`` is the raw text that the claim was read from, ``seconds`` the length of the clip (None: not known).
    """

    reference: Annotation
    hypothesis: Annotation
    language: str
    profile: Profile
    reply: str = ""
    seconds: float | None = None


Scored = Ratio | Mapping[str, Ratio] | None


@dataclass(frozen=True, slots=True)
class Reducer:
    """How the parts of a metric become one value where that is not sum over sum: a median, macro-F1, kappa, BLEU.

    ``value(parts, num, den)`` gets the names of P parts (never ``""``) and two numpy arrays of shape (..., P); it gives
    an array of shape (...): the leading axes are resamples, so it must not mix them. Numerators and denominators are
    summed over the samples by part; with ``each`` every amount (num / den) has a column of its own instead, with den as
    its weight, as a quantile needs. Not a number where there is nothing to tell. Built-in ones: `qaeval.reducers`.
    """

    name: str
    value: Callable[[Sequence[str], Any, Any], Any] = member(repr=False)
    each: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """A number about one ``field`` of an annotation (``text``, ``events`` or a label).

    ``score(case)`` gives a `Ratio`; or a mapping from part to Ratio, where ``""`` is the metric itself and further
    parts are its counts (``substitutions`` ...); or None when it does not apply to this sample (then there is no row).
    ``better`` is ``lower`` or ``higher``; ``unit`` is ``""`` for a plain ratio, ``s`` for seconds. ``reduce`` makes the
    value of many replies from their parts where it is not sum over sum; then ``""`` holds what one reply adds to n.
    """

    name: str
    field: str
    score: Callable[[Case], Scored] = member(repr=False)
    better: Literal["lower", "higher"] = "lower"
    unit: str = ""
    summary: str = ""
    reduce: Reducer | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A wording, with ``{query}``-like places that a sample's inputs fill. Its id changes when its wording does.

    ``also`` names other tasks whose question it asks as well: the reply is scored by them too. ``audio`` is false where
    the clip is not sent.
    """

    name: str
    text: str = ""
    system: str = ""
    also: tuple[str, ...] = ()
    audio: bool = True

    @property
    def id(self) -> str:
        """``name@hash`` of the wording.

        >>> Prompt("en", "What is said?").id == Prompt("en", "What's said?").id
        False
        """
        return f"{self.name}@{_digest([self.text, self.system])[:8]}"


@dataclass(frozen=True, slots=True)
class Task:
    """A question and how its replies are read and scored.

    ``needs`` names the reference fields a dataset must have (``gender|age``: at least one of the two), ``inputs`` the
    sample inputs that every prompt uses, ``options`` those that a prompt or an engine may use where a sample has them,
    ``prompts`` the wordings (the first is the default), ``parse(text, sample)`` reads a reply into an `Annotation`.
    """

    name: str
    needs: tuple[str, ...]
    prompts: tuple[Prompt, ...]
    parse: Callable[[str, Sample], Annotation] = member(repr=False)
    metrics: tuple[Metric, ...]
    inputs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    summary: str = ""


Ask = Callable[[Request], Reply | str]
Span = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Model:
    """Something that answers: a name and a plain blocking function ``ask(request) -> Reply | str``.

    ``refuses(request)`` gives the reason why it cannot answer (a language, a task), or ``""``. ``concurrency`` is how
    many requests may be in flight at once. A control that must see all samples has ``prepare(samples) -> ask`` instead,
    called once a run with a function that iterates over them. ``parts(request)`` is how an old run asked about a clip:
    the spans, (None,) for all of it. ``facts`` are copied into run.json (never a secret).

    Models of a service have more: ``endpoint``, its kind (then the runner fits the audio, but for ``prepare``);
    ``host``, where audio goes (``""``: it stays on this machine); ``check()``, which raises `ModelError` before
    anything is read when the key is missing or wrong; ``hears``, ``rates``, ``prices``; ``max_output``, the most tokens
    of an answer; ``retired``, a sentence to be said before it is asked; ``script(request, "python" or "curl")``, its
    call to paste.

    An ``ask`` raises `AudioError` for a clip that cannot work, `qaeval.errors.TransientError` for what is worth
    another try, `qaeval.errors.ModelError` when the model cannot answer anything.
    """

    name: str
    ask: Ask | None = member(default=None, repr=False)
    concurrency: int = 8
    reads_prompt: bool = True
    refuses: Callable[[Request], str] = member(default=lambda request: "", repr=False)
    prepare: Callable[[Callable[[], Iterator[Sample]]], Ask] | None = member(default=None, repr=False)
    parts: Callable[[Request], tuple[Span, ...]] | None = member(default=None, repr=False)
    endpoint: str = ""
    facts: Mapping[str, Any] = member(default_factory=dict)
    host: str = member(default="", repr=False)
    check: Callable[[], None] = member(default=lambda: None, repr=False)
    hears: AudioLimits = member(default=AudioLimits(), repr=False)
    rates: RateLimits = member(default=RateLimits(), repr=False)
    prices: Prices | None = member(default=None, repr=False)
    max_output: int = member(default=0, repr=False)
    retired: str = member(default="", repr=False)
    script: Callable[[Request, str], str] | None = member(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.ask is None) == (self.prepare is None):
            raise QaevalError(f"model {self.name!r} needs exactly one of ask and prepare")
