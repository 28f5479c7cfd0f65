"""The speaker's attributes: what replies tell of them, how ages are scored, and what the tasks ask and need."""

import json
from pathlib import Path

import numpy as np
import pytest
from clips import wav
from hypothesis import given, strategies as st

import qaeval as qa
from qaeval import metrics, runner, tasks
from qaeval.errors import DatasetError
from qaeval.launch.choices import checked, questions
from qaeval.metrics import age_band, age_error, age_kappa, age_within
from qaeval.runner.requests import Plan
from qaeval.tasks import speaker
from qaeval.text.labels.attributes import ATTRIBUTES, options, read_attribute, read_attributes
from qaeval.text.profiles import find_profile
from qaeval.text.replies.unwrap import unwrap
from qaeval.types import Annotation, Case, Ratio, Sample

SEED = (
    "这段音频的原始内容是:'这是一封来自四川攀枝花钢铁厂的信',说话者为男性,年龄大约30岁,使用西南官话-重庆话。"
    "听起来情绪平静。"
)
REPLIES = json.loads((Path(__file__).parent / "data" / "labels" / "replies.json").read_text("utf-8"))
INTENTS = "alarm_set, play_music, iot_hue_lightoff"


def clip(inputs=None, **labels):
    return Sample("a", "a.wav", Annotation(labels={name: (value,) for name, value in labels.items()}), {}, inputs)


def scored(task, reply, sample):
    """The main part of every metric of a task, by attribute and name."""
    case = Case(sample.reference, tasks.find(task).parse(reply, sample), "", find_profile("raw-1"), reply)
    parts = {(metric.field, metric.name): metric.score(case) for metric in tasks.find(task).metrics}
    return {at: got if got is None or isinstance(got, Ratio) else got[""] for at, got in parts.items()}


def aged(true, told):
    truth = Annotation(labels={} if true is None else {"age": (true,)})
    return Case(truth, Annotation(labels={} if told is None else {"age": told}), "", find_profile("raw-1"))


@pytest.mark.parametrize(("reply", "labels"), REPLIES)
def test_what_a_reply_tells(reply, labels):
    assert {name: list(values) for name, values in read_attributes(reply).items()} == labels


def test_the_vendors_answer_is_right_in_all():
    truth = clip(gender="male", age="30", language="zh", dialect="西南官话/重庆话", emotion="neutral")
    got = scored("speaker", SEED, truth)
    assert unwrap(SEED).text == "这是一封来自四川攀枝花钢铁厂的信"
    for attribute in ("gender", "language", "dialect", "emotion"):
        assert got[attribute, "accuracy"] == Ratio(1, 1)
        assert got[attribute, "abstention"] == Ratio(0, 1)
    assert got["dialect", "parent_accuracy"] == got["age", "age_within"] == got["age", "age_band"] == Ratio(1, 1)
    assert got["age", "age_error"] == Ratio(0, 1)
    assert got["accent", "accuracy"] is got["intent", "accuracy"] is None  # the reference has none


def test_a_reply_without_attributes_is_wrong_and_not_dropped():
    truth = clip(gender="male", age="30", dialect="粤语", emotion="sad")
    for reply in ("", "抱歉，我无法识别这段音频。", "Hello!"):
        got = scored("speaker", reply, truth)
        for attribute in ("gender", "dialect", "emotion"):
            assert got[attribute, "accuracy"] == Ratio(0, 1)
            assert got[attribute, "abstention"] == Ratio(1, 1)
        assert got["age", "age_within"] == got["age", "age_band"] == Ratio(0, 1)
        assert got["age", "age_error"] == Ratio(0, 0)


def test_several_answers_are_no_answer():
    got = scored("speaker", "可能是男性或女性,30岁或者60岁的两个人", clip(gender="male", age="30"))
    assert got["gender", "accuracy"] == got["age", "age_within"] == Ratio(0, 1)
    assert got["gender", "abstention"] == Ratio(0, 1)


