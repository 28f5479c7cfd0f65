"""The laws of a run: one outcome an ask, nothing is asked again after a reply, no reply without its ask."""

import dataclasses
import os
import subprocess
import sys
from collections import Counter

import pandas as pd
import pytest
from clips import samples
from hypothesis import given, settings, strategies as st

import qaeval as qa
from qaeval.store import replies as stored
from qaeval.store.folder import RunFolder
from qaeval.types import Audio, Message, Request

ASK = ["sample", "task", "prompt", "model", "repeat"]


def hold(folder):
    """What holds of a run's folder at any instant, as a whole or as a killed process has left it."""
    run, store = qa.open_run(folder), RunFolder(folder)
    asks = list(store.asks.rows())
    names = [tuple(ask[name] for name in ASK) for ask in asks]
    assert len(set(names)) == len(names), "an ask is there twice"
    answered = stored.finished(store.replies)
    assert answered == {key for key, record in stored.latest(store.replies).items() if record["outcome"] == "ok"}
    assert answered <= {ask["key"] for ask in asks}, "a reply has lost the ask that it answers"
    known = {row["id"] for row in store.samples.rows()}
    assert {ask["sample"] for ask in asks if ask["key"] in answered} <= known, "a reply has lost its sample"
    rows = run.replies()
    assert not rows.duplicated(ASK).any()
    assert set(rows[rows["outcome"] == "ok"]["key"]) == answered & set(rows["key"])
    return run


REQUEST = Request(
    model="m",
    audio=Audio("a.wav", "a", "f" * 64),
    messages=(Message("system", "Be brief."), Message("user", "What is said?", with_audio=True)),
    params={"temperature": 0},
    task="transcribe",
    inputs={"query": "x"},
    language="en",
    endpoint="native",
    fitting="1",
)
SAME = [
    {"audio": Audio("https://elsewhere.example/b.wav?signature=1", "b", "f" * 64)},
    {"task": "other"},
    {"inputs": {"query": "y"}},
    {"language": "zh"},
]
OTHER = [
    {"audio": Audio("a.wav", "a", "e" * 64)},
    {"messages": REQUEST.messages[1:]},
    {"messages": (REQUEST.messages[0], Message("user", "What is said", with_audio=True))},
    {"messages": (REQUEST.messages[0], Message("user", "What is said?"))},
    {"params": {"temperature": 1}},
    {"params": {}},
    {"span": (0.0, 1.0)},
    {"repeat": 1},
]
SERVICE = [{"model": "n"}, {"endpoint": "compatible"}, {"fitting": "2"}]


@pytest.mark.parametrize("change", SAME)
def test_what_cannot_change_the_answer_is_no_part_of_the_key(change):
    assert dataclasses.replace(REQUEST, **change).key == REQUEST.key
    assert dataclasses.replace(REQUEST, params=dict(reversed(REQUEST.params.items()))).key == REQUEST.key


@pytest.mark.parametrize("change", [*OTHER, *SERVICE])
def test_what_can_change_the_answer_changes_the_key(change):
    assert dataclasses.replace(REQUEST, **change).key != REQUEST.key


def test_a_question_is_the_same_for_every_model():
    assert {dataclasses.replace(REQUEST, **change).question for change in (*SERVICE, *SAME)} == {REQUEST.question}
    assert len({dataclasses.replace(REQUEST, **change).question for change in OTHER}) == len(OTHER)


def test_an_engine_that_reads_no_prompt_is_asked_the_task():
    engine = dataclasses.replace(REQUEST, reads_prompt=False, endpoint="")
    for change in SAME[1:]:
        assert dataclasses.replace(engine, **change).key != engine.key
    assert dataclasses.replace(engine, messages=()).key == engine.key


def test_a_recogniser_of_a_service_is_asked_the_task_and_the_context():
    recogniser = dataclasses.replace(REQUEST, reads_prompt=False, messages=(qa.Message("system", "names: Ann, Bo"),))
    assert dataclasses.replace(recogniser, messages=(qa.Message("system", "names: Cy"),)).key != recogniser.key
    asked = (*recogniser.messages, qa.Message("user", "What is said?", with_audio=True))
    assert dataclasses.replace(recogniser, messages=asked).key == recogniser.key


