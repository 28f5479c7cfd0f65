"""What was read out of a reply, as `Run.replies` shows it to people."""

import pytest
from clips import wav
from hypothesis import given, strategies as st

import qaeval as qa
from qaeval.frames import shown

HEARD = {
    "detect": ("0.5-2.3 s: a dog\n3-4 s: a man speaking", "Dog 0.50-2.30 s; Male speech, man speaking 3.00-4.00 s"),
    "locate": ('"hello" is said from 0.5 s to 0.9 s, and from 1.2 s to 1.6 s.', "hello 0.50-0.90 s; hello 1.20-1.60 s"),
}
TIMES = st.tuples(st.floats(0, 100), st.floats(0, 100)).map(sorted)


@pytest.mark.parametrize("task", HEARD)
def test_replies_show_what_was_heard_and_when(tmp_path, task):
    clip = qa.Sample("a", wav(), qa.Annotation(events=(qa.Event("hello", 0.0, 0.1),)), inputs={"query": "hello"})

    def model(request):
        return HEARD[task][0]

    run = qa.run([clip], task, [model], tmp_path / "run", progress=False)
    assert run.replies()["hypothesis"].tolist() == [HEARD[task][1]]


@given(st.lists(st.tuples(st.text(), TIMES), min_size=1, max_size=3))
def test_no_event_is_shown_without_its_label_and_times(said):
    events = tuple(qa.Event(label, *times) for label, times in said)
    line = shown(qa.Annotation(events=events))
    at = 0
    for event in events:
        for part in [*event.label.split(), f"{event.onset:.2f}-{event.offset:.2f} s"]:
            at = line.index(part, at) + len(part)
    assert len(line.splitlines()) == 1


def test_what_is_absent_is_not_what_is_unknown():
    assert shown(qa.Annotation(events=())) == "not present"
    assert shown(qa.Annotation()) is None
    both = qa.Annotation(text="good morning", labels={"gender": ("female",), "emotion": ()})
    assert shown(both) == "good morning; gender: female; emotion: none"


def test_changes_stand_beside_what_was_to_be_said_and_what_was(tmp_path):
    events = (qa.Event("hello", 0.5, 0.9),)
    clip = qa.Sample("a", wav(), qa.Annotation("hello there", events, {"gender": ("male",)}), inputs={"query": "hello"})

    def old(request):
        return ["'hello there'", "0.5 s - 1.4 s"][request.task == "locate"]

    def new(request):
        turn["n"] += request.task == "transcribe"
        return [f"'hello {turn['n']}'", ""][request.task == "locate"]

    turn = {"n": 0}
    run = qa.run([clip], ["transcribe", "locate"], [old, new], tmp_path / "run", repeats=2, progress=False)
    said = ["status", "reference", "hypothesis_a", "hypothesis_b"]
    [words] = run.changes("old", "new", "wer")[said].values.tolist()
    assert words == ["regressed", "hello there", "hello there", "hello 1 | hello 2"]
    [times] = run.changes("old", "new", "span_iou")[said].values.tolist()
    assert times == ["regressed", "hello 0.50-0.90 s", "hello 0.50-1.40 s", None]
