"""Questions on audio and voice chat: options, which of them a reply chooses, open answers, checks without a judge."""

import dataclasses
import json
from pathlib import Path

import pytest
from clips import wav
from effort import within
from hypothesis import given, strategies as st

import qaeval as qa
from qaeval import metrics, reducers, tasks
from qaeval.errors import DatasetError, ScoreError
from qaeval.text.answers import choosing
from qaeval.text.answers.choices import LETTERS, letter_of, lettered, read_choices, rotated
from qaeval.text.answers.choosing import choose
from qaeval.text.profiles import find_profile
from qaeval.text.replies.tongues import is_other_tongue
from qaeval.types import Annotation, Case, Dataset, Ratio, Sample

GOLDEN = json.loads((Path(__file__).parent / "data" / "choices" / "replies.json").read_text("utf-8"))
ANIMALS = read_choices("A. a dog\nB. a cat\nC. a bird\nD. rain")
ANSWER, CHAT = tasks.find("answer"), tasks.find("chat")


def case(truth, told, language="en", profile="raw-1"):
    """Of the label ``answer`` unless they are annotations."""
    sides = (
        side
        if isinstance(side, Annotation)
        else Annotation(labels={"answer": (side,) if isinstance(side, str) else side})
        for side in (truth, told)
    )
    return Case(*sides, language, find_profile(profile))


# Options


def test_options_are_read_as_they_are_written():
    texts = ["a dog", "猫", "C. Debussy", "3/4"]
    for form in ("A. ", "(A) ", "A) ", "A、", "[A] ", "A: "):
        assert [choice.text for choice in read_choices(lettered(texts, form))] == texts
    assert read_choices(json.dumps(texts)) == read_choices("\n".join(texts)) == read_choices(lettered(texts))


def test_lines_that_only_look_like_letters_are_texts():
    composers = read_choices("A. Vivaldi\nJ. Haydn\nC. Debussy")
    assert [(choice.letter, choice.text) for choice in composers] == [
        ("A", "A. Vivaldi"), ("B", "J. Haydn"), ("C", "C. Debussy"),
    ]  # fmt: skip


@pytest.mark.parametrize("texts", [[], ["one"], [str(n) for n in range(27)], ["a", " "], ["a", "b\nc"]])
def test_options_that_are_none(texts):
    with pytest.raises(DatasetError, match="choices: expected"):
        lettered(texts)


def test_a_true_answer_is_found_among_the_options():
    assert [letter_of(answer, ANIMALS) for answer in ("a cat", "The cat.", "B", "RAIN")] == ["B", "B", "B", "D"]
    for answer in ("a horse", "E", ""):
        with pytest.raises(DatasetError, match="expected exactly one of the options"):
            letter_of(answer, ANIMALS)
    with pytest.raises(DatasetError, match="it is 2 of them"):
        letter_of("dog", read_choices("A. dog\nB. a dog"))


def question(answer="C", choices="A. a dog\nB. a cat\nC. a bird\nD. rain", **more):
    labels = {"answer": (answer,)}
    return Sample(
        "q", "a.wav", Annotation(labels=labels), {"speaker": "s"}, {"query": "Who?", "choices": choices, **more}
    )


def test_every_option_stands_in_every_place_once_and_the_truth_goes_with_it():
    turns = list(rotated([question()]))
    assert [turn.id for turn in turns] == ["q~0", "q~1", "q~2", "q~3"]
    places = [[choice.text for choice in read_choices(turn.inputs["choices"])] for turn in turns]
    assert all(sorted(place) == sorted(places[0]) for place in map(list, zip(*places, strict=True)))
    for turn, texts in zip(turns, places, strict=True):
        (letter,) = turn.reference.labels["answer"]
        assert texts[LETTERS.index(letter)] == "a bird"
        assert turn.meta["question"] == "q"
        assert turn.inputs["query"] == "Who?"
    assert [turn.meta["rotation"] for turn in turns] == [0, 1, 2, 3]
    assert turns[0].inputs["choices"] == question().inputs["choices"]


