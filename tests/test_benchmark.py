"""Benchmark files: what they say is what Python says, and what is wrong in them is shown with its line."""

import re
from pathlib import Path

import pytest

import qaeval as qa
from qaeval.cli.demo import BENCHMARK
from qaeval.errors import RunError

ROOT = Path(__file__).parents[1]
GOOD = 'dataset = "demo"\ntasks = ["transcribe"]\nmodels = ["whisper/base"]\n'


def test_the_demo_file_and_the_demo_command_are_the_same():
    assert qa.read_benchmark(ROOT / "benchmarks" / "demo.toml") == BENCHMARK


def test_a_dataset_path_is_seen_from_the_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace('"demo"', '"clips/a.csv"'))
    bench = qa.read_benchmark(path)
    assert (bench.name, Path(bench.dataset)) == ("mine", tmp_path / "clips" / "a.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "limt = 3\n", "line 4: unknown key 'limt'; allowed are name, dataset, tasks"),
        (GOOD + "\n\nlimit = true\n", "line 6: limit must be a whole number, seen True"),
        (GOOD.replace('["transcribe"]', '"transcribe"'), "line 2: tasks must be a list of names, seen 'transcribe'"),
        (GOOD.replace('["whisper/base"]', "[]"), "line 3: models must be a list of one or more names, seen []"),
        (GOOD + "[compare]\na = 'wisper'\n", "line 5: a in [compare] must be one of the models, seen 'wisper'"),
        (
            GOOD + "[compare]\na = 'whisper/base'\nc = 'y'\n",
            "line 6: unknown key 'c' in [compare]; allowed are a, b, metric",
        ),
        (GOOD + "[promts]\n", "line 4: unknown key 'promts'"),
        (GOOD + "params = 3\n", "line 4: params must be a table"),
        (GOOD + "[compare]\na = 'whisper/base'\nb = 3\n", "line 6: b in [compare] must be a text, seen 3"),
        (GOOD + "[compare]\ncluster = ['a']\n", "line 5: cluster in [compare] must be a text, seen ['a']"),
        (GOOD + "[compare]\nmetric = ''\n", "line 5: metric in [compare] must be a text, seen ''"),
        (GOOD + "[compare]\nby = []\n", "line 5: by in [compare] must be a text or a list of texts, seen []"),
        (GOOD + "[compare]\nby = ['x', 3]\n", "line 5: by in [compare] must be a text or a list of texts"),
        (GOOD + "[compare]\na = 'whisper/base'\n", "line 4: [compare] needs both a and b"),
        (
            GOOD + "[prompts]\ntranscribe = []\n",
            "line 5: the prompts of transcribe must be a list of one or more names",
        ),
        (GOOD + "name = '../x'\n", "line 4: name must be that of a folder in results, without slashes, seen '../x'"),
        (GOOD + "name = '..'\n", "line 4: name must be that of a folder in results"),
        (GOOD + "name = ''\n", "line 4: name must be a text that is not empty"),
        (GOOD.replace("demo", ""), "line 1: dataset must be a text that is not empty"),
        (GOOD.replace("whisper/base", ""), "line 3: models must be a list of one or more names, seen ['']"),
        (GOOD + "[options]\ncorrections = 3\n", "line 5: corrections in [options] must be a path, seen 3"),
        ('dataset = "demo"\n', "missing tasks, models"),
        ("dataset = \n", "at line 1"),
        ("", "missing dataset, tasks, models"),
        ("\xff", "not a benchmark file in TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, message):
    path = tmp_path / "bad.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(RunError, match=re.escape(message)) as raised:
        qa.read_benchmark(path)
    assert str(path) in str(raised.value)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert qa.read_benchmark(path).models == ["whisper/base"]


def test_the_committed_example_can_be_read_and_scored():
    run = qa.open_run(ROOT / "results" / "demo-example")
    assert run.info["complete"]
    assert run.models == BENCHMARK.models
    summary = qa.summarize(run.scores())
    assert {"wer", "cer", "onset_error"} <= set(summary["metric"])
    assert (summary["asked"] > 0).all()
    assert all(sample.audio.source.exists() for sample in run.iter_samples())
    assert "Content-Security-Policy" in (run.folder / "report.html").read_text("utf-8")
