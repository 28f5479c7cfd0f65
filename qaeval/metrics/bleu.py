"""BLEU of translations, 0 to 100: exactly what ``sacrebleu.corpus_bleu`` gives for all replies together.

Its signature is ``nrefs:<references>|case:mixed|eff:no|tok:<tokeniser>|smooth:exp|version:<sacrebleu's>``
(`signature`): n-grams up to 4, K. Papineni et al. 2002, M. Post 2018. The tokeniser is that of the references' script:
``zh`` for Chinese, ``char`` for text with kana (Qwen2-Audio's evaluation on CoVoST2 uses ``ja-mecab``, which needs a
dictionary: values for Japanese are not comparable with it), ``13a`` for all else. The texts are not normalised by a
profile. Of several references each n-gram counts once at most as often as in one of them, and the nearest length
counts. A reply without a translation is an empty one.

Summed first: BLEU of all replies is not the mean over replies. Do not pool target languages; slice by them. Needs
sacrebleu (the extra ``translation``).

>>> from qaeval.text.profiles import find_profile
>>> from qaeval.types import Annotation
>>> truth, told = (Annotation(labels={"translation": (text,)}) for text in ("It rains a lot.", "It rains."))
>>> found = score(Case(truth, told, "zh", find_profile()))
>>> found["match-1"], found["total-1"], found["reference"]
(Ratio(num=3, den=1), Ratio(num=3, den=1), Ratio(num=5, den=1))
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from importlib import metadata, util
from typing import TYPE_CHECKING

from qaeval.errors import ScoreError
from qaeval.metrics._written import hypothesis, references
from qaeval.reducers import BLEU
from qaeval.text.tokens import has_cjk
from qaeval.types import Case, Metric, Ratio

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU as Sacrebleu

_KANA = re.compile("[\u3041-\u30fa\u30fd-\u30ff\uff66-\uff9f]")


def tokenizer(texts: Sequence[str]) -> str:
    """The name of sacrebleu's tokeniser for references like these.

    >>> tokenizer(["很高兴认识你"]), tokenizer(["はじめまして"]), tokenizer(["Nice to meet you"])
    ('zh', 'char', '13a')
    """
    together = "".join(texts)
    return "char" if _KANA.search(together) else "zh" if has_cjk(together) else "13a"


def signature(tokenizer: str, references: int = 1) -> str:
    """What stands beside a published BLEU, so that others get the same. Raises `ScoreError` without sacrebleu.

    >>> signature("zh").partition("|version")[0]
    'nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp'
    """
    _sacrebleu(tokenizer)
    version = metadata.version("sacrebleu")
    return f"nrefs:{references}|case:mixed|eff:no|tok:{tokenizer}|smooth:exp|version:{version}"


@functools.cache
def _sacrebleu(tokenizer: str) -> Sacrebleu:
    if util.find_spec("sacrebleu") is None:
        raise ScoreError("BLEU needs the package sacrebleu; do: pip install 'qaeval[translation]', then score again")
    from sacrebleu.metrics.bleu import BLEU as Sacrebleu

    return Sacrebleu(tokenize=tokenizer)


def score(case: Case) -> dict[str, Ratio] | None:
    """The lengths and the n-grams that match, as counts; None where there is no reference."""
    truths = references(case, "translation")
    if not truths:
        return None
    counted = _sacrebleu(tokenizer(truths)).corpus_score([hypothesis(case, "translation")], [[t] for t in truths])
    parts = {"": Ratio(1, 1), "hypothesis": Ratio(counted.sys_len, 1), "reference": Ratio(counted.ref_len, 1)}
    for n, (match, total) in enumerate(zip(counted.counts, counted.totals, strict=True), 1):
        parts |= {f"match-{n}": Ratio(match, 1), f"total-{n}": Ratio(total, 1)}
    return parts


METRIC = Metric(
    "bleu",
    "translation",
    score,
    "higher",
    "points",
    "BLEU of translations, as sacrebleu (case:mixed|eff:no|tok:13a, zh or char|smooth:exp)",
    reduce=BLEU,
)
