"""Profiles: golden cases by language (data/profiles), and the laws of normalising and of numbers."""

import json
import re
import threading
import unicodedata
from functools import partial
from pathlib import Path

import cn2an
import pytest
from effort import within
from hypothesis import example, given, settings, strategies as st
from num2words import num2words
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

from qaeval import metrics
from qaeval.errors import ScoreError, UnknownNameError
from qaeval.text import profiles
from qaeval.text.normalising import (
    chinese,
    chinese_places,
    chinese_reading,
    cleaning,
    english,
    english_places,
    simplified,
    variants,
)
from qaeval.text.numbers import french, german, italian, spanish
from qaeval.text.numbers.english import read
from qaeval.text.numbers.english_words import NUMBER_WORDS
from qaeval.text.profiles import LANGUAGES, find_profile
from qaeval.types import Annotation, Case

DATA = Path(__file__).parent / "data" / "profiles"
METRIC = {"zh": "mer", "yue": "mer", "ja": "cer"}
NUMERALS = {"fr": french.NUMERALS, "it": italian.NUMERALS, "es": spanish.NUMERALS, "de": german.NUMERALS}
NAMES = [name for name in profiles.names() if name.count("+") in (0, 3)]


def golden(language, kind):
    return json.loads((DATA / f"{language}.json").read_text("utf-8"))[kind]


def cases(kind):
    return [(language, *row) for language in LANGUAGES for row in golden(language, kind)]


def errors(reference, hypothesis, language, profile="qaeval-1"):
    """Errors in words, or in Chinese characters and words, or in Japanese characters."""
    sides = Annotation(text=reference), Annotation(text=hypothesis)
    case = Case(*sides, language, find_profile(profile), reply=hypothesis)
    return metrics.find(METRIC.get(language, "wer")).score(case)[""].num


# Golden cases ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "text", "normalised"), cases("normalised"))
def test_normalised(language, text, normalised):
    assert find_profile("qaeval-1").normalise(text, language) == normalised


@pytest.mark.parametrize(("language", "reference", "hypothesis"), cases("same"))
def test_the_same_said_or_written_in_another_way_is_no_error(language, reference, hypothesis):
    assert errors(reference, hypothesis, language) == 0


@pytest.mark.parametrize(("language", "reference", "hypothesis", "count"), cases("other"))
def test_what_was_not_said_stays_an_error(language, reference, hypothesis, count):
    assert errors(reference, hypothesis, language) == count


@pytest.mark.parametrize(("language", "text", "normalised"), golden("qwen-1", "normalised"))
def test_qwen_is_as_described_quirks_included(language, text, normalised):
    assert find_profile("qwen-1").normalise(text, language) == normalised


@pytest.mark.parametrize(("profile", "language", "text", "normalised"), golden("options", "normalised"))
def test_options_and_other_profiles(profile, language, text, normalised):
    assert find_profile(profile).normalise(text, language) == normalised


@pytest.mark.parametrize(
    ("profile", "language", "reference", "hypothesis", "count"),
    [
        ("qaeval-1", "zh", "小孩儿", "小孩", 1),
        ("qaeval-1+erhua", "zh", "小孩儿", "小孩", 0),
        ("qaeval-1", "zh", "嗯好", "好", 1),
        ("qaeval-1+fillers", "zh", "嗯好", "好", 0),
        ("qaeval-1+fillers", "zh", "嗯二零二四年啊", "2024年", 0),
        ("qaeval-1+erhua", "zh", "两千零二十四个小孩儿", "二零二四个小孩", 0),
        ("qaeval-1", "yue", "歡迎", "欢迎", 0),
        ("qaeval-1+traditional", "yue", "歡迎", "欢迎", 1),
        ("qaeval-1+traditional", "yue", "歡迎兩千零二十四個", "歡迎二零二四個", 0),
        ("qaeval-1+traditional", "yue", "兩萬", "20000", 0),
        ("qwen-1", "zh", "二零二四年", "两千零二十四年", 3),
        ("whisper-1", "en", "ten thirty", "10:30", 2),
    ],
)
def test_each_option_forgives_what_it_says(profile, language, reference, hypothesis, count):
    assert errors(reference, hypothesis, language, profile) == count


# The registry ---------------------------------------------------------------------------------------------------------


