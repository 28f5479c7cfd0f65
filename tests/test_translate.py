"""Translations and summaries: unwrapping, BLEU and chrF as sacrebleu has them, ROUGE-L, lengths, and Whisper's own."""

import numpy as np
import pytest
from clips import wav
from effort import within
from hypothesis import given, strategies as st

import qaeval as qa
from qaeval import metrics, tasks
from qaeval.metrics import bleu, rouge_l
from qaeval.models import prose
from qaeval.text.profiles import find_profile
from qaeval.text.replies.renderings import rendered
from qaeval.types import Annotation, Case, Ratio, Sample

sacrebleu = pytest.importorskip("sacrebleu")
TRANSLATE, SUMMARIZE = tasks.find("translate"), tasks.find("summarize")


def case(truth, told, field, language="zh"):
    sides = [Annotation(labels={field: (side,) if isinstance(side, str) else tuple(side)}) for side in (truth, told)]
    return Case(*sides, language, find_profile())


def corpus(name, pairs):
    """The value of many replies: their parts summed, then reduced."""
    metric, total = metrics.find(name), {}
    for truth, told in pairs:
        for part, ratio in metric.score(case(truth, told, metric.field)).items():
            if part:
                total[part] = total.get(part, 0.0) + ratio.num
    return float(metric.reduce.value(list(total), np.array(list(total.values())), np.ones(len(total))))


# Unwrapping


@pytest.mark.parametrize(
    ("reply", "text", "rule"),
    [
        ("Hello there.", "Hello there.", ""),
        ("The English translation is: 'Hello there.'", "Hello there.", "prefix"),
        ("Here is the translation of the audio into English:\n\nHello there.", "Hello there.", "prefix"),
        ("**Translation:** Hello there.", "Hello there.", "prefix"),
        ("**Translation**\nHello there.", "Hello there.", "prefix"),
        ('The speech translates to: "It\'s so."', "It's so.", "prefix"),
        ("翻译结果如下:Hello there.", "Hello there.", "prefix"),
        ("这段音频的英文翻译是:'Hello there.'。", "Hello there.", "prefix"),
        ("翻译成英语是:“Hello there.”", "Hello there.", "prefix"),
        ("译文:你好。", "你好。", "prefix"),
        (prose.translated("It's Mister Quilter's."), "It's Mister Quilter's.", "prefix"),
        ('{"translation": "Hello there."}', "Hello there.", "json"),
        ("<translation>Hello there.</translation>", "Hello there.", "tag"),
        ("<think>Hm.</think>Hello there.", "Hello there.", ""),
        ("The audio says: 'Hello there.'", "Hello there.", "prefix"),
        ("原文：他们会见面。\n译文：They will meet.", "They will meet.", "prefix"),
        ("**Original:** 他们会见面。\n**Translation:** They will meet.", "They will meet.", "prefix"),
        ("The audio says '他们会见面', which translates to 'They will meet.'", "They will meet.", "prefix"),
        ("這段音頻的英文翻譯是：「They will meet.」", "They will meet.", "prefix"),
        ('Here is the English version: "They will meet."', "They will meet.", "prefix"),
        ("Here is the translation:\n\nThey will meet.\n\nLet me know if you need more!", "They will meet.", "prefix"),
        ("User: Translate this audio into English.\nAssistant: They will meet.", "They will meet.", ""),
        ("原文是：“他们会见面”。英文翻译：“They will meet.”", "They will meet.", "prefix"),
        ("“他们会见面”翻译成英文是“They will meet.”", "They will meet.", "prefix"),
        ("“They will meet”的意思是“他们会见面”。", "他们会见面", "prefix"),
        ("The French version was better.", "The French version was better.", ""),
        ("He said '走', which means 'go'.", "He said '走', which means 'go'.", ""),
        # what is said stays, even where it speaks of translations
        ("The translation was hard: nobody knew the word.", "The translation was hard: nobody knew the word.", ""),
        ("翻译是一门艺术。", "翻译是一门艺术。", ""),
        ("Translation is an art", "Translation is an art", ""),
        ("“人生”这个词翻译成英文是“life”。", "“人生”这个词翻译成英文是“life”。", ""),
        ("He said he means 'no'.", "He said he means 'no'.", ""),
    ],
)
def test_translations_are_unwrapped(reply, text, rule):
    assert tuple(rendered(reply, "translation")) == (text, rule)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("摘要:两个人在谈天气。", "两个人在谈天气。"),
        ("内容概要如下:\n两个人在谈天气。", "两个人在谈天气。"),
        ("Summary: They talk.", "They talk."),
        ("Here is a brief summary of the audio:\nThey talk.", "They talk."),
        ("## 总结\n他们谈天气。", "他们谈天气。"),
        ('{"摘要": "他们谈天气。"}', "他们谈天气。"),
        ("好的，以下是这段音频的主要内容概括：\n\n他们谈天气。", "他们谈天气。"),
        ("一句话概括：他们谈天气。", "他们谈天气。"),
        ("主要内容：他们谈天气。", "他们谈天气。"),
        ("The main points are: They talk.", "They talk."),
        ("Summary: The speaker sounds tired.", "The speaker sounds tired."),
        ("In summary, they talk.", "In summary, they talk."),
        ("总结来说,他们谈天气。", "总结来说,他们谈天气。"),
    ],
)
def test_summaries_are_unwrapped(reply, text):
    assert SUMMARIZE.parse(reply, Sample("a", "a.wav")).labels == {"summary": (text,)}