def test_rotations_are_a_dataset_that_can_be_read_again():
    source = Dataset("mine", lambda: [question(), dataclasses.replace(question("a dog"), id="r")], digest=lambda: "v1")
    turned = rotated(source, "(A) ")
    assert (turned.name, turned.fingerprint) == ("mine, options rotated", "v1")
    assert [turn.id for turn in turned] == [turn.id for turn in turned]
    assert [turn.reference.labels["answer"] for turn in turned][4:] == [("A",), ("D",), ("C",), ("B",)]
    assert next(iter(turned)).inputs["choices"].startswith("(A) a dog\n(B) ")


@pytest.mark.parametrize(
    ("sample", "why"),
    [
        (question(choices=""), "expected 2 to 26 options"),
        (question("a horse"), "expected exactly one of the options"),
        (dataclasses.replace(question(), reference=Annotation()), "expected choices and one answer"),
        (dataclasses.replace(question(), meta={"rotation": 1}), "rotation is there already"),
    ],
)
def test_what_cannot_be_rotated_is_told(sample, why):
    with pytest.raises(DatasetError, match=why):
        list(rotated([sample]))


# Which option a reply chooses


@pytest.mark.parametrize("golden", GOLDEN["cases"], ids=lambda case: f"{case['choices']} {case['reply']!r:.60}")
def test_replies_choose_what_they_say_and_the_rule_is_told(golden):
    chosen = choose(golden["reply"], read_choices(GOLDEN["choices"][golden["choices"]]))
    assert tuple(chosen) == (golden["letter"], golden["rule"])


def test_every_rule_has_its_golden_cases():
    rules = {rule for rule, _ in choosing._RULES}
    assert {case["rule"] for case in GOLDEN["cases"]} == rules | {"conflict", "unparsed"}


@given(st.integers(0, 3), st.sampled_from(["A. ", "(A) ", "A、"]))
def test_the_truth_in_any_form_is_chosen(place, form):
    texts = ["a dog", "a cat", "a bird", "rain"]
    options, letter = read_choices(lettered(texts, form)), LETTERS[place]
    line = lettered(texts, form).splitlines()[place]
    for reply in (letter, line, texts[place], f"The answer is {line}", f"答案是{letter}", f"<answer>{letter}</answer>"):
        assert choose(reply, options).letter == letter, reply


@given(st.text("ABCD abcdog选项答案是不. ,:()*\n\"'", max_size=40))
def test_what_is_chosen_is_an_option_and_a_rule(reply):
    letter, rule = choose(reply, ANIMALS)
    assert letter in ("", "A", "B", "C", "D")
    assert (letter == "") == (rule in ("conflict", "unparsed"))


@pytest.mark.parametrize(
    "piece",
    ["选", "answer is ", "a dog ", "(", "A. ", "答案是", "<answer>", "{", "*", "I choose ", "not a dog, ", "\\boxed{",
     "'", "no ", "A is ", "option ", "如果", "\n", "A\n", "answer: ", "。", "[[", "B or "],
)  # fmt: skip
def test_hostile_replies_are_read_in_time(piece):
    reply = (piece * 100_000)[:100_000]
    open_question = Sample("a", "a.wav", inputs={"query": "?"})
    within(1, lambda: (choose(reply, ANIMALS), ANSWER.parse(reply, open_question)))


# Scores of choices


def test_an_unreadable_reply_is_wrong_and_counted():
    told = ANSWER.parse("I don't know.", question())
    assert told.labels == {"answer_rule": ("unparsed",)}
    scored = metrics.find("choice_accuracy").score(case("C", told))
    assert scored[""] == Ratio(0, 1)
    assert scored["unparsed"] == Ratio(1, 1)
    assert scored["rule:unparsed"] == scored["said:(none)"] == scored["true:C"] == Ratio(0, 1)


def test_the_rule_that_read_a_right_reply_is_a_part():
    scored = metrics.find("choice_accuracy").score(case("C", ANSWER.parse("答案是C", question())))
    assert scored == {
        "": Ratio(1, 1), "unparsed": Ratio(0, 1), "rule:statement": Ratio(1, 1), "true:C": Ratio(1, 1),
        "said:C": Ratio(1, 1),
    }  # fmt: skip


def test_open_questions_have_no_accuracy_of_choices_and_choices_no_match():
    for truth, applies in (("C", True), ("a cat", False), (("B", "b"), False), ((), False)):
        assert (metrics.find("choice_accuracy").score(case(truth, "x")) is not None) is applies
        assert (metrics.find("choice_balanced_accuracy").score(case(truth, "x")) is not None) is applies
        assert (metrics.find("answer_match").score(case(truth, "x")) is None) is (applies or truth == ())
    assert metrics.find("choice_accuracy").score(case(Annotation(), "A")) is None


