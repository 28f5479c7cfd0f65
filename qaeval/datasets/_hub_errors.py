"""What goes wrong in the library ``datasets``, said so that one knows what to do; a token is never told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qaeval.errors import DatasetError
from qaeval.redaction import Secret, redact

INSTALL = 'the library "datasets" is not installed; pip install "qaeval[hub]"'
_NO_DECODER = (
    "the clips would be decoded there, which is not needed; cast_column(AUDIO, datasets.Audio(decode=False)) "
    "before map or filter"
)


def library() -> Any:
    """The library, imported. Raises `DatasetError` that says how to install it."""
    try:
        import datasets
    except ImportError as error:
        raise DatasetError(f"{INSTALL} ({error})") from None
    return datasets


@contextmanager
def explained(where: str, hint: str = "") -> Iterator[None]:
    """Turns errors of the library, of the Hub and of Arrow into a `DatasetError` about ``where``."""
    import pyarrow
    from datasets.exceptions import DatasetsError
    from huggingface_hub import get_token
    from huggingface_hub.errors import HfHubHTTPError

    kinds = (OSError, ValueError, RuntimeError, ImportError, NotImplementedError, TypeError, KeyError, EOFError)
    try:
        yield
    except (*kinds, DatasetsError, HfHubHTTPError, pyarrow.ArrowException) as error:
        if token := get_token():
            Secret(token)  # so that it is masked
        raise DatasetError(redact(f"{where}: {_told(error)}{hint}")) from None


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())[:600] or type(error).__name__
    cause = error.__cause__
    if cause is not None and type(error).__name__ == "DatasetGenerationError":
        text = f"{text} ({' '.join(str(cause).split())[:300]})"
    if "scripts are no longer supported" in text or "trust_remote_code" in text:
        return (
            f"{text}: it can only be read by running code that it brings along, which is never done; name a mirror in "
            'Parquet, or revision="refs/convert/parquet" where the Hub has converted it, or download the corpus'
        )
    if "encoding audio" in text and "torchcodec" in text:
        return f"{text}; streaming=True reads these clips as they are, without it"
    return f"{text}; {_NO_DECODER}" if "torchcodec" in text else text