def test_a_refusal_translates_nothing_unless_it_is_what_was_said():
    clip = Sample("a", "a.wav", inputs={"target_language": "English"})
    sorry = "I'm sorry, but I can't process audio."
    assert TRANSLATE.parse(sorry, clip) == SUMMARIZE.parse(sorry, clip) == Annotation()
    assert TRANSLATE.parse("", clip) == Annotation()
    assert TRANSLATE.parse(f"The translation is: '{sorry}'", clip).labels == {"translation": (sorry,)}
    said = Sample("a", "a.wav", Annotation(labels={"translation": (sorry,)}))
    assert TRANSLATE.parse(sorry, said).labels == {"translation": (sorry,)}


@pytest.mark.parametrize(
    "piece",
    [
        "translation of ",
        "翻译",
        "以下是的",
        "*",
        "'",
        "the ",
        "summary of a ",
        "「",
        "\n",
        "{",
        "原文：\n",
        "\n译文：",
        "'意思是",
        "一句话",
    ],
)
def test_hostile_replies_are_read_in_time(piece):
    reply = (piece * 100_000)[:100_000]
    texts = (reply, f"translation: '{reply}")
    within(1, lambda: [rendered(text, kind) for text in texts for kind in ("translation", "summary")])


# BLEU and chrF are sacrebleu's

WORDS = ["the", "cat", "dog", "sat", ".", ",", "on", "a", "mat", "Mr.", "isn't", "3.5%", "-", "“no”", "it's", "x"]
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=9)
ENGLISH = SENTENCES.map(" ".join)
CHINESE = st.text("今天气很好我们去公园吧,。3.5%wifi ", max_size=12)
JAPANESE = st.text("今日は天気がいい、。ですABC", max_size=12)


@given(st.lists(st.tuples(ENGLISH, ENGLISH), min_size=1, max_size=6))
def test_bleu_of_a_corpus_is_sacrebleus(pairs):
    pairs = [(truth, told) for truth, told in pairs if truth.strip()]
    if pairs:
        truths, told = map(list, zip(*pairs, strict=True))
        assert corpus("bleu", pairs) == pytest.approx(sacrebleu.corpus_bleu(told, [truths]).score, abs=1e-9)
        assert corpus("chrf", pairs) == pytest.approx(sacrebleu.corpus_chrf(told, [truths]).score, abs=1e-9)


@given(st.lists(st.tuples(CHINESE, CHINESE), min_size=1, max_size=5))
def test_bleu_of_chinese_is_sacrebleus(pairs):
    pairs = [(truth, told) for truth, told in pairs if any("\u4e00" <= char <= "\u9fff" for char in truth)]
    if pairs:
        truths, told = map(list, zip(*pairs, strict=True))
        theirs = sacrebleu.corpus_bleu(told, [truths], tokenize="zh").score
        assert corpus("bleu", pairs) == pytest.approx(theirs, abs=1e-9)
        assert corpus("chrf", pairs) == pytest.approx(sacrebleu.corpus_chrf(told, [truths]).score, abs=1e-9)


@given(st.lists(st.tuples(JAPANESE, JAPANESE), min_size=1, max_size=5))
def test_bleu_of_japanese_counts_characters(pairs):
    pairs = [(truth, told) for truth, told in pairs if bleu.tokenizer([truth]) == "char"]
    if pairs:
        truths, told = map(list, zip(*pairs, strict=True))
        theirs = sacrebleu.corpus_bleu(told, [truths], tokenize="char").score
        assert corpus("bleu", pairs) == pytest.approx(theirs, abs=1e-9)


