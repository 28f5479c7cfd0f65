"""Unwrapping and outcomes: what a known form holds comes out whole, plain words stay, quick ways change nothing."""

import re
import unicodedata

import pytest
from effort import within
from hypothesis import given, settings, strategies as st

from qaeval.text.alignment import count
from qaeval.text.normalising.cleaning import bare, fold
from qaeval.text.replies.introductions import as_simplified
from qaeval.text.replies.outcomes import LATIN, loops, outcome
from qaeval.text.replies.refusals import _REFUSAL_EN, _REFUSAL_ZH, refuses
from qaeval.text.replies.unwrap import _unwrapped, unfenced, unwrap
from qaeval.text.tokens import count_cjk, mixed
from qaeval.types import Annotation

# Each with the marks that its text may not hold: with those in it nobody could tell where it ends.
QUOTED = {
    "这段音频说的是:'{}'": "'‘’",
    "这段音频的原始内容是:'{}',说话者为男性,年龄大约30岁,使用西南官话-重庆话。听起来情绪平静。": "'‘’",
    "音频中说的是:'{}'。": "'‘’",
    "这段语音的原始文本内容是：‘{}’": "'‘’",
    "嗯，这段音频里说的是“{}”。你要是还有啥想知道的，尽管问哈。": '“”"',
    "这段音频讲的是：「{}」": "「」",
    "音频内容是：『{}』": "『』",
    "说话者说：“{}”": '“”"',
    "The original content of this audio is:'{}'": "'‘’",
    "The original content of this audio is: '{}', spoken by a man.": "'‘’",
    "The audio says: '{}'.": "'‘’",
    "Okay, so the audio says: '{}'.": "'‘’",
    "The recording says '{}' followed by music.": "'‘’",
    "I'm unable to name the speaker, but the transcription is: «{}»": "«»",
    "这段音频是一段中文录音，内容是“{}”。": '“”"',
    "我认为说话者说的是“{}”。": '“”"',
    'The speaker is asking, "{}"': '"“”',
    'The audio transcription is: "{}"': '"“”',
    'The person says: "{}".': '"“”',
    "The speech is in English, saying '{}'": "'‘’",
    "The speech said was: '{}'": "'‘’",
    "The english audio is: «{}»": "«»",
    "In the audio, a man says, “{}”": '“”"',
}
PLAIN = [
    "转录内容如下：\n{}",
    "识别结果:{}",
    "好的，以下是音频的转写内容：\n{}",
    "该音频的内容为:{}",
    "语音转写：{}",
    "**Transcription:** {}",
    "Sure! Here is the transcription of the audio:\n\n{}",
    "The transcript of the audio is as follows:\n{}",
    "## 转写\n\n{}",
    "The speech transcribed verbatim is: {}",
    "language English<asr_text>{}",
    "language Chinese<asr_text>{}<|im_end|>",
    "<|zh|><|transcribe|>{}<|endoftext|>",
    "<transcription>{}</transcription>",
    "<answer>{}</answer>.",
    '<text lang="en">{}</text>',
    "【转写】\n{}",
    "【转写】\n{}\n【说明】\n语速较慢。",
    "## Transcript\n\n{}\n\n## Notes\n\nThe speaker sounds tired.",
    "Here is what I heard:\n\n{}",
    "The audio transcribes to: {}",
    "Original: {}\nTranslation: Good morning.",
    "```\n{}\n```",
    "<think>They want the words.</think>\n\n{}",
    "**{}**",
    "> {}",
    "{}\nHuman: And what is the weather like?",
]
WORDS = st.text("abc it'sé欢迎使用阿里云，。, 3", max_size=40).map(str.strip)
SPOKEN = """
    it's the boy's 'tis "quoted" 你好 ， 。 I'm sorry 这段音频说的是 The audio says 说话者 <b> {} * # ` 内容 and 和 -> 5
    the transcript is 音频中没有人说话 好的 Sure In this audio a person says 以下是
"""
REPORTED = SPOKEN.split()
SAID = st.lists(st.sampled_from(REPORTED), max_size=8).map(" ".join)


