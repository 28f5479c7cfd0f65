"""The demo: the main job on shipped audio, with engines that run here. The same as ``benchmarks/demo.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qaeval.benchmark import Benchmark
from qaeval.stats import compare

if TYPE_CHECKING:
    import pandas as pd

MODELS = ["whisper/tiny.en", "whisper/base", "sphinx/en-us", "control/majority"]
BENCHMARK = Benchmark(
    name="demo",
    dataset="demo",
    tasks=["transcribe", "locate"],
    models=MODELS,
    compare={"a": "whisper/tiny.en", "b": "whisper/base", "metric": "wer"},
)


def comparisons(scores: pd.DataFrame, a: str = MODELS[1]) -> pd.DataFrame:
    """Every other model of the demo against ``a``, on the metrics of the scores."""
    import pandas as pd

    metrics = scores["metric"].unique()
    others = [model for model in MODELS if model != a]
    return pd.concat([compare(scores, a, b, metric=metric) for metric in metrics for b in others], ignore_index=True)