@given(st.lists(st.tuples(ENGLISH, ENGLISH, ENGLISH), min_size=1, max_size=5))
def test_several_references_are_sacrebleus(rows):
    rows = [row for row in rows if row[0].strip() and row[1].strip()]
    if rows:
        one, other, told = map(list, zip(*rows, strict=True))
        pairs = [((first, second), said) for first, second, said in rows]
        assert corpus("bleu", pairs) == pytest.approx(sacrebleu.corpus_bleu(told, [one, other]).score, abs=1e-9)
        assert corpus("chrf", pairs) == pytest.approx(sacrebleu.corpus_chrf(told, [one, other]).score, abs=1e-9)


def test_the_signature_is_sacrebleus():
    for tokenizer, references in (("13a", 1), ("zh", 2)):
        theirs = sacrebleu.BLEU(tokenize=tokenizer)
        theirs.corpus_score(["a b"], [["a b"]] * references)
        assert bleu.signature(tokenizer, references) == str(theirs.get_signature())
    theirs = sacrebleu.CHRF()
    theirs.corpus_score(["a b"], [["a b"]])
    assert "|case:mixed|eff:yes|nc:6|nw:0|space:no|" in str(theirs.get_signature())
    assert "case:mixed|eff:yes|nc:6|nw:0|space:no" in metrics.find("chrf").summary
    assert "case:mixed|eff:no|tok:13a, zh or char|smooth:exp" in metrics.find("bleu").summary


def test_a_missing_translation_is_an_empty_one_and_no_reference_has_no_row():
    for name in ("bleu", "chrf"):
        score = metrics.find(name).score
        truth = Annotation(labels={"translation": ("It rains.",)})
        missing, empty = (
            score(Case(truth, told, "zh", find_profile())) for told in (Annotation(), Annotation(text="x"))
        )
        assert missing == empty
        assert missing[""] == Ratio(1, 1)
        assert score(Case(Annotation(text="下雨了"), truth, "zh", find_profile())) is None
        assert score(case([], "It rains.", "translation")) is None
    assert corpus("bleu", [("It rains.", []), ("So it is.", [])]) == 0


def test_without_sacrebleu_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(bleu.util, "find_spec", lambda name: None)
    bleu._sacrebleu.cache_clear()
    with pytest.raises(qa.QaevalError, match=r"pip install 'qaeval\[translation\]'"):
        metrics.find("bleu").score(case("It rains.", "It rains.", "translation"))
    bleu._sacrebleu.cache_clear()


def test_the_whole_way_to_a_corpus_bleu(tmp_path):
    truths = {"a": "The cat sat on the mat today.", "b": "It will rain in the afternoon."}
    told = {"a": "The cat sat on a mat today.", "b": "It is going to rain in the afternoon."}
    clips = [
        Sample(id, qa.Audio(wav(tone=300 + n), f"{id}.wav"), Annotation("今天", labels={"translation": (text,)}),
               {"language": "zh", "speaker": id}, {"target_language": "English"})
        for n, (id, text) in enumerate(truths.items())
    ]  # fmt: skip

    def ask(request):
        assert "into English" in request.messages[0].text
        return f"The translation is: '{told[request.audio.name[0]]}'"

    run = qa.run(clips, "translate", ask, tmp_path / "run", prompts="en", progress=False)
    table = qa.summarize(run.scores()).set_index("metric")
    theirs = sacrebleu.corpus_bleu(list(told.values()), [list(truths.values())])
    assert table["value"]["bleu"] == pytest.approx(theirs.score)
    assert table["value"]["chrf"] == pytest.approx(
        sacrebleu.corpus_chrf(list(told.values()), [list(truths.values())]).score
    )
    assert set(table["unit"]) == {"points"}


def test_prompts_name_the_target_and_the_preset_the_source_too():
    prompts = {prompt.name: prompt.text for prompt in TRANSLATE.prompts}
    assert all("{target_language}" in text for text in prompts.values())
    assert prompts["qwen3-omni-eval"] == (
        "Listen to the provided {language} speech and produce a translation in {target_language} text."
    )


# ROUGE-L and lengths


