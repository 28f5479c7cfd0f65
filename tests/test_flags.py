"""What the numbers say of replies to audio that was cut, asked in parts, unheard, or never sent to a service at all."""

import dataclasses
import re
import warnings

import pandas as pd
import pytest
from hypothesis import given, strategies as st
from seeing import small_run, speaker, tone

import qaeval as qa
from qaeval import calls, frames, models, plots, tables
from qaeval.cli.terminal import comparison_text, summary_text
from qaeval.errors import FittingWarning, RunError, ScoreError, UnknownNameError
from qaeval.flags import audio_tokens_fit, flags_of
from qaeval.markup.asked import wholes
from qaeval.markup.clips import Clips
from qaeval.markup.ranking import records
from qaeval.models import control
from qaeval.models.catalogue import read_catalogue
from qaeval.naming import REHEARSED, is_rehearsal, model_named
from qaeval.reporting.facts import marks
from qaeval.reporting.services import services
from qaeval.scoring import parts
from qaeval.stats import compare
from qaeval.tasks import find as find_task
from qaeval.terms import Terms
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, AudioLimits, Event, Failure, Prices, Reply, Sample

NATIVE = AudioLimits(tokens_per_second=25, least_tokens=25, seconds=30, cuts=True)
FACTS = {
    "audio": {"tokens_per_second": 25, "least_tokens": 25, "seconds": 30, "cuts": True},
    "prices": {"text_in": 2.0, "audio_in": 10.0, "text_out": 5.0},
    "status": "active",
    "means": "qwen-audio-turbo-2024-12-04",
    "date": "2026-11-24",
    "url": "https://user:sk-0123456789abcdef@dashscope.aliyuncs.com/api/v1?key=sk-0123456789abcdef",
    "rates": {"requests_per_minute": 60},
}
TASKS = {name: find_task(name) for name in ("transcribe", "locate")}
ZH = Sample("zh", b"a", Annotation("今天天气很好我们去公园"), {"language": "zh"})
EN = Sample("en", b"b", Annotation("the cat sat on the mat and slept"), {"language": "en"})
FOUND = Sample("found", b"c", Annotation(events=(Event("x", 61.0, 62.0),)), {"language": "en"}, {"query": "x"})
CLIPS = [ZH, EN, FOUND]


def score(said, asks=None, **known):
    """Scores of replies by (sample, model, part); a part of a clip is 30 s long."""
    rows, replies = [], {}
    for (sample, model, part), reply in said.items():
        task = "locate" if sample == "found" else "transcribe"
        key = f"{sample}-{model}-{part}"
        row = {"sample": sample, "task": task, "prompt": "p@1", "model": model, "repeat": 0, "key": key}
        rows.append(row | {"part": part, "onset": 30.0 * part, "offset": 30.0 * part + 30})
        if reply is not None:
            replies[key] = Reply(reply) if isinstance(reply, str) else reply
    rows = asks(rows) if asks else rows
    return tables.score(CLIPS, rows, replies, TASKS, find_profile(), "mine", **known)


def value(scores, metric, sample):
    rows = scores[(scores["metric"] == metric) & (scores["part"] == "") & (scores["sample"] == sample)]
    assert len(rows) == 1, "one row an ask"
    return rows.iloc[0]


# Parts of a clip


def test_parts_are_one_ask_whatever_their_order():
    said = {
        ("zh", "m", 0): "这段音频说的是:'今天天气很好'",
        ("zh", "m", 1): "这段音频说的是:'我们去公园'",
        ("en", "m", 0): "the cat sat on",
        ("en", "m", 1): "the mat and slept",
        ("found", "m", 0): "It does not occur.",
        ("found", "m", 1): "It does not occur.",
        ("found", "m", 2): "from 1 s to 2 s",
    }
    scores = score(said)
    assert value(scores, "cer", "zh")[["outcome", "num", "den"]].tolist() == ["answered", 0.0, 11.0]
    assert value(scores, "wer", "en")[["outcome", "num", "den"]].tolist() == ["answered", 0.0, 8.0]
    assert value(scores, "onset_error", "found")[["outcome", "num", "den"]].tolist() == ["answered", 0.0, 1.0]
    pd.testing.assert_frame_equal(score(said, asks=lambda rows: rows[::-1]).sort_index(axis=1), _reversed(scores))


