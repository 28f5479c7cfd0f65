"""Published results: complete, sourced, on our scales, and beside a summary."""

import math
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import qaeval
from qaeval import metrics, tasks
from qaeval.errors import ScoreError, UnknownNameError
from qaeval.published import beside, references

DATA = tomllib.loads((Path(qaeval.__file__).with_name("references.toml")).read_text("utf-8"))


def test_every_table_has_a_value_for_each_place():
    for table in DATA["tables"]:
        several = [len(table[name]) for name in ("splits", "languages", "parts") if len(table.get(name, [""])) > 1]
        assert len(several) <= 1, table["dataset"]
        for model, values in table["values"].items():
            assert len(values) == (several[0] if several else 1), (table["dataset"], model)
        if not isinstance(table["metric"], str):
            assert len(table["metric"]) == several[0]
        assert set(table["caveats"]) <= set(DATA["caveats"])
        assert table["source"] in DATA["sources"]


def test_no_caveat_and_no_source_stands_idle():
    assert {name for table in DATA["tables"] for name in table["caveats"]} == set(DATA["caveats"])
    assert {table["source"] for table in DATA["tables"]} == set(DATA["sources"])


def test_values_are_on_the_scale_of_our_metrics():
    table = references()
    assert not table.duplicated([name for name in table.columns if name not in ("value", "date", "caveats")]).any()
    assert table["value"].map(math.isfinite).all()
    for row in table.to_dict("records"):
        assert row["task"] in tasks.names()
        if row["metric"] == "rating":  # given by a judge; see qaeval.judging
            continue
        metric = metrics.find(row["metric"])
        assert (0 <= row["value"] <= 1) == (metric.unit in ("", "s")), row
        assert row["source"]
        assert row["date"]
        assert row["caveats"]


def test_what_was_published_is_found():
    row = references("librispeech", split="test-other", model="Qwen3-Omni-Flash-Instruct").iloc[0]
    assert (row["value"], row["metric"], row["language"]) == (0.0244, "wer", "en")
    assert "may have seen" in row["caveats"]
    assert references("aishell1", split="test")["metric"].tolist() == ["cer"]
    assert references("air_bench", part="mixed", model="Qwen-Audio-Turbo")["value"].tolist() == [5.77]


def test_what_is_unknown_is_said():
    with pytest.raises(UnknownNameError, match="did you mean 'librispeech'"):
        references("librispeeech")
    with pytest.raises(ScoreError, match="chosen by dataset, version"):
        references("fleurs", colour="red")


def test_a_summary_stands_beside_them():
    own = [
        {"model": "m", "metric": name, "value": value, "n": 3, "coverage": 1.0, "profile": "qwen-1"}
        for name, value in (("wer", 0.06), ("cer", 0.02))
    ]
    table = beside(pd.DataFrame(own), "librispeech", split="test-clean")
    assert set(table["metric"]) == {"wer"}
    assert table["published"].tolist() == [False] + [True] * (len(table) - 1)
    assert table["n"].notna().tolist() == [True] + [False] * (len(table) - 1)
    with pytest.raises(ScoreError, match="is of a metric of this summary: cer, wer"):
        beside(pd.DataFrame(own), "mmau")
