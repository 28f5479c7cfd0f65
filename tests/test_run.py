"""Runs: everything is asked once, kept for ever, and counted."""

import dataclasses
import hashlib
import http.server
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from clips import samples, wav

import qaeval as qa
from qaeval.errors import DatasetError, ModelError, QaevalError, RunError, UnknownNameError
from qaeval.store import replies as stored
from qaeval.types import Failure


class Counting:
    """An ask that remembers what it was asked."""

    def __init__(self, reply="这段音频说的是:'this is number 1'", fail=()):
        self.asked, self.reply, self.fail = [], reply, set(fail)

    def __call__(self, request):
        self.asked.append(request.audio.name)
        if request.audio.source.name in self.fail:
            raise ConnectionError("the line is down")
        return self.reply


def go(tmp_path, *models, out="run", count=6, **options):
    data = samples(tmp_path / "clips", count)
    return qa.run(data, "transcribe", list(models), tmp_path / out, progress=False, **options)


def test_every_sample_is_asked_once_and_never_again(tmp_path):
    ask = Counting()
    run = go(tmp_path, qa.Model("a", ask))
    assert len(ask.asked) == 6
    assert list(run.replies()["outcome"]) == ["ok"] * 6
    assert go(tmp_path, qa.Model("a", ask)).scores().equals(run.scores())
    assert len(ask.asked) == 6


def test_only_what_failed_is_asked_again(tmp_path):
    run = go(tmp_path, qa.Model("a", Counting(fail=["2.wav", "4.wav"])))
    failed = run.replies().query("outcome == 'failed'")
    assert set(failed["sample"]) == {"s2", "s4"}
    assert set(failed["reason"]) == {"ConnectionError: the line is down"}
    again = Counting()
    run = go(tmp_path, qa.Model("a", again))
    assert len(again.asked) == 2
    assert set(run.replies()["outcome"]) == {"ok"}


def test_the_same_clip_under_two_ids_is_asked_once(tmp_path, capsys):
    ask = Counting()
    content = wav()
    twins = [qa.Sample(name, content, qa.Annotation(text="hello"), {"language": "en"}) for name in "ab"]
    run = qa.run(twins, "transcribe", [qa.Model("a", ask)], tmp_path / "run", progress=False)
    assert len(ask.asked) == 1
    assert list(run.replies()["sample"]) == ["a", "b"]
    qa.run(twins, "transcribe", [qa.Model("b", ask)], tmp_path / "other")
    assert "b: 1 done, 1 as another of the same clip" in capsys.readouterr().out
    assert run.sample("b").audio.source.read_bytes() == content, "bytes are kept in the run"


def test_a_new_model_a_new_prompt_and_repeats_extend_the_run(tmp_path):
    first, second = Counting(), Counting()
    go(tmp_path, qa.Model("a", first))
    run = go(tmp_path, qa.Model("b", second), prompts=["zh", "en"], repeats=2)
    assert (len(first.asked), len(second.asked)) == (6, 24)
    assert run.models == ["a", "b"]
    assert run.replies().groupby("model", observed=True).size().to_dict() == {"a": 6, "b": 24}


def test_a_limit_is_a_prefix_of_a_larger_one(tmp_path):
    ask = Counting()
    small = set(go(tmp_path, qa.Model("a", ask), limit=4, count=12).samples()["sample"])
    large = set(go(tmp_path, qa.Model("a", ask), limit=8, count=12).samples()["sample"])
    assert small < large
    assert len(ask.asked) == 8
    other = set(go(tmp_path, qa.Model("a", ask), limit=4, count=12, seed=1, out="other").samples()["sample"])
    assert other != small


def test_memory_of_a_slow_lane_does_not_hold_back_a_fast_one(tmp_path):
    gate, fast = threading.Event(), Counting()

    def slow(request):
        assert gate.wait(20)
        return "x"

    def quick(request):
        answer = fast(request)
        if len(fast.asked) == 6:
            gate.set()
        return answer

    run = go(tmp_path, qa.Model("slow", slow, concurrency=1), qa.Model("fast", quick, concurrency=1))
    assert set(run.replies()["outcome"]) == {"ok"}


def test_concurrency_is_bounded_and_used(tmp_path):
    now, most, lock = [0], [0], threading.Lock()

    def ask(request):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1
        return "x"

    go(tmp_path, qa.Model("a", ask), count=24, concurrency=5)
    assert most[0] == 5


