"""What the SDKs log is shortened: no encoded audio and no key in any log, at any level.

dashscope logs whole requests at DEBUG, and the traceback of every dropped connection at ERROR: those errors are raised
and told by us, so the tracebacks are left out.
"""

from __future__ import annotations

import functools
import logging
import re

from qaeval.redaction import redact

LOGGERS = ("dashscope", "openai", "openai._base_client", "openai._response", "openai._legacy_response", "httpx")
_LONG = re.compile(r"[A-Za-z0-9+/=_-]{200,}")


class Shortened(logging.Filter):
    """Masks keys, cuts encoded audio, and drops what dashscope says of an error that it raises."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is kept; what it says is changed in place."""
        if record.msg == "Request failed":
            return False
        try:
            said = record.getMessage()
        except (TypeError, ValueError):
            said = str(record.msg)
        record.msg, record.args = shortened(said), ()
        record.exc_info = record.exc_text = None
        return True


def shortened(text: str) -> str:
    """The text without keys and with long runs of base64 told by their length.

    >>> shortened("audio: " + "A" * 300)
    'audio: <300 characters>'
    """
    return redact(_LONG.sub(lambda run: f"<{len(run.group())} characters>", text))


@functools.cache
def install() -> None:
    """Once for the process."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(Shortened())
