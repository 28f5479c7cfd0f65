"""Quick looks in profiles leave nothing out: what they skip would have changed nothing."""

from hypothesis import given, settings, strategies as st

from qaeval.text.normalising import chinese, english
from qaeval.text.normalising.variants import MOST
from qaeval.text.profiles import find_profile

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


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(ENGLISH), max_size=6).map(" ".join))
def test_english_forms_of_numbers_are_all_there(text):
    assert list(PROFILE.variants(text, "en")) == whole(english.variants, text, "en")


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(CHINESE), max_size=6).map("".join))
def test_chinese_forms_of_numbers_are_all_there(text):
    assert list(PROFILE.variants(text, "zh")) == whole(chinese.variants, text, "zh")


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(APOSTROPHES), st.sampled_from(["", " ", ":", "'"])), max_size=7))
def test_plain_english_is_the_same_the_long_way(pieces):
    text = "".join(piece + joint for piece, joint in pieces)
    assert english.normalise(text) == english.normalise_any(text)