def test_an_unreadable_clip_is_a_skipped_row_and_the_run_goes_on(tmp_path):
    clips = list(samples(tmp_path / "clips"))
    (tmp_path / "clips" / "1.wav").write_bytes(b"this is no audio")
    (tmp_path / "clips" / "2.wav").write_bytes(b"")
    (tmp_path / "clips" / "3.wav").unlink()
    ask = Counting()
    run = qa.run(clips, "transcribe", [qa.Model("a", ask)], tmp_path / "run", progress=False)
    skipped = run.replies().query("outcome == 'skipped'").set_index("sample")["reason"]
    assert list(skipped.index) == ["s1", "s2", "s3"]
    assert all(name in reason for name, reason in zip(["1.wav", "2.wav", "3.wav"], skipped, strict=True))
    assert len(ask.asked) == 3
    assert qa.summarize(run.scores()).query("metric == 'wer'")["skipped"].item() == 3


def test_what_a_model_cannot_do_is_skipped_with_the_reason(tmp_path):
    model = qa.Model("a", Counting(), refuses=lambda request: "speaks no English" if request.language == "en" else "")
    run = go(tmp_path, model)
    assert set(run.replies()["reason"]) == {"speaks no English"}
    assert model.ask.asked == []


@pytest.mark.parametrize(
    ("returned", "reason"),
    [(None, "returned NoneType"), (3, "returned int"), (b"x", "returned bytes")],
)
def test_an_ask_that_returns_something_else_fails_with_a_reason(tmp_path, returned, reason):
    run = go(tmp_path, qa.Model("a", lambda request: returned))
    assert all(reason in seen for seen in run.replies()["reason"])


def test_a_model_that_cannot_work_is_asked_once_and_the_others_go_on(tmp_path):
    calls = []

    def broken(request):
        calls.append(request)
        raise ModelError("its weights are damaged")

    run = go(tmp_path, qa.Model("broken", broken, concurrency=1), qa.Model("sound", Counting()))
    outcomes = run.replies().groupby("model")["outcome"].unique()
    assert len(calls) == 1
    assert list(outcomes["broken"]) == ["failed"]
    assert list(outcomes["sound"]) == ["ok"]
    assert set(run.replies()["reason"].dropna()) == {"its weights are damaged"}


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        (qa.Reply(text=3), "the text of the reply is int"),
        (qa.Reply(error=Failure("oops", "why")), "unknown outcome 'oops': why"),
        (qa.Reply(error=Failure("ok", "why")), "unknown outcome 'ok': why"),
    ],
)
def test_a_reply_that_could_not_be_read_again_fails_and_is_kept_beside(tmp_path, returned, reason):
    run = go(tmp_path, qa.Model("a", lambda request: returned), count=1)
    assert reason in run.replies()["reason"].item()
    assert len(run.scores()) > 0
    [record] = stored.read(run.folder / "replies")
    assert record["raw"] == (None if returned.error else [3, None])


@pytest.mark.parametrize("usage", [None, {"total_tokens": None}, {"total_tokens": 3, "details": {"audio": 2}}])
def test_token_counts_of_any_form_end_no_run(tmp_path, usage):
    run = go(tmp_path, qa.Model("a", lambda request: qa.Reply(text="x", usage=usage)), count=1)
    assert run.replies()["text"].item() == "x"


def test_a_refuses_that_raises_fails_its_own_rows_only(tmp_path):
    def refuses(request):
        if request.audio.source.stem == "2":
            raise KeyError("dialect")
        return ""

    run = go(tmp_path, qa.Model("a", Counting(), refuses=refuses))
    rows = run.replies().set_index("sample")
    assert rows["outcome"].to_dict() == {f"s{n}": "failed" if n == 2 else "ok" for n in range(6)}
    assert rows.loc["s2", "reason"] == "KeyError: 'dialect'"


def test_a_model_that_cannot_be_prepared_fails_and_the_others_go_on(tmp_path):
    def prepare(samples):
        raise ValueError(f"{len(list(samples()))} samples are too few")

    run = go(tmp_path, qa.Model("broken", prepare=prepare), qa.Model("sound", Counting()))
    rows = run.replies().groupby("model")
    assert rows["outcome"].unique().map(list).to_dict() == {"broken": ["failed"], "sound": ["ok"]}
    assert set(run.replies()["reason"].dropna()) == {
        "the model could not be prepared: ValueError: 6 samples are too few"
    }