def _reversed(scores):
    blocks = [scores[scores["sample"] == name] for name in ("found", "en", "zh")]
    return pd.concat(blocks, ignore_index=True).sort_index(axis=1)


def test_asks_without_parts_are_whole():
    told = {("en", "m", 0): "the cat sat"}
    bare = score(told, asks=lambda rows: [{n: row[n] for n in (*parts.ASK, "key")} for row in rows])
    empty = score(told, asks=lambda rows: [row | {"part": None, "onset": None, "offset": None} for row in rows])
    pd.testing.assert_frame_equal(score(told), bare)
    pd.testing.assert_frame_equal(bare, empty)


@given(st.lists(st.sampled_from(["the", "cat", "sat", "mat"]), max_size=8), st.integers(0, 8))
def test_words_said_in_two_parts_score_as_those_said_at_once(words, cut):
    whole = score({("en", "m", 0): " ".join(words)})
    split = score({("en", "m", 0): " ".join(words[:cut]), ("en", "m", 1): " ".join(words[cut:])})
    pd.testing.assert_frame_equal(whole, split)


@pytest.mark.parametrize(
    ("missing", "outcome"),
    [
        ([Failure("skipped", "blocked"), Failure("failed", "timeout")], "failed"),
        ([None, Failure("quota", "")], "quota"),
        ([Failure("skipped", "blocked"), None], "skipped"),
        ([None, None], "pending"),
    ],
)
def test_half_an_answer_is_no_answer(missing, outcome):
    replies = [failure and Reply(error=failure) for failure in missing]
    scores = score({("en", "m", 0): "the cat", ("en", "m", 1): replies[0], ("en", "m", 2): replies[1]})
    assert value(scores, "wer", "en")[["outcome", "num", "den", "flags"]].tolist() == [outcome, 0.0, 0.0, ""]


def test_an_outcome_is_that_of_all_parts_together():
    sorry = "I'm sorry, I cannot listen to audio."
    scores = score({("en", "m", 0): sorry, ("en", "m", 1): sorry, ("en", "n", 0): "", ("en", "n", 1): "the mat"})
    rows = scores[(scores["metric"] == "wer") & (scores["part"] == "")]
    assert rows["outcome"].tolist() == ["refused", "answered"]


def test_what_no_part_found_is_absent_only_if_all_parts_know_it():
    unread, absent = "I do not know.", "It does not occur."
    outcome = {
        said: value(score({("found", "m", part): text for part, text in enumerate(said)}), "presence", "found")
        for said in ((unread, absent), (absent, absent), ("from 1 s to 2 s", unread))
    }
    assert [row["outcome"] for row in outcome.values()] == ["unparsed", "answered", "answered"]


def test_labels_are_united_in_order():
    said = iter([("dog", "cat"), ("bird", "dog")])
    read = parts.read([(0.0, ""), (30.0, "")], lambda text: Annotation(labels={"sound": next(said)}))
    assert read == Annotation(labels={"sound": ("dog", "cat", "bird")})
    said = iter([{"sound": ()}, {}])
    assert not parts.read([(0.0, ""), (9.0, "")], lambda text: Annotation(labels=next(said))).has("sound")


def test_a_part_that_is_there_twice_is_refused():
    with pytest.raises(ScoreError, match=r"the same ask is there twice: .*'part': 1"):
        score({("en", "m", 0): "a", ("en", "m", 1): "b"}, asks=lambda rows: [*rows, rows[1]])


