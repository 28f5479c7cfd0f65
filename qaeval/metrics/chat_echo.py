"""The share of clips that were transcribed instead of answered: the reply is, for the most part, what the speaker said.

The reply is unwrapped as a transcript is (``这段音频说的是:'…'``) and compared with the reference's text, both
normalised by the profile: it is an echo if at least 80 % of the longer one's tokens (Chinese characters, kana, words)
agree in order. So to repeat the question and then answer it is none. The part ``similarity`` is the mean of that share.

No rows where the transcript is not known or has fewer than four tokens ("你好" is well answered by 你好). A reply that
answers nothing is no echo.

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> told = Annotation(labels={"response": ("这段音频说的是:'给我推荐一本书'",)})
>>> score(Case(Annotation(text="给我推荐一本书"), told, "zh", find_profile()))
{'': Ratio(num=1, den=1), 'similarity': Ratio(num=1.0, den=1)}
"""

from __future__ import annotations

from qaeval.metrics._written import tokens
from qaeval.text.alignment import count
from qaeval.text.replies.unwrap import unwrap
from qaeval.types import Case, Metric, Ratio

LEAST_TOKENS = 4
ALIKE = 0.8


def score(case: Case) -> dict[str, Ratio] | None:
    """1 for an echo, and how much of the longer text agrees; None without a transcript of some length."""
    heard = tokens(case, case.reference.text or "", case.language)
    if len(heard) < LEAST_TOKENS:
        return None
    said = tokens(case, unwrap("\n".join(case.hypothesis.labels.get("response", ()))).text, case.language)
    similarity = count(heard, said).hits / max(len(heard), len(said))
    return {"": Ratio(int(similarity >= ALIKE), 1), "similarity": Ratio(similarity, 1)}


METRIC = Metric("chat_echo", "response", score, "lower", summary="share of clips transcribed instead of answered")