@pytest.mark.parametrize("error", [DatasetError("line 5: torn"), OSError("the disk of the dataset"), ValueError("x")])
def test_no_model_is_prepared_from_a_part_of_a_dataset(tmp_path, error):
    seen = []

    def prepare(samples):
        seen.append(list(samples()))
        return Counting()

    def broken():
        yield from samples(tmp_path / "clips")
        raise error

    with pytest.raises(type(error), match=re.escape(str(error))):
        qa.run(broken(), "transcribe", [qa.Model("a", prepare=prepare)], tmp_path / "run", progress=False)
    assert seen == []


def test_a_dataset_that_blocks_keeps_no_error_waiting(tmp_path):
    hold = threading.Event()

    def blocked():
        yield from samples(tmp_path / "clips")
        hold.wait(20)

    def ask(request):
        raise KeyboardInterrupt  # as from the keyboard; an ask's other errors end no run

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        qa.run(blocked(), "transcribe", [qa.Model("a", ask)], tmp_path / "run", progress=False)
    assert time.monotonic() - started < 10
    hold.set()


def test_a_sample_without_an_input_of_the_prompt_is_skipped_and_says_so(tmp_path):
    given = [
        dataclasses.replace(sample, inputs={"dialect": "Scots"} if n % 2 else {})
        for n, sample in enumerate(samples(tmp_path / "clips", 4))
    ]
    prompt = qa.Prompt("dialect", "Write down this {dialect}.")
    models = [qa.Model("a", lambda request: request.messages[0].text), qa.Model("b", Counting(), reads_prompt=False)]
    run = qa.run(given, "transcribe", models, tmp_path / "run", prompts=prompt, progress=False)
    rows = run.replies().query("model == 'a'").set_index("sample")
    assert list(rows["outcome"]) == ["skipped", "ok", "skipped", "ok"]
    assert rows.loc["s1", "text"] == "Write down this Scots."
    assert "sample 's2' lacks the inputs that the prompt 'dialect' has places for: dialect" in rows.loc["s2", "reason"]
    assert set(run.replies().query("model == 'b'")["outcome"]) == {"ok"}, "an engine reads no prompt"
    with pytest.raises(DatasetError, match=r"needs: reference\.text, inputs\.dialekt \(prompt 'dialect'\)"):
        go(tmp_path, "control/majority", prompts=qa.Prompt("dialect", "Write down this {dialekt}."), out="other")


def test_an_engine_hears_a_clip_once_whatever_other_inputs_its_samples_have(tmp_path):
    ask = Counting()
    [clip] = samples(tmp_path / "clips", 1)
    twins = [dataclasses.replace(clip, id=word, inputs={"query": word}) for word in ("this", "number")]
    qa.run(twins, "transcribe", [qa.Model("a", ask, reads_prompt=False)], tmp_path / "run", progress=False)
    assert len(ask.asked) == 1


def test_strange_replies_are_kept_as_they_are(tmp_path):
    texts = iter(["\ud800", "a\nb\r\n\u2028c", '{"x": "', "", "=1+1", "\0"])
    run = go(tmp_path, qa.Model("a", lambda request: next(texts), concurrency=1))
    assert sorted(run.replies()["text"]) == sorted(["\ufffd", "a\nb\r\n\u2028c", '{"x": "', "", "=1+1", "\0"])
    assert "\\ud800" in (run.folder / "replies" / "journal.jsonl").read_text(), "the journal has what was said"
    assert len(run.scores()) > 0


def test_a_run_keeps_its_name_and_one_without_is_called_as_its_folder(tmp_path):
    def asked(**options):
        return qa.run("demo", "transcribe", "control/majority", tmp_path / "out", limit=2, progress=False, **options)

    assert (asked().name, "name" in asked().info) == ("out", False)
    assert asked(name="粤语 against <b>").name == "粤语 against <b>"
    assert (asked().name, qa.open_run(tmp_path / "out").info["name"]) == ("粤语 against <b>",) * 2


def test_two_writers_are_refused(tmp_path):
    entered, leave = threading.Event(), threading.Event()

    def ask(request):
        entered.set()
        assert leave.wait(20)
        return "x"

    thread = threading.Thread(target=go, args=(tmp_path, qa.Model("a", ask)))
    thread.start()
    assert entered.wait(20)
    try:
        with pytest.raises(RunError, match="being written by another process"):
            go(tmp_path, qa.Model("b", ask))
    finally:
        leave.set()
        thread.join()