@pytest.mark.parametrize(("truth", "reply", "right"), [("a cat", "B", 1), ("a cat", "A", 0), ("A cat.", "(B)", 1)])
def test_a_truth_that_is_an_options_text_is_compared_with_the_chosen_text(truth, reply, right):
    clip = question(truth)
    told = ANSWER.parse(reply, clip)
    assert metrics.find("choice_accuracy").score(case(truth, told)) is None
    scored = metrics.find("answer_match").score(case(truth, told))
    assert (scored if isinstance(scored, Ratio) else scored[""]) == Ratio(right, 1)


def test_a_true_letter_beyond_the_options_is_an_error_that_names_the_sample(tmp_path):
    def says_a(request):
        return "A"

    sample = dataclasses.replace(question("E"), audio=qa.Audio(wav(), "q.wav"))
    run = qa.run([sample], "answer", says_a, tmp_path / "run", progress=False)
    with pytest.raises(ScoreError, match=r"sample 'q', task 'answer'.*true answer is 'E'.*options are A to D"):
        run.scores()
    assert ANSWER.parse("A", question("D")).labels["answer"] == ("A",)


def test_two_told_letters_are_no_answer():
    assert metrics.find("choice_accuracy").score(case("A", ("A", "B")))[""] == Ratio(0, 1)


def value(name, scored):
    """Of many replies."""
    import numpy as np

    total = {}
    for parts in scored:
        for part, ratio in parts.items():
            if part:
                total[part] = total.get(part, 0) + ratio.num
    metric = metrics.find(name)
    return float(metric.reduce.value(list(total), np.array(list(total.values()), float), np.ones(len(total))))


def test_a_model_that_prefers_a_place_gains_nothing_in_the_balanced_accuracy():
    from sklearn.metrics import balanced_accuracy_score

    truths = ["A"] * 7 + ["B"] * 2 + ["C"]
    balanced = metrics.find("choice_balanced_accuracy")
    assert value(balanced.name, [balanced.score(case(truth, "A")) for truth in truths]) == pytest.approx(1 / 3)
    said = ["A", "A", "B", "A", "C", "A", "A", "B", "A", "C"]
    scored = [balanced.score(case(*pair)) for pair in zip(truths, said, strict=True)]
    assert value(balanced.name, scored) == pytest.approx(balanced_accuracy_score(truths, said))
    assert balanced.reduce is reducers.BALANCED_ACCURACY
    none = balanced.score(case("A", Annotation()))
    assert none["A → (none)"] == Ratio(1, 1)


def test_the_whole_way_with_rotations(tmp_path):
    """A model that knows the answer is right in every order; one that says A in one of four."""

    def knows(request):
        options = read_choices(request.inputs["choices"])
        return f"I think the answer is {letter_of('a bird', options)}."

    def always_a(request):
        return "A"

    samples = [dataclasses.replace(question(), audio=qa.Audio(wav(), "q.wav"))]
    run = qa.run(rotated(samples), "answer", [knows, always_a], tmp_path / "run", prompts="en-strict", progress=False)
    scores = run.scores()
    by = qa.summarize(scores).set_index(["metric", "model"])["value"]
    assert by["choice_accuracy", "knows"] == 1
    assert by["choice_accuracy", "always_a"] == 0.25
    rows = scores[(scores["metric"] == "choice_accuracy") & (scores["part"] == "")]
    assert rows.groupby(["model", "question"], observed=True)["num"].min().tolist() == [0, 1]
    assert set(run.replies()["hypothesis"]) >= {"answer: A; answer_rule: lone letter"}
    asked = run.replies().iloc[0]
    assert asked["prompt"].startswith("en-strict@")


