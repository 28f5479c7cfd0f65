"""The words of qaeval: small frozen values that every other module speaks in.

Times are seconds from the start of the file, rates are Hz, languages are lower-case codes (``zh``, ``yue``, ``en``,
``fr``, ``it``, ``es``, ``de``, ``ja``; ``""`` = unknown). Nothing here reads a file, decodes audio or knows a model.

``annotations``, then ``samples``, then ``requests`` (known by their ``digests``) and ``replies``, on these ``models``;
``metrics``, and on them ``tasks``: imports point this way only.
"""

from qaeval.types.annotations import Annotation, Event
from qaeval.types.limits import AudioLimits, Prices, RateLimits
from qaeval.types.metrics import Case, Metric, Profile, Ratio, Reducer, Scored, Split
from qaeval.types.models import Ask, Model, Span
from qaeval.types.replies import Failure, Reply, ServiceOutcome
from qaeval.types.requests import Message, Request
from qaeval.types.samples import Audio, Dataset, Sample, Stored, is_url
from qaeval.types.tasks import Prompt, Task

__all__ = [
    "Annotation",
    "Ask",
    "Audio",
    "AudioLimits",
    "Case",
    "Dataset",
    "Event",
    "Failure",
    "Message",
    "Metric",
    "Model",
    "Prices",
    "Profile",
    "Prompt",
    "RateLimits",
    "Ratio",
    "Reducer",
    "Reply",
    "Request",
    "Sample",
    "Scored",
    "ServiceOutcome",
    "Span",
    "Split",
    "Stored",
    "Task",
    "is_url",
]