def test_another_dataset_in_the_same_folder_is_refused(tmp_path):
    go(tmp_path, qa.Model("a", Counting()))
    other = qa.Dataset("other", lambda: samples(tmp_path / "clips"))
    with pytest.raises(RunError, match="holds a run over the dataset"):
        qa.run(other, "transcribe", [qa.Model("a", Counting())], tmp_path / "run", progress=False)


def test_a_run_of_a_newer_format_is_refused_with_its_version(tmp_path):
    run = go(tmp_path, qa.Model("a", Counting()))
    path = run.folder / "run.json"
    path.write_text(json.dumps({**run.info, "format": 99, "qaeval": "9.1"}))
    before = path.read_bytes()
    for attempt in (lambda: qa.open_run(run.folder), lambda: go(tmp_path, qa.Model("a", Counting()))):
        with pytest.raises(RunError, match=r"format 99, written by qaeval 9\.1"):
            attempt()
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "x"}'])
def test_a_damaged_run_json_is_named(tmp_path, content):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(RunError, match=re.escape(str(tmp_path / "run.json"))):
        qa.open_run(tmp_path)


def test_no_run_is_said(tmp_path):
    with pytest.raises(RunError, match="is not a run"):
        qa.open_run(tmp_path / "nothing")


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs a folder that nobody can write to")
def test_an_unwritable_folder_is_said(tmp_path):
    with pytest.raises(RunError, match="cannot write to the run folder /proc/run"):
        qa.run(samples(tmp_path / "clips"), "transcribe", [Counting()], "/proc/run", progress=False)


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "run").write_text("x")
    with pytest.raises(RunError, match="cannot write to the run folder"):
        go(tmp_path, qa.Model("a", Counting()))


def test_a_dataset_that_breaks_loses_no_reply(tmp_path):
    def broken():
        yield from samples(tmp_path / "clips")
        raise DatasetError("line 7: torn")

    first, again = Counting(), Counting()
    with pytest.raises(DatasetError, match="line 7: torn"):
        qa.run(broken(), "transcribe", [qa.Model("a", first)], tmp_path / "run", progress=False)
    assert len(stored.finished(tmp_path / "run" / "replies")) == len(first.asked)
    assert qa.open_run(tmp_path / "run").info["complete"] is False
    run = qa.run(
        qa.Dataset("samples", lambda: samples(tmp_path / "clips")),
        "transcribe",
        [qa.Model("a", again)],
        tmp_path / "run",
        progress=False,
    )
    assert sorted(first.asked + again.asked) == sorted(sample.audio.name for sample in samples(tmp_path / "clips"))
    assert set(run.replies()["outcome"]) == {"ok"}
    assert run.info["complete"] is True