class Ask:
    """Fails now and then, and counts what it answered."""

    def __init__(self, answered, failing):
        self.answered, self.failing, self.number = answered, failing, 0

    def __call__(self, request):
        self.number += 1
        if self.failing and self.number % self.failing == 0:
            raise ConnectionError("the line is down")
        self.answered[request.key] += 1
        return "'this is number 1'"


COMMANDS = st.fixed_dictionaries(
    {
        "models": st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True),
        "prompts": st.sampled_from([["zh"], ["en"], ["zh", "en"]]),
        "limit": st.sampled_from([None, 2, 4]),
        "repeats": st.integers(1, 2),
        "failing": st.sampled_from([0, 0, 2, 3]),
        "breaks": st.sampled_from([None, None, None, 0, 3]),
    }
)


@settings(max_examples=15, derandomize=True)
@given(st.lists(COMMANDS, min_size=1, max_size=4))
def test_any_commands_after_one_another(tmp_path_factory, commands):
    folder, answered = tmp_path_factory.mktemp("law"), Counter()

    def go(models, failing, breaks, **options):
        def data():
            for number, sample in enumerate(samples(folder / "clips")):
                if number == breaks:
                    raise OSError("the dataset breaks")
                yield sample

        asked = [qa.Model(name, Ask(answered, failing), concurrency=2) for name in models]
        try:
            qa.run(data(), "transcribe", asked, folder / "run", progress=False, **options)
        except OSError:
            assert breaks is not None

    for command in commands:
        go(**command)
        run = hold(folder / "run")
    assert set(answered.values()) <= {1}, "asked again after a reply"
    last = {**commands[-1], "failing": 0, "breaks": None}
    go(**last)
    run = hold(folder / "run")
    rows = run.replies()
    asked = rows["model"].isin(last["models"]) & (rows["repeat"] < last["repeats"])
    assert set(rows[asked & rows["prompt"].str.split("@").str[0].isin([*last["prompts"]])]["outcome"]) == {"ok"}
    frames = run.samples(), run.asks(), run.replies(), run.scores()
    go(**last)
    run = qa.open_run(folder / "run")
    for before, after in zip(frames, (run.samples(), run.asks(), run.replies(), run.scores()), strict=True):
        pd.testing.assert_frame_equal(before, after)
    assert set(answered.values()) <= {1}


KILLED = """
import os, sys, threading
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from clips import samples
import qaeval as qa

count, lock = [0], threading.Lock()

def ask(request):
    with lock:
        count[0] += 1
        if count[0] == int(sys.argv[3]):
            os._exit(9)
    return "'this is number 1'"

qa.run(samples(Path(sys.argv[2]) / "clips", 12), "transcribe", [qa.Model("b", ask, concurrency=2)],
       Path(sys.argv[2]) / "run", progress=False, prompts=["zh", "en"], repeats=2)
"""


@pytest.mark.parametrize("before", ["whole", "interrupted", "nothing"])
def test_what_was_asked_before_survives_a_kill_and_another_command(tmp_path, before):
    def go(name, count=6, breaks=None):
        def data():
            for number, sample in enumerate(samples(tmp_path / "clips", count)):
                if number == breaks:
                    raise OSError("the dataset breaks")
                yield sample

        return qa.run(data(), "transcribe", [qa.Model(name, lambda request: "x")], tmp_path / "run", progress=False)

    if before == "whole":
        go("a")
    if before == "interrupted":
        with pytest.raises(OSError, match="breaks"):
            go("a", breaks=4)
    kept = stored.finished(tmp_path / "run" / "replies")
    arguments = [os.path.dirname(__file__), str(tmp_path), "20"]
    assert subprocess.run([sys.executable, "-c", KILLED, *arguments]).returncode == 9
    killed = stored.finished(tmp_path / "run" / "replies")
    assert killed > kept
    assert set(hold(tmp_path / "run").replies().query("outcome == 'ok'")["key"]) == killed
    go("c", count=3)
    hold(tmp_path / "run")
    go("c", count=12)
    assert set(hold(tmp_path / "run").replies().query("model != 'c' and outcome == 'ok'")["key"]) == killed