def test_a_dialect_of_the_right_group():
    got = scored("dialect", "成都话", clip(dialect="西南官话/重庆话"))
    assert (got["dialect", "accuracy"], got["dialect", "parent_accuracy"]) == (Ratio(0, 1), Ratio(1, 1))


@pytest.mark.parametrize(
    ("true", "told", "error", "within"),
    [
        ("30", ("30",), 0, (1, 1)),
        ("30", ("38",), 8, (0, 1)),
        ("30", ("41",), 11, (0, 0)),
        ("30", ("30-39",), 4.5, (1, 1)),
        ("30-39", ("30",), 0, (1, 1)),
        ("thirties", ("45",), 6, (0, 1)),
        ("三十多岁", ("25",), -5, (1, 1)),
        ("30", ("30", "50"), None, (0, 0)),
        ("30", (), None, (0, 0)),
        ("30", None, None, (0, 0)),
        ("teens", ("18-39",), 9.5, (0, 1)),
    ],
)
def test_the_error_of_an_age(true, told, error, within):
    case = aged(true, told)
    bias = Ratio(0, 0) if error is None else Ratio(error, 1)
    assert age_error.score(case) == {"": Ratio(abs(bias.num), bias.den), "bias": bias}
    near = age_within.score(case)
    assert (near["5"].num, near["10"].num) == within
    assert near[""] == near["10"]


@pytest.mark.parametrize("metric", [age_error, age_within, age_band, age_kappa])
def test_clips_without_one_true_age_have_no_row(metric):
    assert metric.score(aged(None, ("30",))) is None
    assert metric.score(aged("unknown", ("30",))) is None
    two = Annotation(labels={"age": ("30", "50")})
    assert metric.score(Case(two, two, "", find_profile("raw-1"))) is None


@pytest.mark.parametrize(
    ("true", "told", "parts"),
    [
        ("34", "39", (1, 1, 0)),
        ("34", "29", (0, 1, 1)),
        ("thirties", "40-49", (0, 1, 1)),
        ("thirties", "51", (0, 0, 2)),
        ("18-25", "18", (1, 1, 0)),
        ("70", "中年", (0, 0, 3)),
    ],
)
def test_the_band_of_an_age(true, told, parts):
    got = age_band.score(aged(true, (told,)))
    assert tuple(got[name].num for name in ("", "adjacent", "bands_off")) == parts