def test_replies_keep_a_row_a_part_and_clips_show_one_an_ask():
    rows = [
        {"sample": "found", "task": "locate", "prompt": "p@1", "model": "m", "repeat": 0, "part": part}
        | {"onset": 30.0 * part, "offset": 30.0 * part + 30, "key": f"k{part}", "question": "q"}
        for part in range(3)
    ]
    replies = {f"k{part}": Reply(text, fitted=f"part {part}") for part, text in enumerate(["no", "", "from 1 to 2 s"])}
    frame = frames.reply_frame(CLIPS, frames.ask_frame(rows), replies, TASKS)
    assert frame[["part", "onset", "offset"]].values.tolist() == [[0, 0, 30], [1, 30, 60], [2, 60, 90]]
    whole = wholes(records(frame))
    assert [row["said"] for row in whole] == [[(0.0, "no"), (30.0, ""), (60.0, "from 1 to 2 s")]]
    assert whole[0]["text"] == "[0.00-30.00 s] no\n[60.00-90.00 s] from 1 to 2 s"
    assert whole[0]["fitted"] == "part 0 | part 1 | part 2"
    failed = frames.reply_frame(
        CLIPS, frames.ask_frame(rows), replies | {"k1": Reply(error=Failure("failed", "x"))}, TASKS
    )
    broken = wholes(records(failed))[0]
    assert (broken["outcome"], broken["reason"], broken["said"]) == ("failed", "x", None)


# Flags


@pytest.mark.parametrize(
    ("reported", "seconds", "hears", "fits"),
    [
        (85, 3.4, NATIVE, True),
        (25, 0.3, NATIVE, True),
        (750, 45.0, NATIVE, True),
        (749, 30.0, NATIVE, True),
        (1125, 45.0, NATIVE, False),
        (85, 10.0, NATIVE, False),
        (0, 0.5, NATIVE, False),
        (-3, 3.4, NATIVE, False),
        (400, 3.4, NATIVE, False),
        (8400, 1200.0, AudioLimits(tokens_per_second=7), True),
        (8232, 1200.0, AudioLimits(tokens_per_second=7), True),
        (8231, 1200.0, AudioLimits(tokens_per_second=7), False),
        (375, 30.0, AudioLimits(tokens_per_second=12.5), True),
        (25, 2.961, AudioLimits(tokens_per_second=12.5, least_tokens=13), True),  # whole seconds, 38 by parts of them
        (24, 2.961, AudioLimits(tokens_per_second=12.5, least_tokens=13), False),
        (12, 0.4, AudioLimits(tokens_per_second=12.5, least_tokens=13), True),
        (1, 0.9, NATIVE, False),
        (1, 0.9, AudioLimits(tokens_per_second=7, least_tokens=7), False),
        (None, 3.4, NATIVE, None),
        (85, None, NATIVE, None),
        (85, 3.4, AudioLimits(), None),
    ],
)
def test_audio_tokens_are_reconciled_with_the_seconds(reported, seconds, hears, fits):
    assert audio_tokens_fit(reported, seconds, hears) is fits


@given(st.floats(0.01, 10_000), st.floats(1, 100), st.integers(-1, 1))
def test_no_way_of_rounding_is_a_mismatch(seconds, rate, step):
    hears = AudioLimits(tokens_per_second=rate, least_tokens=2)
    assert audio_tokens_fit(hears.tokens(seconds) + step, seconds, hears)
    assert audio_tokens_fit(0, seconds, hears) is False


@pytest.mark.parametrize(
    ("reply", "seconds", "flags"),
    [
        ({"usage": {"audio_tokens": 85}}, 3.4, ()),
        ({}, 3.4, ()),
        ({"usage": {"input_tokens": 9, "output_tokens": 2}}, 3.4, ("unheard",)),
        ({"usage": {"audio_tokens": 750}, "fitted": "cut to 30 s; wav", "sent_seconds": 30.0}, 95.0, ("cut",)),
        ({"usage": {"audio_tokens": 750}, "fitted": "cut to 30 s; wav"}, 95.0, ("cut",)),
        ({"usage": {"audio_tokens": 750}}, 95.0, ("cut",)),
        ({"usage": {"audio_tokens": 710}, "fitted": "part 0-28.4 s; wav", "sent_seconds": 28.4}, 95.0, ()),
        ({"usage": {"audio_tokens": 9}, "finish_reason": "length"}, 60.0, ("cut", "truncated", "unheard")),
    ],
)
def test_flags_of_a_reply(reply, seconds, flags):
    assert flags_of(Reply("x", **reply), seconds, NATIVE) == flags