def test_an_open_sample_is_not_asked_with_options(tmp_path):
    open_one = Sample("o", qa.Audio(wav(), "o.wav"), Annotation(labels={"answer": ("a cat",)}), {}, {"query": "Who?"})
    closed = dataclasses.replace(question(), audio=qa.Audio(wav(), "q.wav"))

    def ask(request):
        return f"{request.messages[0].text} a cat"

    run = qa.run([open_one, closed], "answer", ask, tmp_path / "run", prompts=["en", "en-open"], progress=False)
    replies = run.replies()
    skipped = replies[replies["outcome"] == "skipped"]
    assert skipped["sample"].tolist() == ["o"]
    assert "choices" in skipped["reason"].iloc[0]
    (shown,) = replies[(replies["sample"] == "q") & replies["prompt"].str.startswith("en@")]["text"]
    assert "Question: Who?\nA. a dog\nB. a cat\n" in shown


def test_the_presets_are_worded_as_their_sources():
    prompts = {prompt.name: prompt for prompt in ANSWER.prompts}
    assert prompts["air-bench"].text == (
        "Choose the most suitable answer from options A, B, C, and D to respond the question in next line, "
        "you may only choose A or B or C or D.\n{query}\n{choices}"
    )
    assert prompts["lmms-eval-mmau"].text.endswith("\nAnswer with the option's letter from the given choices directly.")
    assert (prompts["qwen2-audio-eval"].text, prompts["qwen2-audio-eval"].system) == (
        "{query}", "You are a helpful assistant.",
    )  # fmt: skip


# Open answers


@pytest.mark.parametrize(
    ("truth", "said", "right", "exact"),
    [
        ("a cat", "A cat.", 1, 1),
        ("a cat", "It is the cat, not the dog.", 1, 0),
        ("a cat", "It is a dog, not a cat.", 0, 0),
        ("cat", "category", 0, 0),
        ("cat", "", 0, 0),
        (("a cat", "a kitten"), "I hear a kitten.", 1, 0),
        ("2", "There are two dogs.", 1, 0),
        ("2", "2 or 3", 0, 0),
        ("2", "12", 0, 0),
        ("two dogs", "I hear 2 dogs.", 1, 0),
        ("no", "No, nobody.", 1, 0),
        ("no", "I have no idea.", 0, 0),
        ("yes", "Yes.", 1, 1),
        ("yes", "No.", 0, 0),
        ("no one", "No one speaks.", 1, 0),
        ("猫", "是一只貓。", 1, 0),
        ("没有人说话", "音频中没有人说话。", 1, 0),
        ("猫", "不是猫,是狗。", 0, 0),
        ("是", "是的,有。", 1, 0),
        ("是", "会的。", 1, 0),
        ("否", "不会。", 1, 0),
        ("否", "有的。", 0, 0),
    ],
)
def test_open_answers(truth, said, right, exact):
    language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in said + str(truth)) else "en"
    told = Annotation(labels={"answer": (said,)} if said else {})
    scored = metrics.find("answer_match").score(case(truth, told, language, find_profile().name))
    assert (scored[""].num, scored["exact"].num) == (right, exact)


@given(st.text("ab 12猫狗,.", min_size=1).filter(lambda text: len(text.strip(" ,.")) > 1))
def test_the_true_answer_is_right(text):
    scored = metrics.find("answer_match").score(case(text, text, "", find_profile().name))
    assert scored is None or scored[""] == scored["exact"] == Ratio(1, 1)


def test_an_open_reply_is_read_without_its_introduction_and_a_refusal_answers_nothing():
    clip = Sample("a", "a.wav", inputs={"query": "?"})
    for reply in ("The answer is: 'a cat'.", "Answer: a cat", "<answer>a cat</answer>", '{"answer": "a cat"}', "a cat"):
        assert ANSWER.parse(reply, clip).labels == {"answer": ("a cat",)}
    assert ANSWER.parse("I'm sorry, but I cannot process the audio.", clip) == Annotation()
    true = dataclasses.replace(clip, reference=Annotation(labels={"answer": ("I cannot process the audio.",)}))
    assert ANSWER.parse("I cannot process the audio.", true).labels["answer"] == ("I cannot process the audio.",)


# Voice chat


def chat(reply, text=None, language="en"):
    """The main part of each metric that applies."""
    truth = Annotation(text=text)
    clip = Sample("a", "a.wav", truth, {"language": language} if language else {})
    seen = Case(truth, CHAT.parse(reply, clip), language, find_profile())
    scored = {metric.name: metric.score(seen) for metric in CHAT.metrics}
    return {name: got if isinstance(got, Ratio) else got[""] for name, got in scored.items() if got is not None}


