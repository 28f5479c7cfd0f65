"""Tasks: their prompts, how they read replies, and the whole way from a reply to a number."""

import re

import pytest
from hypothesis import given, settings, strategies as st

from qaeval import tasks
from qaeval.errors import UnknownNameError
from qaeval.models import prose
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Case, Event, Ratio, Sample, Task

PLACE = re.compile(r"\{(\w+)\}")


def scores(task, reply, sample, profile="qaeval-0"):
    """The main part of each metric of a task for a reply about a sample; None where it does not apply."""
    case = Case(sample.reference, tasks.find(task).parse(reply, sample), sample.language, find_profile(profile))
    scored = {metric.name: metric.score(case) for metric in tasks.find(task).metrics}
    return {name: got if got is None or isinstance(got, Ratio) else got[""] for name, got in scored.items()}


def spoken(text, language="zh"):
    return Sample("clip", "clip.wav", Annotation(text=text), {"language": language})


def placed(*events, query="阿里"):
    known = Annotation(events=tuple(Event(query, *event) for event in events))
    return Sample("clip", "clip.wav", known, {"language": "zh"}, {"query": query})


@pytest.mark.parametrize("name", tasks.names())
def test_a_task_says_what_it_needs(name):
    task = tasks.find(name)
    assert isinstance(task, Task)
    assert task.name == name
    assert task.summary
    assert task.needs
    assert len({prompt.id for prompt in task.prompts}) == len(task.prompts)
    assert {"zh", "en"} <= {prompt.name for prompt in task.prompts}
    assert task.prompts[0].name == "zh"
    for prompt in task.prompts:
        assert set(PLACE.findall(prompt.text)) == set(task.inputs)
    assert {metric.field for metric in task.metrics} == set(task.needs)


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


def test_refusals_and_empty_replies_are_deletions():
    assert scores("transcribe", "", spoken("欢迎使用"))["cer"] == Ratio(4, 4)
    refused = scores("transcribe", "抱歉，我无法识别这段音频。", spoken("欢迎使用"))["cer"]
    assert refused.num >= refused.den == 4


def test_silence_is_not_divided_by():
    got = scores("transcribe", "这段音频说的是:'谢谢观看'", spoken(""))
    assert got == {"wer": None, "cer": None, "mer": None, "hallucination": Ratio(1, 1)}
    for reply in (prose.said(""), "音频中没有人说话。", "There is no speech in this audio."):
        assert scores("transcribe", reply, spoken(""))["hallucination"] == Ratio(0, 1)


def test_a_located_word():
    got = scores("locate", '"阿里" 从第1.50秒开始出现,至第2.00秒结束。', placed((1.0, 2.0)))
    assert got == {
        "onset_error": Ratio(0.5, 1), "offset_error": Ratio(0.0, 1), "span_iou": Ratio(0.5, 1), "presence": Ratio(1, 1),
    }  # fmt: skip


def test_a_reply_without_times_is_a_miss_and_not_dropped():
    got = scores("locate", "我不知道。", placed((1.0, 2.0)))
    assert got == {
        "onset_error": Ratio(0, 0), "offset_error": Ratio(0, 0), "span_iou": Ratio(0, 1), "presence": Ratio(0, 1),
    }  # fmt: skip


def test_an_absent_word():
    assert scores("locate", prose.absent("阿里"), placed())["presence"] == Ratio(1, 1)
    assert scores("locate", prose.found("阿里", [(1, 2)]), placed())["presence"] == Ratio(0, 1)


@settings(deadline=None)  # the first case imports scipy
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 100)), min_size=1, max_size=4))
def test_the_truth_told_by_an_engine_is_perfect(ends):
    spans = [(onset / 100, (onset + length) / 100) for onset, length in ends]
    got = scores("locate", prose.found("阿里", spans), placed(*spans))
    assert got["span_iou"] == Ratio(len(spans), len(spans))
    assert got["onset_error"] == got["offset_error"] == Ratio(0, len(spans))


@given(st.text("ab欢迎使用 it's,。", max_size=20))
def test_the_words_told_by_an_engine_are_perfect(text):
    for language in ("zh", "en"):
        got = scores("transcribe", prose.said(text), spoken(text, language))
        assert {ratio.num for ratio in got.values() if ratio} <= {0}