@pytest.mark.parametrize(
    ("truth", "told", "f1"),
    [  # Lin 2004, section 3.1: "police kill the gunman" and "the gunman kill police" for "police killed the gunman"
        ("police killed the gunman", "police kill the gunman", 0.75),
        ("police killed the gunman", "the gunman kill police", 0.5),
        ("they talk of the sea", "they talk of the sea", 1.0),
        ("they talk of the sea", "", 0.0),
        ("they talk", "nothing alike", 0.0),
        ("两个人谈天气", "两人谈论天气", 5 / 6),
        ("The Weather, and dinner.", "the weather and dinner", 1.0),
        (("they talk of nothing", "people laugh"), "people laugh", 1.0),
    ],
)
def test_rouge_l(truth, told, f1):
    scored = metrics.find("rouge_l").score(case(truth, told, "summary", "zh" if "人" in truth else "en"))
    assert scored[""].value == pytest.approx(f1)


def longest_common(a, b):
    """By the textbook's table."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, left in enumerate(a):
        for j, right in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@given(st.lists(st.sampled_from("abcd"), max_size=9), st.lists(st.sampled_from("abcd"), max_size=9))
def test_rouge_l_is_that_of_the_longest_common_subsequence(truth, told):
    f1, precision, recall = rouge_l.overlap(truth, told)
    shared = longest_common(truth, told)
    assert precision * len(told) == pytest.approx(shared if told else 0)
    assert recall * len(truth) == pytest.approx(shared if truth else 0)
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall) if shared else 0)
    assert rouge_l.overlap(told, truth).f1 == f1


@pytest.mark.parametrize(
    ("truth", "told", "error", "ratio"),
    [
        ("two people talk", "they talk", (1, 3), (2, 3)),
        ("two people talk", "two people talk of this and that", (4, 3), (7, 3)),
        ("two people talk", "", (3, 3), (0, 3)),
        (("they talk", "they talk and laugh"), "they talk quietly", (1, 2), (3, 2)),
        ("两个人谈天气", "两人", (4, 6), (2, 6)),
    ],
)
def test_length_error(truth, told, error, ratio):
    scored = metrics.find("length_error").score(case(truth, told, "summary", "zh" if "人" in truth else "en"))
    assert (scored[""], scored["ratio"]) == (Ratio(*error), Ratio(*ratio))


@given(st.text("ab 天气,.", min_size=1).filter(str.strip))
def test_a_true_summary_and_translation_are_perfect(text):
    for name, right in (("rouge_l", 1), ("length_error", 0)):
        scored = metrics.find(name).score(case(text, text, "summary"))
        assert scored is None or scored[""].value == right
    if len(text.replace(" ", "")) > 8:
        assert corpus("chrf", [(text, text)]) == pytest.approx(100)


# Whisper translates


@pytest.mark.engine
def test_whisper_translates_speech_into_english():
    import qaeval as qa
    from qaeval import models
    from qaeval.types import Request

    model = models.find("whisper/base")
    (spanish,) = [sample for sample in qa.load("demo") if sample.id == "sorpresa"]
    inputs = {"target_language": "English"}
    request = Request(model.name, spanish.audio, task="translate", language="es", inputs=inputs, reads_prompt=False)
    assert model.refuses(request) == ""
    reply = model.ask(request)
    assert reply.text.startswith("这段音频的英文翻译是:'")
    (said,) = TRANSLATE.parse(reply.text, Sample("a", "a.wav", inputs=inputs)).labels["translation"]
    assert "surprise" in said.lower()


@pytest.mark.parametrize(
    ("name", "target", "refused"),
    [
        ("whisper/base", "English", ""),
        ("whisper/base", "英语", ""),
        ("whisper/base", "en", ""),
        ("whisper/base", "中文", "into English only"),
        ("whisper/base", "", "into English only"),
        ("whisper/tiny.en", "English", "not the task 'translate'"),
        ("whisper/large-v3-turbo", "English", "not the task 'translate'"),
        ("sphinx/en-us", "English", "not the task 'translate'"),
    ],
)
def test_which_engines_translate(name, target, refused):
    from qaeval import models
    from qaeval.types import Audio, Request

    pytest.importorskip("pocketsphinx" if name.startswith("sphinx") else "faster_whisper")
    request = Request(name, Audio("a.wav"), task="translate", inputs={"target_language": target}, reads_prompt=False)
    said = models.find(name).refuses(request)
    assert refused in said if refused else said == ""