@settings(max_examples=500)
@given(st.sampled_from(sorted(QUOTED)), st.one_of(WORDS, SAID, st.text(st.characters(exclude_categories=["C"]))))
def test_what_a_form_quotes_comes_out_whole(form, text):
    """Whatever it is, but for the special tokens of models, which nobody says."""
    text = " ".join(re.sub(rf"[{QUOTED[form]}]|[<>]", "", text).split())
    assert unwrap(form.format(text)) == (text, "prefix")


@settings(max_examples=300)
@given(st.sampled_from(PLAIN), WORDS.filter(lambda text: text and not text.startswith("'")))
def test_what_a_form_introduces_comes_out_whole(form, text):
    unwrapped = unwrap(form.format(text))
    assert unwrapped.text == text
    assert unwrapped.rule


@given(WORDS)
def test_json_comes_out_whole(text):
    for form in (
        f'{{"text": "{text}"}}',
        f'{{"language": "en", "transcription": "{text}"}}',
        f'[{{"文本": "{text}"}}]',
    ):
        assert unwrap(form) == (text, "json")
        assert unwrap(f"```json\n{form}\n```") == (text, "fence+json")


BEGINNINGS = """
    这段音频 音频 录音 的内容 说的是 说话者 说 转录 识别结果 以下是 内容 原文 好的， 嗯， 我听到 没有人说话 在
    the audio The recording says transcript of is content person speaker a man said in English I'm sorry Sure, Well,
    Here language text Human
    這段音頻 錄音 呢段 說的是 內容 轉錄 識別 根据音频， 您提供的 用户上传的
    逐字稿 纯文本 中文 語音 この音声 の内容 書き起こし は 没有检测到
    What being said Based on following sentence Nothing is User: Assistant: system spk json phrase there are no
    words one
    抱歉， 您好， 現在 無法 請提供音频， 我会转写 申し訳ございません Hello!
    Hi, I'm sorry, can't transcribe don't see it seems please upload
"""
PIECES = BEGINNINGS.split()
OF_LINES = [
    "[00:01] ",
    "0:00 ",
    "Speaker 1: ",
    "说话人2：",
    "WEBVTT\n",
    "1\n0:00 --> 0:02\n",
    "assistant\n",
    "user\n",
    "ſ",
    "İ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=7), st.sampled_from(["", " ", ", "]))
def test_words_like_those_of_an_introduction_stay_without_a_colon_or_a_quotation(pieces, joint):
    text = joint.join(pieces).strip()
    unwrapped = unwrap(text)
    assert unwrapped in ((text, ""), ("", "silence"))
    if unwrapped.rule:
        assert "没有人说话" in text or "no one" in text


@settings(max_examples=1000)
@given(
    st.one_of(
        st.lists(
            st.sampled_from([*REPORTED, *PIECES, *OF_LINES, ":", "：", "'", '"', "“", "”", "\n", "<|en|>", "</think>"])
        ).map("".join),
        st.lists(st.sampled_from([*REPORTED, *PIECES, ":", "'", "Is: ", "```", "**", "> "])).map(" ".join),
        st.text(),
    )
)
def test_the_quick_look_changes_nothing(text):
    assert unwrap(text) == _unwrapped(text.strip())
    refusal = _REFUSAL_EN if text.strip()[:1].isascii() else _REFUSAL_ZH
    assert refuses(text) == (refusal.match(as_simplified(text.strip()).replace("’", "'")) is not None)


def test_every_refusal_begins_as_the_quick_look_expects():
    """A refusal by each alternative of the pattern, in both cases of its first letter."""
    said = """
        非常抱歉，我无法识别音频|很抱歉，我不能处理录音|十分遗憾，无法转写|抱歉，我没收到音频|对不起，我听不到音频|遗憾，我无法听音频
        不好意思，无法识别|但我无法识别音频|我无法处理音频|作为AI，我无法听音频|目前无法处理音频|当前不支持处理音频|还无法识别|暂时无法转写
        由于限制，我无法打开录音|无法识别|没办法识别|难以识别|未收到音频|听不到音频|这段音频太短，无法转写|该录音太短，无法识别
        您的音频太短，无法识别|你的音频太短，无法识别|音频太短，无法转写|录音太短，无法识别|I can't process audio
        Sorry, I can't hear the audio|I'm sorry, the audio is not clear|apologies, I cannot process the audio
        As an AI language model, I|unfortunately, the audio is empty
        the audio is too unclear to transcribe|this recording is not clear enough to understand
        the quality of the audio is too poor to transcribe|the recording cannot be transcribed
        the audio is bad, so I cannot transcribe|unable to transcribe: noise
        this audio can't be understood.|I couldn't make out what is said|I can only process text|I can't transcribe this
        音频太吵，听不清|录音听不清楚|这段音频太短，无法判断说了什么|没有听到任何音频
    """
    for reply in re.split(r"\s*[|\n]\s*", said.strip()):
        assert refuses(reply), reply
        assert refuses(reply[0].swapcase() + reply[1:]), reply


LINES = st.lists(
    st.text("ab c:.。你好 12", min_size=1).map(str.strip).filter(lambda line: line and line[0] not in ":.0123456789"),
    min_size=1,
)
LABELS = [
    "[00:{:02}] ",
    "[0:{:02} - 0:59] Speaker 1: ",
    "Speaker {}: ",
    "**说话人{}：** ",
    "({} s) ",
    "SPEAKER_{:02}: ",
]


@given(LINES, st.sampled_from(LABELS))
def test_lines_come_out_whole_if_each_has_a_label(lines, label):
    labelled = [label.format(number % 60) + line for number, line in enumerate(lines)]
    assert unwrap("\n".join(labelled)) == ("\n".join(lines), "lines")
    assert unwrap("\n".join([*labelled, "so"])) == ("\n".join([*labelled, "so"]), "")
    assert unwrap("Transcript:\n" + "\n".join(labelled)) == ("\n".join(lines), "prefix")


@given(LINES, st.sampled_from(["Man: ", "A: ", "客户：", "User: ", "Speaker: "]))
def test_names_before_lines_stay(lines, name):
    text = "\n".join(name + line for line in lines)
    assert unwrap(text) == (text, "")


LOOPED = st.lists(
    st.sampled_from(
        ["嗯", "然后", "A", "a", "go", "3.5", "20,000", "it's", "，", ", ", " ", "é", "ab", "か", "встреча", "회의"]
    ),
    max_size=40,
)


@settings(max_examples=500)
@given(LOOPED.map("".join), LOOPED.map("".join), st.integers(1, 8), st.sampled_from(["zh", "en", "ja", ""]))
def test_outcomes_are_by_the_stated_rules(piece, true, times, language):
    """The rules of the module's text, in plain words and without short ways."""
    text = (piece * times)[:400]
    annotation = Annotation(text=text)
    expected = "answered"
    if not text.strip():
        expected = "empty"
    elif by_stretch(text) or by_length(text, true):
        expected = "looped"
    elif of_another_script(text, language) and not of_another_script(true, language):
        expected = "off_language"
    if expected in ("looped", "off_language") and true and agrees(text, true):
        expected = "answered"
    assert outcome(text, annotation, "text", language, Annotation(text=true)) == expected
    assert loops(text) == by_stretch(text)


def tokens(text):
    return mixed(bare(fold(text)))


def by_stretch(text):
    said = tokens(text)
    for unit in range(1, 51):
        for start in range(len(said)):
            length = unit
            while start + length < len(said) and said[start + length] == said[start + length - unit]:
                length += 1
            if length >= max(16, 4 * unit):
                return True
    return False


def by_length(text, true):
    said, runs = tokens(text), list(zip(tokens(text), tokens(text)[1:], tokens(text)[2:], strict=False))
    repeated = sum(runs.count(run) > 1 for run in runs)
    return bool(true) and len(said) > 3 * len(tokens(true)) + 10 and 2 * repeated >= len(runs)


def of_another_script(text, language):
    letters = sum(map(str.isalpha, text))
    kana = len(re.findall("[\u3041-\u30fa\u30fc-\u30ff\uff66-\uff9f]", text))
    han = count_cjk(text) - kana
    if not language or letters < 10:
        return False
    if language in ("zh", "yue"):
        return han < letters / 10 or kana > letters / 5
    if language == "ja":
        return han + kana < letters / 10 or not kana
    latin = sum("LATIN" in unicodedata.name(char, "") for char in text if char.isalpha())
    return han + kana > letters / 2 or (language in LATIN and latin < letters / 2)


def agrees(text, true):
    return 2 * count(tokens(true), tokens(text)).hits >= max(len(tokens(true)), len(tokens(text)))


def test_what_was_said_is_an_answer_whatever_it_is():
    for said in ("抱歉，我无法识别这段音频。", "no " * 40, "The cat sat on the mat."):
        assert outcome(said, Annotation(text=said), "text", "zh", Annotation(text=said)) == "answered"


def test_labels_and_answers_have_outcomes_of_their_own():
    """A chat's answer need not be in the language of the clip, and a label is read wherever it stands."""
    assert (
        outcome("You could try earplugs at work.", Annotation(labels={"response": ("x",)}), "response", "zh")
        == "answered"
    )
    assert outcome("Sorry, I can't process audio.", Annotation(), "response", "zh") == "refused"
    assert (
        outcome("抱歉，音频不清楚，可能是男性", Annotation(labels={"gender": ("male",)}), "gender", "zh") == "answered"
    )
    assert outcome("It is option E.", Annotation(labels={"answer_rule": ("none",)}), "answer", "en") == "unparsed"


HOSTILE = [
    "说",
    "这段音频说的是:'",
    "the audio says ",
    "'a' and ",
    "如果你还有",
    "if you have ",
    "<think>",
    "</think>",
    "**",
]
HOSTILE += [
    "> ",
    "`",
    "Human:\n",
    "<|a|>",
    "language a<asr_text>",
    '{"text":',
    "[[",
    "无法",
    "i can't ",
    "作为",
    "由于",
    "好的，",
]
HOSTILE += ["not provide enough to ", "sorry, ", "*#", "目前", "但我", "as an ai ", "the audio ", "在音频"]
HOSTILE += [
    " ",
    "\n",
    "\n\n",
    " \n",
    "\u3000",
    "'",
    '"',
    "“”",
    "「",
    "' ",
    "'，",
    "。”",
    "'。（",
    "(",
    "---\n",
    "…",
    "嗯...",
    "♪",
    "[a ",
]
HOSTILE += [
    "[00:00] ",
    "[00:00] a\n",
    "00:00 a\n",
    "1\n00:00 --> 00:01\n",
    "Speaker 1:",
    "Speaker 1: a\n",
    "A:\n",
    "a b: ",
]
HOSTILE += [
    "User: ",
    "User: this audio\n",
    "User: this audio\nAssistant: a\n",
    "user\n",
    "\nassistant\n",
    "assistant\n",
]
HOSTILE += [
    "\ntranslation:",
    "\n翻译",
    "\n\n如果",
    "\n\nlet me know ",
    "，说话者",
    "根据音频，",
    "这段音频是中文，",
    "逐字",
    "呢段錄音",
]
HOSTILE += [
    "what is being said ",
    "in the audio, ",
    "there are no ",
    "抱歉，",
    "您好，",
    "我是一个模型，",
    "i'm an ai ",
    "it seems ",
    "{'a':",
]
OPENINGS = [
    "",
    "The audio says '",
    "音频内容是：“",
    "Transcription: ",
    "User: What is in this audio?\nAssistant: ",
    "抱歉，",
]


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("piece", HOSTILE)
def test_forms_repeated_behind_an_opening_take_no_time(piece, opening):
    """Half a second would be what a quadratic one takes of these; a linear one some milliseconds."""
    reply = opening + piece * (20_000 // len(piece)) + "x'\"”"

    def read():
        text = unwrap(reply).text
        outcome(reply, Annotation(text=text), "text", "en", Annotation(text="so it is"))

    within(0.5, read)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hundred_thousand_characters_take_no_time(piece):
    reply = piece * (100_000 // len(piece))

    def read():
        text = unwrap(reply).text
        outcome(reply, Annotation(text=text), "text", "zh", Annotation(text="好"))
        outcome(reply, Annotation(), "age", "zh")
        unfenced(reply)

    within(2, read)
