"""Whisper through faster-whisper: ``whisper/tiny.en``, ``whisper/base``, another size by name, or a CTranslate2 folder.

The weights of tiny.en and base come with the extra ``local`` and are verified when they are loaded; other sizes
faster-whisper loads from its hub, where there is a network. Decoding is deterministic: beam 5, temperature 0 without
fallback, no conditioning on the text before. Parts without speech are left out by the voice activity detector that
faster-whisper ships (Silero): Whisper alone says "You" to silence. The multilingual sizes also translate speech into
English (the task ``translate``), which is what they were trained for besides transcription.
"""

from __future__ import annotations

import functools
import threading
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from qaeval import registry
from qaeval.errors import ModelError
from qaeval.models._local.recognisers import TIMED, Heard, answer, cores, refusal, waveform
from qaeval.models._local.weights import digest, require
from qaeval.models._local.whisper_sizes import SHIPPED, SIZES, languages_of_folder, languages_of_size, translates
from qaeval.models._local.words import Word
from qaeval.types import Model, Reply, Request

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

SUMMARY = "Whisper on this machine: speech recognition with word times, translation (needs the extra 'local')"
EXAMPLES = ("whisper/base", "whisper/tiny.en")


def load(rest: str) -> Model:
    """The model for a size or for the path of a CTranslate2 folder.

    Raises `UnknownNameError` for what is neither, `ModelError` when the extra ``local`` is missing or the folder is not
    a model.
    """
    name, path = f"whisper/{rest}", Path(rest)
    if rest not in SIZES and not (rest and path.is_dir()):
        raise registry.unknown("model", name, [*(f"whisper/{size}" for size in SIZES), "whisper/<CTranslate2 folder>"])
    require("faster_whisper", name)
    facts = {"engine": f"faster-whisper {metadata.version('faster-whisper')}", "compute_type": "int8", "beam": 5}
    if rest in SHIPPED:
        SHIPPED[rest].locate()
        facts["weights_sha256"] = SHIPPED[rest].sha256
    languages = languages_of_size(rest) if rest in SIZES else languages_of_folder(path)
    english = translates(rest) if rest in SIZES else len(languages) > 1
    engine = _engine(rest)
    return Model(
        name,
        ask=engine.ask,
        concurrency=1,
        reads_prompt=False,
        refuses=lambda request: refusal(request, name, languages, english),
        facts=facts,
    )


class _Loaded(NamedTuple):
    model: WhisperModel
    served: str


class _Engine:
    """One model in memory, loaded at the first ask and used by one thread at a time."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lock = threading.Lock()

    @functools.cached_property
    def loaded(self) -> _Loaded:
        from faster_whisper import WhisperModel

        folder = SHIPPED[self.source].folder() if self.source in SHIPPED else _fetched(self.source)
        device = "cpu" if self.source in SHIPPED else "auto"
        try:
            model = WhisperModel(str(folder), device=device, compute_type="int8", cpu_threads=min(cores(), 8))
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"{folder}: faster-whisper cannot load it: {error}") from error
        return _Loaded(model, f"whisper/{self.source}@{digest(folder / 'model.bin')[:12]}")

    def ask(self, request: Request) -> Reply:
        """The answer; ``seconds`` are those of decoding and recognising, without loading or waiting for another thread.

        Raises `AudioError` for a clip that cannot be decoded, `ModelError` when the model cannot be loaded.
        """
        with self.lock:
            model, served = self.loaded
            started = time.perf_counter()
            heard = _hear(model, request)
            seconds = round(time.perf_counter() - started, 6)
        return Reply(answer(request, heard), raw=heard.raw, served_model=served, seconds=seconds)


@functools.cache
def _engine(source: str) -> _Engine:
    return _Engine(source)


def _hear(model: WhisperModel, request: Request) -> Heard:
    samples = waveform(request)
    if not samples.size:
        return Heard("", raw={"segments": []})
    segments, info = model.transcribe(
        samples,
        language=request.language or None,
        task="translate" if request.task == "translate" else "transcribe",
        beam_size=5,
        temperature=0.0,
        condition_on_previous_text=False,
        vad_filter=True,
        word_timestamps=request.task in TIMED,
    )
    told: list[dict[str, Any]] = []
    words: list[Word] = []
    for segment in segments:
        timed = [Word(word.word, float(word.start), float(word.end)) for word in segment.words or ()]
        words += timed
        told.append(_told(segment, timed))
    text = "".join(segment["text"] for segment in told).strip()
    raw = {"language": info.language, "language_probability": round(info.language_probability, 4), "segments": told}
    return Heard(text, tuple(words), raw)


def _told(segment: Any, words: list[Word]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "text": segment.text,
        "onset": round(float(segment.start), 3),
        "offset": round(float(segment.end), 3),
        "avg_logprob": round(float(segment.avg_logprob), 4),
        "no_speech_prob": round(float(segment.no_speech_prob), 4),
    }
    if words:
        told["words"] = [[word.text, round(word.onset, 3), round(word.offset, 3)] for word in words]
    return told


def _fetched(source: str) -> Path:
    """The folder itself, or the one that faster-whisper downloads (once) for a size."""
    if source not in SIZES:
        return Path(source)
    from faster_whisper import download_model

    try:
        return Path(download_model(source))
    except Exception as error:
        raise ModelError(
            f"whisper/{source}: its weights are not on this machine and could not be downloaded "
            f"({type(error).__name__}: {error}); use whisper/<folder> with a CTranslate2 folder, "
            f"or one that ships with the extra 'local': {', '.join(EXAMPLES)}"
        ) from error
