"""What a clip is: looked up without a word about what anybody needs of it."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import signal
import sys
from dataclasses import dataclass
from typing import Any

from qaeval import audio
from qaeval.audio.levels import Levels, levels
from qaeval.errors import AudioError, LengthError
from qaeval.types import Audio


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a clip.

    ``info`` is None where it cannot be read: then ``problem`` is ``missing``, ``unreadable`` or ``wrong length`` (its
    header lies), and ``reason`` says why. ``digest`` is the sha256 of its bytes, ``b""`` where there are none.
    ``levels`` are those of its samples, None where it was not decoded.
    """

    info: audio.AudioInfo | None = None
    problem: str = ""
    reason: str = ""
    digest: bytes = b""
    levels: Levels | None = None


def look(clip: Audio, decode: bool) -> Look:
    """Probes a clip and, if told to, decodes all of it. Nothing is raised: the look says what is wrong.

    >>> from qaeval.models.control import quiet
    >>> look(quiet(2), decode=True).levels.peak, look(Audio(b"no audio"), decode=True).problem
    (-inf, 'unreadable')
    """
    digest = b""
    info = None
    try:
        clip = local(clip)
        digest = bytes.fromhex(audio.sha256(dataclasses.replace(clip, sha256="")))
        info = audio.probe(clip)
        return Look(info, digest=digest, levels=levels(clip) if decode else None)
    except LengthError as error:
        return Look(None, "wrong length", str(error), digest)
    except AudioError as error:
        return Look(None, "missing" if _is_missing(clip) else "unreadable", str(error), digest)
    except Exception as error:  # noqa: BLE001 - one clip that trips a decoder must not hide what the others are
        return Look(None, "unreadable", f"{clip.name}: {type(error).__name__}: {error}", digest)


def local(clip: Audio) -> Audio:
    """The clip as a path or as bytes: what has to be fetched or unpacked is, once. Raises `AudioError`."""
    if isinstance(clip.source, str | os.PathLike) and not clip.is_url:
        return clip
    return dataclasses.replace(clip, source=audio.read(clip))


def _is_missing(clip: Audio) -> bool:
    return isinstance(clip.source, str | os.PathLike) and not clip.is_url and not os.path.lexists(clip.source)


def looks(clips: list[Audio], decode: bool) -> list[Look]:
    """A look at each."""
    return [look(clip, decode) for clip in clips]


def line_of(seen: list[Look]) -> bytes:
    """Looks as a line of JSON, for `looks_of`: what has decoded a stranger's audio is read as data and nothing else.

    >>> looks_of(line_of([Look(problem="missing", reason="a.wav", digest=b"ab")]))
    [Look(info=None, problem='missing', reason='a.wav', digest=b'ab', levels=None)]
    """
    return json.dumps([dataclasses.asdict(one) for one in seen], default=bytes.hex).encode("ascii") + b"\n"


def looks_of(line: bytes) -> list[Look]:
    """The looks of a line. Raises `ValueError`, `TypeError` or `KeyError` for any other line."""
    return [_look_of(**told) for told in json.loads(line)]


def _look_of(info: Any, problem: str, reason: str, digest: str, levels: Any) -> Look:
    known = None if info is None else audio.AudioInfo(**info)
    heard = None if levels is None else Levels(**{**levels, "digest": bytes.fromhex(levels["digest"])})
    return Look(known, problem, reason, bytes.fromhex(digest), heard)


def serve() -> None:
    """What a process does: it answers one list of clips after another, until there are no more.

    Its caller's clips come pickled, for they may be any source of audio; its answers are lines of JSON.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks is told, and ends this one
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    answers.write(line_of([]))
    answers.flush()
    while True:
        try:
            clips, decode = pickle.load(questions)
        except EOFError:
            return
        answers.write(line_of(looks(clips, decode)))
        answers.flush()
