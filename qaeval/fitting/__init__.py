"""Fits a clip to what a service takes of it, as the user chooses for the run; what was done stands in the reply's row.

==========  ==========================================================================================================
refuse      A clip that the model would cut or refuse is not asked: its outcome is skipped, with the reason.
transcode   What is too large, or in a format that the model does not take, is encoded anew: mono, 16 kHz, as WAV where
            that is small enough (nothing is lost twice), else as MP3 of 64 kbit/s.
cut         Besides, of a clip that is too long only the start is heard. The reply is flagged.
split       Besides, a clip that is too long is asked in parts, cut where it is quiet; the replies are read as one.
==========  ==========================================================================================================

What is cut out without being too large is sent as WAV of the clip's own rate and channels. ``limits`` judges, ``ways``
decides, ``parts`` and ``pauses`` say where to split, ``sending`` does it. A model that runs on this machine
(``endpoint`` is ``""``) takes clips as they are.
"""

from qaeval.fitting.limits import ClipInfo, Misfit, judged
from qaeval.fitting.parts import spans
from qaeval.fitting.pauses import quiet_places
from qaeval.fitting.sending import Fitted, applied, has_audio, is_cut, sent_seconds
from qaeval.fitting.ways import MODES, Way, checked, recipe, way

__all__ = [
    "MODES",
    "ClipInfo",
    "Fitted",
    "Misfit",
    "Way",
    "applied",
    "checked",
    "has_audio",
    "is_cut",
    "judged",
    "quiet_places",
    "recipe",
    "sent_seconds",
    "spans",
    "way",
]
