"""What is said in the clip? The reference is its ``text``; an empty text means that nothing is said.

The reply is unwrapped (`qaeval.text.replies.unwrap`): of ``这段音频说的是:'欢迎使用阿里云'`` 欢迎使用阿里云 is scored.
What the reply as it came would score is told too (``raw_wer`` ...), and how many were not the transcript alone
(``wrapped``). ``zh`` is the question of the vendor's Qwen-Audio guide; the ``-strict`` prompts ask for nothing but the
transcript.

``qwen3-omni-eval-zh`` and ``qwen3-omni-eval`` are the prompts for speech recognition in the README of QwenLM/Qwen3-Omni
("Setting for Evaluation"): of Chinese, and of other languages. The place {language} of the latter is filled with the
English name of the language that is spoken.
"""

from __future__ import annotations

from qaeval.metrics import cer, hallucination, mer, raw_cer, raw_mer, raw_wer, sentence_error, wer, wrapped
from qaeval.text.replies.unwrap import unwrap
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt("zh", "这段音频在说什么?"),
    Prompt("en", "What is being said in this audio?"),
    Prompt("zh-strict", "请把这段音频逐字转写成文字。只输出转写的文字,不要加引号、说明或翻译。"),
    Prompt(
        "en-strict",
        "Transcribe this audio word for word, in the language that is spoken. Output only the transcript: no quotation "
        "marks, no explanation, no translation.",
    ),
    Prompt("qwen3-omni-eval-zh", "请将这段中文语音转换为纯文本。"),
    Prompt("qwen3-omni-eval", "Transcribe the {language} audio into text."),
)


def parse(text: str, sample: Sample) -> Annotation:
    """The words that the reply reports.

    >>> parse("音频中说的是:'欢迎使用阿里云'。", Sample("a", "a.wav")).text
    '欢迎使用阿里云'
    """
    return Annotation(text=unwrap(text).text)


TASK = Task(
    name="transcribe",
    needs=("text",),
    prompts=PROMPTS,
    parse=parse,
    metrics=(
        wer.METRIC,
        cer.METRIC,
        mer.METRIC,
        sentence_error.METRIC,
        hallucination.METRIC,
        wrapped.METRIC,
        raw_wer.METRIC,
        raw_cer.METRIC,
        raw_mer.METRIC,
    ),
    summary="what is said, word for word",
)
