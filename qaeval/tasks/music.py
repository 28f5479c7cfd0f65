"""What music is heard: its instruments, tempo, key, genre and mood, in one question; scored for what the reference has.

The labels are ``instrument``, ``genre`` and ``mood`` (names of `qaeval.text.labels.vocabulary`; several values each),
``tempo`` (beats a minute as text, ``120``; or slow, medium, fast) and ``key`` (``C major``, ``A minor``). Replies are
read by `qaeval.text.labels.music`. Where one answer of a closed set is right (GTZAN's ten genres, NSynth's families),
the input ``choices`` names the set, separated by ", ", and the ``-closed`` prompts show it: what is told counts as the
member that it is or is under, else as ``(other)``.

``zh`` asks in the words of the vendor's Qwen-Audio guide (识别音乐中的乐器、节奏、调性、风格), and for the mood. The
prompts of others ask for one attribute each, so score that one. ``qwen-audio-tutorial`` is from TUTORIAL.md of
QwenLM/Qwen-Audio; ``qwen-audio-eval`` that of its evaluation on NSynth (eval_audio/evaluate_note_analysis.py), for the
base model, whose tokens it is made of; ``cmi-bench-...`` those of CMI-Bench (Ma et al. 2025, arXiv 2506.12285;
data/*/sft_*.py), which asked Qwen-Audio and others on GTZAN, GiantSteps and MTG-Jamendo.
"""

from __future__ import annotations

import re

from qaeval.metrics import (
    abstention,
    accuracy,
    jaccard,
    key_accuracy,
    key_score,
    label_f1,
    label_macro_f1,
    lenient_accuracy,
    macro_f1,
    majority_baseline,
    tempo_acc1,
    tempo_acc2,
    tempo_class,
    tempo_error,
)
from qaeval.text.labels.music import read_music
from qaeval.types import Annotation, Prompt, Sample, Task

PROMPTS = (
    Prompt("zh", "请识别这段音乐中的乐器、节奏、调性、风格和情绪。"),
    Prompt("en", "Identify the instruments, the tempo, the key, the genre and the mood of this music."),
    Prompt(
        "zh-strict",
        "请识别这段音乐,只输出下面五行,不要解释:\n乐器:(所有乐器,用顿号分开)\n速度:(每分钟多少拍,一个数字)\n"
        "调性:(如C大调、升F小调)\n风格:(一种,最合适的)\n情绪:(一种或几种,用顿号分开)",
    ),
    Prompt(
        "en-strict",
        "Identify this music. Output only these five lines, without explanation:\nInstruments: (all of them, separated "
        "by commas)\nTempo: (beats per minute, one number)\nKey: (such as C major, F# minor)\nGenre: (one, that fits "
        "best)\nMood: (one or several, separated by commas)",
    ),
    Prompt("zh-closed", "这段音乐属于或含有下面哪一种?只回答其中一种,不要解释:{choices}"),
    Prompt("en-closed", "Which one of these is this music, or is heard in it? Answer with one of them only: {choices}"),
    Prompt("qwen-audio-tutorial", "what is the instrument"),
    Prompt("qwen-audio-eval", "<|startofanalysis|><|unknown|><|keyword|><|en|><|notimestamps|><|note_analysis|>"),
    Prompt(
        "cmi-bench-gtzan",
        "You are given an audio clip of a music piece. Identify the genre by selecting exactly one option from the "
        "following list: \nGenres: blues, classical, country, disco, hip-hop, jazz, metal, pop, reggae, rock.\n"
        "Return only the name of the predicted genre. No explanation.\n",
    ),
    Prompt(
        "cmi-bench-key",
        "Estimate the key of the given audio. Please choose from C major, Db major, D major, Eb major, E major, "
        "F major, Gb major, G major, Ab major, A major, Bb major, B major, C minor, Db minor, D minor, Eb minor, "
        "E minor, F minor, Gb minor, G minor, Ab minor, A minor, Bb minor, B minor",
    ),
    Prompt("cmi-bench-instrument", "Please provide the instrument tag(s) of given audio."),
    Prompt("cmi-bench-mood", "Please provide the emotion tag(s) of given audio."),
)
_BETWEEN = re.compile(r"\s*[,，、\n]\s*")


def parse(text: str, sample: Sample) -> Annotation:
    r"""The attributes that the reply tells.

    >>> parse("乐器:钢琴、小提琴\n速度:每分钟72拍\n调性:降E大调", Sample("a", "a.wav")).labels
    {'instrument': ('piano', 'violin'), 'tempo': ('72',), 'key': ('Eb major',)}
    """
    among = [name for name in _BETWEEN.split(sample.inputs.get("choices", "")) if name]
    return Annotation(labels=read_music(text, among))


TASK = Task(
    name="music",
    needs=("instrument|tempo|key|genre|mood",),
    prompts=PROMPTS,
    parse=parse,
    metrics=(
        *(each.on("instrument") for each in (label_f1, label_macro_f1, jaccard, accuracy, lenient_accuracy)),
        *(tempo_acc1.METRIC, tempo_acc2.METRIC, tempo_error.METRIC, tempo_class.METRIC),
        *(key_accuracy.METRIC, key_score.METRIC),
        *(each.on("genre") for each in (accuracy, lenient_accuracy, macro_f1, label_f1, label_macro_f1)),
        *(each.on("mood") for each in (label_f1, label_macro_f1, jaccard)),
        *(majority_baseline.on(field) for field in ("instrument", "key", "genre")),
        *(abstention.on(field) for field in ("instrument", "tempo", "key", "genre", "mood")),
    ),
    options=("choices",),
    summary="the instruments, tempo, key, genre and mood of music",
)
