"""Commands about services: will they take these clips, what was sent, and the emulator that speaks as they do."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from qaeval.cli.app import Catalogue, Folder, Source, app, in_options, options_of
from qaeval.cli.opening import loaded, opened
from qaeval.errors import RunError


@app.command()
def check(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="A dataset, folder, manifest or audio file.")],
    model: Annotated[list[str] | None, typer.Option("--model", help="A model that the clips are meant for.")] = None,
    language: Annotated[str | None, typer.Option(help="The language of a dataset that does not say.")] = None,
    source: Source = None,
    option: Annotated[list[str] | None, typer.Option(help="Of the dataset's loader, as locale=zh-CN.")] = None,
    fit: Annotated[
        str, typer.Option(help="What a run does with clips that do not fit: refuse, transcode, cut or split.")
    ] = "refuse",
    fast: Annotated[bool, typer.Option("--fast", help="Decode nothing: no levels, no damage inside.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write a row a clip and model there, too.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the samples with problems there, to be filled in as corrections (.csv).")
    ] = None,
    catalogue: Catalogue = None,
) -> None:
    """Say what is wrong with the samples, which clips each model takes, and what they would cost. Asks nobody."""
    from qaeval import checks, models
    from qaeval.cli.printing import for_csv, write_csv
    from qaeval.markup import plain
    from qaeval.models.catalogue import read_catalogue

    if out and out.suffix.lower() != ".csv":
        raise RunError(f"--out {out}: corrections are written as .csv")
    csv, out = for_csv(csv), for_csv(out)
    options = options_of(option, language, source)
    if out and checks.is_filled_in(out):
        raise RunError(f"--out {out}: corrections were filled in there, and would be lost; choose another name")
    data = loaded(dataset, options, checks.opened)
    known = read_catalogue(catalogue)
    frame = checks.check(data, [models.find(name, known) for name in model or ()], fit=fit, fast=fast)
    print(plain(in_options("\n".join(filter(None, [checks.check_text(frame), checks.problems_text(frame)])))))
    if csv:
        write_csv(frame, csv)
    if out:
        write_csv(checks.corrections(frame), out)
        needed = data.needed(frame) if isinstance(data, checks.Opened) else {}
        said = [each for each in option or () if not each.startswith("corrections=")]
        said += [f"{name}={value}" for name, value in needed.items() if options.get(name) != value]
        asked: dict[str, Sequence[object]] = {"--task": ["TASK"], "--model": model or ["MODEL"], "--source": [source]}
        asked |= {"--language": [language], "--fit": [fit if fit != "refuse" else None], "--catalogue": [catalogue]}
        asked |= {"--option": said}
        print(_next(out, options.get("corrections"), dataset, asked))


def _next(out: Path, old: str | None, dataset: str, asked: Mapping[str, Sequence[object]]) -> str:
    """What to do with the corrections: the command of a run that reads the dataset as the check did.

    ``old``: corrections that were applied; ``asked``: the values of each option of the command.
    """
    first = f"Corrections to fill in: {out}{f' (then add its rows to {old}: a run takes one file)' if old else ''}"
    words = [word for name, values in asked.items() for value in values if value for word in (name, str(value))]
    return f"{first}; then:\n{shlex.join(['qaeval', 'run', dataset, *words, '--option', f'corrections={old or out}'])}"


@app.command()
def call(
    folder: Folder,
    sample: Annotated[str, typer.Argument(metavar="SAMPLE", help="The id of a sample.")],
    form: Annotated[str, typer.Option("--as", help="python or curl.")] = "python",
    model: Annotated[str, typer.Option(help="A model of the run, where several were asked.")] = "",
    task: Annotated[str, typer.Option(help="A task of the run, where there are several.")] = "",
    prompt: Annotated[str, typer.Option(help="A prompt of the task, where there are several.")] = "",
    repeat: Annotated[int | None, typer.Option(help="Which repeat (from 0), where there are several.")] = None,
    part: Annotated[int | None, typer.Option(help="Which part of a clip that was split (from 0).")] = None,
) -> None:
    """Print the request of a row as a script to paste: key from the environment, audio by reference."""
    from qaeval.calls import script

    print(script(opened(folder), sample, form, model, task, prompt, repeat, part))


@app.command()
def emulate(
    engine: Annotated[
        str | None, typer.Option(help="What answers: a local model, or canned (default: one local model a protocol).")
    ] = None,
    port: Annotated[int, typer.Option(help="The port; 0 for any that is free.")] = 8765,
    host: Annotated[str, typer.Option(help="The address to listen at, one of this machine's own.")] = "127.0.0.1",
    key: Annotated[list[str] | None, typer.Option(help="A key to accept (default: any).")] = None,
    today: Annotated[str | None, typer.Option(help="The day by which models are retired (default: none).")] = None,
    scale: Annotated[float, typer.Option(help="Multiplies the catalogue's requests and tokens a minute.")] = 1.0,
    quota: Annotated[list[str] | None, typer.Option(help="A model's free tokens, as NAME=TOKENS.")] = None,
    latency: Annotated[float, typer.Option(help="Seconds that each answer takes at least.")] = 0.0,
    fault: Annotated[list[str] | None, typer.Option(help="A fault and its share of requests: html=0.01.")] = None,
    seed: Annotated[int, typer.Option(help="Draws which request meets which fault.")] = 0,
    catalogue: Catalogue = None,
) -> None:
    """Serve a loopback DashScope-compatible server on local engines: real protocol, limits, quotas, faults."""
    from qaeval.emulator import Settings, serve
    from qaeval.models.catalogue import read_catalogue

    if key and not all(key):
        raise RunError("--key: expected a key, seen none; without --key any is accepted")
    settings = Settings(
        catalogue=read_catalogue(catalogue),
        engine=engine,
        keys=tuple(key) if key else None,
        today=_day(today) if today else None,
        scale=scale,
        quotas={name: int(value) for name, value in _pairs("--quota", quota)},
        latency=latency,
        faults=dict(_pairs("--fault", fault)),
        seed=seed,
    )
    serve(settings, host, port)


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise RunError(f"--today {said!r}: expected a day such as 2026-01-30") from None


def _pairs(option: str, given: list[str] | None) -> Iterator[tuple[str, float]]:
    """``NAME=NUMBER`` of each, the number 0 or more; raises `RunError` for anything else."""
    for said in given or ():
        name, _, value = said.rpartition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (name and 0 <= number < math.inf):
            raise RunError(f"{option} {said!r}: expected NAME=NUMBER, the number 0 or more")
        yield name, number