@given(st.lists(st.tuples(st.integers(5, 94), st.integers(5, 94)), min_size=2, max_size=30))
def test_the_kappa_of_ages_is_scikit_learns(pairs):
    from sklearn.metrics import cohen_kappa_score

    counts = {}
    for true, told in pairs:
        for part in age_kappa.score(aged(str(true), (str(told),))):
            counts[part] = counts.get(part, 0) + 1
    parts = [part for part in counts if part]
    num = np.array([float(counts[part]) for part in parts])
    ours = age_kappa.METRIC.reduce.value(parts, num, num)
    decades = [[age // 10 for age in side] for side in zip(*pairs, strict=True)]
    if len({*decades[0], *decades[1]}) > 1:  # of one class it is not defined
        assert ours == pytest.approx(cohen_kappa_score(*decades, weights="quadratic", labels=range(10)), abs=1e-9)
    else:
        assert np.isnan(ours)


@given(st.integers(0, 99), st.integers(0, 99))
def test_errors_of_ages_are_symmetric_and_bias_is_not(true, told):
    there, back = age_error.score(aged(str(true), (str(told),))), age_error.score(aged(str(told), (str(true),)))
    assert there[""] == back[""]
    assert there["bias"].num == -back["bias"].num == told - true


@pytest.mark.parametrize(
    ("attribute", "reply", "choices", "values"),
    [
        ("gender", "M", "", ("male",)),
        ("gender", "Male.", "", ("male",)),
        ("gender", "A robot.", "", ("A robot",)),
        ("gender", "I don't know.", "", None),
        ("gender", "Sorry.", "", None),
        ("gender", "The weather is nice today.", "", None),
        ("age", "45", "", ("45",)),
        ("age", "forty-five", "", ("45",)),
        ("age", "Maybe.", "", None),
        ("emotion", "happiness", "", ("happy",)),
        ("emotion", "annoyed", "", ("annoyed",)),
        ("emotion", "annoyed", "neutral, joy, surprise, anger, sadness, disgust, fear", ("angry",)),
        ("emotion", "The speaker sounds sleepy to me.", "neutral, joy", ("sleepy",)),
        ("emotion", "Tense-ish", "happy, tense-ish", ("tense-ish",)),
        ("language", "yue", "", ("yue",)),
        ("language", "It is French, not Italian.", "", ("fr",)),
        ("dialect", "Southwestern", "", ("西南官话",)),
        ("accent", "scotland", "", ("scotland",)),
        ("accent", "The accent is Australian, not British.", "", ("australia",)),
        ("emotion", "No idea.", "", None),
        ("emotion", "Hard to say.", "", None),
        ("gender", "不好说", "", None),
        ("gender", "听不出来。", "", None),
        ("accent", "The speaker's accent sounds Indian.", "", ("indian",)),
        ("accent", "The accent is neither American nor British, but Irish.", "", ("ireland",)),
        ("accent", "口音是美式的。", "", ("us",)),
        ("accent", "The accent is not strong, she learned English in China.", "", None),
        ("accent", "He has no accent and talks about American football.", "", None),
        ("intent", "The speaker wants to play music.", INTENTS, ("play_music",)),
        ("intent", "alarm_set", INTENTS, ("alarm_set",)),
        ("intent", "B", INTENTS, ("play_music",)),
        ("intent", "set the alarm", "A. set the alarm\nB. play music", ("set the alarm",)),
        ("intent", "I would say (A).", INTENTS, None),
        ("intent", "Order a pizza.", "", ("Order a pizza",)),
    ],
)
def test_one_attribute_alone(attribute, reply, choices, values):
    assert read_attribute(reply, attribute, choices).get(attribute) == values
    inputs = {"choices": choices} if choices else None
    assert tasks.find(attribute).parse(reply, clip(inputs)).labels.get(attribute) == values


def test_options_are_listed_in_several_ways():
    many = [f"intent {number}" for number in range(60)]
    assert options(json.dumps(many)) == options("\n".join(many)) == options(", ".join(many)) == tuple(many)
    assert (
        options("a, b")
        == options("a、b")
        == options('["a", "b"]')
        == options("A. a\nB. b")
        == options("a\nb")
        == ("a", "b")
    )


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_each_attribute_has_a_task_and_its_metrics(attribute):
    alone = tasks.find(attribute)
    assert alone.needs == (attribute,)
    assert [metric.name for metric in alone.metrics] == [m.name for m in speaker.TASK.metrics if m.field == attribute]
    for metric in alone.metrics:
        assert metrics.find(metric.name).better == metric.better


TRUTHS = {
    "gender": ["male", "女性", "M"],
    "age": ["30", "thirties", "30-39", "三十多岁"],
    "emotion": ["neutral", "joy", "ANG", "悲伤"],
    "language": ["zh-CN", "yue", "English"],
    "dialect": ["西南官话/重庆话", "Southwestern", "粤语/广州话", "上海话"],
    "accent": ["us", "英式口音", "四川"],
    "intent": ["play music", "询问天气"],
}


@pytest.mark.parametrize(("attribute", "value"), [(name, value) for name, known in TRUTHS.items() for value in known])
def test_the_truth_is_perfect(attribute, value):
    """Told alone, in JSON and in a list: every share is 1, every error 0."""
    for task, reply in [
        (attribute, value),
        ("speaker", json.dumps({attribute: value}, ensure_ascii=False)),
        ("speaker", f"1. {attribute.title()}: {value}\n2. Other: none"),
    ]:
        for (_, name), ratio in scored(task, reply, clip(**{attribute: value})).items():
            if ratio is not None:
                better = metrics.find(name).better
                assert ratio.num == (0 if better == "lower" else ratio.den), (reply, name)


@given(st.permutations(["说话者为女性", "年龄大约50岁", "使用粤语", "听起来很生气"]))
def test_the_order_of_statements_does_not_matter(statements):
    told = read_attributes("。".join(statements))
    assert told == read_attributes(",".join(statements)) == read_attributes("。".join(sorted(statements)))
    assert len(told) == 5


def test_a_sample_is_asked_for_what_its_reference_has():
    assert runner.fits(clip(emotion="sad"), speaker.TASK)
    assert not runner.fits(Sample("a", "a.wav", Annotation(text="hi")), speaker.TASK)
    assert not runner.fits(clip(emotion="sad"), tasks.find("gender"))
    with pytest.raises(DatasetError, match=r"the task 'speaker' needs: reference\.gender or age or language"):
        list(checked([Sample("a", "a.wav", Annotation(text="hi"))], Plan(questions("speaker", None))))


def test_a_closed_prompt_needs_its_choices():
    plan = Plan(questions("emotion", "en-closed"))
    with pytest.raises(DatasetError, match=r"inputs\.choices"):
        list(checked([clip(emotion="sad")], plan))
    closed = clip({"choices": "happy, sad"}, emotion="sad")
    assert [sample.id for sample in checked([closed], plan)] == ["a"]


def test_the_questions_ask_for_the_words_too():
    assert all(prompt.also == ("transcribe",) for prompt in speaker.PROMPTS)
    assert speaker.PROMPTS[0].text == (
        "这段音频里说了什么?说话者是男是女?大致什么年龄?用的是什么语言或方言?听起来什么情绪?"
    )


def test_the_strict_answer_is_read_by_both_tasks():
    reply = '{"text": "我是女人", "gender": "男", "age": 41, "dialect": "西南官话-重庆话", "emotion": null}'
    told = read_attributes(reply)
    assert unwrap(reply).text == "我是女人"
    assert (told["gender"], told["age"], told["dialect"]) == (("male",), ("41",), ("西南官话/重庆话",))
    assert "emotion" not in told


def test_one_reply_is_scored_for_the_speaker_and_the_words(tmp_path):
    """The whole way: asked once, read by two tasks, summed over a clip that is told rightly and one that is not."""
    known = {"gender": "male", "age": "30", "dialect": "西南官话/重庆话", "emotion": "neutral"}
    other = {"gender": "female", "age": "60", "dialect": "西南官话/四川话", "emotion": "neutral"}
    clips = [
        Sample(
            name,
            wav(tone=tone),
            Annotation(text="这是一封来自四川攀枝花钢铁厂的信", labels={at: (value,) for at, value in labels.items()}),
            {"language": "zh"},
        )
        for name, tone, labels in (("a", 300, known), ("b", 400, other))
    ]
    asked = []

    def teller(request):
        asked.append(request.messages[-1].text)
        return SEED

    run = qa.run(clips, "speaker", qa.Model("teller", teller), tmp_path / "run", progress=False)
    assert asked == [speaker.PROMPTS[0].text] * 2
    rows = qa.summarize(run.scores(), by=["task", "field"])
    value = {(row["task"], row["field"], row["metric"]): row["value"] for row in rows.to_dict("records")}
    assert value["transcribe", "text", "cer"] == 0
    assert value["speaker", "gender", "accuracy"] == value["speaker", "gender", "balanced_accuracy"] == 0.5
    assert value["speaker", "age", "age_error"] == 15
    assert value["speaker", "age", "age_within"] == 0.5
    assert (value["speaker", "dialect", "accuracy"], value["speaker", "dialect", "parent_accuracy"]) == (0.5, 1)
    assert value["speaker", "emotion", "accuracy"] == value["speaker", "emotion", "majority_baseline"] == 1
    assert not any(field in ("accent", "intent", "language") for _, field, _ in value)
