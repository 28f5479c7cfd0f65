"""What the READMEs show and claim is so: the outputs, the columns of a summary, the tasks, and one order in both."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import qaeval as qa
from qaeval import tasks
from qaeval.tables import SUMMARY

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "README.zh.md")
EVIDENT = {
    *("task", "metric", "part", "field", "prompt", "profile", "cluster", "level", "better", "unit", "rehearsed"),
    *("num", "den"),
}
"""The columns of a summary that need no row: what was measured and how, and the sums that the value is made of."""


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def shown(name: str) -> list[tuple[str, str]]:
    """The commands whose output a page shows, each with the output."""
    blocks = re.findall(r"^```text\n(.*?)^```", page(name), re.DOTALL | re.MULTILINE)
    return [(first.removeprefix("$ "), rest) for first, _, rest in (block.partition("\n") for block in blocks)]


def table(name: str, heading: str) -> list[list[str]]:
    """The rows of the table whose first column is called so, cell by cell."""
    rows = re.search(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", page(name), re.MULTILINE)
    assert rows, heading
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[1].splitlines()]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_output_that_is_shown_is_what_the_command_prints() -> None:
    assert shown("README.md") == shown("README.zh.md") != []
    for command, output in shown("README.md"):
        program, *words = shlex.split(command)
        assert program == "qaeval"
        printed = subprocess.run(
            [sys.executable, "-m", "qaeval", *words],
            cwd=ROOT,
            capture_output=True,
            check=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        assert printed.strip() == output.strip()


@pytest.mark.parametrize("name", PAGES)
def test_what_is_said_of_the_output_is_in_it(name: str) -> None:
    """A's 60 and B's 7 errors for 100 characters, 13 speakers, 16 clips, and three of A only, which are Cantonese."""
    scores = qa.open_run(ROOT / "results" / "demo-example").scores()
    row = qa.compare(scores, "control/majority", "whisper/base", metric="cer").iloc[0]
    prose = page(name).partition("```text")[2].partition("```")[2].partition("```")[0]
    told = [round(100 * row["value_a"]), round(100 * row["value_b"]), row["clusters"], row["n"]]
    assert sorted(map(int, re.findall(r"\d+", prose.split("3 only a")[0]))) == sorted([*told, 100])
    assert (row["only_a"], row["verdict"], row["ci_high"] < 0) == (3, "b is better", True)
    skipped = scores[(scores["model"] == "whisper/base") & (scores["metric"] == "cer") & (scores["part"] == "")]
    assert skipped.loc[skipped["outcome"] == "skipped", "language"].tolist() == ["yue"] * 3


@pytest.mark.parametrize(("name", "heading"), [("README.md", "column"), ("README.zh.md", "列")])
def test_the_columns_of_a_summary_are_explained(name: str, heading: str) -> None:
    explained = [column for row in table(name, heading) for column in code(row[0])]
    assert len(explained) == len(set(explained))
    assert set(explained) <= set(SUMMARY)
    assert set(SUMMARY) - set(explained) == EVIDENT


@pytest.mark.parametrize(("name", "heading"), [("README.md", "task"), ("README.zh.md", "任务")])
def test_the_tasks_are_all_in_the_table(name: str, heading: str) -> None:
    listed = {task for row in table(name, heading) for task in code(row[0])}
    assert set(tasks.names()) - listed == {"preference", "rating"}, "tasks of judges are told of under chat"
    assert listed <= set(tasks.names())


def test_both_pages_have_the_same_parts_in_the_same_order() -> None:
    """Blocks by their kind, headings by their level, rows of tables, and the files that are linked to."""
    for pattern in (r"^```(\w+)", r"^(#+) ", r"^(\|)", r"\]\(((?!README)[^)]+)\)"):
        english, chinese = (re.findall(pattern, page(name), re.MULTILINE) for name in PAGES)
        assert english == chinese, pattern


@pytest.mark.parametrize("name", PAGES)
def test_the_files_that_are_linked_to_are_there(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page(name)):
        assert (ROOT / target).exists(), target