def test_a_failure_has_no_flags_and_a_swapped_clip_no_known_length():
    assert flags_of(Reply(error=Failure("failed", ""), finish_reason="length", fitted="cut to 30 s"), 3.4, NATIVE) == ()
    assert Terms.of(FACTS).hears == NATIVE
    assert Terms.of({**FACTS, "control": "silence"}).hears == NATIVE
    assert Terms.of({**FACTS, "control": "swapped"}).hears == AudioLimits()


@pytest.mark.parametrize("facts", [{}, {"audio": None, "prices": "free"}, {"audio": {"tokens_per_second": "many"}}])
def test_facts_that_say_nothing_are_no_terms(facts):
    assert Terms.of(facts) == Terms()


def test_prices_may_be_by_region():
    prices = {"beijing": {"audio_in": 53.0}, "singapore": {"audio_in": 82.44}}
    assert Terms.of({"region": "singapore", "prices": prices}).prices == Prices(audio_in=82.44)


def flagged_scores():
    """Model m heard one clip cut and did not hear the other; n heard both as they are."""
    whole = {"usage": {"audio_tokens": 250}}
    return score(
        {
            ("en", "m", 0): Reply("the cat", fitted="cut to 5 s", sent_seconds=5.0, usage={"audio_tokens": 125}),
            ("zh", "m", 0): Reply("今天", usage={"input_tokens": 9}, finish_reason="length"),
            ("en", "n", 0): Reply("the cat sat on the mat", **whole),
            ("zh", "n", 0): Reply("今天天气", **whole),
        },
        asks=lambda rows: [row | {"onset": None, "offset": None} for row in rows],
        hears={"m": NATIVE, "n": NATIVE},
        seconds={"en": 10.0, "zh": 10.0},
    )


def test_flags_are_counted_beside_the_outcomes():
    scores = flagged_scores()
    assert scores.groupby(["model", "sample"], observed=True)[["fitted", "flags"]].first().values.tolist() == [
        ["cut to 5 s", "cut"],
        ["", "truncated unheard"],
        ["", ""],
        ["", ""],
    ]
    row = tables.summarize(scores).query("model == 'm' and metric == 'cer'").iloc[0]
    assert row[["cut", "truncated", "unheard", "answered", "n"]].tolist() == [1, 1, 1, 2, 2]
    assert tables.summarize(scores, parts=True).query("metric == 'cer' and model == 'm'")["cut"].unique().tolist() == [
        1
    ]
    said = summary_text(tables.summarize(scores))
    assert "1 cut, 1 truncated, 1 unheard" in said
    assert REHEARSED not in said
    with pytest.raises(ScoreError, match="unknown flags 'deaf'"):
        tables.summarize(scores.assign(flags="cut deaf"))


def test_a_comparison_warns_of_audio_that_was_not_the_same():
    scores = flagged_scores()
    with pytest.warns(FittingWarning, match="m and n did not hear the same audio of 1 sample, which"):
        table = compare(scores, "m", "n", "cer")
    assert table["differently_fitted"].tolist() == [1]
    assert "differently fitted" in comparison_text(table)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same = compare(scores[scores["sample"] == "zh"], "m", "n", "cer")
        alike = compare(scores.assign(fitted="mono, 16 kHz, mp3"), "m", "n", "cer")
    assert same["differently_fitted"].tolist() == alike["differently_fitted"].tolist() == [0]
    assert "differently fitted" not in comparison_text(same)