def test_a_clip_of_bytes_is_kept_whole_or_not_at_all(tmp_path, monkeypatch):
    content = wav()
    clip = [qa.Sample("a", content, qa.Annotation(text="hello"), {"language": "en"})]
    whole = Path.write_bytes

    def torn(path, data):
        if data != content:
            return whole(path, data)
        whole(path, data[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", torn)
    with pytest.raises(RunError, match="No space left on device"):
        qa.run(clip, "transcribe", [qa.Model("a", Counting())], tmp_path / "run", progress=False)
    assert not [path for path in (tmp_path / "run" / "audio").rglob("*") if path.stat().st_size == 100]
    monkeypatch.undo()
    run = qa.run(clip, "transcribe", [qa.Model("a", Counting())], tmp_path / "run", progress=False)
    assert run.sample("a").audio.source.read_bytes() == content
    assert list(run.replies()["outcome"]) == ["ok"]


def test_ids_that_come_twice_are_refused(tmp_path):
    twice = [*samples(tmp_path / "clips", 2), *samples(tmp_path / "clips", 2)]
    for given in (twice, iter(twice)):
        with pytest.raises(DatasetError, match=r"'s0' comes (twice|a second time)"):
            qa.run(given, "transcribe", [qa.Model("a", Counting())], tmp_path / "run", progress=False)


def test_a_task_that_no_sample_fits_is_said(tmp_path):
    with pytest.raises(DatasetError, match=r"'locate' needs: reference\.events, inputs\.query"):
        qa.run(samples(tmp_path / "c"), "locate", [qa.Model("a", Counting())], tmp_path / "run", progress=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tasks": "transcibe"}, "did you mean 'transcribe'"),
        ({"models": "wisper/base"}, "did you mean 'whisper/base'"),
        ({"prompts": "zz"}, "unknown prompt of the task 'transcribe' 'zz'"),
        ({"prompts": {"transcibe": "zh"}}, "did you mean 'transcribe'"),
        ({"limit": 0}, "limit must be 1 or more"),
        ({"repeats": 0}, "repeats must be 1 or more"),
        ({"canary": -1}, "canary must be 1 or more, seen -1"),
        ({"concurrency": -1}, "concurrency must be 1 or more"),
        ({"models": []}, "expected one or more models"),
        ({"models": [5]}, "a model is a name, a qa.Model, or a function of a request; seen 5"),
        ({"models": [lambda request: "x"]}, "a lambda has no name"),
        ({"tasks": []}, "no task given"),
        ({"tasks": ["transcribe", "transcribe"]}, "expected each task once"),
        ({"limit": 2.5}, "limit must be 1 or more, seen 2.5"),
        ({"params": {"stop": {1, 2}}}, "params must be plain values"),
        ({"params": {1: 2}}, "params must be plain values"),
    ],
)
def test_wrong_words_are_said_before_anything_is_asked(tmp_path, options, message):
    arguments = {"tasks": "transcribe", "models": Counting(), "out": tmp_path / "run", "progress": False, **options}
    with pytest.raises(QaevalError, match=re.escape(message)):
        qa.run(samples(tmp_path / "clips"), **arguments)
    assert not (tmp_path / "run").exists()


def test_a_replay_answers_without_asking(tmp_path):
    asked = Counting("'this is number 3'")
    old = go(tmp_path, qa.Model("old", asked), count=4)
    name = f"replay/{old.folder}:old"
    new = go(tmp_path, name, qa.Model("new", Counting()), out="new")
    replies = new.replies().query("model == @name").set_index("sample")
    assert list(replies["outcome"]) == ["ok"] * 4 + ["skipped"] * 2
    assert set(replies["text"].dropna()) == {"'this is number 3'"}
    assert len(asked.asked) == 4
    assert set(replies["at"][:4]) == set(old.replies()["at"]), "a replayed reply keeps its time"
    with pytest.raises(UnknownNameError, match="did you mean 'old'"):
        go(tmp_path, f"replay/{old.folder}:olde", out="x")


def test_a_replay_prefers_a_reply_to_a_failure_and_finds_colons_in_paths(tmp_path):
    old = go(tmp_path, qa.Model("control/x:old", Counting("'this is number 3'")), count=2, out="12:30")
    [first, _] = stored.read(old.folder / "replies")
    failure = {**first, "key": "of another endpoint", "outcome": "failed", "text": None}
    (old.folder / "replies" / "more.jsonl").write_text(json.dumps(failure) + "\n")
    new = go(tmp_path, f"replay/{old.folder}:control/x:old", count=2, out="new")
    assert list(new.replies()["outcome"]) == ["ok", "ok"]


def test_what_no_table_can_hold_is_replaced_and_still_answered(tmp_path):
    [clip] = samples(tmp_path / "clips", 1)
    odd = "\udc80"  # as in a file name that is not UTF-8
    event = qa.Annotation(events=(qa.Event(odd, 0, 1),))
    given = qa.Sample(f"s{odd}", clip.audio, event, {"speaker": odd}, {"query": odd})
    run = qa.run([given], "locate", [qa.Model("a", Counting())], tmp_path / "run", progress=False)
    assert run.replies()[["sample", "outcome"]].values.tolist() == [["s\ufffd", "ok"]]
    assert run.scores()["speaker"].iloc[0] == "\ufffd"


def test_a_sample_that_json_cannot_hold_is_named(tmp_path):
    [clip] = samples(tmp_path / "clips", 1)
    with pytest.raises(DatasetError, match="sample 's0': its reference, meta and inputs must be plain values"):
        qa.run(
            iter([dataclasses.replace(clip, meta={("a", 1): 2})]),
            "transcribe",
            [qa.Model("a", Counting())],
            tmp_path / "run",
            progress=False,
        )


def test_a_run_behind_a_link_finds_its_clips(tmp_path):
    (tmp_path / "disk" / "results").mkdir(parents=True)
    (tmp_path / "results").symlink_to(tmp_path / "disk" / "results")
    heard = qa.Model("a", lambda request: str(len(request.audio.source.read_bytes())))
    run = go(tmp_path, heard, out="results/运行 1")
    assert set(run.replies()["text"]) == {str(len(wav()))}
    moved = go(tmp_path, heard, out="disk/results/运行 1")
    assert set(moved.replies()["outcome"]) == {"ok"}


def test_a_clip_that_was_heard_keeps_its_replies_when_it_has_gone(tmp_path):
    clips = list(samples(tmp_path / "clips"))
    first = qa.run(clips, "transcribe", [qa.Model("a", Counting())], tmp_path / "run", progress=False).replies()
    (tmp_path / "clips" / "2.wav").unlink()
    models = [qa.Model("a", Counting()), qa.Model("b", Counting())]
    rows = qa.run(clips, "transcribe", models, tmp_path / "run", progress=False).replies()
    assert models[0].ask.asked == []
    assert rows.query("outcome == 'skipped'")[["sample", "model"]].values.tolist() == [["s2", "b"]]
    assert set(rows.query("model == 'a'")["key"]) == set(first["key"])


class Server(http.server.BaseHTTPRequestHandler):
    """Serves clips and counts how often each is fetched."""

    def do_GET(self):
        self.server.fetched.append(self.path)
        if self.path == "/missing":
            return self.send_error(404)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(wav(tone=300 + len(self.path)))

    def log_message(self, *arguments):
        pass


def test_a_clip_behind_a_url_is_fetched_once_and_kept(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        server.fetched = []
        threading.Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}"
        clips = [qa.Sample(name, f"{address}/{name}", qa.Annotation(text="x")) for name in ("one", "three", "missing")]
        outcomes = ["ok", "ok", "skipped"]
        try:
            for name in "ab":
                run = qa.run(clips, "transcribe", [qa.Model(name, Counting())], tmp_path / "run", progress=False)
                assert list(run.replies().query("model == @name")["outcome"]) == outcomes
        finally:
            server.shutdown()
    assert server.fetched == ["/one", "/three", "/missing", "/missing"]
    run = qa.run(clips, "transcribe", [qa.Model("c", Counting())], tmp_path / "run", progress=False)
    assert run.replies().groupby("model")["outcome"].apply(list).to_dict() == dict.fromkeys("abc", outcomes)
    assert "404" in run.replies().query("model == 'a'")["reason"].iloc[2]


def test_audio_that_was_half_kept_when_a_run_was_killed_is_not_taken_for_whole(tmp_path):
    content = wav()
    sha256 = hashlib.sha256(content).hexdigest()
    (tmp_path / "run" / "audio").mkdir(parents=True)
    (tmp_path / "run" / "audio" / f"{sha256[:32]}.new").write_bytes(content[:100])
    clips = [qa.Sample("a", content, qa.Annotation(text="x"))]
    heard = qa.Model("a", lambda request: str(request.audio.source.read_bytes() == content))
    run = qa.run(clips, "transcribe", [heard], tmp_path / "run", progress=False)
    assert run.replies()["text"].item() == "True"


def test_a_damaged_table_is_named_with_the_way_out(tmp_path):
    run = go(tmp_path, qa.Model("a", Counting()))
    (run.folder / "asks.parquet").write_bytes(b"PAR1")
    with pytest.raises(RunError, match=r"asks\.parquet cannot be read .*move it away and run the same command again"):
        qa.open_run(run.folder).replies()
    (run.folder / "asks.parquet").unlink()
    again = Counting()
    assert set(go(tmp_path, qa.Model("a", again)).replies()["outcome"]) == {"ok"}
    assert again.asked == []


def test_a_moved_run_with_its_clips_can_still_be_heard(tmp_path):
    run = go(tmp_path / "one", qa.Model("a", Counting()))
    (tmp_path / "one").rename(tmp_path / "two")
    moved = qa.open_run(tmp_path / "two" / "run")
    assert moved.sample("s1").audio.source.read_bytes() == wav(tone=301)
    assert moved.scores().equals(qa.open_run(moved.folder).scores())
    (tmp_path / "two" / "clips").rename(tmp_path / "elsewhere")
    found = qa.open_run(moved.folder, audio_root=tmp_path / "elsewhere").sample("s1")
    assert found.audio.name.endswith("1.wav")
    assert run.dataset == moved.dataset


CHILD = """
import os, random, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from clips import samples
import qaeval as qa

def ask(request):
    with open(sys.argv[3], "a") as log:
        log.write(request.key + "\\n")
    time.sleep(0.01)
    return f"'this is number {request.audio.source.stem}'"

qa.run(samples(Path(sys.argv[2]) / "clips", int(sys.argv[4])), "transcribe", [qa.Model("a", ask), qa.Model("b", ask)],
       Path(sys.argv[2]) / "run", progress=False, concurrency=4)
"""


def child(tmp_path, count):
    arguments = [os.path.dirname(__file__), str(tmp_path), str(tmp_path / "asked.log"), str(count)]
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments], stderr=subprocess.PIPE)


