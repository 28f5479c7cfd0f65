"""Tables fit the terminal that they are written to: whole, in two, or row by row, and no cell is ever cut."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

import qaeval as qa
from qaeval.cli import widths
from qaeval.cli.terminal import comparison_text, summary_text
from qaeval.cli.widths import columns, fitted, wrapped
from qaeval.naming import REHEARSED

ROOT = Path(__file__).parents[1]
CELLS = st.text(st.sampled_from("ab0.[]语音"), min_size=1, max_size=14)
TABLES = st.integers(2, 6).flatmap(
    lambda many: st.lists(st.lists(CELLS, min_size=many, max_size=many), min_size=1, max_size=4)
)


def row(cells: list[str]) -> dict[str, str]:
    return {f"c{place}": cell for place, cell in enumerate(cells)}


@given(TABLES, st.integers(34, 120))
def test_a_table_is_no_wider_than_the_terminal_and_holds_every_cell(cells: list[list[str]], width: int) -> None:
    rows = [row(line) for line in cells]
    text = fitted(rows, "c0", width)
    words = text.split()
    assert all(columns(line) <= width for line in text.splitlines())
    for line in cells:
        for cell in line:
            assert cell in words


@given(TABLES)
def test_a_file_gets_the_whole_table_in_one(cells: list[list[str]]) -> None:
    rows = [row(line) for line in cells]
    assert fitted(rows, "c0") == fitted(rows, "c0", 10_000)
    assert len(fitted(rows, "c0").splitlines()) == len(rows) + 1


def test_a_cell_that_is_wider_by_itself_is_whole() -> None:
    assert fitted([{"model": "a" * 50, "value": "0.1"}], "model", 30).splitlines() == ["a" * 50, "  value: 0.1"]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Any:
    def made(width: int) -> None:
        monkeypatch.setattr(widths, "terminal_width", lambda: width)

    return made


@pytest.fixture(scope="module")
def scores() -> Any:
    return qa.open_run(ROOT / "results" / "demo-example").scores()


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"[+-]?\d+\.\d{3}", text))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_summaries_and_comparisons_have_the_same_numbers_at_any_width(width: int, scores: Any, terminal: Any) -> None:
    makers = (
        lambda: summary_text(qa.summarize(scores, by=["model", "language"])),
        lambda: comparison_text(qa.compare(scores, "control/majority", "whisper/base", metric="cer")),
    )
    whole = [make() for make in makers]
    terminal(width)
    for before, make in zip(whole, makers, strict=True):
        narrow = make()
        assert max(map(columns, before.splitlines())) > 100
        assert max(map(columns, narrow.splitlines())) <= width
        assert set(numbers(narrow)) == set(numbers(before))


def test_sentences_are_wrapped_between_words(terminal: Any) -> None:
    assert wrapped(REHEARSED) == REHEARSED
    terminal(40)
    assert wrapped(REHEARSED).split() == REHEARSED.split()
    assert all(len(line) <= 40 for line in wrapped(REHEARSED).splitlines())


def test_only_a_terminal_has_a_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((70, 24)))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert widths.terminal_width() is None
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert widths.terminal_width() == 70
