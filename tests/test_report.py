"""The fragments of qaeval.markup, and report.html in a real browser."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from markupsafe import Markup, escape
from seeing import HOSTILE, PLAYS, Watched, browser, samples, small_run, speaker, tone

import qaeval as qa
from qaeval import markup
from qaeval.markup.clips import Clips, clip_player
from qaeval.markup.ranking import measures, ranked
from qaeval.markup.timeline import Lane, timeline
from qaeval.reporting.cards import chosen
from qaeval.text.alignment import align

WORDS = st.lists(st.sampled_from(["the", "cat", "<b>", "&amp;", "sat"]), max_size=8)
CHARACTERS = st.lists(st.sampled_from("你好吗我很"), max_size=8)


class Read(HTMLParser):
    """The text of a fragment, but for elements to leave out, and the names of all its elements."""

    def __init__(self, fragment: str, without: str = "") -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self._without, self._depth = "", [], without, 0
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self._depth += tag == self._without

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == self._without

    def handle_data(self, data: str) -> None:
        self.text += "" if self._depth else data


def seen(character: str) -> bool:
    """Whether a character neither hides nor reorders text (joiners shape letters and emoji)."""
    kind = unicodedata.category(character)
    return character in "\t\n\r\u200c\u200d" or kind not in ("Cc", "Cf", "Cs", "Zl", "Zp")


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Lu"])))
def test_text_is_escaped_and_unseen_characters_are_named(said: str) -> None:
    drawn = str(markup.text(said))
    drawn.encode("utf-8")
    assert set(Read(drawn).tags) <= {"span"}
    assert Read(drawn, without="span").text == "".join(filter(seen, said))
    assert all(map(seen, drawn + markup.plain(said)))


@given(st.one_of(st.tuples(WORDS, WORDS), st.tuples(CHARACTERS, CHARACTERS)))
def test_a_difference_holds_both_texts(pair: tuple[list[str], list[str]]) -> None:
    reference, hypothesis = pair
    drawn = str(markup.difference(align(reference, hypothesis)))
    for left_out, tokens in (("ins", reference), ("del", hypothesis)):
        assert Read(drawn, without=left_out).text.replace(" ", "") == "".join(tokens)
    assert ("<ins" in drawn or "<del" in drawn) == (reference != hypothesis)


def test_a_difference_tells_the_kinds_of_error_apart() -> None:
    drawn = str(markup.difference(align(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"])))
    assert drawn == ('a <span class="qa-sub"><del>b</del><ins>x</ins></span> c d <ins class="qa-ins">e</ins>')


def test_a_timeline_places_spans_by_seconds_and_says_what_is_missing() -> None:
    lanes = [Lane("reference", [qa.Event("x", 1.0, 2.0)], "R"), Lane("a", None, "A"), Lane(HOSTILE, [], "B")]
    drawn = str(timeline(lanes, 4.0))
    assert 'class="qa-span" x="25.000%" width="25.000%"' in drawn
    assert drawn.count('class="qa-behind"') == 2
    assert "1.00–2.00 s" in drawn
    assert "no time given" in drawn
    assert "not heard" in drawn
    assert not {"script", "img"} & set(Read(drawn).tags)


def test_a_timeline_reaches_as_far_as_its_last_span() -> None:
    drawn = str(timeline([Lane("reference", [qa.Event("x", 0.0, 8.0)])], 4.0))
    assert 'width="100.000%"' in drawn


def test_tables_keep_markup_and_escape_the_rest() -> None:
    drawn = markup.table([markup.Column("<a>"), markup.Column("n", numeric=True)], [["<b>", Markup("<i>1</i>")]])
    assert "&lt;a&gt;" in drawn
    assert "&lt;b&gt;" in drawn
    assert '<td class="qa-num"><i>1</i></td>' in drawn


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small_run(tmp_path_factory.mktemp("report"))


def test_clips_are_chosen_from_both_ends_and_listed_worst_first(run: Any) -> None:
    scores = run.scores()
    known = measures(scores, run.tasks, ["old", "new"])
    mixed_rate = next(one for one in known if one.task == "transcribe")
    ranking = ranked(scores, mixed_rate, "old", "new")
    two = chosen(ranking, 2)
    assert list(two["status"]) == ["regressed", "improved"]
    assert two["sample"].iloc[0] == ranking["sample"].iloc[0]
    everything = chosen(ranking, 100)
    assert list(everything["sample"]) == list(ranking["sample"])


def test_one_model_is_ranked_by_its_errors(run: Any) -> None:
    scores = run.scores()
    one = measures(scores, run.tasks, ["new"])[0]
    ranking = ranked(scores, one, "new")
    values = list(ranking["value_a"].dropna())
    assert values == sorted(values, reverse=one.better == "lower")
    assert set(ranking["status"]) <= {"wrong", "right", "unscored"}
    assert "right" in set(ranking["status"])


def test_a_report_names_what_is_unknown(run: Any, tmp_path: Path) -> None:
    with pytest.raises(qa.errors.UnknownNameError, match="did you mean 'new'"):
        qa.report(run, tmp_path / "report.html", b="nex")
    with pytest.raises(qa.errors.UnknownNameError, match="unknown metric"):
        qa.report(run, tmp_path / "report.html", metric="nonsense")
    assert not list(tmp_path.iterdir())


def test_a_report_that_cannot_be_written_says_why(run: Any, tmp_path: Path) -> None:
    with pytest.raises(qa.QaevalError, match="cannot write the report"):
        qa.report(run, tmp_path / "missing" / "report.html")
    with pytest.raises(qa.QaevalError, match="is a folder"):
        qa.report(run, tmp_path)


def test_missing_audio_is_a_note_and_one_model_is_enough(tmp_path: Path) -> None:
    run = small_run(tmp_path, models=[speaker("new")])
    (tmp_path / "clips" / "stew.wav").unlink()
    written = qa.report(run, tmp_path / "report.html").read_text("utf-8")
    assert "No player: " in written
    assert written.count("<audio") == len(samples(tmp_path)) - 1
    assert "The clips with the largest errors" in written
    assert 'id="comparison"' not in written


def test_repeats_that_are_alike_are_one_and_failures_are_shown(tmp_path: Path) -> None:
    said = iter(range(100))

    def moody(request: qa.Request) -> qa.Reply:
        name = Path(request.audio.name).stem
        if name == "stew":
            return qa.Reply(error=qa.Failure("failed", f"the service broke {HOSTILE}"))
        return qa.Reply(text="抱歉，我无法识别这段音频。" if name == "aliyun" else f"this is {next(said)}")

    models = [speaker("new"), qa.Model(f"moody/{HOSTILE}", moody), speaker("old")]
    run = small_run(tmp_path, models=models, repeats=2)
    drawn = Clips(run).view("stew", *run.models[:2]).questions[0]
    assert [(one.side, one.outcome, one.raw is None) for one in drawn.answers] == [
        ("A", "answered", False),
        ("B", "failed", True),
    ]
    assert drawn.answers[0].facts[-1] == "repeats 1, 2"
    assert {one.model for one in drawn.others} == {"old"}
    differing = Clips(run).view("fine", *run.models[:2]).questions[0]
    assert [one.facts[-1] for one in differing.answers] == ["repeats 1, 2", "repeat 1", "repeat 2"]
    page = qa.report(run, tmp_path / "report.html").read_text("utf-8")
    assert ">2 failed</span>" in page
    assert ">2 refused</span>" in page
    assert "<script>window" not in page
    assert "<img src=x" not in page


def test_a_and_b_are_shown_in_this_order(run: Any) -> None:
    view = Clips(run).view("where", "new", "old")
    assert [(one.side, one.model) for one in view.questions[0].answers] == [("A", "new"), ("B", "old")]
    assert view.questions[0].timeline.index("1.55–1.86 s") < view.questions[0].timeline.index("1.41–1.80 s")


def test_long_clips_are_cut_and_it_says_so(tmp_path: Path) -> None:
    drawn = clip_player(qa.Sample("long", tone(tmp_path / "long.wav", 3.0)), seconds=1.0)
    assert "The first 1 of 3 seconds." in drawn
    assert len(drawn) < len(clip_player(qa.Sample("long", tmp_path / "long.wav")))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def opened(run: Any, chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    path = qa.report(run, tmp_path_factory.mktemp("page") / "report.html", title=f"Two models {HOSTILE}")
    watched = Watched(chromium.new_page())
    watched.page.goto(path.as_uri())
    yield watched
    assert watched.complaints == []
    assert watched.outside(path.as_uri()) == []


def visible(page: Any) -> list[str]:
    return page.eval_on_selector_all("article", "all => all.filter(one => !one.hidden).map(one => one.id)")


@pytest.fixture
def page(opened: Watched) -> Any:
    opened.page.evaluate("document.getElementById('reset').click()")
    opened.page.select_option("#metric", index=0)
    return opened.page


@pytest.mark.browser
def test_hostile_text_is_inert(page: Any) -> None:
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.locator("script").count() == 1
    assert page.locator("article img, dd img, h1 img").count() == 0
    article = page.locator(f'[id="{markup.anchor(HOSTILE)}"]')
    assert "<script>window.pwned=1</script>" in article.locator("h3").text_content()
    assert "{{ 7*7 }}" in article.locator("pre").last.text_content()
    assert "\u202e" not in page.content()
    assert "U+202E" in article.text_content()


@pytest.mark.browser
def test_the_policy_forbids_script_and_network(page: Any, opened: Watched) -> None:
    blocked = page.evaluate(
        """async () => {
          const seen = [];
          document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "window.pwned = 2";
          document.body.append(script);
          const reached = await fetch("http://127.0.0.1:9/").then(() => true, () => false);
          await new Promise((done) => setTimeout(done, 100));
          script.remove();
          return [window.pwned === undefined, reached, seen.sort()];
        }"""
    )
    assert blocked == [True, False, ["connect-src", "script-src-elem"]]
    opened.complaints.clear()  # the two that this test provoked


@pytest.mark.browser
def test_audio_plays(page: Any) -> None:
    for player in page.locator("audio").all()[:3]:
        played = player.evaluate(PLAYS)
        assert played["error"] is None
        assert 1.9 < played["duration"] < 3.2
        assert played["time"] > 0.1


@pytest.mark.browser
def test_filters_act_and_a_link_shows_its_clip_all_the_same(page: Any) -> None:
    everything = visible(page)
    page.select_option("#status", "regressed")
    regressed = visible(page)
    assert markup.anchor("stew") in regressed
    assert markup.anchor("aliyun") not in regressed
    assert page.locator("#count").inner_text().startswith(f"{len(regressed)} of ")
    page.fill("#search", "no such words")
    assert visible(page) == []
    page.click("#reset")
    assert visible(page) == everything
    page.fill("#search", "欢迎")
    assert visible(page) == [markup.anchor("aliyun")]
    page.evaluate("name => { location.hash = name }", markup.anchor("stew"))
    page.wait_for_function("id => !document.getElementById(id).hidden", arg=markup.anchor("stew"))
    assert page.evaluate("document.activeElement.id") == markup.anchor("stew")


@pytest.mark.browser
def test_the_metric_chooses_and_orders_the_clips(page: Any) -> None:
    labels = page.locator("#metric option").all_inner_texts()
    orders = {}
    for label in labels:
        page.select_option("#metric", label)
        orders[label] = visible(page)
        changes = page.locator("article:not([hidden]) .change").all_inner_texts()
        assert all(label.split(" · ")[0] in change for change in changes)
    located = [order for order in orders.values() if order == [markup.anchor("where")]]
    assert located, "a metric of times shows only the clip that was located in"


@pytest.mark.browser
def test_differences_are_by_character_in_chinese_and_by_word_in_english(page: Any) -> None:
    chinese = page.locator(f'[id="{markup.anchor("aliyun")}"] .qa-said').nth(1)
    assert chinese.locator(".qa-sub del").all_inner_texts() == ["阿里"]
    assert chinese.locator(".qa-sub ins").all_inner_texts() == ["啊哩"]
    assert chinese.locator(".qa-del").all_inner_texts() == ["语音"]
    assert chinese.locator(".qa-ins").all_inner_texts() == ["吧"]
    english = page.locator(f'[id="{markup.anchor("stew")}"] .qa-said').nth(2)
    assert english.locator(".qa-sub ins").all_inner_texts() == ["stu"]
    assert english.locator(".qa-del").all_inner_texts() == ["turnips"]
    assert english.locator(".qa-ins").all_inner_texts() == ["um"]
    for mark, line in ((".qa-del", "line-through"), (".qa-ins", "underline"), (".qa-sub ins", "underline")):
        style = english.locator(mark).first.evaluate("mark => getComputedStyle(mark).textDecorationLine")
        assert style == line


@pytest.mark.browser
def test_the_timeline_shows_when_each_model_heard_it(page: Any) -> None:
    page.select_option("#metric", "onset_error")
    lanes = page.locator(f'[id="{markup.anchor("where")}"] .qa-timeline')
    assert lanes.locator(".qa-span").count() == 3
    assert lanes.locator(".qa-times").all_inner_texts()[:3] == ["1.53–1.87 s", "1.41–1.80 s", "1.55–1.86 s"]
    right, early = (lanes.locator(".qa-span").nth(place).bounding_box() for place in (0, 1))
    assert early["x"] < right["x"] < early["x"] + early["width"]


@pytest.mark.browser
def test_two_hundred_clips_stay_small_and_open_fast(chromium: Any, tmp_path: Path) -> None:
    words = ["he", "hoped", "there", "would", "be", "stew", "for", "dinner", "turnips", "and", "carrots"]
    clips = [
        qa.Sample(
            f"clip-{n:03}", tone(tmp_path / f"{n:03}.wav", 6.0, pitch=200.0 + n), qa.Annotation(text=" ".join(words))
        )
        for n in range(200)
    ]
    shorter = {f"{n:03}": " ".join(words[: 1 + n % 10]) for n in range(200)}

    def brief(request: qa.Request) -> str:
        return shorter[Path(request.audio.name).stem]

    def whole(request: qa.Request) -> str:
        return " ".join(words)

    run = qa.run(clips, "transcribe", [whole, brief], tmp_path / "run", progress=False)
    path = qa.report(run, tmp_path / "report.html", clips=200)
    assert path.stat().st_size < 10_000_000
    page = chromium.new_page()

    def seconds_to_show() -> float:
        start = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_function("document.getElementById('count').textContent.startsWith('200 of 200')")
        return time.perf_counter() - start

    assert min(seconds_to_show() for _ in range(3)) < 2.0
    page.fill("#search", "clip-007")
    page.wait_for_function("document.getElementById('count').textContent.startsWith('1 of 200')")
    page.close()


def test_one_reply_has_no_value_of_what_many_make_and_a_value_says_of_which_label(tmp_path: Path) -> None:
    """BLEU, macro-F1 and a majority are of all clips; gender's accuracy is not emotion's."""
    labels = {"gender": ("male",), "emotion": ("happy",), "translation": ("the cat sat on the mat",)}
    clip = qa.Sample("s", tone(tmp_path / "s.wav"), qa.Annotation(labels=labels), {}, {"target_language": "English"})

    def ask(request: Any) -> str:
        return "The speaker is a man and sounds sad." if request.task == "speaker" else "nothing alike"

    run = qa.run([clip], ["speaker", "translate"], [ask], tmp_path / "run", prompts="en", progress=False)
    facts = [fact for question in Clips(run).view("s", "ask").questions for fact in question.answers[0].facts]
    assert {"accuracy (gender) 100.0 %", "accuracy (emotion) 0.0 %"} <= set(facts)
    assert not any(fact.startswith(("bleu", "chrf", "macro_f1", "balanced", "majority")) for fact in facts)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 800])
def test_the_verdict_is_seen_without_scrolling(page: Any, width: int) -> None:
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 900})
    ends = page.evaluate(
        """() => {
          const table = document.getElementById("comparison").parentElement.querySelector("table");
          const names = [...table.querySelectorAll("thead th")].map((one) => one.textContent);
          const rows = [...table.querySelectorAll("tbody tr")].filter((row) => row.children.length > 1);
          const cells = rows.map((row) => row.children[names.indexOf("verdict")]);
          const right = Math.max(...cells.map((one) => one.getBoundingClientRect().right));
          return [names, right, table.parentElement.getBoundingClientRect().right];
        }"""
    )
    page.set_viewport_size(before)
    names, right, edge = ends
    assert names[names.index("difference") + 1] == "verdict"
    assert right <= edge


def rows_of(page: str, heading: str) -> tuple[list[list[str]], list[list[str]]]:
    """The cells of the rows below a heading: those that are seen, and those that are folded."""
    part = page.partition(f'<h2 id="{heading}">')[2].partition("</section>")[0]
    seen, _, folded = part.partition("<details")

    def cells(tables: str) -> list[list[str]]:
        bodies = re.findall(r"<tbody>(.*?)</tbody>", tables, re.DOTALL)
        rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for body in bodies for row in body.split("</tr>")]
        return [[Read(cell).text.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in rows if len(row) > 1]

    return cells(seen), cells(folded)


def test_the_metrics_that_answer_the_question_come_first_and_no_other_is_lost(run: Any, tmp_path: Path) -> None:
    scores = run.scores()
    page = qa.report(run, tmp_path / "report.html").read_text("utf-8")
    seen, folded = rows_of(page, "summary")
    assert list(dict.fromkeys(row[0][:-2] for row in seen)) == ["cer", "wer", "onset_error"]
    summary = qa.summarize(scores[scores["part"] == ""])
    assert sorted((row[0].rstrip(" ↑↓"), row[1]) for row in [*seen, *folded]) == sorted(
        zip(summary["metric"], summary["model"], strict=True)
    )
    seen_too, folded_too = rows_of(page, "comparison")
    assert [row[0] for row in seen_too] == list(dict.fromkeys(row[0] for row in seen))
    assert {row[0] for row in folded_too} == {row[0] for row in folded if row[0][-1] in "↑↓"}
    assert f">{len({row[0] for row in folded})} more metrics: mer, sentence_error, " in page


def test_the_metric_asked_for_stands_first_with_those_of_its_task(run: Any, tmp_path: Path) -> None:
    page = qa.report(run, tmp_path / "report.html", metric="onset_error_median").read_text("utf-8")
    for heading in ("summary", "comparison"):
        metrics = list(dict.fromkeys(row[0][:-2] for row in rows_of(page, heading)[0]))
        assert metrics == ["onset_error_median", "onset_error", "cer", "wer"]


def test_counts_that_differ_say_why(tmp_path: Path) -> None:
    """Of six clips one has no text, one no readable audio, one no reply of B; a slice without a value is named."""
    rooms = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "z"}
    clips = [
        qa.Sample(
            name,
            tone(tmp_path / f"{name}.wav", pitch=200.0 + ord(name)),
            qa.Annotation(text=None if name == "e" else f"this is {name}"),
            {"room": room},
        )
        for name, room in rooms.items()
    ]
    (tmp_path / "f.wav").write_bytes(b"no audio")
    clips.append(qa.Sample("f", tmp_path / "f.wav", qa.Annotation(text=""), {"room": "z"}))

    def fails(request: qa.Request) -> qa.Reply:
        lost = request.audio.name.endswith("d.wav")
        return qa.Reply(error=qa.Failure("failed", "broken")) if lost else qa.Reply(text="this is a")

    models = [qa.Model("old", lambda request: "this is b"), qa.Model("new", fails)]
    run = qa.run(clips, "transcribe", models, tmp_path / "run", prompts="en", progress=False)
    page = qa.report(run, tmp_path / "report.html", metric="wer", by="room").read_text("utf-8")
    assert "6 clips (5 asked about), 2 models" in page
    assert (
        "3 of 3 clips that both replied to: the largest regressions and improvements, worst first. Not among them: "
        "1 clip that no task was asked about, for want of a reference or an input; 2 clips without a value of both "
        "models. "
    ) in page
    wer = {row[1]: row[4:6] for row in rows_of(page, "summary")[0] if row[0] == "wer ↓"}
    assert wer == {"old": ["4", "100.0 %"], "new": ["3 of 4", "75.0 %"]}
    assert "Not shown, as no reply has a value: hallucination (2 skipped)." in page
    assert [row[1] for row in rows_of(page, "slices")[0]] == ["x"]
    assert "Not shown, as no clip has a value of both: y (1 with a reply of A alone)" in page


def test_numbers_are_shown_in_the_form_that_was_scored(tmp_path: Path) -> None:
    """A reply that counts as right shows no difference, however its numbers are written."""
    clip = qa.Sample("s", tone(tmp_path / "s.wav"), qa.Annotation(text="five five"), {"language": "en"})
    run = qa.run(
        [clip], "transcribe", qa.Model("said", lambda request: "5 5"), tmp_path / "run", prompts="en", progress=False
    )
    answer = Clips(run).view("s", *run.models).questions[0].answers[0]
    assert "wer 0.0 %" in answer.facts
    assert (answer.shown, Clips(run).view("s", *run.models).questions[0].reference) == (Markup("55"), Markup("55"))


def test_a_refusal_is_shown_as_it_was_said_and_scored_as_nothing(tmp_path: Path) -> None:
    """None of its words is marked as right or wrong."""
    clip = qa.Sample("s", tone(tmp_path / "s.wav"), qa.Annotation(text="we can hear this"), {"language": "en"})
    said = "I'm sorry, but I can't hear <this> audio."
    run = qa.run([clip], "transcribe", qa.Model("shy", lambda request: said), tmp_path / "run", progress=False)
    answer = Clips(run).view("s", *run.models).questions[0].answers[0]
    assert (answer.outcome, answer.shown) == ("refused", escape(said))
    assert {"wer 100.0 %", "4 deletions"} <= {*answer.facts}


LONG = ("rehearsal/dashscope/qwen3.5-omni-flash-realtime-2026-03-15", "本地的模型/四川话与重庆话方言大模型")


def charged(which: str) -> Any:
    """A model that costs a lot: it counts a million tokens a clip, and its answers are streamed."""
    ask: Any = speaker(which).ask

    def reply(request: qa.Request) -> qa.Reply:
        usage = {"input_tokens": 123_456, "audio_tokens": 1_234_567, "output_tokens": 99_999}
        return qa.Reply(ask(request), usage=usage, seconds=14.3, first_token_seconds=12.1, attempts=2)

    facts = {"prices": {"text_in": 2.2, "audio_in": 18.0, "text_out": 13.3, "second": 0.0}}
    return qa.Model(which, reply, endpoint="openai", facts=facts)


@pytest.fixture(scope="module")
def wide(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("wide")
    models = [replace(charged(which), name=name) for which, name in zip(("old", "new"), LONG, strict=True)]
    path = qa.report(small_run(folder, models=models), folder / "report.html")
    page = chromium.new_page()
    page.goto(path.as_uri())
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("media", "width"), [("screen", 1280), ("screen", 1024), ("screen", 800), ("print", 688)], ids=str
)
def test_the_tables_need_no_scrolling_however_long_the_names_are(wide: Any, media: str, width: int) -> None:
    wide.emulate_media(media=media)
    wide.set_viewport_size({"width": width, "height": 900})
    for folded in wide.locator("details.more").all():  # on paper they are open of themselves
        folded.evaluate("(one, open) => { one.open = open }", media == "screen")
    tables = wide.evaluate(
        """() => [...document.querySelectorAll(".qa-scroll")].map((around) => {
          const rows = [...around.querySelectorAll("tbody tr")].filter((row) => row.children.length > 1);
          const names = [...around.querySelectorAll("thead th")].map((one) => one.textContent);
          const place = names.indexOf("clusters") < 0 ? names.length - 1 : names.indexOf("clusters");
          const clusters = rows.map((row) => row.children[place]);
          const lines = (cell) => { const range = document.createRange(); range.selectNodeContents(cell);
            return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size; };
          return {
            beyond: around.scrollWidth - around.clientWidth,
            height: around.getBoundingClientRect().height,
            right: Math.max(...clusters.map((one) => one.getBoundingClientRect().right)),
            said: clusters.map((one) => one.textContent),
            broken: [...around.querySelectorAll("tbody .qa-num")].filter((one) => lines(one) > 1).length,
          };
        })"""
    )
    assert [one["beyond"] for one in tables] == [0] * 5, "results and comparison, each with a fold, cost and speed"
    for one in tables:
        assert one["right"] <= width
        assert one["height"] > 40
    for one in tables[:4]:
        assert all(re.fullmatch("[1-9]", said) for said in one["said"])
    for one in tables:
        assert one["broken"] == 0


@pytest.mark.browser
def test_an_arrow_stands_on_the_line_of_its_metric_and_what_clusters_are_is_written(wide: Any) -> None:
    heads = wide.eval_on_selector_all(".qa-table tbody th[scope=row]", "all => all.map((one) => one.textContent)")
    assert "wer\N{NO-BREAK SPACE}↓" in heads
    assert "Clusters: groups of clips that may be alike, by speaker or recording." in wide.inner_text("main")
