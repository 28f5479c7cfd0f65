"""Tasks: their prompts, how they read replies, and the whole way from a reply to a number."""

import re

import pytest
from hypothesis import given, strategies as st

from qaeval import tasks
from qaeval.errors import UnknownNameError
from qaeval.models import prose
from qaeval.runner.requests import fill, missing
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Case, Ratio, Sample, Task

PLACE = re.compile(r"\{(\w+)\}")


def scores(task, reply, sample):
    """The main part of each metric of a task for a reply about a sample; None where it does not apply."""
    hypothesis = tasks.find(task).parse(reply, sample)
    case = Case(sample.reference, hypothesis, sample.language, find_profile(), reply)
    scored = {metric.name: metric.score(case) for metric in tasks.find(task).metrics}
    return {name: got if got is None or isinstance(got, Ratio) else got[""] for name, got in scored.items()}


def spoken(text, language="zh"):
    return Sample("clip", "clip.wav", Annotation(text=text), {"language": language})


WITHOUT_REFERENCE = {"chat": "response", "preference": "preference", "rating": "rating"}
"""Tasks that any clip can be asked, with the field that their metrics are of."""


@pytest.mark.parametrize("name", tasks.names())
def test_a_task_says_what_it_needs(name):
    task = tasks.find(name)
    assert isinstance(task, Task)
    assert task.name == name
    assert task.summary
    assert len({prompt.id for prompt in task.prompts}) == len(task.prompts)
    if name == "chat":  # nothing is asked in words
        assert [prompt.text for prompt in task.prompts] == ["", ""]
    else:
        assert {"zh", "en"} <= {prompt.name for prompt in task.prompts}
        assert task.prompts[0].name == "zh"
    for prompt in task.prompts:
        assert set(task.inputs) <= set(PLACE.findall(prompt.text)) <= {*task.inputs, *task.options, "language"}
    fields = {field for need in task.needs for field in need.split("|")}
    assert bool(fields) != (name in WITHOUT_REFERENCE)
    assert {metric.field for metric in task.metrics} == (fields or {WITHOUT_REFERENCE.get(name)})


def test_tasks_are_found_by_name():
    assert {"locate", "transcribe"} <= set(tasks.names())
    with pytest.raises(UnknownNameError, match="did you mean 'transcribe'"):
        tasks.find("transcibe")


@pytest.mark.parametrize(
    ("reply", "truth"),
    [
        (
            "这段音频的原始内容是:'这是一封来自四川攀枝花钢铁厂的信',说话者为男性,年龄大约30岁,使用西南官话-重庆话。"
            "听起来情绪平静。",
            "这是一封来自四川攀枝花钢铁厂的信",
        ),
        ("这段音频说的是:'欢迎使用阿里云'。", "歡迎使用阿里雲"),
        ("The original content of this audio is:'欢迎使用阿里云'", "欢迎使用阿里云"),
        ("音频中说的是:'欢迎使用阿里云'。", "欢迎使用阿里云。"),
    ],
)
def test_transcriptions_as_the_vendor_shows_them_have_no_errors(reply, truth):
    got = scores("transcribe", reply, spoken(truth))
    assert got["wer"] is None
    assert got["cer"].num == got["mer"].num == 0 < got["cer"].den
    assert got["wrapped"] == Ratio(1, 1)
    assert got["raw_cer"].num > 0


@pytest.mark.parametrize(
    ("reply", "truth", "language"),
    [
        ("欢迎使用", "歡迎使用", "zh"),
        ("ABC", "ＡＢＣ", "zh"),
        ("欢迎使用", "欢迎使用。", "zh"),
        ("Hello world", "hello, World!", "en"),
    ],
)
def test_texts_that_mean_the_same_have_no_errors(reply, truth, language):
    got = scores("transcribe", reply, spoken(truth, language))
    assert {got[name].num for name in ("cer", "mer", "sentence_error", "wrapped", "raw_cer", "raw_mer")} == {0}


def test_the_presets_ask_as_the_published_evaluation_did():
    presets = {prompt.name: prompt for prompt in tasks.find("transcribe").prompts}
    asked = {
        "qwen3-omni-eval-zh": ("zh", "请将这段中文语音转换为纯文本。"),
        "qwen3-omni-eval": ("yue", "Transcribe the Cantonese audio into text."),
    }
    for name, (language, wording) in asked.items():
        assert fill(presets[name].text, spoken("", language)) == wording
        assert missing(spoken("", language), presets[name]) == []
    assert missing(Sample("clip", "clip.wav"), presets["qwen3-omni-eval"]) == ["language"]


def test_refusals_and_empty_replies_are_deletions():
    assert scores("transcribe", "", spoken("欢迎使用"))["cer"] == Ratio(4, 4)
    refused = scores("transcribe", "抱歉，我无法识别这段音频。", spoken("欢迎使用"))["cer"]
    assert refused.num >= refused.den == 4


def test_silence_is_not_divided_by():
    got = scores("transcribe", "这段音频说的是:'谢谢观看'", spoken(""))
    applying = {name: ratio for name, ratio in got.items() if ratio}
    assert applying == {"hallucination": Ratio(1, 1), "wrapped": Ratio(1, 1)}
    for reply in (prose.said(""), "音频中没有人说话。", "There is no speech in this audio."):
        assert scores("transcribe", reply, spoken(""))["hallucination"] == Ratio(0, 1)


@given(st.text("ab欢迎使用 it's,。", max_size=20))
def test_the_words_told_by_an_engine_are_perfect(text):
    for language in ("zh", "en"):
        got = scores("transcribe", prose.said(text), spoken(text, language))
        assert {ratio.num for name, ratio in got.items() if ratio and not name.startswith(("raw_", "wrapped"))} <= {0}