def test_only_samples_that_both_replied_to_are_heard_differently():
    scores = flagged_scores()
    broken = scores.astype({"outcome": str})
    broken.loc[(broken["model"] == "n") & (broken["sample"] == "en"), ["outcome", "num", "den"]] = ["failed", 0.0, 0.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compare(broken, "m", "n", "cer")["differently_fitted"].tolist() == [0]


# Names


KNOWN = ["dashscope/qwen-audio-turbo", "whisper/base", "control/silence:whisper/base", "rehearsal/dashscope/omni"]


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("qwen-audio-turbo", KNOWN[0]),
        ("base", "whisper/base"),
        ("whisper/base", "whisper/base"),
        ("silence:whisper/base", KNOWN[2]),
        ("omni", KNOWN[3]),
        ("dashscope/omni", KNOWN[3]),
        (KNOWN[3], KNOWN[3]),
    ],
)
def test_a_bare_name_is_the_one_model_that_ends_so(name, full):
    assert model_named(name, KNOWN) == full


@pytest.mark.parametrize("name", ["", "audio-turbo", "/base", "tiny"])
def test_other_names_are_unknown(name):
    with pytest.raises(UnknownNameError, match="unknown model"):
        model_named(name, KNOWN)


def test_a_name_of_two_is_refused_and_an_exact_one_goes_first():
    both = ["dashscope/omni", "rehearsal/dashscope/omni"]
    with pytest.raises(UnknownNameError, match="may be any of these models, say which: dashscope/omni, rehearsal/dash"):
        model_named("omni", both)
    assert model_named("dashscope/omni", both) == "dashscope/omni"


def test_tables_take_bare_names():
    scores = flagged_scores()
    full = {"m": "dashscope/m", "n": "dashscope/n"}
    scores = scores.assign(model=scores["model"].map(full), fitted="")
    assert compare(scores, "m", "n", "cer")[["a", "b"]].values.tolist() == [["dashscope/m", "dashscope/n"]]
    assert set(tables.changes(scores, "m", "dashscope/n", "cer")["a"]) == {"dashscope/m"}
    with pytest.raises(ScoreError, match="needs two models, seen 'dashscope/m' twice"):
        compare(scores, "m", "dashscope/m", "cer")


# Rehearsals


@pytest.mark.parametrize(
    ("name", "rehearsed"),
    [
        ("rehearsal/dashscope/omni", True),
        ("control/swapped:rehearsal/dashscope/omni", True),
        ("replay/results/a:rehearsal/dashscope/omni", True),
        ("replay/results/rehearsal:whisper/base", False),
        ("dashscope/rehearsal", False),
    ],
)
def test_a_rehearsal_is_told_by_its_name(name, rehearsed):
    assert is_rehearsal(name) is rehearsed


def marked(figure):
    return "REHEARSAL" in [text.get_text() for text in figure.texts]


def test_a_rehearsal_is_marked_in_every_table_and_plot():
    scores = flagged_scores().assign(fitted="")
    real = tables.summarize(scores), compare(scores, "m", "n", "cer"), tables.changes(scores, "m", "n", "cer")
    scores["model"] = scores["model"].map({"m": "rehearsal/dashscope/m", "n": "whisper/base"})
    summary, comparison = tables.summarize(scores), compare(scores, "m", "base", "cer")
    changed = tables.changes(scores, "m", "base", "cer")
    assert summary.groupby("model")["rehearsed"].unique().map(list).to_dict() == {
        "rehearsal/dashscope/m": [1, 2],
        "whisper/base": [0],
    }
    assert REHEARSED in summary_text(summary)
    assert REHEARSED in comparison_text(comparison)
    for table, before in zip((summary, comparison, changed), real, strict=True):
        assert marked(plots.plot_summary(table) if table is summary else plots.plot_comparison(table))
        assert not marked(plots.plot_summary(before) if before is real[0] else plots.plot_comparison(before))


