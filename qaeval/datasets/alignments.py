"""Time alignments: files that say when each word (sentence, speaker, sound) of a clip begins and ends, as events.

    Praat   NAME.TextGrid (long or short), a clip a file, tiers as they are called there
    CTM     words of many clips; STM: sentences; the tiers are the channels
    RTTM    speakers and words of many clips; the tiers are the types (SPEAKER, LEXEME)
    Kaldi   a folder with segments and text: the tier ``utterances`` of each recording; ctm files as above
    JSON    Whisper's, MFA's and others, see `qaeval.datasets._timed_json`

Times are seconds from the start of the clip. `qaeval.datasets.questions` makes questions of them.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from qaeval.datasets import _timed_lines as timed
from qaeval.datasets._textgrid import Tiers, read_textgrid
from qaeval.datasets._timed_json import read_json, word_list
from qaeval.errors import DatasetError
from qaeval.types import Dataset, Event, Sample

FORMATS = ("textgrid", "ctm", "stm", "rttm", "json")
WORDS = ("words", "word")
META = "alignment"
"""The meta column in which a dataset may keep the times of all words, a JSON list of [word, onset, offset]."""


class Alignments(Mapping[str, Tiers]):
    """The tiers (name -> events) of each clip by its name; a file about one clip is read when the clip is asked for."""

    def __init__(self, readers: Mapping[str, Callable[[], Tiers]], files: tuple[Path, ...]) -> None:
        self._readers, self._files = dict(readers), files

    def __getitem__(self, clip: str) -> Tiers:
        return self._readers[clip]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)

    @property
    def fingerprint(self) -> str:
        """What changes when one of the files does: 16 hex digits."""
        digest = hashlib.sha256()
        for file in self._files:
            digest.update(f"{file.name}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape"))
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]

    def of(self, sample: Sample) -> Tiers | None:
        """The tiers of a sample: those under its id, or the name of its audio without its ending; None without any.

        A name is a path (``speaker1/clip7``), or its last part where only one has it.
        """
        for name in (sample.id, _bare(sample.id), _bare(sample.audio.name)):
            if name in self._readers:
                return self[name]
        for name in (_last(sample.id), _last(_bare(sample.id)), _last(_bare(sample.audio.name))):
            known = self._by_last.get(name, [])
            if len(known) > 1:
                raise DatasetError(f"sample {sample.id!r}: there are several alignments {name!r}: {', '.join(known)}")
            if known:
                return self[known[0]]
        return None

    @functools.cached_property
    def _by_last(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self:
            found.setdefault(_last(name), []).append(name)
        return found


def read(path: str | Path, format: str | None = None, *, encoding: str | None = None) -> Alignments:
    """The alignments of a file, of all files below a folder whose endings are known, or of a Kaldi folder.

    Args:
        path: the file or folder. In a folder, clips of TextGrid and JSON files are named by their path in it.
        format: textgrid, ctm, stm, rttm or json; None: what the file's ending says.
        encoding: of files that are neither UTF-8 nor marked as UTF-16.

    Raises `DatasetError` naming file and line, and for a clip that stands in two files.
    """
    path = Path(path).expanduser()
    if path.is_dir() and {"segments", "text"} <= {file.name for file in path.iterdir()}:
        return _kaldi(path)
    files = sorted(file for file in path.rglob("*") if _format(file)) if path.is_dir() else [path]
    if not path.exists() or not files:
        raise DatasetError(f"{path}: no file of alignments there; expected one of .{', .'.join(FORMATS)}")
    readers: dict[str, Callable[[], Tiers]] = {}
    for file in files:
        name = file.relative_to(path).with_suffix("").as_posix() if path.is_dir() else file.stem
        for clip, reader in _readers(file, format or _format(file), name, encoding):
            if clip in readers:
                raise DatasetError(f"{file}: there is already an alignment of the clip {clip!r}")
            readers[clip] = reader
    return Alignments(readers, tuple(files))


def attach(
    dataset: Dataset,
    alignments: Alignments | str | Path,
    *,
    tier: str | None = None,
    missing: str = "error",
    ignore: tuple[str, ...] = ("<eps>",),
) -> Dataset:
    r"""The dataset with the events of a tier as its ``reference.events``, found by id or file name of each sample.

    Args:
        dataset: whose samples are to have events.
        alignments: from `read`, or the path that it reads.
        tier: its name; None: the only one, or the one called words.
        missing: ``error``, or ``keep`` for samples without an alignment as they are.
        ignore: labels that stand for silence; Kaldi's by default.

    Raises `DatasetError` for what `read` cannot read and, while the samples are read, for one without an alignment or
    without that tier.

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> clips = Dataset("mine", lambda: [Sample("clip1", "clip1.wav")])
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "words.ctm")  # clip, channel, onset and duration in seconds, word
    ...     _ = file.write_text("clip1 A 0.40 0.35 hello\nclip1 A 0.80 0.50 there\n")
    ...     [clip] = attach(clips, file)
    >>> clip.reference.events
    (Event(label='hello', onset=0.4, offset=0.75), Event(label='there', onset=0.8, offset=1.3))
    """
    if missing not in ("error", "keep"):
        raise DatasetError(f'missing: expected "error" or "keep", seen {missing!r}')
    known = alignments if isinstance(alignments, Alignments) else read(alignments)

    def samples() -> Iterator[Sample]:
        for sample in dataset:
            tiers = known.of(sample)
            if tiers is not None:
                events = tuple(event for event in chosen_tier(tiers, tier, sample.id) if event.label not in ignore)
                sample = dataclasses.replace(sample, reference=dataclasses.replace(sample.reference, events=events))
            elif missing == "error":
                raise DatasetError(_lacking(sample, known))
            yield sample

    def digest() -> str:
        told = f"aligned by {known.fingerprint}, tier {tier}, ignoring {ignore}, missing {missing}"
        return f"{dataset.fingerprint} {told}".strip()

    return Dataset(dataset.name, samples, digest)


def chosen_tier(tiers: Tiers, tier: str | None, clip: str) -> tuple[Event, ...]:
    """The events of a tier by its name; without one, of the only tier, or of the one called words (speaker - words)."""
    if tier is not None and tier in tiers:
        return tiers[tier]
    words = [name for name in tiers if name.rpartition(" - ")[2].casefold() in WORDS]
    found = [] if tier is not None else list(tiers) if len(tiers) == 1 else words
    if len(found) != 1:
        wanted = "tier=NAME, as none or several are called words" if tier is None else f"the tier {tier!r}"
        raise DatasetError(f"alignment of {clip!r}: expected {wanted}; it has {', '.join(map(repr, tiers)) or 'none'}")
    return tiers[found[0]]


def word_times(sample: Sample) -> tuple[Event, ...] | None:
    """When the words of a sample are said: its meta ``alignment``, else its ``reference.events``; None if unknown.

    >>> word_times(Sample("a", "a.wav", meta={"alignment": '[["hello", 0.1, 0.5]]'}))
    (Event(label='hello', onset=0.1, offset=0.5),)
    """
    cell = sample.meta.get(META)
    return word_list(cell, f"sample {sample.id!r}, alignment") if cell else sample.reference.events


def _lacking(sample: Sample, known: Alignments) -> str:
    there = [name for name, _ in zip(known, range(3), strict=False)]
    return (
        f"sample {sample.id!r} ({sample.audio.name}): no alignment under its id or file name; there are {len(known)}, "
        f'such as {", ".join(map(repr, there))}; missing="keep" leaves such samples as they are'
    )


def _readers(file: Path, format: str, clip: str, encoding: str | None) -> Iterator[tuple[str, Callable[[], Tiers]]]:
    if format == "textgrid":
        yield clip, partial(read_textgrid, file, encoding)
        return
    if format == "json":
        found = read_json(file, clip)
    elif format in ("ctm", "stm", "rttm"):
        found = timed.read_lines(file, getattr(timed, format), encoding)
    else:
        raise DatasetError(f"{file}: expected alignments as one of {', '.join(FORMATS)}, seen {format or 'no ending'}")
    for name, tiers in found.items():
        yield name, partial(_given, tiers)


def _given(tiers: Tiers) -> Tiers:
    return tiers


def _kaldi(folder: Path) -> Alignments:
    texts = dict(timed.kaldi_texts(folder / "text"))
    found = timed.read_lines(folder / "segments", timed.segments(texts))
    files = (folder / "segments", folder / "text")
    return Alignments({clip: partial(_given, tiers) for clip, tiers in found.items()}, files)


def _format(file: Path) -> str:
    ending = file.suffix.lower().lstrip(".")
    return ending if ending in FORMATS else ""


def _bare(name: str) -> str:
    """A path without its ending, if that is one: of letters, at most five."""
    stem, dot, ending = name.rpartition(".")
    return stem if dot and stem and ending.isalnum() and len(ending) <= 5 and not ending.isdigit() else name


def _last(name: str) -> str:
    return name.rpartition("/")[2]
