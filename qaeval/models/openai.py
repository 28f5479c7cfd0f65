"""Any server that speaks OpenAI's protocol: vLLM with the weights of Qwen2-Audio or Qwen-Omni, and others.

``openai/<name>`` is an entry of your own catalogue with ``provider = "openai"``; or any model of the server at
OPENAI_BASE_URL, with the key OPENAI_API_KEY (a server on this machine needs none). Such a server gets audio as vLLM and
OpenAI take it: bare base64 in an ``input_audio`` part. For another form write an entry: ``audio_part`` and
``audio_form`` say which.
"""

from __future__ import annotations

import os

from qaeval.errors import ModelError, UnknownNameError
from qaeval.models._services import service
from qaeval.models.catalogue import Catalogue, Entry
from qaeval.types import Model

SUMMARY = "any OpenAI-compatible server, such as vLLM, at OPENAI_BASE_URL (needs the extra 'dashscope')"
EXAMPLES: tuple[str, ...] = ()  # such as openai/Qwen/Qwen2-Audio-7B-Instruct, where there is a server that has it
OPENAI = "https://api.openai.com/v1"


def load(rest: str, catalogue: Catalogue) -> Model:
    """The model of an entry of the catalogue, or of the server that the environment names.

    In a rehearsal the emulator is that server. Raises `ModelError` when neither is there.
    """
    try:
        entry = catalogue.find(rest)
    except UnknownNameError:
        entry = None
    if entry is not None and entry.provider == "openai":
        return service.model(entry)
    return service.model(_of_environment(rest, catalogue.emulator))


def _of_environment(name: str, emulator: str) -> Entry:
    base, key = os.environ.get("OPENAI_BASE_URL", ""), os.environ.get("OPENAI_API_KEY", "")
    if name and emulator:
        base = f"{emulator}/v1"
    if not name or not (base or key):
        raise ModelError(
            f"openai/{name}: which server has it? Do: export OPENAI_BASE_URL=http://host:8000/v1 (and OPENAI_API_KEY, "
            'if it needs a key), or write an entry for it in your catalogue, with provider = "openai" and base_url'
        )
    return Entry(
        name,
        provider="openai",
        base_url=base or OPENAI,
        region="",
        key_env="OPENAI_API_KEY",
        audio_form="base64",
        rehearsal=bool(emulator),
        source="the environment",
    )
