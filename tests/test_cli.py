"""The command line: the same numbers as Python, and every error as one message."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from clips import samples
from scripted import compatible_error

import qaeval as qa
from qaeval._version import __version__
from qaeval.cli import main
from qaeval.cli.terminal import comparison_text, summary_text
from qaeval.reporting.slices import in_order


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
    first = scores[scores["metric"] == "wer"]
    assert summary_text(qa.summarize(first)) in done.stdout
    others = sorted(set(scores["metric"]) - {"wer"})
    [told] = [line for line in done.stdout.splitlines() if "more metrics" in line]
    assert told.startswith(f"{len(others)} more metrics (cer, mer, ")
    assert told.endswith("): qaeval score out --all")

    scored = qaeval("score", "out", "--by", "speaker", "--parts", "--csv", "out.csv", cwd=folder)
    by_speaker = in_order(qa.summarize(first, by=["model", "speaker"], parts=True))
    assert summary_text(by_speaker) in scored.stdout, "replies of two models are not summed together"
    assert "--all shows them" in scored.stdout
    assert (folder / "out" / "scores.parquet").exists()
    written = pd.read_csv(folder / "out.csv")
    assert set(written["metric"]) == {"wer", *others}
    assert "substitutions" in set(written["part"])
    whole = qaeval("score", "out", "--all", cwd=folder).stdout
    assert summary_text(qa.summarize(scores)) in whole
    assert "more metrics" not in whole

    a, b = run.models
    compared = qaeval("compare", "out", a, b, "--metric", "wer", "--cluster", "speaker", cwd=folder)
    assert comparison_text(qa.compare(scores, a, b, metric="wer", cluster="speaker")) in compared.stdout
    assert "more metrics" not in compared.stdout
    assert "raw_wer" not in (short := qaeval("compare", "out", a, b, cwd=folder).stdout).splitlines()[3]
    assert "--all shows them, --metric NAME one of them" in short
    assert "raw_wer" in qaeval("compare", "out", a, b, "--all", "--csv", "compared.csv", cwd=folder).stdout
    assert set(pd.read_csv(folder / "compared.csv")["metric"]) == {"wer", *others}

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


def test_tables_for_papers_are_written(folder):
    asked = ["run", "clips.jsonl", "--task", "transcribe", "--model", "control/majority"]
    qaeval(*asked, "--out", "old", cwd=folder)
    qaeval(*asked, "--model", "replay/old", "--out", "out", cwd=folder)
    done = qaeval("score", "out", "--table", "out.tex", cwd=folder)
    assert done.stdout.endswith("Table: out.tex\n"), done.stderr
    assert "\nwer (\\%) $\\downarrow$ & " in (folder / "out.tex").read_text("utf-8")
    done = qaeval("compare", "out", "control/majority", "replay/old", "--table", "out.md", cwd=folder)
    assert "| metric | control/majority | replay/old | difference |" in (folder / "out.md").read_text("utf-8")
    assert qaeval("score", "out", "--table", "out.docx", cwd=folder).stderr.startswith("error: --table out.docx: ")


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


def test_a_report_bears_the_name_of_the_benchmark_and_its_slices(folder):
    qaeval("run", "clips.jsonl", "--task", "transcribe", "--model", "control/majority", "--out", "old", cwd=folder)
    assert "<h1>old</h1>" in report_of(folder / "old"), "a dataset's run is called as its folder"
    (folder / "bench.toml").write_text(
        'name = "Two of <us>"\ndataset = "clips.jsonl"\ntasks = ["transcribe"]\n'
        'models = ["control/majority", "replay/old"]\n'
        '[compare]\na = "replay/old"\nb = "control/majority"\nmetric = "cer"\nby = "speaker"\n'
    )
    done = qaeval("run", "bench.toml", "--out", "elsewhere", cwd=folder)
    assert done.returncode == 0, done.stderr
    page = (folder / "elsewhere" / "report.html").read_text("utf-8")
    assert "<h1>Two of &lt;us&gt;</h1>" in page
    table = page.partition('<h2 id="slices">By speaker</h2>')[2].partition("</table>")[0]
    speakers = {json.loads(line)["speaker"] for line in (folder / "clips.jsonl").read_text().splitlines()}
    assert [table.count(f"<td>{speaker}</td>") for speaker in speakers] == [1] * len(speakers)
    done = qaeval("report", "elsewhere", "--by", "speeker", cwd=folder)
    assert "did you mean 'speaker'" in done.stderr


def report_of(folder):
    return qa.report(qa.open_run(folder), folder / "report.html").read_text("utf-8")


def test_two_models_are_shown_clip_by_clip(folder):
    qaeval("run", "clips.jsonl", "--task", "transcribe", "--model", "control/majority", "--out", "old", cwd=folder)
    models = ["--model", "control/majority", "--model", "replay/old"]
    qaeval("run", "clips.jsonl", "--task", "transcribe", *models, "--out", "out", cwd=folder)
    table = qa.open_run(folder / "out").changes(*(sides := ("control/majority", "replay/old")), "wer")
    counts = {status: int(number) for status, number in table["status"].value_counts().items()}
    done = qaeval("changes", "out", *sides, "--most", "1", "--csv", "changes.csv", cwd=folder)
    told = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert all(f"{number} {status.replace('_', ' ')}" in told[0] for status, number in counts.items())
    first = table.iloc[0]
    assert f"  reference: {first['reference']}" in told
    assert f"  b: {first['hypothesis_b']}" in told
    assert told[-1] == f"{len(table) - 1} more: --most {len(table)} shows them, --csv FILE writes all"
    assert list(pd.read_csv(folder / "changes.csv")["sample"]) == list(table["sample"])
    none = qaeval("changes", "out", *sides, "--status", "improved", cwd=folder)
    assert "reference:" not in none.stdout
    assert "did you mean 'improved'" in qaeval("changes", "out", *sides, "--status", "improve", cwd=folder).stderr


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
    assert done.stderr.startswith("note: the texts of these samples have no score")
    assert done.stderr.count("1 in 'ko'") == done.stderr.count("\n") == 1, "said once, without a line of code"
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


@pytest.mark.parametrize(("column", "asked"), [("speakr", 0), ("speaker", 8)])
def test_no_model_is_asked_before_the_columns_of_a_comparison_are_known(folder, monkeypatch, capsys, column, asked):
    heard = []
    monkeypatch.setattr(
        "qaeval.launch.choices.models.find",
        lambda name, _: qa.Model(name, lambda request: heard.append(name) or "hello"),
    )
    (folder / "bench.toml").write_text(
        'dataset = "clips.jsonl"\ntasks = ["transcribe"]\nmodels = ["mine/a", "mine/b"]\n'
        f'[compare]\na = "mine/a"\nb = "mine/b"\nmetric = "cer"\ncluster = "{column}"\n'
    )
    monkeypatch.setattr("sys.argv", ["qaeval", "run", str(folder / "bench.toml"), "--out", str(folder / "out")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert heard.count("mine/a") == heard.count("mine/b") == asked
    assert ended.value.code == (0 if asked else 2)
    assert (folder / "out").exists() == bool(asked)
    assert ("did you mean 'speaker'" in capsys.readouterr().err) == (not asked)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with the runs ``old`` and ``out``, which has one model and a replay of it."""
    place = tmp_path_factory.mktemp("made")
    clips = list(samples(place / "clips", 8))
    rows = [{"audio": f"clips/{s.audio.source.name}", "text": s.reference.text, **s.meta} for s in clips]
    (place / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, models in (("old", []), ("out", [f"replay/{place / 'old'}"])):
        qa.run(clips, "transcribe", ["control/majority", *models], place / name, progress=False)
    return place


@pytest.fixture
def out(made, tmp_path, monkeypatch):
    """A copy of it, as the current folder."""
    shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def here(monkeypatch, capfd):
    """Runs the command in this process: its exit status, and what it wrote."""

    def command(*arguments):
        monkeypatch.setattr("sys.argv", ["qaeval", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code, *capfd.readouterr())

    return command


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("score", "ot"), "ot is not a run: there is no such folder; did you mean 'out'? There are: old, out"),
        (("score", "clips.jsonl"), "clips.jsonl is not a run: it is a file"),
        (("score", "clips"), "clips is not a run: it has no run.json"),
        (("call", "ot", "x"), "did you mean 'out'?"),
        (("score", "out", "--csv", "nowhere/x.csv"), "cannot write nowhere/x.csv: it has no folder nowhere"),
        (("score", "out", "--csv", "clips"), "cannot write clips: it is a folder"),
        (("check", "clips.jsonl", "--csv", "nowhere/x.csv"), "cannot write nowhere/x.csv: it has no folder"),
        (("check", "clips.jsonl", "--out", "nowhere/x.csv"), "cannot write nowhere/x.csv: it has no folder"),
        (("check", "esc50"), "esc50: say where it lies, as downloaded: --source"),
        (("check", "clips.jsonl", "--source", "clips"), "clips.jsonl says itself where it lies"),
        (("check", "clps.jsonl"), "clps.jsonl: no such file; did you mean 'clips.jsonl'?"),
        (
            ("check", "clips.jsonl", "--option", "where=x"),
            "where={accent = \"us\"}), or a function of the sample, seen 'x'",
        ),
        (("check", "clips.jsonl", "--option", "corrections=3"), "3: no such file of corrections"),
        (("check", "clips.jsonl", "--option", "=3"), "'=3': expected name=value"),
        (("run", "bensh.toml"), "no benchmark file bensh.toml; did you mean 'bench.toml' or "),
        (("run", "far.toml"), f"no benchmark file far.toml; did you mean {os.path.join('benchmarks', 'far.toml')!r}?"),
        (("report", "out", "--cluster", "speakr"), "unknown column 'speakr'; did you mean 'speaker'?"),
        (("report", "out", "--profile", "qwen1"), "unknown profile 'qwen1'; did you mean 'qwen-1'?"),
        (("models", "wisper/base"), "unknown model 'wisper/base'; did you mean 'whisper/base'"),
        (("datasets", "esc5"), "unknown dataset 'esc5'; did you mean 'esc50'"),
        (("emulate", "--key", ""), "--key: expected a key, seen none"),
    ],
)
def test_a_slip_is_told_with_what_may_be_meant(out, here, arguments, message):
    (out / "bench.toml").touch()
    (out / "benchmarks").mkdir()
    (out / "benchmarks" / "far.toml").touch()
    status, printed, told = here(*arguments)
    assert (status, printed) == (2, "")
    assert message in told
    assert told.startswith("error: ")
    assert told.count("\n") == 1