def test_voice_chat_says_nothing_to_the_model_but_the_clip(tmp_path):
    seen = []

    def ask(request):
        seen.append([(turn.role, turn.text, turn.with_audio) for turn in request.messages])
        return "Try earplugs."

    clips = [Sample("a", qa.Audio(wav(), "a.wav"), Annotation(text="what a noise it is here"), {"language": "en"})]
    run = qa.run(clips, "chat", ask, tmp_path / "run", prompts=["voice", "voice-assistant"], progress=False)
    assert seen == [
        [("user", "", True)],
        [("system", "You are a helpful assistant.", False), ("user", "", True)],
    ]
    table = qa.summarize(run.scores(), by=["model", "prompt"]).set_index("metric")["value"].to_dict()
    assert table == {"chat_answered": 1, "chat_language": 1, "chat_echo": 0, "chat_length": 2}


def test_any_clip_can_be_chatted_about():
    assert CHAT.needs == CHAT.inputs == ()
    assert set(chat("Hello!", language="")) == {"chat_answered", "chat_length"}


def test_an_answer_a_refusal_and_silence():
    text = "what can one do against noise"
    assert chat("Try earplugs.", text)["chat_answered"] == Ratio(1, 1)
    for reply in ("", "  ", "I'm sorry, but I cannot process audio.", "<think>Hm.</think>"):
        got = chat(reply, text)
        assert got["chat_answered"] == got["chat_echo"] == Ratio(0, 1)
        assert got["chat_language"] == got["chat_length"] == Ratio(0, 0)


@pytest.mark.parametrize(
    ("text", "reply", "echo"),
    [
        ("what can one do against noise", "What can one do against noise?", 1),
        ("what can one do against noise", "The audio says: 'what can one do against noise'", 1),
        ("what can one do against noise", "Against noise one can wear earplugs or close the window.", 0),
        ("给我推荐一本书", "这段音频说的是:'给我推荐一本书'。", 1),
        ("给我推荐一本书", "您想让我推荐一本书,我推荐《三体》。", 0),
    ],
)
def test_a_transcript_is_no_answer(text, reply, echo):
    assert chat(reply, text, "zh" if text[0] == "给" else "en")["chat_echo"] == Ratio(echo, 1)


def test_to_greet_back_is_no_echo():
    assert "chat_echo" not in chat("你好!", "你好", "zh")


@pytest.mark.parametrize(
    ("language", "reply", "right"),
    [
        ("zh", "你可以试试耳塞。", 1),
        ("zh", "You could try earplugs for that, they help a lot.", 0),
        ("en", "你可以试试耳塞,或者找一个安静的地方工作。", 0),
        ("yue", "你可以试试耳塞。", 1),
        ("ja", "図書館で本を読むことをおすすめします。", 1),
        ("ja", "你可以去图书馆看书,那里很安静。", 0),
        ("en", "Je vous conseille de lire dans une bibliothèque, car il n'y a pas de bruit.", 0),
        ("fr", "Je vous conseille de lire dans une bibliothèque, car il n'y a pas de bruit.", 1),
        ("de", "You could read in the library, it is quiet there.", 0),
        ("de", "Sie können in der Bibliothek lesen, dort ist es ruhig.", 1),
        ("it", "Puoi leggere in biblioteca, dove non c'è molto rumore per te.", 1),
        ("es", "Te recomiendo leer en la biblioteca, porque allí no hay ruido.", 1),
        ("it", "Te recomiendo leer en una biblioteca, porque las hay muy tranquilas.", 0),
        ("en", "OK.", 1),
    ],
)
def test_the_language_of_an_answer(language, reply, right):
    assert chat(reply, language=language)["chat_language"] == Ratio(right, 1)


def test_no_language_of_its_own_word_is_another_ones():
    sentences = {
        "en": "The weather is nice today and we are going to the park with our friends from school.",
        "fr": "Il fait beau aujourd'hui et nous allons au parc avec les amis de l'école.",
        "it": "Oggi il tempo è bello e andiamo al parco con gli amici della scuola.",
        "es": "Hoy hace buen tiempo y vamos al parque con los amigos de la escuela.",
        "de": "Das Wetter ist heute schön und wir gehen mit den Freunden aus der Schule in den Park.",
    }
    for language, text in sentences.items():
        assert not is_other_tongue(text, language)