def test_killed_at_random_moments_nothing_is_lost_or_asked_again(tmp_path):
    """The environment variable QAEVAL_KILLS sets how many times the run is killed."""
    kills = int(os.environ.get("QAEVAL_KILLS", "4"))
    count, total = 15 * kills, 30 * kills
    list(samples(tmp_path / "clips", count))
    acknowledged: set[str] = set()
    moments = random.Random(kills)
    replies = tmp_path / "run" / "replies"
    for _ in range(kills):
        process = child(tmp_path, count)
        deadline = time.monotonic() + 20
        target = len(acknowledged) + moments.randrange(25)
        while process.poll() is None and time.monotonic() < deadline:
            if replies.exists() and len(stored.finished(replies)) >= target:
                break
        time.sleep(moments.random() * 0.01)
        process.kill()
        process.communicate()
        now = stored.finished(replies) if replies.exists() else set()
        assert acknowledged <= now, "a reply was lost"
        acknowledged = now
    process = child(tmp_path, count)
    assert process.communicate(timeout=60)[1] == b""
    run = qa.open_run(tmp_path / "run")
    assert run.info["complete"]
    assert set(run.replies()["outcome"]) == {"ok"}
    asked = (tmp_path / "asked.log").read_text().split()
    assert len(set(asked)) == total
    print(f"{kills} kills: {len(asked) - total} of {total} requests were in flight and asked again, none was lost")
    assert len(asked) - total <= kills * 8, "at most what was in flight (2 lanes of 4) is asked again"
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    (undisturbed / "clips").symlink_to(tmp_path / "clips")
    assert child(undisturbed, count).communicate(timeout=60)[1] == b""
    assert run.scores().equals(qa.open_run(undisturbed / "run").scores())


