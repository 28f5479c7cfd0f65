"""What a clip is: looked up without a word about what anybody needs of it."""

from __future__ import annotations

import dataclasses
import os
import pickle
import signal
import sys
from dataclasses import dataclass

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


def serve() -> None:
    """What a process does: it answers one list of clips after another, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks is told, and ends this one
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    pickle.dump("ready", answers)
    answers.flush()
    while True:
        try:
            clips, decode = pickle.load(questions)
        except EOFError:
            return
        pickle.dump(looks(clips, decode), answers)
        answers.flush()
