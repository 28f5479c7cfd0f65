"""Who may ask which model: keys, the names that are served at each endpoint, retirement."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from qaeval.emulator.refusals import invalid, not_found, retired, wrong_key
from qaeval.emulator.settings import OPEN_WEIGHTS, Settings
from qaeval.errors import UnknownNameError
from qaeval.models.catalogue import Entry, retired_sentence
from qaeval.types import AudioLimits

WEIGHTS_HEAR = AudioLimits(tokens_per_second=25, least_tokens=25)
"""How open weights that the catalogue does not know count audio: as Qwen2-Audio does."""


class Access:
    """What the settings say of keys and models. ``weights`` means the vLLM form, which needs no key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def account(self, headers: Mapping[str, str], weights: bool = False) -> str:
        """A short hash of the key that a request bears. Raises `Refusal` for none and for one that is not accepted."""
        keys = self._settings.keys
        scheme, _, key = headers.get("authorization", "").partition(" ")
        key = key.strip() if scheme.lower() == "bearer" else ""
        if (not key and not weights) or (keys is not None and key not in keys):
            raise wrong_key()
        return hashlib.sha256(key.encode()).hexdigest()[:16]

    def entry(self, name: Any, weights: bool = False) -> Entry:
        """What is known of the model of that name. Raises `Refusal` when it is not served or is retired."""
        if not isinstance(name, str) or not name:
            raise invalid("Model not exist.")
        entry = self._weights(name) if weights else self._known(name)
        if entry is None:
            raise not_found(name)
        if self._settings.today is not None and retired_sentence(entry, self._settings.today):
            raise retired()
        return entry

    def names(self, weights: bool = False) -> list[str]:
        """The names that the compatible endpoint, or the vLLM form, lists."""
        entries = self._settings.catalogue.entries.values()
        if not weights:
            served = [entry for entry in entries if entry.protocol == "openai" or entry.asr_options]
            return [entry.name for entry in served if entry.provider == "dashscope"]
        said = self._settings.open_weights
        own = [entry.name for entry in entries if entry.provider != "dashscope"]
        return [*(OPEN_WEIGHTS if said is None else said), *own]

    def _known(self, name: str) -> Entry | None:
        try:
            return self._settings.catalogue.find(name)
        except UnknownNameError:
            return None

    def _weights(self, name: str) -> Entry | None:
        entry, said = self._known(name), self._settings.open_weights
        if entry is not None:
            return entry if entry.provider != "dashscope" else None
        if said is not None and name not in said:
            return None
        return Entry(name, provider="openai", audio_form="base64", audio=WEIGHTS_HEAR)
