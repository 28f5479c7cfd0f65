"""Which sounds are heard in the clip? Open, or out of the closed set that the input ``choices`` has ("dog, rain").

The reference's label ``sound`` has all the sounds of the clip; none means that nothing is heard. Values are compared as
labels of the vocabulary ``sound`` (AudioSet's ontology): under any of their names in Chinese and English, so that a
reply in one language answers for labels of the other. `qaeval.text.labels.sounds` says how a reply is read, and
`qaeval.text.labels.label_sets` has the sets of ESC-50, UrbanSound8K and VocalSound. `accuracy` is strict;
`lenient_accuracy` also takes what is above or under a true label ("animal" for a dog).

Where a sample has ``choices`` every reply is read as out of that set, whichever prompt asked. An answer that names
nothing of it, or nothing that a vocabulary has, is the label ``(other)``: wrong, and never a random member. The prompts
``-closed`` show the set; ``qwen2-audio-vocalsound`` is the question of Qwen2-Audio's evaluation on VocalSound, as
lmms-eval (lmms_eval/tasks/vocalsound) and Kimi-Audio-Evalkit have it.
"""

from __future__ import annotations

import re

from qaeval.metrics import (
    abstention,
    accuracy,
    balanced_accuracy,
    jaccard,
    label_f1,
    label_macro_f1,
    lenient_accuracy,
    macro_f1,
    majority_baseline,
)
from qaeval.text.answers.choices import read_choices
from qaeval.text.answers.options import LONE, LONGEST
from qaeval.text.labels.sounds import choice_names, read_sounds
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt("zh", "这段音频里有什么声音?"),
    Prompt("en", "What sounds can be heard in this audio?"),
    Prompt(
        "zh-strict",
        "这段音频里有哪些声音?只输出声音的名称,多个名称之间用逗号隔开,不要解释;如果没有声音,只回答“没有”。",
    ),
    Prompt(
        "en-strict",
        "Which sounds can be heard in this audio? Output only the names of the sounds, separated by commas, and no "
        'explanation; if nothing can be heard, answer only "none".',
    ),
    Prompt("zh-closed", "这段音频里是下列哪一种声音?{choices}"),
    Prompt("en-closed", "Which of these sounds is heard in this audio? {choices}"),
    Prompt("zh-closed-strict", "这段音频里是下列哪一种声音?只输出其中一个名称,不要输出其他内容。\n{choices}"),
    Prompt(
        "en-closed-strict",
        "Which of these sounds is heard in this audio? Output exactly one of the names, and nothing else.\n{choices}",
    ),
    Prompt("qwen2-audio-vocalsound", "Classify the human vocal sound to VocalSound in English:"),
)
_LETTERED = re.compile(r"\s*[(（\[]?A[)）\].．:：、][^\n]*\n\s*[(（\[]?B[)）\].．:：、]")


def parse(text: str, sample: Sample) -> Annotation:
    """The sounds that the reply names, as canonical labels.

    >>> parse("这段音频里有狗叫声。", Sample("a", "a.wav")).labels
    {'sound': ('Dog',)}
    >>> parse("I hear thunder.", Sample("a", "a.wav", inputs={"choices": "dog, rain"})).labels
    {'sound': ('(other)',)}
    """
    choices = sample.inputs.get("choices", "")
    found = read_sounds(_spelled(text, choices), choice_names(choices))
    return Annotation(labels={} if found is None else {"sound": found})


def _spelled(reply: str, choices: str) -> str:
    """The option's text instead of a reply that is no more than its letter, where the options are lettered."""
    letter = LONE.fullmatch(reply) if len(reply) < LONGEST and _LETTERED.match(choices) else None
    texts = {choice.letter: choice.text for choice in read_choices(choices)} if letter else {}
    return texts.get(letter[1].upper(), reply) if letter else reply


TASK = Task(
    name="sounds",
    needs=("sound",),
    prompts=PROMPTS,
    parse=parse,
    metrics=(
        accuracy.on("sound"),
        lenient_accuracy.on("sound"),
        balanced_accuracy.on("sound"),
        macro_f1.on("sound"),
        label_f1.on("sound"),
        label_macro_f1.on("sound"),
        jaccard.on("sound"),
        abstention.on("sound"),
        majority_baseline.on("sound"),
    ),
    options=("choices",),
    summary="which sounds are heard, open or out of a set",
)