def test_profiles_are_found_by_name():
    assert find_profile() is find_profile(profiles.DEFAULT)
    assert all(find_profile(name).name == name for name in profiles.names())
    assert {"qaeval-1", "qaeval-1+erhua+fillers+traditional", "qwen-1", "raw-1", "whisper-1"} <= {*profiles.names()}
    with pytest.raises(UnknownNameError, match="did you mean 'whisper-1'"):
        find_profile("wisper-1")
    with pytest.raises(UnknownNameError, match=r"There are: qaeval-1, qaeval-1\+erhua, qaeval-1\+erhua\+fillers,"):
        find_profile("qaeval-1+fillers+erhua")


@pytest.mark.parametrize("name", NAMES)
def test_other_languages_are_refused_and_the_eight_listed(name):
    profile = find_profile(name)
    with pytest.raises(ScoreError, match=r"'ko'.*zh, yue, en, fr, it, es, de, ja"):
        profile.normalise("안녕", "ko")
    if profile.variants:
        with pytest.raises(ScoreError, match="'ko'"):
            profile.variants("안녕", "ko")


def test_the_memory_of_texts_is_bounded_and_heavy_parts_are_made_once():
    assert profiles._remembered.cache_info().maxsize == profiles.CACHED
    assert profiles._remembered_forms.cache_info().maxsize <= profiles.CACHED
    simplified._opencc.cache_clear()
    results = []
    threads = [threading.Thread(target=lambda: results.append(simplified.simplify("歡迎"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["欢迎"] * 8
    assert simplified._opencc.cache_info().misses == 1


# Laws of normalising --------------------------------------------------------------------------------------------------

WRITTEN = """
i'm it's o'brien co-op's $5 5$ -5 +5 3.5 .5 1,000 10:30 5% $ - . ' half a and the colour 1 2 one two twenty hundred
million point double minus plus dollars cents percent per oh o zero first ones mr st 5st a5s ’s can't 'cause --5 5.% 3-5
café p.m. u.s. b c d 1/2 ½ ② 3:2 may 5th of march ¢5 7¢ $0.05 third quarter past to clock wi fi & 's 'd been n't '90s °c
~ – — 555-1234 2024-03-05 € £3 ß İ é º ² 欢迎 使用 乾縣 歡迎 ＡＢＣ １２ ， 、 。 二 两 十 百 千 万 亿 零 〇 幺 廿 点 半
元 块 角 年 月 日 时 個 个 度 負 零下 百分之 ￥5 hk$5 比分 第 2 02 007 儿 嗯 13800138000 010-1234567 + = × ÷ / : 1-2-3
1.2.3 億 パ ﾊﾟ ー ゛ ゼロ 三・五 マイナス un une deux vingt et virgule heures pour cent euros millions 2ème 10h30 1.000
1,5 5.3.2024 20€ 1º halb elf uhr dreiundzwanzig tausend komma ventitré dieci e uno treinta y con 000 '000 999 1'000 Ⅳ ﬁ
"""
PHRASES = st.builds(
    lambda joint, parts: joint.join(parts),
    st.sampled_from([" ", "", ", ", "-", ".", " '", "。"]),
    st.lists(st.sampled_from(WRITTEN.split()), max_size=8),
)
TEXTS = st.one_of(st.text(max_size=30), PHRASES)
KNOWN = st.sampled_from(["", *LANGUAGES])


@settings(max_examples=400)
@given(TEXTS, KNOWN)
def test_normalising_twice_changes_nothing_nor_do_variants_need_it(text, language):
    for name in ("qaeval-1", "qaeval-1+erhua+fillers+traditional", "raw-1"):
        profile = find_profile(name)
        once = profile.normalise(text, language)
        assert profile.normalise(once, language) == once == once.strip()
        forms = profile.variants(text, language) if profile.variants else ()
        assert len({*forms, once}) == len(forms) + 1 <= variants.MOST + 1
        assert all(profile.normalise(form, language) == form for form in forms)


@settings(max_examples=200)
@given(st.one_of(st.text(max_size=40), PHRASES, st.text("<>[]() \n\ta'1", max_size=12)))
def test_whisper_is_as_published_but_for_the_ends(text):
    normalise = find_profile("whisper-1").normalise
    assert normalise(text, "fr") == " ".join(BasicTextNormalizer()(text).split())
    assert normalise(text, "en") == " ".join(EnglishTextNormalizer()(text).split())


@settings(max_examples=300)
@given(TEXTS)
def test_the_short_ways_give_what_the_long_ways_give(text):
    folded = cleaning.fold_any(text)
    assert cleaning.fold(text) == folded
    assert cleaning.bare(folded) == cleaning.bare_any(folded)
    assert english.normalise(text) == english.normalise_any(text)


def test_the_short_ways_give_what_the_long_ways_give_for_each_character():
    for character in filter(cleaning._SIMPLE.fullmatch, map(chr, range(0x110000))):
        for text in (character, f"a{character}", f"5{character}5"):
            folded = cleaning.fold_any(text)
            assert cleaning.fold(text) == folded
            assert cleaning.bare(folded) == cleaning.bare_any(folded)


@settings(max_examples=200)
@given(st.lists(st.sampled_from([*sorted(NUMBER_WORDS), "a", "and", "point", "half", "oh", "it's"]), max_size=8))
def test_words_without_numbers_are_not_read_and_the_others_as_by_the_long_way(words):
    text = " ".join(words)
    assert english.normalise(text) == english.normalise_any(text)
    if NUMBER_WORDS.isdisjoint(words):
        assert read(words) == words


@settings(max_examples=200)
@given(TEXTS)
def test_no_rule_is_skipped_that_would_change_the_text(text):
    folded = simplified.simplify(cleaning.fold(text))
    every = [(frozenset(), pattern, rule) for _, pattern, rule in chinese_reading._RULES]
    with pytest.MonkeyPatch.context() as patch:
        quick = chinese_reading.read(folded, chinese_reading.Words())
        patch.setattr(chinese_reading, "_RULES", every)
        assert chinese_reading.read(folded, chinese_reading.Words()) == quick


@settings(max_examples=100)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30))
def test_texts_in_simplified_script_need_no_conversion(text):
    text = "".join(character for character in text if character not in simplified.traditional() | {"坏"})
    assert simplified._opencc().convert(text) == text == simplified.simplify(text)


def test_every_character_can_be_normalised():
    """Every fifth of the first planes of Unicode, beside a letter and a digit."""
    text = " ".join(f"a{chr(code)}1" for code in range(0, 0x30000, 5) if not 0xD800 <= code < 0xE000)
    for language in ("", *LANGUAGES):
        once = find_profile().normalise(text, language)
        assert find_profile().normalise(once, language) == once


@settings(max_examples=300)
@given(TEXTS)
def test_the_quick_look_misses_no_other_form(text):
    normalise = find_profile().normalise
    if chinese_places.are_none(normalise(text, "zh"), text):
        assert not list(chinese.variants(text))
    if english_places.are_none(normalise(text, "en"), text):
        assert not list(english.variants(text))


# Laws of numbers ------------------------------------------------------------------------------------------------------


def published(number, language, **kind):
    """What num2words says; None where it is wrong: centodicotto, veintiuno mil, einstausend."""
    said = num2words(number, lang=language, **kind)
    wrong = {"it": "dicotto", "es": "uno mil", "de": "einstausend"}.get(language)
    return None if wrong and wrong in said else said


def writings(number, language):
    """The usual ways to write and to say an integer."""
    digits = str(number)
    if language in ("zh", "yue"):
        said = cn2an.an2cn(digits)
        ways = [digits, f"{number:,}", said, re.sub("(?<!十)二(?=[千万])", "两", said)]
        return ways + ([digits.translate(str.maketrans("0123456789", "零一二三四五六七八九"))] if number > 99 else [])
    ways = [digits, published(number, language)]
    if language == "ja":
        return [*ways, f"{number:,}", digits.translate(str.maketrans("0123456789", "〇一二三四五六七八九"))]
    if language == "en":
        years = [num2words(number, to="year")] if 1100 <= number < 9999 and number % 1000 else []
        return [*ways, ways[1].replace(" and ", " "), f"{number:,}", *years]
    return [way for way in (*ways, f"{number:,}".replace(",", "."), f"{number:,}".replace(",", " ")) if way]


NUMBERS = st.one_of(st.integers(0, 130), st.integers(0, 9999), st.integers(0, 999_999))


@settings(max_examples=150)
@given(NUMBERS, st.sampled_from(LANGUAGES))
@example(0, "ja")
@example(1, "fr")
@example(80, "fr")
@example(499_997, "fr")
@example(101, "de")
@example(1984, "en")
@example(35_000, "zh")
@example(110, "zh")
def test_an_integer_is_itself_however_it_is_written(number, language):
    ways = [way for way in writings(number, language) if "十两" not in way]  # nobody says 十两万 for 十二万
    for reference in ways:
        for hypothesis in ways:
            assert errors(reference, hypothesis, language) == 0, (reference, hypothesis)


@settings(max_examples=150)
@given(NUMBERS, NUMBERS, st.sampled_from(LANGUAGES))
@example(101, 110, "zh")
@example(30, 3000, "zh")
@example(330, 3030, "en")
@example(80, 420, "fr")
def test_another_integer_is_an_error_however_it_is_written(one, other, language):
    for near in {other, one + 1, one * 10, one // 10, int(str(one)[::-1])} - {one}:
        for reference in writings(one, language):
            for hypothesis in writings(near, language):
                assert errors(reference, hypothesis, language) > 0, (reference, hypothesis)


@pytest.mark.parametrize("language", NUMERALS)
def test_every_way_to_say_a_number_is_of_one_number_and_understood(language):
    numerals, numbers = NUMERALS[language], [*range(2200), *range(9_000, 1_000_000, 7919), 2 * 10**6, 1_001_001, 10**9]
    seen = {}
    for number in numbers:
        for way in numerals.forms(number):
            assert seen.setdefault(way.replace(" ", ""), number) == number
            assert numerals.value(way) == number
        said = published(number, language)
        if said and "milioni" not in said:
            bare = cleaning.bare(cleaning.fold(said))
            assert numerals.value(bare) == number
            assert unaccented(bare) in map(unaccented, numerals.forms(number))


def unaccented(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def test_words_that_are_no_numbers_are_left_as_they_are():
    for word in (
        "一些",
        "千万",
        "万一",
        "三星",
        "一起",
        "十分",
        "一百",
        "老幺",
        "一五一十",
        "千方百计",
        "半天",
        "两岸",
        "二手",
    ):
        assert chinese.normalise(word) == word
    for word in ("一緒", "千葉", "万一", "三菱", "十分", "一番", "百合", "二人"):
        assert find_profile().normalise(word, "ja") == word
    for word, language in (("neuf", "fr"), ("acht geben", "de"), ("sei", "it"), ("once", "es"), ("une", "fr")):
        assert find_profile().normalise(word, language) == word


def test_many_numbers_are_matched_place_by_place():
    said = "vingt-trois chats et trente et un chiens "
    written = "23 chats et 31 chiens "
    assert errors(said * 20, written * 20, "fr") == 0
    assert errors(written * 20, said * 20, "fr") == 0
    mixed = "23 chats et trente et un chiens "
    assert errors(said * 3, mixed * 3, "fr") == 0
    assert len(find_profile().variants(written * 200, "fr")) <= variants.MOST
    assert find_profile().variants(written * 1000, "fr") == ()


# Endless texts --------------------------------------------------------------------------------------------------------

PIECES = [
    "1",
    "1.",
    "1,",
    "1-1 ",
    "1:",
    "1/",
    "12:30 ",
    "$1 ",
    "~1",
    "１",
    "1%",
    "1°",
    "10h",
    "1.000 ",
    "½",
    "²",
    "é",
    "'",
    "x's",
]
PIECES += [
    "二",
    "零",
    "一点",
    "十点三十分",
    "零下",
    "百分之",
    "幺",
    "儿",
    "ゼロ",
    "・",
    "<",
    "<|",
    "(",
    "\n",
    " '",
    "a ",
    "a.",
    "oh ",
]
PIECES += [
    "one ",
    "million ",
    "point ",
    "half ",
    "a hundred and ",
    "vingt ",
    "mille ",
    "millions ",
    "tausend",
    "y ",
    "halb ",
]
WAYS = [("qaeval-1", language) for language in ("zh", "en", "fr", "de", "ja")] + [("qwen-1", "zh"), ("whisper-1", "en")]


@pytest.mark.parametrize("piece", PIECES)
def test_endless_texts_take_no_time(piece):
    text, short = (piece * 40_000)[:40_000], (piece * 5_000)[:5_000]
    for name, language in WAYS:
        profile = find_profile(name)
        assert within(3, partial(profile.normalise, text, language)) is not None
        if profile.variants:
            assert len(within(3, partial(profile.variants, short, language))) <= variants.MOST


@pytest.mark.parametrize("text", ["1" * 4400, "one " * 5000, "1" * 4299 + " million"], ids=len)
def test_endless_numbers_are_scored_and_not_refused(text):
    for name in NAMES:
        for language in LANGUAGES:
            assert find_profile(name).normalise(text, language)