@pytest.mark.parametrize("lost", ["samples", "asks"])
def test_a_run_without_its_tables_is_no_empty_run(out, here, lost):
    (out / "out" / f"{lost}.parquet").unlink()
    status, _, told = here("score", "out")
    assert status == 2
    assert f"out lacks {lost}.parquet, which says what was asked; run the same command again" in told


def test_lines_that_are_spoiled_are_told_of_by_every_command_that_reads(out, here):
    journal = next((out / "out" / "replies").glob("*.jsonl"))
    first, *rest = journal.read_text("utf-8").splitlines(keepends=True)
    journal.write_text(first[:-20] + "\n" + "".join(rest), "utf-8")
    told = "1 question without a reply in "
    status, printed, noted = here("score", "out")
    assert status == 0
    assert noted.startswith(f"note: {told}")
    assert "1 pending" in printed
    assert told in here("compare", "out", *qa.open_run("out").models, "--metric", "wer")[2]
    assert here("report", "out", "--cluster", "speaker", "--profile", "qwen-1")[0] == 0
    page = (out / "out" / "report.html").read_text("utf-8")
    assert "1 question of this run has no reply in its journal" in page
    assert "qwen-1" in page


def test_a_terminal_without_arrows_still_tells_lower_from_higher(tmp_path):
    done = qaeval("tasks", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "wer v, cer v" in done.stdout
    assert "bleu ^, chrf ^" in done.stdout
    assert "你" not in done.stdout


@pytest.mark.parametrize("command", [["-m", "qaeval"], ["-c", "from qaeval.__main__ import main; main()"]])
def test_an_interruption_while_parts_are_imported_is_no_traceback(tmp_path, command):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass Interrupted:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer':\n            raise KeyboardInterrupt\nsys.meta_path.insert(0, Interrupted())\n"
    )
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, *command, "tasks"], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_the_command_that_is_installed_is_that_of_python_m():
    told = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
    assert told["project"]["scripts"] == {"qaeval": "qaeval.__main__:main"}


def test_a_closed_pipe_and_a_full_disk_are_no_traceback(tmp_path):
    command = [sys.executable, "-m", "qaeval", "tasks"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as running:
        running.stdout.close()
        assert running.stderr.read() == b""
    if os.path.exists("/dev/full"):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (2, b"error: No space left on device\n")


def test_one_model_or_dataset_is_told_of(here):
    assert here("models", "whisper/base")[1].startswith("whisper\n  Whisper on this machine")
    _, told, _ = here("datasets", "esc50")
    assert "subset: esc50 or esc10." in told
    assert "common_voice" not in told