FULL = """
import resource, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from clips import samples
import qaeval as qa
from qaeval.errors import RunError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
data = list(samples(Path(sys.argv[2]) / "clips", 40))

def ask(request):
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))
    return "x" * 2000

try:
    qa.run(data, "transcribe", [qa.Model("a", ask, concurrency=2)], Path(sys.argv[2]) / "run", progress=False)
except RunError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a thing of POSIX")
def test_a_full_disk_stops_the_run_and_loses_no_reply(tmp_path):
    arguments = [os.path.dirname(__file__), str(tmp_path)]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", FULL, *arguments], capture_output=True, text=True, env=env)
    assert done.stderr == ""
    assert "cannot write to" in done.stdout
    assert "File too large" in done.stdout
    assert "To go on: run the same call again" in done.stdout
    [rescued] = re.findall(r"are in (\S+?):", done.stdout)
    replies = tmp_path / "run" / "replies"
    assert os.path.dirname(rescued) == str(replies)
    received = stored.finished(replies)
    os.rename(rescued, tmp_path / "elsewhere")
    assert stored.finished(replies) < received
    os.rename(tmp_path / "elsewhere", rescued)
    ask = Counting()
    run = go(tmp_path, qa.Model("a", ask), count=40)
    assert len(ask.asked) == 40 - len(received)
    assert set(run.replies()["outcome"]) == {"ok"}


LEFT = """
import _thread, sys, threading, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from clips import samples
import qaeval as qa

hold = threading.Event()

def interrupt():
    for _ in range(2):
        time.sleep(0.3)
        _thread.interrupt_main()

def ask(request):
    if request.audio.source.stem == "2":
        threading.Thread(target=interrupt).start()
        hold.wait(20)
    return "late" if hold.is_set() else "in time"

def go(*models):
    return qa.run(list(samples(Path(sys.argv[2]) / "clips")), "transcribe", list(models), Path(sys.argv[2]) / "run",
                  progress=False)