def test_no_slicing_or_renaming_of_a_summary_drops_the_mark():
    scores = flagged_scores().assign(fitted="")
    scores["model"] = scores["model"].map({"m": "rehearsal/dashscope/m", "n": "whisper/base"})
    pooled = tables.summarize(scores, by=["language"])
    renamed = tables.summarize(scores).assign(model="qwen-audio-turbo")
    for table in (pooled, renamed):
        assert marked(plots.plot_summary(table))
        assert REHEARSED in summary_text(table)


# A run on disk


def service(name, **facts):
    """A model with a service's facts: it counts 2 s as 50 audio tokens, but for one clip that it does not hear."""
    said = speaker("new").ask

    def ask(request):
        lost = {} if "stew" in request.audio.name else {"audio_tokens": 50 if "where" not in request.audio.name else 75}
        return Reply(said(request), usage={"input_tokens": 30, "output_tokens": 10, **lost})

    return qa.Model(name, ask, facts={**FACTS, **facts})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    models = [service("rehearsal/dashscope/qwen-audio-turbo", rehearsal=True), speaker("old")]
    return small_run(tmp_path_factory.mktemp("flags"), models=models)


def test_replies_tell_tokens_cost_and_flags(run):
    replies = run.replies()
    assert list(replies.columns) == list(frames.REPLY_COLUMNS)
    mine = replies[replies["model"].str.startswith("rehearsal/")].set_index("sample")
    assert mine.loc["stew", "flags"] == "unheard"
    assert (mine.drop("stew")["flags"] == "").all()
    assert mine.loc["fine", ["input_tokens", "audio_tokens", "output_tokens"]].tolist() == [30, 50, 10]
    assert mine.loc["fine", "cost"] == pytest.approx((30 * 2 + 50 * 10 + 10 * 5) / 1e6)
    assert replies[replies["model"] == "old"][["audio_tokens", "cost"]].isna().all(axis=None)
    assert tables.summarize(run.scores()).query("metric == 'cer' and unheard == 1")["model"].tolist() == [
        "rehearsal/dashscope/qwen-audio-turbo"
    ]


def test_the_report_bears_the_mark_and_takes_bare_names(run, tmp_path):
    assert run.is_rehearsal
    page = qa.report(run, tmp_path / "report.html", a="old", b="qwen-audio-turbo").read_text("utf-8")
    banner = REHEARSED.replace("'", "&#39;")
    assert f'<p class="mark" role="note">{banner}</p>' in page
    assert "1 unheard</span>" in page
    assert "the audio tokens do not fit the audio" in page
    with pytest.raises(UnknownNameError, match="did you mean"):
        qa.report(run, tmp_path / "other.html", a="qwen-audio-turb")


def test_a_replay_of_a_rehearsal_is_a_rehearsal(tmp_path):
    """Even one that does not name the model, as of a run that has only one it may."""
    first = small_run(tmp_path / "first", models=[service("rehearsal/dashscope/omni")])
    again = small_run(tmp_path / "again", models=[f"replay/{first.folder}"])
    assert again.is_rehearsal
    assert not small_run(tmp_path / "real", models=[speaker("old")]).is_rehearsal


def test_services_are_described_without_any_key(run):
    models = [{"name": "dashscope/omni", "endpoint": "openai", "facts": FACTS}, {"name": "old", "endpoint": ""}]
    replies = run.replies()
    replies.loc[replies["model"].str.startswith("rehearsal/"), "model"] = "dashscope/omni"
    twice = pd.concat([replies, replies])  # the same reply, for another question
    [(name, said)] = services(models, twice)
    assert name == "service dashscope/omni"
    assert said.splitlines() == [
        "status active, an alias of qwen-audio-turbo-2024-12-04 (as of 2026-11-24)",
        "limits: the first 30 s of audio, 25 audio tokens a second, 60 requests a minute",
        "prices as of 2026-11-24: CNY 2 a million tokens of text, CNY 10 a million tokens of audio, "
        "CNY 5 a million tokens of answer",
        "endpoint dashscope.aliyuncs.com",
        "7 replies, tokens: 210 of text, 325 of audio, 70 of answer",
        f"cost CNY {(210 * 2 + 325 * 10 + 70 * 5) / 1e6:.4f}",
    ]
    assert not re.search("sk-|user", said)


