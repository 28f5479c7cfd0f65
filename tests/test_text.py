"""Normalising, tokens, alignment, unwrapping, times and outcomes: golden cases (data/text) and laws."""

import json
import subprocess
import sys
from pathlib import Path

import jiwer
import pytest
from effort import within
from hypothesis import given, settings, strategies as st

from qaeval.models import prose
from qaeval.text.alignment import align, count, count_texts
from qaeval.text.replies.outcomes import loops, outcome
from qaeval.text.replies.unwrap import unwrap
from qaeval.text.times.timespans import read_spans
from qaeval.text.tokens import characters, mixed, words
from qaeval.types import Annotation

DATA = Path(__file__).parent / "data" / "text"


def golden(name):
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def test_importing_loads_nothing_heavy():
    code = (
        "import sys, qaeval.tasks; qaeval.tasks.find('transcribe'), qaeval.tasks.find('locate')\n"
        "print([m for m in ('scipy', 'numpy', 'pandas', 'opencc', 'whisper_normalizer') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# Tokens and alignment -------------------------------------------------------------------------------------------------

TOKENS = st.lists(st.sampled_from(["a", "b", "c", "dd", "e"]), max_size=12)
CHARACTERS = st.text("欢迎使用阿里云ab ", max_size=14)


@given(st.text(max_size=30))
def test_tokens_lose_nothing_but_spaces(text):
    bare = "".join(text.split())
    assert "".join(words(text)) == "".join(mixed(text)) == "".join(characters(text)) == bare


@settings(max_examples=300)
@given(TOKENS, TOKENS)
def test_counts_agree_with_jiwer_on_words(reference, hypothesis):
    counts = count_texts(" ".join(reference), " ".join(hypothesis), words)
    theirs = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
    assert counts == (theirs.hits, theirs.substitutions, theirs.deletions, theirs.insertions)


@settings(max_examples=300)
@given(CHARACTERS, CHARACTERS)
def test_counts_agree_with_jiwer_on_characters(reference, hypothesis):
    counts = count_texts(reference, hypothesis, characters)
    theirs = jiwer.process_characters(reference.replace(" ", ""), hypothesis.replace(" ", ""))
    assert counts == (theirs.hits, theirs.substitutions, theirs.deletions, theirs.insertions)


@given(TOKENS, TOKENS)
def test_the_errors_are_the_least_there_can_be(reference, hypothesis):
    """The textbook recursion over all prefixes."""
    least = list(range(len(hypothesis) + 1))
    for i, token in enumerate(reference, 1):
        row = [i]
        for j, said in enumerate(hypothesis, 1):
            row.append(min(least[j] + 1, row[-1] + 1, least[j - 1] + (token != said)))
        least = row
    assert count(reference, hypothesis).errors == least[-1]


@given(TOKENS, TOKENS)
def test_counts_add_up_and_the_alignment_tells_the_same(reference, hypothesis):
    counts = count(reference, hypothesis)
    assert counts.total == len(reference)
    assert counts.hits + counts.substitutions + counts.insertions == len(hypothesis)
    assert count(reference, reference) == (len(reference), 0, 0, 0)
    assert count(hypothesis, reference).errors == counts.errors
    chunks = align(reference, hypothesis)
    assert [token for chunk in chunks for token in chunk.reference] == reference
    assert [token for chunk in chunks for token in chunk.hypothesis] == hypothesis
    size = {"equal": 0, "substitute": 0, "delete": 0, "insert": 0}
    for chunk in chunks:
        size[chunk.operation] += max(len(chunk.reference), len(chunk.hypothesis))
        if chunk.operation == "equal":
            assert chunk.reference == chunk.hypothesis
    assert tuple(size.values()) == tuple(counts)


# Unwrapping -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", golden("unwrap"), ids=lambda case: case["reply"][:40])
def test_unwrap(case):
    assert unwrap(case["reply"]) == (case["text"], case["rule"])


REPORTED = """it's the boy's 'tis "quoted" 你好 ， 。 I'm sorry 这段音频说的是 : The audio says"""
SAID = st.one_of(
    st.text(st.characters(exclude_characters="'‘’", exclude_categories=["C"]), max_size=40),
    st.lists(st.sampled_from(REPORTED.split()), max_size=8).map(" ".join),
).map(lambda text: " ".join(text.split()))


@settings(max_examples=500)
@given(SAID)
def test_what_the_engines_say_is_unwrapped_to_what_they_heard(text):
    assert unwrap(prose.said(text)) == (text, "prefix")
    assert unwrap(prose.said(text) + "。").text == text


@settings(max_examples=200)
@given(st.text("abc欢迎,，。! ", max_size=40))
def test_plain_words_are_never_touched(text):
    assert unwrap(text) == (text.strip(), "")


# Hostile replies ------------------------------------------------------------------------------------------------------


HOSTILE = ["秒", "1秒", "没有在", "持续", "for ", '"', "' ", "not ", "1:", "1.", "[1,", "从第", "no a ", "一", "[", "{"]
HOSTILE += ['"a" ', "' and '", "at 1,", "1、", "i can't ", "音频,没有", "a's ", '{"start":', "1-2", "the clip of 1 "]
HOSTILE += [
    "音频,听不清",
    "the audio i can't ",
    "the audio is too ",
    "【a】",
    "<text a",
    "The audio says: 'a.' ",
    "需要我翻译",
    "\n# ",
]
HOSTILE += ["I'm unable to a, but ", "would you like me to translate ", "The audio says: 'a'\n【说明】", '"a"意思是']
HOSTILE += ["<|a|>", "<|1|>", " ,", "```\n", "这段音频说的是:'", "1 - ", "(1, 2) ", "的", "当然,", "抱歉,"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_replies_take_no_time(piece):
    reply = piece * (12_000 // len(piece))
    annotation = within(2, lambda: Annotation(text=unwrap(reply).text, events=read_spans(reply, "x")))
    within(2, lambda: [outcome(reply, annotation, field, "zh") for field in ("text", "events")])


# Outcomes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", golden("outcomes"), ids=lambda case: f"{case['outcome']} {case['reply'][:30]}")
def test_outcome(case):
    reply = case["reply"]
    spoken = case["field"] == "text"
    annotation = Annotation(text=unwrap(reply).text) if spoken else Annotation(events=read_spans(reply))
    reference = Annotation(text=case["reference"]) if "reference" in case else None
    assert outcome(reply, annotation, case["field"], case["language"], reference) == case["outcome"]


def test_outcomes_come_in_their_order():
    assert outcome(" ", Annotation(), "events") == "empty"
    assert outcome("抱歉，我无法识别这段音频。" * 8, Annotation(text="x"), "text", "en") == "refused"
    assert outcome("今天天气好" * 8, Annotation(text="今天天气好" * 8), "text", "en") == "looped"
    assert outcome("I think so, " * 8, Annotation(), "gender") == "looped"
    assert outcome("男", Annotation(labels={"gender": ("male",)}), "gender", "zh") == "answered"


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12), st.integers(4, 8))
def test_four_rounds_of_a_long_unit_are_a_loop_and_three_are_none(unit, times):
    text = " ".join(unit * times)
    if len(unit) * times >= 16:
        assert loops(text)
    distinct = [f"{token}{place}" for place, token in enumerate(unit)]
    assert not loops(" ".join(distinct * 3))