try:
    go(qa.Model("a", ask, concurrency=1))
except KeyboardInterrupt:
    print("out")
go(qa.Model("b", lambda request: "x"))
hold.set()
while any(thread is not threading.main_thread() and type(thread).__name__ != "TMonitor" and thread.is_alive()
          for thread in threading.enumerate()):
    time.sleep(0.01)
rows = qa.open_run(Path(sys.argv[2]) / "run").replies()
print(rows.query("model == 'a'")["text"].dropna().tolist(), rows.query("model == 'b'")["outcome"].tolist())
"""


def test_a_second_interrupt_leaves_an_ask_that_hangs_and_its_late_reply_is_kept(tmp_path):
    arguments = [os.path.dirname(__file__), str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", LEFT, *arguments], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert "out" in lines
    assert any("A reply of a came after the run had ended; it is kept in" in line for line in lines)
    assert lines[-1] == f"{['in time', 'in time', 'late']} {['ok'] * 6}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that can be heard")
def test_sigterm_is_heard_like_an_interrupt(tmp_path):
    script = INTERRUPTED.replace("_thread.interrupt_main()", "os.kill(os.getpid(), signal.SIGTERM)")
    script = "import os, signal\n" + script
    arguments = [os.path.dirname(__file__), str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True)
    assert "To go on: qaeval run it.toml" in done.stdout
    assert len(stored.finished(tmp_path / "run" / "replies")) == 6


INTERRUPTED = """
import _thread, sys, threading, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from clips import samples
import qaeval as qa

def ask(request):
    if request.audio.source.stem == "5":
        time.sleep(1)  # until all samples are known, and so how many are left
        _thread.interrupt_main()
        time.sleep(0.5)
    return "in flight"

qa.run(samples(Path(sys.argv[2]) / "clips", 60), "transcribe", [qa.Model("a", ask, concurrency=1)],
       Path(sys.argv[2]) / "run", resume="qaeval run it.toml")
"""


def test_an_interrupt_keeps_what_is_in_flight_and_says_how_to_go_on(tmp_path):
    arguments = [os.path.dirname(__file__), str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, *arguments], capture_output=True, text=True)
    assert done.returncode != 0
    assert "KeyboardInterrupt" in done.stderr
    assert "6 done" in done.stdout
    assert "54 left" in done.stdout
    assert "To go on: qaeval run it.toml" in done.stdout
    assert len(stored.finished(tmp_path / "run" / "replies")) == 6


def test_a_run_with_a_task_of_ones_own_says_how_to_open_it(tmp_path):
    metric = qa.Metric("long", "text", lambda case: qa.Ratio(len(case.hypothesis.text) > 3, 1), better="higher")
    task = qa.Task("mine", ("text",), (qa.Prompt("en", "Say."),), lambda t, s: qa.Annotation(text=t), (metric,))
    run = qa.run(samples(tmp_path / "clips"), task, [Counting()], tmp_path / "run", progress=False)
    with pytest.raises(UnknownNameError, match=r"pass it: qa\.open_run\(folder, \[task\]\)"):
        qa.open_run(run.folder).scores()
    assert qa.open_run(run.folder, [task]).scores().equals(run.scores())


def test_a_table_that_cannot_be_read_is_one_error(tmp_path, capsys):
    run = go(tmp_path, qa.Model("a", Counting()))
    (run.folder / "samples.parquet").write_bytes(b"no table")
    with pytest.raises(RunError, match=r"samples\.parquet cannot be read"):
        go(tmp_path, qa.Model("a", Counting()))
    assert "Traceback" not in capsys.readouterr().err


def test_a_dataset_that_has_changed_is_told(tmp_path, capsys):
    for count in (6, 6, 4):
        data = list(samples(tmp_path / "clips", count))
        qa.run(data, "transcribe", [qa.Model("a", Counting())], tmp_path / "run")
        said = capsys.readouterr().out
        assert ("is not the one" in said) == (count == 4)


def test_a_limit_that_leaves_out_what_a_task_needs_is_noted(tmp_path, capsys):
    clips = samples(tmp_path / "clips", 6)
    run = qa.run(clips, ["transcribe", "locate"], qa.Model("a", Counting()), tmp_path / "run", limit=2, progress=False)
    assert run.replies()["task"].tolist() == ["transcribe"] * 2
    assert "none of the 2 samples that the limit admits has what the task 'locate' needs" in capsys.readouterr().out
