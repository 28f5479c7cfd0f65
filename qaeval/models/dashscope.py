"""Alibaba's hosted models: Qwen-Audio and Qwen3-ASR in the native protocol, Qwen-Omni in the compatible one.

``dashscope/<name>`` is an entry of the catalogue, which says how the model is spoken to. Audio travels as the entry's
``send`` says: ``auto`` is base64 in the request below 7 MB, else an upload to DashScope's temporary store (48 hours);
``data`` and ``file`` force one of them, ``url`` passes on the clip's own http(s) address. The key comes from the
variable that the entry names, DASHSCOPE_API_KEY, or from the SDK's key file.
"""

from __future__ import annotations

from qaeval import registry
from qaeval.models._services import service
from qaeval.models.catalogue import Catalogue
from qaeval.types import Model

SUMMARY = "Qwen-Audio, Qwen-Omni and Qwen3-ASR, hosted by Alibaba (needs the extra 'dashscope' and a key)"
EXAMPLES = ("dashscope/qwen-audio-turbo-latest", "dashscope/qwen3.5-omni-flash")


def load(rest: str, catalogue: Catalogue) -> Model:
    """The model of an entry of the catalogue; nothing is imported or sent yet.

    Raises `UnknownNameError` with the nearest names.
    """
    entry = catalogue.find(rest)
    if entry.provider != "dashscope":
        ours = [f"dashscope/{name}" for name, known in catalogue.entries.items() if known.provider == "dashscope"]
        raise registry.unknown("model", f"dashscope/{rest}", ours)
    return service.model(entry)
