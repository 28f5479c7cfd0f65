"""The command line: the same numbers as Python, and every error as one message."""

import json
import os
import subprocess
import sys

import pytest
from clips import samples
from scripted import compatible_error

import qaeval as qa
from qaeval._version import __version__
from qaeval.terminal import comparison_text, summary_text


def qaeval(*arguments, cwd, **env):
    """Runs the command as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "qaeval", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **env},
    )


@pytest.fixture
def folder(tmp_path):
    """A folder with clips.jsonl and its audio."""
    rows = [
        {"audio": f"clips/{s.audio.source.name}", "text": s.reference.text, **s.meta}
        for s in samples(tmp_path / "clips", 8)
    ]
    (tmp_path / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_run_score_compare_report(folder):
    qaeval("run", "clips.jsonl", "--task", "transcribe", "--model", "control/majority", "--out", "old", cwd=folder)
    models = ["--model", "control/majority", "--model", "replay/old"]
    done = qaeval("run", "clips.jsonl", "--task", "transcribe", *models, "--out", "out", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    run = qa.open_run(folder / "out")
    scores = run.scores()
    assert summary_text(qa.summarize(scores)) in done.stdout

    scored = qaeval("score", "out", "--by", "speaker", "--parts", "--csv", "out.csv", cwd=folder)
    assert summary_text(qa.summarize(scores, by=["speaker"], parts=True)) in scored.stdout
    assert (folder / "out" / "scores.parquet").exists()
    assert "substitutions" in (folder / "out.csv").read_text()

    a, b = run.models
    compared = qaeval("compare", "out", a, b, "--metric", "wer", "--cluster", "speaker", cwd=folder)
    assert comparison_text(qa.compare(scores, a, b, metric="wer", cluster="speaker")) in compared.stdout

    reported = qaeval("report", "out", "--a", a, "--b", b, "--metric", "wer", cwd=folder)
    assert reported.returncode == 0, reported.stderr
    assert "<!doctype html>" in (folder / "out" / "report.html").read_text("utf-8")[:20].lower()


def test_the_second_time_nothing_is_asked(folder):
    command = ("run", "clips.jsonl", "--task", "transcribe", "--model", "control/majority")
    assert "8 done" in qaeval(*command, cwd=folder).stdout
    assert "8 done, 8 of them before" in qaeval(*command, cwd=folder).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "clips.jsonl", "--task", "transcibe", "--model", "control/majority"), "did you mean 'transcribe'"),
        (("run", "clips.jsonl", "--task", "transcribe", "--model", "wisper/base"), "did you mean 'whisper/base'"),
        (("run", "clips.jsonl"), "say --task and --model too"),
        (("run", "clips.csv", "--task", "transcribe", "--model", "control/majority"), "clips.csv"),
        (("run", "nothing.toml"), "no benchmark file nothing.toml"),
        (
            ("run", "demo", "--task", "transcribe", "--model", "control/majority", "--option", "kynd=x"),
            "kind, language",
        ),
        (("run", "demo", "--task", "transcribe", "--model", "control/majority", "--option", "x"), "name=value"),
        (("report", "nowhere"), "is not a run"),
        (
            ("run", "demo", "--task", "transcribe", "--model", "control/majority", "--limit", "0"),
            "limit must be 1 or more",
        ),
        (("emulate", "--port", "0", "--quota", "qwen-audio-turbo=nan"), "expected NAME=NUMBER, the number 0 or more"),
        (("emulate", "--port", "0", "--quota", "qwen-audio-turbo=-3"), "expected NAME=NUMBER, the number 0 or more"),
        (("score", "nowhere"), "is not a run"),
        (("compare", "nowhere", "a", "b"), "is not a run"),
    ],
)
def test_an_error_is_one_message(folder, arguments, message):
    done = qaeval(*arguments, cwd=folder)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_an_unexpected_error_is_a_message_too_and_can_be_seen(folder):
    broken = folder / "sitecustomize.py"
    broken.write_text(
        "import qaeval.models\ndef summaries(): raise ZeroDivisionError('oh')\nqaeval.models.summaries = summaries\n"
    )
    done = qaeval("models", cwd=folder, PYTHONPATH=str(folder))
    assert done.stderr == "error: unexpected ZeroDivisionError (QAEVAL_DEBUG=1 shows where): oh\n"
    assert "Traceback" in qaeval("models", cwd=folder, PYTHONPATH=str(folder), QAEVAL_DEBUG="1").stderr


@pytest.mark.parametrize("word", ["models", "tasks", "datasets"])
def test_what_there_is_is_listed(tmp_path, word):
    done = qaeval(word, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = {"models": "control/majority", "tasks": "wer ↓", "datasets": "demo"}
    assert expected[word] in done.stdout


def test_a_model_without_a_single_reply_makes_the_command_fail(folder, server):
    server.answer(compatible_error(404, "model_not_found", "The model `mine` does not exist."))
    wanted = ["--task", "transcribe", "--model", "control/majority", "--model", "openai/mine", "--out", "out"]
    done = qaeval("run", "clips.jsonl", *wanted, cwd=folder, OPENAI_BASE_URL=f"{server.base}/v1")
    assert done.returncode == 1
    assert done.stderr.endswith("error: not one reply from openai/mine; why stands above\n")
    assert "The model `mine` does not exist" in done.stdout
    assert qa.open_run(folder / "out").replies()["outcome"].value_counts().to_dict() == {"ok": 8, "failed": 8}


def test_the_version(tmp_path):
    done = qaeval("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"qaeval {__version__}\n", "")


def test_a_csv_holds_no_formula(folder):
    rows = [
        {**json.loads(line), "speaker": '=HYPERLINK("x")'} for line in (folder / "clips.jsonl").read_text().splitlines()
    ]
    (folder / "hostile.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    qaeval("run", "hostile.jsonl", "--task", "transcribe", "--model", "control/majority", "--out", "out", cwd=folder)
    assert qaeval("score", "out", "--by", "speaker", "--csv", "out.csv", cwd=folder).returncode == 0
    assert "\"'=HYPERLINK(" in (folder / "out.csv").read_text()


def test_a_benchmark_with_compare_prints_it_and_writes_the_report(folder):
    qaeval("run", "clips.jsonl", "--task", "transcribe", "--model", "control/majority", "--out", "old", cwd=folder)
    (folder / "bench.toml").write_text(
        'dataset = "clips.jsonl"\ntasks = ["transcribe"]\nmodels = ["control/majority", "replay/old"]\n'
        '[compare]\na = "replay/old"\nb = "control/majority"\nmetric = "cer"\n'
    )
    done = qaeval("run", "bench.toml", "--prompt", "en", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "too few clusters to tell" in done.stdout
    assert "Report: results/bench/report.html" in done.stdout.replace(os.sep, "/")


def test_why_there_is_no_reply_is_told(folder):
    (folder / "clips" / "1.wav").write_bytes(b"no audio")
    done = qaeval("run", "clips.jsonl", "--task", "transcribe", "--model", "control/majority", cwd=folder)
    assert "control/majority: 1 skipped: clips/1.wav: " in done.stdout


def test_a_language_without_rules_leaves_the_rest_scored(folder):
    rows = [json.loads(line) for line in (folder / "clips.jsonl").read_text().splitlines()]
    rows[0]["language"] = "ko"
    (folder / "ko.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = qaeval("run", "ko.jsonl", "--task", "transcribe", "--model", "control/majority", cwd=folder)
    assert done.returncode == 0
    assert "1 in 'ko'" in done.stderr
    assert "1 without a value" in done.stdout


def test_scores_are_printed_of_a_run_that_cannot_be_written(folder):
    qaeval("run", "clips.jsonl", "--task", "transcribe", "--model", "control/majority", "--out", "out", cwd=folder)
    (folder / "out" / "scores.parquet").mkdir()
    done = qaeval("score", "out", cwd=folder)
    assert done.returncode == 0
    assert "wer" in done.stdout
    assert "scores.parquet was not written" in done.stderr


def test_a_terminal_that_lacks_characters_does_not_end_the_command(folder):
    qaeval("run", "clips.jsonl", "--task", "transcribe", "--model", "control/majority", "--out", "out", cwd=folder)
    done = qaeval("score", "out", cwd=folder, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
