"""A benchmark: a TOML file that says what `qaeval.run` is called with. Names there and objects in Python mean the same.

.. code-block:: toml

    name = "Accents of two models"       # optional: of the report and of its folder in results; default: the file's
    dataset = "demo"                     # a name, or a path as seen from this file
    tasks = ["transcribe", "locate"]
    models = ["whisper/tiny.en", "whisper/base"]
    limit = 200                          # optional, as are seed, repeats, concurrency, fit, limits and canary

    [options]                            # of the dataset's loader
    language = "en"
    corrections = "corrections.csv"      # what is wrong in it (`qaeval check DATASET --out`), as seen from this file
    # source = "ESC-50-master.zip"       # where a named dataset lies, as seen from this file; or `--source`

    [prompts]
    transcribe = ["zh", "en"]

    [params]
    temperature = 0

    [budget]                             # the most that may be spent, of tokens, money (CNY) and calls
    tokens = 100_000
    models.qwen-audio-turbo = { calls = 60 }

    [catalogue.qwen-audio-turbo-latest]  # changes to what is known of a model (`qaeval models NAME`)
    region = "beijing"

    [compare]                            # what the report sets side by side
    a = "whisper/tiny.en"
    b = "whisper/base"
    metric = "wer"
    cluster = "speaker"                  # optional: the column of what is independent (`qaeval.compare`)
    by = "accent"                        # optional: a second table, sliced by a column of the samples, or by several
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qaeval import registry
from qaeval.errors import RunError
from qaeval.models.catalogue import Catalogue, read_catalogue

_EXPECTED = {dict: "a table", list: "a list of names", str: "a text", int: "a whole number", bool: "true or false"}
_KINDS: dict[str, type] = {
    "name": str,
    "dataset": str,
    "tasks": list,
    "models": list,
    "limit": int,
    "seed": int,
    "repeats": int,
    "concurrency": int,
    "canary": int,
    "fit": str,
    "limits": bool,
    "options": dict,
    "prompts": dict,
    "params": dict,
    "budget": dict,
    "catalogue": dict,
    "compare": dict,
}
_NEEDED = ("dataset", "tasks", "models")
_COMPARE = ("a", "b", "metric", "cluster", "by")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What a benchmark file says."""

    name: str
    dataset: str
    tasks: list[str]
    models: list[str]
    limit: int | None = None
    seed: int = 0
    repeats: int = 1
    concurrency: int | None = None
    canary: int = 0
    fit: str = "refuse"
    limits: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    prompts: Mapping[str, list[str]] | list[str] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    budget: Mapping[str, Any] = field(default_factory=dict)
    catalogue: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    compare: Mapping[str, Any] = field(default_factory=dict)

    def known(self, path: Path | None = None) -> Catalogue:
        """The catalogue with the changes of a file, and those that the benchmark makes."""
        return read_catalogue(path).overriding(self.catalogue, f"[catalogue] of {self.name}.toml")

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `qaeval.run`, but for the dataset, the folder and the catalogue."""
        names = (
            *("name", "tasks", "models", "limit", "seed", "repeats"),
            *("concurrency", "prompts", "params", "fit", "canary"),
        )
        limits = "catalogue" if self.limits else None
        return {name: getattr(self, name) for name in names} | {"budget": self.budget or None, "limits": limits}


def read_benchmark(path: str | Path) -> Benchmark:
    r"""Reads a benchmark file.

    Args:
        path: of the TOML file; paths in it are as seen from it.

    Raises `RunError` naming the file, the line, what was expected and what was seen.

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "mine.toml")
    ...     _ = file.write_text('dataset = "demo"\ntasks = ["transcribe"]\nmodels = ["whisper/base"]\nlimit = 20')
    ...     bench = read_benchmark(file)
    >>> bench.name, bench.models, bench.arguments()["limit"]
    ('mine', ['whisper/base'], 20)
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")  # an editor may have put a byte order mark before it
        said = tomllib.loads(text)
    except FileNotFoundError:
        raise RunError(f"there is no benchmark file {path}{_others(path)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RunError(f"{path}: not a benchmark file in TOML: {error}") from error
    _check(path, text, said)
    if not _is_name(said["dataset"]):
        said["dataset"] = _seen_from(path, said["dataset"])
    options = said.get("options", {})
    for option in ("corrections", "source"):
        if not isinstance(options.get(option, ""), str):
            raise _wrong(path, text, option, f"{option} in [options] must be a path, seen {options[option]!r}")
    for option in ("corrections",) if said["dataset"] == "hub" else ("corrections", "source"):  # the hub has names
        if isinstance(options.get(option), str):
            options[option] = _seen_from(path, options[option])
    return Benchmark(**{"name": path.stem, **said})


def _others(path: Path) -> str:
    """The end of a sentence: the benchmark files beside the path, and in benchmarks."""
    rooms = dict.fromkeys((path.parent, Path("benchmarks")))
    known = [str(file) for room in rooms for file in room.glob("*.toml")]
    same = [file for file in known if Path(file).name == path.name]
    return f"; did you mean {same[0]!r}?" if same else registry.nearest(str(path), known) if known else ""


def _seen_from(path: Path, said: str) -> str:
    return str(path.parent / Path(said).expanduser())


def _is_name(dataset: str) -> bool:
    return re.fullmatch(r"[\w-]+", dataset) is not None


def _check(path: Path, text: str, said: dict[str, Any]) -> None:
    for key, value in said.items():
        if key not in _KINDS:
            raise _wrong(path, text, key, f"unknown key {key!r}; allowed are {', '.join(_KINDS)}")
        if type(value) is not _KINDS[key]:
            expected = _EXPECTED[_KINDS[key]]
            raise _wrong(path, text, key, f"{key} must be {expected}, seen {value!r}")
        if isinstance(value, list) and not (value and all(isinstance(item, str) and item for item in value)):
            raise _wrong(path, text, key, f"{key} must be a list of one or more names, seen {value!r}")
        if value == "":
            raise _wrong(path, text, key, f"{key} must be a text that is not empty")
        if key == "name" and re.fullmatch(r"\.{1,2}|.*[/\\\0].*", str(value), re.DOTALL):
            raise _wrong(path, text, key, f"name must be that of a folder in results, without slashes, seen {value!r}")
    _check_compare(path, text, said.get("compare"), said.get("models", []))
    _check_prompts(path, text, said.get("prompts", {}))
    if missing := [key for key in _NEEDED if key not in said]:
        raise RunError(f"{path}: missing {', '.join(missing)}; a benchmark needs {', '.join(_NEEDED)}")


def _check_compare(path: Path, text: str, said: dict[str, Any] | None, models: list[str]) -> None:
    for key, value in (said or {}).items():
        if key not in _COMPARE:
            raise _wrong(path, text, key, f"unknown key {key!r} in [compare]; allowed are {', '.join(_COMPARE)}")
        several = key == "by" and isinstance(value, list) and value and all(isinstance(name, str) for name in value)
        if not (several or (isinstance(value, str) and value)):
            expected = "a text or a list of texts" if key == "by" else "a text"
            raise _wrong(path, text, key, f"{key} in [compare] must be {expected}, seen {value!r}")
        if key in ("a", "b") and value not in models:
            raise _wrong(path, text, key, f"{key} in [compare] must be one of the models, seen {value!r}")
    if said is not None and not {"a", "b"} <= said.keys():
        raise _wrong(path, text, "compare", "[compare] needs both a and b, two of the models")


def _check_prompts(path: Path, text: str, said: dict[str, Any]) -> None:
    for task, wanted in said.items():
        if not (isinstance(wanted, list) and wanted and all(isinstance(name, str) for name in wanted)):
            what = f"the prompts of {task} must be a list of one or more names, seen {wanted!r}"
            raise _wrong(path, text, task, what)


def _wrong(path: Path, text: str, key: str, what: str) -> RunError:
    """An error with the line where the key stands."""
    pattern = re.compile(rf'^\s*(\[+\s*)?["\']?{re.escape(key)}["\']?\s*[=.\]]')
    line = next((number for number, row in enumerate(text.splitlines(), 1) if pattern.match(row)), 1)
    return RunError(f"{path}, line {line}: {what}")
