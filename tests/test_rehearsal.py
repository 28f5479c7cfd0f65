"""Rehearsals: the very same run against the emulator, marked everywhere, and never asked twice."""

import json
import subprocess
import sys

import pytest
from clips import samples

import qaeval as qa
from qaeval import emulator
from qaeval.errors import QaevalError, RunError
from qaeval.naming import REHEARSED

MODELS = ["qwen-audio-turbo-latest", "qwen3.5-omni-flash"]


class Engine:
    """Answers what is in each clip's name, and counts."""

    def __init__(self):
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        return "这段音频说的是:'hello there'"


def rehearsed(tmp_path, engine, models=MODELS, out="run", **options):
    settings = emulator.Settings(engine=engine, per_second=False, scale=100)
    clips = samples(tmp_path / "clips", 3)
    return qa.rehearse(clips, "transcribe", models, tmp_path / out, settings=settings, progress=False, **options)


def test_both_protocols_answer_and_a_second_time_no_call_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # must not stand before this machine
    engine = Engine()
    run = rehearsed(tmp_path, engine)
    replies = run.replies()
    assert replies["outcome"].tolist() == ["ok"] * 6
    assert set(replies["model"]) == {f"rehearsal/dashscope/{name}" for name in MODELS}
    assert replies["audio_tokens"].min() > 0
    assert len(engine.asked) == 6
    journal = (run.folder / "replies" / "journal.jsonl").read_bytes()
    rehearsed(tmp_path, engine)
    assert len(engine.asked) == 6
    assert (run.folder / "replies" / "journal.jsonl").read_bytes() == journal
    for line in journal.splitlines():
        assert json.loads(line)["raw"]["emulator"].startswith("qaeval")


def test_every_table_and_the_report_bear_the_mark(tmp_path):
    run = rehearsed(tmp_path, Engine())
    assert run.is_rehearsal
    summary = qa.summarize(run.scores())
    assert (summary["rehearsed"] == summary["n"] + summary["n_zero_den"]).all()
    compared = qa.compare(run.scores(), *MODELS, metric="wer")
    assert compared["a"].tolist() == [f"rehearsal/dashscope/{MODELS[0]}"]
    assert REHEARSED in qa.report(run, tmp_path / "report.html").read_text("utf-8").replace("&#39;", "'")


def test_what_local_models_say_in_a_rehearsal_is_theirs(tmp_path):
    run = rehearsed(tmp_path, Engine(), models=[MODELS[0], "control/majority"])
    assert run.models == [f"rehearsal/dashscope/{MODELS[0]}", "control/majority"]


def test_a_control_of_a_service_is_rehearsed_too(tmp_path):
    engine = Engine()
    run = rehearsed(tmp_path, engine, models=[f"control/silence:dashscope/{MODELS[0]}"])
    assert run.models == [f"control/silence:rehearsal/dashscope/{MODELS[0]}"]
    assert run.is_rehearsal
    assert len(engine.asked) == 3


def test_a_real_run_never_goes_on_in_the_folder_of_a_rehearsal(tmp_path, monkeypatch):
    run = rehearsed(tmp_path, Engine())
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-0123456789abcdef")
    with pytest.raises(RunError, match="rehearsed and real"):
        qa.run(samples(tmp_path / "clips", 3), "transcribe", MODELS, run.folder, progress=False, yes=True)


def test_the_emulator_is_no_service(tmp_path, monkeypatch):
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-0123456789abcdef")
    with emulator.serving(emulator.Settings(engine="canned")) as base:
        catalogue = {MODELS[0]: {"base_url": f"{base}/api/v1"}}
        clips = samples(tmp_path / "clips", 2)
        with pytest.raises(QaevalError, match="--rehearse"):
            qa.run(clips, "transcribe", MODELS[0], tmp_path / "run", catalogue=catalogue, progress=False)
    assert not (tmp_path / "run").exists()


@pytest.mark.engine
def test_one_file_compares_a_snapshot_with_omni_from_a_clean_shell_twice(tmp_path):
    (tmp_path / "both.toml").write_text(
        'dataset = "demo"\ntasks = ["transcribe"]\nlimit = 3\nfit = "transcode"\n'
        f"models = {json.dumps(MODELS)}\n[options]\nlanguage = 'en'\n"
        f'[compare]\na = "{MODELS[0]}"\nb = "{MODELS[1]}"\nmetric = "wer"\n'
    )
    command = [sys.executable, "-m", "qaeval", "run", "both.toml", "--rehearse"]
    first, second = (
        subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8") for _ in range(2)
    )
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    folder = tmp_path / "results" / "both-rehearsal"
    assert len((folder / "replies" / "journal.jsonl").read_bytes().splitlines()) == 6
    assert "3 of them before" in second.stdout
    assert REHEARSED in second.stdout
    assert (folder / "report.html").exists()
