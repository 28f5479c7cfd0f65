"""What the notebooks promise is in them: 03 shows every task, under the headings that its table names."""

import re
from pathlib import Path

import nbformat
import pytest

from qaeval import tasks

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
OF_JUDGES = {"preference", "rating"}
OF_THE_SPEAKER = {"gender", "age", "emotion", "language", "dialect", "accent", "intent"}


def sources(name: str, kind: str) -> str:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == kind)


def test_every_task_is_asked() -> None:
    """By its name; the attributes of a speaker are asked together, and the judge's tasks through `qa.judge`."""
    code = sources("03_every_task", "code")
    quoted = set(re.findall(r'"(\w+)"', code))
    read = set(tasks.names()) - OF_JUDGES - {"transcribe"}
    assert read <= quoted | OF_THE_SPEAKER
    assert quoted >= OF_THE_SPEAKER, "every attribute of the speaker has a truth"
    asked = set(re.findall(r'qa\.run\([^"]*\[?"(\w+)"', code)) | set(re.findall(r'\["locate", "(\w+)"\]', code))
    assert asked == read - OF_THE_SPEAKER | {"transcribe"}
    assert "qa.judge(" in code


def test_the_table_of_capabilities_names_headings_and_tasks() -> None:
    prose = sources("03_every_task", "markdown")
    rows = [row.strip("|").split(" | ") for row in re.findall(r"^\| .* \|$", prose, re.MULTILINE)][1:]
    headings = set(re.findall(r"^## (.+)$", prose, re.MULTILINE))
    assert {row[-1].strip() for row in rows} <= headings
    named = {task for row in rows for task in re.findall(r"`(\w+)`", row[1])}
    assert named == set(tasks.names()) - OF_JUDGES - OF_THE_SPEAKER - {"translate"}


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_notebook_says_in_chinese_what_it_is(path: Path) -> None:
    assert re.search("[\u4e00-\u9fff]{4}", nbformat.read(path, as_version=4).cells[0].source)
