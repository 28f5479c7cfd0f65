"""What the documentation shows is run: the code of both READMEs, their commands, and the notebooks."""

import doctest
import functools
import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import qaeval as qa
from qaeval import benchmark
from qaeval.models.catalogue import read_catalogue

ROOT = Path(__file__).parents[1]
CELL_SECONDS = 180
PUBLIC = [name for name in qa.__all__ if inspect.isclass(getattr(qa, name)) or inspect.isfunction(getattr(qa, name))]
MEMBERS = [f"Run.{name}" for name in vars(qa.Run) if not name.startswith("_")]


def blocks(path, kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder as the README's reader has it: the benchmarks, and clips of their own."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "benchmarks", "benchmarks")
    clips = [sample for sample in qa.load("demo", kind="speech") if sample.language == "en"][:3]
    rows = ["audio,text,speaker"]
    for sample in clips:
        name = Path(sample.audio.source).name
        shutil.copy(sample.audio.source, name)
        rows.append(f'{name},"{sample.reference.text}",{sample.meta["speaker"]}')
    Path("clips.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return tmp_path


@pytest.mark.engine
@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_code_of_the_readme_runs(project, name):
    scope: dict[str, object] = {}
    code = blocks(ROOT / name, "python")
    assert code
    for block in code:
        exec(compile(block, name, "exec"), scope)
    assert Path("report.html").stat().st_size > 10_000


@pytest.mark.engine
def test_the_commands_of_the_readmes_run(project):
    lines = [line for block in blocks(ROOT / "README.md", "console") for line in block.splitlines()]
    assert lines == [line for block in blocks(ROOT / "README.zh.md", "console") for line in block.splitlines()]
    commands = [shlex.split(line) for line in lines if line.startswith("qaeval ")]
    assert len(commands) >= 7
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "qaeval", *command[1:]], capture_output=True, text=True, encoding="utf-8"
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert done.stdout.strip()
    rules = (ROOT / "Makefile").read_text()
    for line in lines:
        if line.startswith("make "):
            assert f"\n{line.split()[1]}:" in rules


def test_the_files_that_are_shown_are_read(tmp_path):
    """A user's catalogue, in the head of the shipped one, and a benchmark, in the docstring of its module."""
    head = (ROOT / "qaeval" / "models" / "catalogue.toml").read_text("utf-8").partition("# ----")[0]
    (tmp_path / "mine.toml").write_text("\n".join(re.findall(r"^#   (.*)$", head, re.MULTILINE)))
    known = read_catalogue(tmp_path / "mine.toml")
    assert known.find("qwen3.5-omni-plus").rates.requests_per_minute == 600
    assert known.find("qwen3.5-omni-plus").region == "singapore"
    assert known.find("Qwen/Qwen2-Audio-7B-Instruct").url == "http://127.0.0.1:8000/v1"
    shown = textwrap.dedent(str(benchmark.__doc__).partition("code-block:: toml")[2])
    (tmp_path / "bench.toml").write_text(shown)
    bench = qa.read_benchmark(tmp_path / "bench.toml")
    assert bench.known().find("qwen-audio-turbo-latest").region == "beijing"
    assert bench.budget["models"] == {"qwen-audio-turbo": {"calls": 60}}


@pytest.mark.parametrize("name", [*PUBLIC, *MEMBERS])
def test_what_is_public_is_shown_at_work(name):
    """An example that runs: pytest collects it, as no file of the package is left out, and it is not wholly skipped."""
    said = functools.reduce(getattr, name.split("."), qa).__doc__ or ""
    if name == "QaevalError":  # it is raised and not called; each error says when
        assert said
        return
    skip = doctest.OPTIONFLAGS_BY_NAME["SKIP"]
    examples = doctest.DocTestParser().get_examples(said)
    assert [example for example in examples if not example.options.get(skip) and example.want], said


def test_the_rules_that_are_named_are_there():
    rules = (ROOT / "Makefile").read_text()
    named = {
        rule
        for page in ("README.md", "CONTRIBUTING.md")
        for rule in re.findall(r"`make (\w+)`", (ROOT / page).read_text())
    }
    assert named >= {"test", "lab", "lowest"}
    for rule in named:
        assert f"\n{rule}:" in rules, rule


@pytest.mark.engine
@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_notebooks_run(path, tmp_path, monkeypatch):
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    notebook = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "commit notebooks without outputs (nbstripout)"
    NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(tmp_path)}}).execute()
    text = str([cell.get("outputs") for cell in notebook.cells])
    assert "image/png" in text
    assert "text/html" in text
    assert os.listdir(tmp_path / "results")
