"""Times in prose, JSON and tables: golden replies (data/times) and laws."""

import json
from pathlib import Path

import pytest
from effort import within
from hypothesis import given, settings, strategies as st

from qaeval.models import prose
from qaeval.text.replies.jsontexts import json_values
from qaeval.text.replies.outcomes import outcome
from qaeval.text.times.timedwords import find_words, tokens
from qaeval.text.times.timelists import Item, listed
from qaeval.text.times.timespans import read_spans
from qaeval.text.times.timewords import digits
from qaeval.types import Annotation

DATA = Path(__file__).parent / "data" / "times"
GOLDEN = json.loads((DATA / "spans.json").read_text("utf-8"))


def seconds(events):
    return None if events is None else [[event.onset, event.offset] for event in events]


def test_the_golden_replies_differ_and_hold_each_kind_of_answer():
    assert len({(case["reply"], case["query"]) for case in GOLDEN}) == len(GOLDEN) > 600
    assert {type(case["spans"]) for case in GOLDEN} == {list, type(None)}
    assert sum(case["spans"] == [] for case in GOLDEN) > 50
    assert sum(case["spans"] is None for case in GOLDEN) > 80


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["reply"][:50])
def test_read_spans(case):
    spans = read_spans(case["reply"], case["query"])
    assert seconds(spans) == case["spans"]
    assert all(event.label == case["query"] for event in spans or ())


# Laws -----------------------------------------------------------------------------------------------------------------

PAIRS = st.tuples(st.integers(0, 6000), st.integers(1, 300)).map(lambda pair: (pair[0] / 100, sum(pair) / 100))
SPANS = st.lists(PAIRS, max_size=4, unique=True)
QUERIES = st.one_of(
    st.sampled_from(["阿里", "3", "3号", "三秒", "it's", "1.5 to 2 s", "没有", 'a "b" c']), st.text(max_size=8)
)


@settings(max_examples=400)
@given(QUERIES.filter(lambda query: "\n" not in query and query.strip()), SPANS)
def test_what_the_engines_tell_of_times_is_read_back(query, spans):
    told = prose.found(query, spans) if spans else prose.absent(query)
    assert seconds(read_spans(told, query)) == [list(span) for span in spans]


ENGLISH = (
    "from {} s to {} s", "{} s - {} s", "between {} and {} seconds", "It starts at {} seconds and ends at {} seconds.",
    "[{}, {}]", "`{}s` to `{}s`", "starts at <|{}|> seconds and ends at <|{}|> seconds", "| a | {} s - {} s |",
    "- Start: {} s\n- End: {} s", '{{"start": {}, "end": {}}}', "[[{}, {}]]", "{{'onset': '{}s', 'offset': '{}s'}}",
    "从{}秒到{}秒", "第{}秒至第{}秒之间", "开始时间：{}秒，结束时间：{}秒", "在{}秒开始,{}秒结束", "{}～{}秒",
    "| 开始 | 结束 |\n|---|---|\n| {} | {} |", "<start>{}</start><end>{}</end>",
)  # fmt: skip


@settings(max_examples=400)
@given(st.sampled_from(ENGLISH), PAIRS)
def test_a_span_is_the_same_in_every_wording(wording, pair):
    assert seconds(read_spans(wording.format(*map("{:.2f}".format, pair)), "阿里")) == [list(pair)]


@given(
    st.sampled_from(["{m}:{s:05.2f}", "{m}分{s:.2f}秒", "{m} min {s:.2f} s", "{m}m{s:.2f}s", "{m}'{s:.2f}\""]), PAIRS
)
def test_minutes(wording, pair):
    told = " to ".join(wording.format(m=int(time // 60), s=time % 60) for time in pair)
    (event,) = read_spans(f"from {told}") or [None]
    assert [event.onset, event.offset] == pytest.approx(pair, abs=0.0051)


ONES = "零一二三四五六七八九"


def in_chinese(number):
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else ONES[tens]) + "十" * (tens > 0) + (ONES[ones] if ones or not tens else "")


@given(st.integers(0, 99), st.integers(0, 99))
def test_numerals_are_digits(whole, decimals):
    said = f"第{in_chinese(whole)}点{ONES[decimals // 10]}{ONES[decimals % 10]}秒"
    assert digits(said) == f"第{whole}.{decimals:02d}秒"
    assert digits(f"{in_chinese(whole)}秒") == f"{whole}秒"


@given(st.text(max_size=60), st.text(max_size=5))
def test_any_reply_can_be_read(text, query):
    for event in read_spans(text, query) or ():
        assert 0 <= event.onset <= event.offset


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["", "1.5s", "0:01-0:02", "dog"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["start", "end", "time", "label", "found", "duration", "x"]), inner, max_size=4
        ),
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_json_can_be_read(value):
    for event in read_spans(json.dumps(value), "x") or ():
        assert 0 <= event.onset <= event.offset
    assert json_values(json.dumps(value)) == [value] or not isinstance(value, list | dict) or "NaN" in json.dumps(value)


# Lists, words ---------------------------------------------------------------------------------------------------------


def test_labels_of_lists_and_tables():
    assert listed('{"Dog": [[0, 2.1], [3, 4]], "Speech": [[1, 2]]}') == [
        Item("Dog", 0, 2.1), Item("Dog", 3, 4), Item("Speech", 1, 2),
    ]  # fmt: skip
    assert listed('[{"event_label": "Dog", "onset": 0, "offset": 2}]') == [Item("Dog", 0, 2)]
    assert listed("| 事件 | 时间 |\n|---|---|\n| 狗叫 | 0:01-0:02, 0:05-0:06 |") == [
        Item("狗叫", 1, 2), Item("狗叫", 5, 6),
    ]  # fmt: skip


def test_a_query_is_found_in_timed_words():
    words = tokens("<|0.00|><|sil|><|0.54|>面<|0.86|>条<|1.17|>机<|1.46|>面条<|2.0|>")
    assert [item[1:] for item in find_words(words, "面条")] == [(0.54, 1.17), (1.46, 2.0)]
    assert find_words(words, "米") == []
    assert find_words([Item("the", 0, 1), Item("other", 1, 2)], "he") == []


# Hostile replies ------------------------------------------------------------------------------------------------------

HOSTILE = ["秒", "1秒", "没有在", "持续", "for ", '"', "' ", "not ", "1:", "1.", "[1,", "从第", "no a ", "一", "[", "{"]
HOSTILE += ['"a" ', "' and '", "at 1,", "1、", "i can't ", "音频,没有", "a's ", '{"start":', "1-2", "the clip of 1 "]
HOSTILE += ["<|a|>", "<|1|>", " ,", "```\n", "1 - ", "(1, 2) ", "at 1 s ", "1'2\"", "one ", "one point ", "lasting "]
HOSTILE += ["|1", "| 1 |\n", "|---|\n", "{'a':1}", "[1,2]\n", "1 s (1 s) ", "between the ", "twenty-", "[{", "1秒到"]
HOSTILE += ["1-2, ", "from the ", "start:", "end ", "clip is ", "1m", "每隔", "1st to ", "a_", "<start>", "</"]
HOSTILE += ["less than ", "不到1秒", "lasts 2 s, starting at ", "no sound of "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_replies_take_no_time(piece):
    reply = piece * (50_000 // len(piece))
    events = within(1.5, lambda: read_spans(reply, "x"))  # measured: below 0.4 s, below 0.8 s for twice as much
    assert outcome(reply[:2000], Annotation(events=events), "events")