def test_clips_tell_what_was_done_to_their_audio(run):
    view = Clips(run).view("stew", *run.models)
    assert "the audio tokens do not fit the audio" in view.questions[0].answers[0].facts
    assert "the audio tokens do not fit the audio" not in view.questions[0].answers[1].facts


def test_an_old_run_reads_as_whole_clips(run):
    asks = run.asks()
    assert asks["part"].tolist() == [0] * len(asks)
    assert asks[["onset", "offset"]].isna().all(axis=None)
    assert dataclasses.asdict(Reply("x"))["fitted"] == ""


def hard_of_hearing(name):
    """A service that hears a second at most: it says "part" and finds the word a tenth of a second after the start."""

    def ask(request):
        return Reply("from 0.1 s to 0.2 s" if request.task == "locate" else "part", usage={"audio_tokens": 25})

    hears = AudioLimits(seconds=1.0, cuts=True, tokens_per_second=25, least_tokens=25)
    return qa.Model(name, ask, endpoint="dashscope", hears=hears, facts={"audio": dataclasses.asdict(hears)})


@pytest.fixture(scope="module")
def clips_of_three_seconds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    event = Annotation(events=(Event("x", 0.1, 0.2),))
    return [
        Sample("said", tone(folder / "said.wav", 3.0), Annotation("part of it"), {"language": "en"}),
        Sample("found", tone(folder / "found.wav", 3.0), event, {"language": "en"}, {"query": "x"}),
    ]


def test_a_run_that_splits_its_clips_is_scored_by_clip(clips_of_three_seconds, tmp_path):
    models = [hard_of_hearing("dashscope/deaf"), speaker("old")]
    run = qa.run(clips_of_three_seconds, ["transcribe", "locate"], models, tmp_path, fit="split", progress=False)
    asked = run.asks().query("model == 'dashscope/deaf' and sample == 'found'")
    assert len(asked) >= 3
    assert asked["part"].tolist() == list(range(len(asked)))
    assert asked["onset"].tolist()[1:] == asked["offset"].tolist()[:-1]
    scores = run.scores()
    assert not scores.duplicated(["sample", "task", "model", "metric", "part"]).any()
    mine = scores[(scores["model"] == "dashscope/deaf") & (scores["part"] == "")]
    assert mine["fitted"].str.startswith("part 0").all()
    assert (mine["flags"] == "").all()
    [located] = Clips(run).view("found", *run.models).questions
    assert located.timeline.count('class="qa-span"') == 1 + len(asked) + 1, "the reference, each part, the other model"
    assert "the audio tokens do not fit the audio" not in str(located.answers[0].facts)
    with pytest.warns(FittingWarning, match="of 1 sample,"):
        page = qa.report(run, tmp_path / "report.html").read_text("utf-8")
    assert "A and B did not hear the same audio of 1 clip" in page


def test_a_run_that_cuts_its_clips_says_so(clips_of_three_seconds, tmp_path):
    run = qa.run(clips_of_three_seconds, "transcribe", hard_of_hearing("deaf"), tmp_path, fit="cut", progress=False)
    summary = tables.summarize(run.scores())
    assert (summary["cut"] == summary["answered"]).all()
    assert (summary["unheard"] == 0).all()
    assert run.replies()[["fitted", "flags", "part"]].values.tolist()[0][1:] == ["cut", 0]


@pytest.mark.parametrize("fit", ["split", "cut"])
def test_a_replay_gives_parts_and_cut_clips_as_they_were(clips_of_three_seconds, tmp_path, fit):
    tasks = ["transcribe", "locate"]
    deaf = hard_of_hearing("dashscope/deaf")
    old = qa.run(clips_of_three_seconds, tasks, deaf, tmp_path / "old", fit=fit, progress=False)
    new = qa.run(clips_of_three_seconds, tasks, f"replay/{old.folder}", tmp_path / "new", progress=False)
    same = [name for name in frames.REPLY_COLUMNS if name not in ("model", "key", "cost")]
    pd.testing.assert_frame_equal(new.replies()[same], old.replies()[same])
    kept = ["sample", "metric", "part", "outcome", "num", "den", "fitted", "flags"]
    pd.testing.assert_frame_equal(new.scores()[kept], old.scores()[kept])
    assert set(new.replies()["flags"]) == {"cut" if fit == "cut" else ""}


