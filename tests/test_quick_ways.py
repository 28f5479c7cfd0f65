"""Quick looks in profiles leave nothing out: what they skip would have changed nothing."""

import dataclasses
import re

from hypothesis import given, settings, strategies as st
from rapidfuzz.distance import Levenshtein

from qaeval.metrics._sides import Sides, reference_of
from qaeval.text.alignment import count
from qaeval.text.normalising import chinese, english
from qaeval.text.normalising.variants import MOST, certain
from qaeval.text.profiles import find_profile
from qaeval.text.replies import outcomes
from qaeval.text.tokens import characters, mixed, words
from qaeval.types import Annotation, Case

WORDS = """
    half past 3 5 a quarter to one two hundred ¥5 $3 1/2 second 2nd 22nd oclock o'clock the cat an 10:30 1030 thirty
    point five dozen hour yuan yen rmb twenty 3.5 7 double oh zero minus percent third halves mr can't £ £ten ٣ p
    may 5th
"""
ENGLISH = WORDS.split()
CHINESE = [
    *"零一二三四两十百千万点半刻分块元角毛钱负度百分之来了他个人年下廿幺〇a，",
    *["3", "10:30", "２", "①", "½", "1-5", "￥5", "百分之", "零下", "一百", "3~5"],
]
APOSTROPHES = [
    *[
        "it",
        "he",
        "O",
        "cause",
        "'cause",
        "s",
        "d",
        "ll",
        "t",
        "ve",
        "m",
        "re",
        "isn't",
        "'tis",
        " ",
        "'",
        "''",
        ":",
        ", ",
    ],
    *[
        ". ",
        "-",
        "(",
        ")",
        '"',
        "The audio says",
        "can't",
        "let's",
        "o'clock",
        "'s",
        "'LL",
        "'Re",
        "one",
        "mr",
        "colour",
    ],
]
PROFILE = find_profile()


def whole(variants, text, language):
    """All forms as the language's module gives them, without a quick look."""
    normalised = PROFILE.normalise(text, language)
    return [form for form in list(dict.fromkeys(variants(text)))[:MOST] if form != normalised]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(ENGLISH), max_size=6).map(" ".join))
def test_english_forms_of_numbers_are_all_there(text):
    assert list(PROFILE.variants(text, "en")) == whole(english.variants, text, "en")


@settings(max_examples=500)
@given(st.lists(st.sampled_from(CHINESE), max_size=6).map("".join))
def test_chinese_forms_of_numbers_are_all_there(text):
    assert list(PROFILE.variants(text, "zh")) == whole(chinese.variants, text, "zh")


@settings(max_examples=500)
@given(st.lists(st.tuples(st.sampled_from(APOSTROPHES), st.sampled_from(["", " ", ":", "'"])), max_size=7))
def test_plain_english_is_the_same_the_long_way(pieces):
    text = "".join(piece + joint for piece, joint in pieces)
    assert english.normalise(text) == english.normalise_any(text)


HAN = st.text([*"零一二三四两十百千万点半刻分块元角毛钱负度来了他个人年下廿幺著歡 a，。'：3"], max_size=12)


@settings(max_examples=1000)
@given(HAN)
def test_easy_chinese_is_normalised_as_all_is(text):
    for language in ("zh", "yue"):
        assert chinese.normalise(text, language) == chinese.normalise_any(text, language)


NUMBERS = st.lists(st.sampled_from([*CHINESE, "10:30", "$5", "-5度", "二零", "两千", "三点五"]), max_size=8).map(
    "".join
)


def counted_both_ways(true, said, language, splits):
    quick = Case(Annotation(text=true), Annotation(text=said), language, PROFILE, said)
    whole_profile = dataclasses.replace(PROFILE, alone=lambda *texts: False, settled=lambda *given: False)
    slow = quick._replace(profile=whole_profile)
    for split in splits:
        yield [Sides(case, reference_of(case), said).counts(split) for case in (quick, slow)]


@settings(max_examples=1000)
@given(NUMBERS, NUMBERS, st.sampled_from(["zh", "yue"]))
def test_forms_that_are_not_looked_at_would_mend_nothing(true, said, language):
    for quick, slow in counted_both_ways(true, said, language, (characters, mixed)):
        assert quick == slow


FIGURES = st.lists(st.sampled_from([*ENGLISH, "1998", "1 9 9 8", "2020", "20 20", "5:45"]), max_size=7).map(" ".join)


@settings(max_examples=1000)
@given(FIGURES, FIGURES)
def test_english_forms_that_are_not_looked_at_would_mend_nothing(true, said):
    for quick, slow in counted_both_ways(true, said, "en", (words, characters, mixed)):
        assert quick == slow


REPEATED = st.lists(st.sampled_from(["嗯", "然后", "呢，", "好。", "no ", "yes, ", "well "]), max_size=40).map("".join)


@settings(max_examples=500)
@given(REPEATED, REPEATED, st.sampled_from(["zh", "en", "ja", ""]))
def test_what_is_plainly_ordinary_neither_loops_nor_is_in_another_script(text, true, language):
    if outcomes._is_ordinary(text, true, language):
        assert not outcomes.loops(text, true)
        assert not outcomes.is_off_language(text, language)


@settings(max_examples=1000)
@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_errors_that_are_plain_from_their_number_are_those_of_the_alignment(reference, hypothesis):
    kinds = [operation.tag for operation in Levenshtein.editops(reference, hypothesis)]
    counts = count(reference, hypothesis)
    assert (counts.substitutions, counts.deletions, counts.insertions) == tuple(
        kinds.count(kind) for kind in ("replace", "delete", "insert")
    )
    assert counts.total == len(reference)


@settings(max_examples=1000)
@given(st.text("一二三猫狗", max_size=9), st.text("一二三猫狗", max_size=9), st.data())
def test_errors_that_are_certain_stay_whatever_the_numbers_become(tokens, others, data):
    but = re.compile("[一二三]+")
    least = certain(tokens, others, but)
    assert least == certain(list(tokens), list(others), but)
    changed = but.sub(lambda run: data.draw(st.text("一二三", max_size=3)), others)
    assert Levenshtein.distance(tokens, changed) >= least


@given(st.text("ab \t\u3000\n。", max_size=12))
def test_no_white_space_is_a_character(text):
    assert characters(text) == "".join(text.split())


@settings(max_examples=500)
@given(st.text("aB3 é，'。-_\t", max_size=12))
def test_ascii_words_are_the_runs_of_letters_and_digits(text):
    if text.isascii():
        assert [word.decode() for word in outcomes._ascii_words(text)] == re.findall("[a-z0-9]+", text.lower())
