r"""A question about the clip: the input ``query``; with ``choices`` a multiple-choice one.

``choices`` holds the options as they are shown, one a line behind its letter (`qaeval.text.answers.choices.lettered`),
and the reference's label ``answer`` is the right one's letter; where it is the option's text instead, `answer_match`
compares the text of the option that is chosen. Without choices ``answer`` has one or more texts, each of which
is right. (An open question whose answer is one capital letter must say it in more words: "the letter B".)

Of a reply to a multiple-choice question the letter is read, with the rule that told it as the label ``answer_rule``
(`qaeval.text.answers.choosing`); a reply that chooses none is wrong, never given a random letter. Of one to an open
question the words are kept: `answer_match` is strict, a judge (`qaeval.judge`) may say more.

The first prompts ask with the options, those with ``-open`` without. ``air-bench`` is that of AIR-Bench's foundation
part (OFA-Sys/AIR-Bench, Inference_Foundation.py), ``lmms-eval-mmau`` that by which lmms-eval asks MMAU
(lmms_eval/tasks/mmau), both for options as ``A. text``; ``verbatim`` is nothing but the question, as AIR-Bench's chat
part asks, and ``qwen2-audio-eval`` the same behind the system message of Qwen2-Audio's evaluation on it
(QwenLM/Qwen2-Audio, eval_audio/evaluate_chat.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qaeval.errors import DatasetError
from qaeval.metrics import answer_match, choice_accuracy, choice_balanced_accuracy
from qaeval.text.answers.choices import LETTERS, Choice, compared, read_choices
from qaeval.text.answers.choosing import choose, given
from qaeval.text.replies.quotations import quotes
from qaeval.text.replies.refusals import refuses
from qaeval.text.replies.turns import own_words
from qaeval.text.replies.unwrap import unfenced
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt("zh", "请听这段音频,然后从选项中选出问题的正确答案。\n问题:{query}\n{choices}"),
    Prompt("en", "Listen to this audio and choose the right answer to the question.\nQuestion: {query}\n{choices}"),
    Prompt(
        "zh-strict",
        "请听这段音频,然后回答单项选择题。只输出正确选项的字母,不要输出其他内容。\n问题:{query}\n{choices}",
    ),
    Prompt(
        "en-strict",
        "Listen to this audio and answer the multiple-choice question. Output only the letter of the right option, and "
        "nothing else.\nQuestion: {query}\n{choices}",
    ),
    Prompt("zh-open", "请听这段音频,然后回答问题:{query}"),
    Prompt("en-open", "Listen to this audio and answer the question: {query}"),
    Prompt("zh-open-strict", "请听这段音频,然后用一个词或短语回答问题,不要解释:{query}"),
    Prompt(
        "en-open-strict",
        "Listen to this audio and answer the question in one word or a short phrase, without an explanation: {query}",
    ),
    Prompt(
        "air-bench",
        "Choose the most suitable answer from options A, B, C, and D to respond the question in next line, "
        "you may only choose A or B or C or D.\n{query}\n{choices}",
    ),
    Prompt("lmms-eval-mmau", "{query}\n{choices}\nAnswer with the option's letter from the given choices directly."),
    Prompt("verbatim", "{query}"),
    Prompt("qwen2-audio-eval", "{query}", system="You are a helpful assistant."),
)
_INTRODUCED = re.compile(
    r"""[*_\s]*(?:(?:the\s+)?(?:final\s+|correct\s+|short\s+)?answer(?:\s+to\s+(?:the|this|your)\s+question)?[*_]*
    (?:\s+is[*_]*\s*[:：]?|\s*[:：])|(?:正确|最终)?(?:的)?(?:答案|回答)[*_]*\s*(?:[是为][:：]?|[:：]))[*_\s]*+""",
    re.IGNORECASE | re.VERBOSE,
)


def parse(text: str, sample: Sample) -> Annotation:
    r"""The option that the reply chooses, and by which rule; where there are no options, its words.

    >>> parse("我选B,因为有猫叫。", Sample("a", "a.wav", inputs={"query": "?", "choices": "A. 狗\nB. 猫"})).labels
    {'answer': ('B',), 'answer_rule': ('statement',)}
    >>> parse("The answer is: 'a cat'.", Sample("a", "a.wav", inputs={"query": "What meows?"})).labels
    {'answer': ('a cat',)}
    """
    if sample.inputs.get("choices"):
        choices = read_choices(sample.inputs["choices"])
        _checked(sample, choices)
        letter, rule = choose(text, choices)
        told = {"answer": (_as_the_truth(letter, choices, sample),)} if letter else {}
        return Annotation(labels={**told, "answer_rule": (rule,)})
    if refuses(own_words(text)) and not any(map(refuses, sample.reference.labels.get("answer", ()))):
        return Annotation()
    said = words(text)
    return Annotation(labels={"answer": (said,)} if said else {})


def _checked(sample: Sample, choices: Sequence[Choice]) -> None:
    """Raises `DatasetError` for a true letter that is none of the options': no reply could be right."""
    letters, texts = [choice.letter for choice in choices], [choice.text for choice in choices]
    for truth in sample.reference.labels.get("answer", ()):
        if len(truth) == 1 and truth in LETTERS and truth not in letters + texts:
            raise DatasetError(
                f"the true answer is {truth!r}, and the options are {letters[0]} to {letters[-1]}; "
                "expected the letter or the text of one of them: mend the sample's answer or its choices"
            )


def _as_the_truth(letter: str, choices: Sequence[Choice], sample: Sample) -> str:
    """The letter, or the option's text where the truth is told as one: a letter would never be that."""
    truth = sample.reference.labels.get("answer", ())
    if not truth or any(answer in LETTERS for answer in truth):
        return letter
    said = next(choice.text for choice in choices if choice.letter == letter)
    return next((answer for answer in truth if compared(answer) == compared(said)), said)


def words(text: str) -> str:
    """What a reply to an open question answers, without what introduces it.

    >>> words('{"answer": "two"}'), words("**Answer:** two"), words("答案是“两个”。"), words("Two dogs.")
    ('two', 'two', '两个', 'Two dogs.')
    """
    told = given(text)
    if told is None:
        told = unfenced(own_words(text))
        told = told[match.end() :] if (match := _INTRODUCED.match(told)) else told
    inner = quotes(told)
    return (told if inner is None else inner).strip()


TASK = Task(
    name="answer",
    needs=("answer",),
    prompts=PROMPTS,
    parse=parse,
    metrics=(choice_accuracy.METRIC, choice_balanced_accuracy.METRIC, answer_match.METRIC),
    inputs=("query",),
    options=("choices",),
    summary="questions about the clip, with options or open",
)