def test_a_replay_is_flagged_as_the_run_was(clips_of_three_seconds, tmp_path):
    hears = {"audio": {"tokens_per_second": 25, "least_tokens": 25}}
    lost = qa.Model("lost", lambda request: Reply("part", usage={"audio_tokens": 1}), facts=hears)
    old = qa.run(clips_of_three_seconds, "transcribe", lost, tmp_path / "old", progress=False)
    new = qa.run(clips_of_three_seconds, "transcribe", f"replay/{old.folder}", tmp_path / "new", progress=False)
    assert new.replies()["flags"].tolist() == old.replies()["flags"].tolist() == ["unheard"]


def test_the_call_of_a_control_is_not_that_of_its_clip(clips_of_three_seconds, tmp_path):
    model = control.silence(hard_of_hearing("dashscope/deaf"))
    run = qa.run(clips_of_three_seconds, "transcribe", model, tmp_path, fit="cut", progress=False)
    with pytest.raises(RunError, match="hears another clip than its rows name; print the call of dashscope/deaf"):
        calls.script(run, "said")


def test_the_call_of_each_part_can_be_printed(clips_of_three_seconds, tmp_path):
    known = read_catalogue().overriding({"qwen-audio-turbo-latest": {"audio": {"seconds": 1}}})
    found = models.find("qwen-audio-turbo-latest", known)
    model = dataclasses.replace(found, ask=lambda request: "part", check=lambda: None, host="")
    run = qa.run(clips_of_three_seconds, "transcribe", model, tmp_path, fit="split", repeats=2, progress=False)
    last = run.asks()["part"].max()
    with pytest.raises(RunError, match=f"--repeat 1 --part {last}"):
        calls.script(run, "said")
    scripts = [calls.script(run, "said", repeat=0, part=part) for part in range(last + 1)]
    assert len(set(scripts)) == last + 1 >= 3
    qa.run(clips_of_three_seconds, "transcribe", speaker("old"), tmp_path, fit="refuse", progress=False)
    again = qa.open_run(tmp_path)
    assert calls.script(again, "said", model=model.name, repeat=0, part=1) == scripts[1], "another call, another fit"
    with pytest.raises(RunError, match="no row about 'said' with the part '7'"):
        calls.script(again, "said", part=7)


def test_a_model_that_changed_is_marked(tmp_path):
    said = iter(range(100))
    moody = qa.Model("moody", lambda request: f"this is {next(said)}")
    for turn in ("first", "again"):
        (tmp_path / turn).mkdir()
        clips = [Sample("a", tone(tmp_path / turn / "a.wav"), Annotation("this is"), {"language": "en"})]
        run = qa.run(clips, "transcribe", [moody, speaker("new")], tmp_path / "run", canary=1, progress=False)
    told = [mark for mark in marks(run) if "drift" in mark]
    assert len(told) == 1, "the other model answered as before"
    assert told[0].startswith("moody: drift: 1 of 1 canary questions")
    page = qa.report(run, tmp_path / "report.html").read_text("utf-8")
    assert "moody: drift: 1 of 1 canary questions" in page
    assert "new: all 1 canary questions were answered as on" in page


def test_the_explorer_of_a_rehearsal_bears_the_mark(run, tmp_path):
    explorer = qa.explore(run)
    assert explorer.children[0] is explorer.mark
    assert "REHEARSAL" in explorer.mark.value
    real = qa.explore(small_run(tmp_path, models=[speaker("old")]))
    assert real.mark not in real.children
