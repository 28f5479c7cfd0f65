"""CMU Sphinx through pocketsphinx: ``sphinx/en-us``, a small classical recogniser as a baseline, its model inside.

Each clip is normalised by itself and decoded from the same state, so an answer does not depend on the clips before.
Words outside its dictionary are never heard.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import os
import queue
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qaeval import registry
from qaeval.errors import AudioError, ModelError
from qaeval.models._local import sphinx_worker
from qaeval.models._local.recognisers import Heard, answer, cores, refusal, waveform
from qaeval.models._local.weights import Part, Weights, require
from qaeval.models._local.words import Word
from qaeval.types import Model, Reply, Request

if TYPE_CHECKING:
    import numpy as np

SUMMARY = "CMU Sphinx, a small English recogniser on this machine, with word times (needs the extra 'local')"
EXAMPLES = ("sphinx/en-us",)

_PINS = {
    "cmudict-en-us.dict": "20b5c293e1f311fb375fe067e500ec5636f4fc7af5594967263696def9b23bfe",
    "en-us.lm.bin": "db21d0642286677699e6dbc859d2e5395570222361999387ce60f6e1d01995d6",
    "en-us/feat.params": "c982c5f75e2a30c34d2c9ef1f6b129a5a00e67e3e927565076b58664cc2404c9",
    "en-us/mdef": "2360f9a86889c1cfee8bd618a0269387911e5fb2920a594f506b18b8c79683b0",
    "en-us/means": "832019e32cac12eb318964f96f469034acb12d0348eeddc3831831a100cb4dd4",
    "en-us/noisedict": "7295b07df2c204c4f87c6782b6be1a3859d7006d4e3864181c955d6dab105a33",
    "en-us/sendump": "8c9564c0d5bef69ca9d9bf1014abe162f071644cf02cf1fa8a483c3dc165a7a8",
    "en-us/transition_matrices": "c1f7f28ea43177be734be1f88bd7f1b9a853d0e660f8599c67c6eaeca8bb539a",
    "en-us/variances": "b00d696f85e96834fc10f8e5f06428d8c4db6bffdbe5845b6f69bf6efbc48fa5",
}
WEIGHTS = Weights(
    "sphinx-en-us",
    {name: [Part("pocketsphinx==5.1.1", f"pocketsphinx/model/en-us/{name}", pin)] for name, pin in _PINS.items()},
    sha256=hashlib.sha256(json.dumps(_PINS, sort_keys=True).encode()).hexdigest(),
)


def load(rest: str) -> Model:
    """The model ``en-us``. Raises `UnknownNameError` for another, `ModelError` when the extra ``local`` is missing."""
    name = f"sphinx/{rest}"
    if name not in EXAMPLES:
        raise registry.unknown("model", name, EXAMPLES)
    require("pocketsphinx", name)
    WEIGHTS.locate()
    return Model(
        name,
        ask=ask,
        concurrency=cores(),
        reads_prompt=False,
        refuses=lambda request: refusal(request, name, {"en"}),
        facts={"engine": f"pocketsphinx {metadata.version('pocketsphinx')}", "weights_sha256": WEIGHTS.sha256},
    )


def ask(request: Request) -> Reply:
    """The answer; ``seconds`` are those of decoding and recognising, without loading.

    Raises `AudioError` for a clip that cannot be decoded, `ModelError` when the model cannot be loaded.
    """
    with _borrowed() as worker:
        started = time.perf_counter()
        heard = _heard(worker.decode(_pcm(waveform(request))))
        seconds = round(time.perf_counter() - started, 6)
    served = f"sphinx/en-us@{WEIGHTS.sha256[:12]}"
    return Reply(answer(request, heard), raw=heard.raw, served_model=served, seconds=seconds)


def _heard(segments: list[list[Any]]) -> Heard:
    """Without silences and noises (``<sil>``, ``[NOISE]``) and without the numbers of pronunciations (``the(2)``)."""
    kept = [[re.sub(r"\(\d+\)$", "", word), *rest] for word, *rest in segments if word[0] not in "<["]
    words = tuple(Word(text, onset, offset) for text, onset, offset, _ in kept)
    return Heard(" ".join(word.text for word in words), words, {"words": kept})


def _pcm(samples: np.ndarray[Any, np.dtype[np.float32]]) -> bytes:
    return (samples * 32_768).round().clip(-32_768, 32_767).astype("<i2").tobytes()


class _Worker:
    """A process of `qaeval.models._local.sphinx_worker`, with the model loaded.

    In a session of its own, so that Ctrl-C ends the run and not the decoding; it ends when this process does.
    """

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", sphinx_worker.__file__, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
        atexit.register(self.close)
        self._line()

    def decode(self, pcm: bytes) -> list[list[Any]]:
        """The segments of 16-bit PCM at 16 kHz as [text, onset, offset, probability]."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(sphinx_worker.HEADER.pack(len(pcm)) + pcm)
            self.process.stdin.flush()
        except OSError as error:
            raise self._died() from error
        segments: list[list[Any]] = json.loads(self._line())
        return segments

    def close(self) -> None:
        """Ends the process."""
        atexit.unregister(self.close)
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):  # what was still to be flushed has no reader any more
                pipe and pipe.close()
        self.process.wait()

    def _line(self) -> bytes:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise self._died()
        return line

    def _died(self) -> ModelError:
        self.close()
        code = self.process.returncode
        return ModelError(f"sphinx/en-us: its process ended (exit status {code}); the reason is on the standard error")


_idle: queue.LifoQueue[_Worker] = queue.LifoQueue()


@contextmanager
def _borrowed() -> Iterator[_Worker]:
    """A worker for one clip: an idle one, or a new one. It is given back unless it may be out of step."""
    try:
        worker = _idle.get_nowait()
    except queue.Empty:
        worker = _Worker(_folder())
    try:
        yield worker
    except AudioError:
        _idle.put(worker)
        raise
    except BaseException:
        worker.close()
        raise
    _idle.put(worker)


@functools.cache
def _folder() -> Path:
    return WEIGHTS.folder()
