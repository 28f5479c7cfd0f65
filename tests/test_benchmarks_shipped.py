"""The benchmarks that are shipped: each names what exists, and goes from a corpus as downloaded to a compared table."""

import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from corpora import DEMO, folder, packed, table

import qaeval as qa
from qaeval import datasets, models, tasks
from qaeval.audio import transcode
from qaeval.cli.terminal import comparison_text
from qaeval.errors import ModelError
from qaeval.launch.choices import questions

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "benchmarks").glob("*.toml"))
CORPORA = ("common-voice", "esc50", "dialects")
LINE = re.compile(r"qaeval run benchmarks/\S+\.toml(?: --[a-z]+(?: [\w/.-]+)?)*")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder as the user has it: the benchmarks in their folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "benchmarks", "benchmarks")
    return tmp_path


def commands(name):
    """The commands that the head of a benchmark file shows, each in one line."""
    head = (ROOT / "benchmarks" / f"{name}.toml").read_text("utf-8").replace("\\\n#", " ")
    return [shlex.split(line.lstrip("# ")) for line in head.splitlines() if line.lstrip("# ").startswith("qaeval run")]


def qaeval(*arguments):
    """Runs the command as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "qaeval", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def finished(command, results):
    """What the command printed and its run; its two tables are those of `qa.compare`."""
    done = qaeval(*command[1:])
    assert (done.returncode, done.stderr) == (0, "")
    run = qa.open_run(results)
    assert (results / "report.html").stat().st_size > 10_000
    assert set(run.replies()["outcome"]) == {"ok"}
    return done.stdout, run


def compared(printed, run, bench):
    """The comparison of a run by its strata, as it was printed."""
    a, b, metric, cluster, by = (bench.compare.get(key) for key in ("a", "b", "metric", "cluster", "by"))
    scores = run.scores()
    assert comparison_text(qa.compare(scores, a, b, metric=metric, cluster=cluster)) in printed
    found = qa.compare(scores, a, b, metric=metric, cluster=cluster, by=by).sort_values(by)
    assert comparison_text(found) in printed
    return found.set_index(by)


def bytes_of(sample, suffix):
    return transcode(Path(sample.audio.source).read_bytes(), suffix)


def shipped(**options):
    return list(qa.load("demo", **options))


# What they say


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_benchmark_names_what_exists(path):
    bench = qa.read_benchmark(path)
    assert bench.dataset in datasets.names()
    asked = questions(bench.tasks, bench.prompts)
    assert [task.name for task, _ in asked] == bench.tasks
    known = bench.known()
    for name in [*bench.models, *(word for line in commands(path.stem) for word in after(line, "--model"))]:
        assert models.find(name, known).name.endswith(name)
    told = {metric.name for task in bench.tasks for metric in tasks.find(task).metrics}
    assert bench.compare["metric"] in told


def after(command, option):
    return [value for word, value in itertools.pairwise(command) if word == option]


@pytest.mark.parametrize("name", CORPORA)
def test_the_first_command_is_that_of_the_readmes(name):
    first = commands(name)[0]
    for page in ("README.md", "README.zh.md"):
        shown = [shlex.split(line) for line in LINE.findall((ROOT / page).read_text("utf-8"))]
        assert first in shown, page


# Common Voice

COLUMNS = [
    "client_id", "path", "sentence_id", "sentence", "sentence_domain", "up_votes", "down_votes", "age", "gender",
    "accents", "variant", "locale", "segment",
]  # fmt: skip
ACCENTS = {"robot": "Canadian English", "sense": "United States English", "sonnet": "", "mahrt": "Martian"}


def common_voice(place):
    """A release of English clips: two accents that are asked, one that is not, and clips without any."""
    rows, files, top = [], {}, "cv-corpus-22.0-2025-06-20/en/"
    for sample in shipped(kind="speech", language="en"):
        accent = ACCENTS.get(sample.id.partition("-")[0], ACCENTS.get(sample.meta["speaker"]))
        if accent is not None:
            name = f"common_voice_en_{len(rows)}.mp3"
            rows.append({"client_id": sample.meta["speaker"], "path": name, "sentence": sample.reference.text})
            rows[-1] |= {"accents": accent, "locale": "en", "up_votes": "2", "down_votes": "0"}
            files[f"{top}clips/{name}"] = bytes_of(sample, "mp3")
    folder(place, files | {f"{top}test.tsv": table(COLUMNS, rows)})
    return rows


@pytest.mark.engine
def test_common_voice_from_folder_to_table_by_accent(place):
    rows = common_voice(place)
    printed, run = finished(commands("common-voice")[0], Path("results/common-voice"))
    found = compared(printed, run, qa.read_benchmark("benchmarks/common-voice.toml"))
    sentences = {accent: [row["sentence"] for row in rows if row["accents"] == accent] for accent in found.index}
    assert {accent: len(said) for accent, said in sentences.items()} == found["n"].to_dict()
    assert found["n"].to_dict() == {"Canadian English": 2, "United States English": 5}
    assert (found["clusters"] == 1).all()
    scores = run.scores()
    mer = scores[scores["metric"].eq("mer") & scores["part"].eq("")]
    for accent, of_one in mer.groupby("accent"):
        words = sum(len(sentence.split()) for sentence in sentences[accent])
        for side in ("a", "b"):
            of_model = of_one[of_one["model"] == found.loc[accent, side]]
            assert of_model["den"].sum() == words
            assert found.loc[accent, f"value_{side}"] == pytest.approx(of_model["num"].sum() / words)
    assert found.loc["Canadian English", ["value_a", "value_b"]].to_list() == [0.0, 0.0]
    assert (found[["value_a", "value_b"]] < 0.25).all(axis=None)


# ESC-50

SOUNDS = ("dog", "rooster", "pig", "cow", "frog", "cat", "sheep")


def esc50(place):
    """An archive of the sounds that are shipped and are classes of ESC-50, one a recording, in five folds."""
    rows, files = [], {}
    for number, category in enumerate(SOUNDS):
        name, fold = f"{number % 5 + 1}-{100 + number}-A-{number}.wav", str(number % 5 + 1)
        rows.append({"filename": name, "fold": fold, "target": str(number), "category": category, "esc10": "False"})
        rows[-1] |= {"src_file": str(100 + number), "take": "A"}
        (sound,) = (DEMO / "sound").glob(f"{category}.*")
        files[f"ESC-50-master/audio/{name}"] = transcode(sound.read_bytes(), "wav")
    columns = ["filename", "fold", "target", "category", "esc10", "src_file", "take"]
    packed(place / "ESC-50-master.zip", files | {"ESC-50-master/meta/esc50.csv": table(columns, rows, ",")})


def needs_yamnet():
    pytest.importorskip("onnxruntime")
    try:
        models.find("yamnet")
    except ModelError as error:
        pytest.skip(str(error))


@pytest.mark.engine
def test_esc50_from_archive_to_table_by_fold(place):
    needs_yamnet()
    esc50(place)
    printed, run = finished(commands("esc50")[0], Path("results/esc50"))
    found = compared(printed, run, qa.read_benchmark("benchmarks/esc50.toml"))
    assert found["n"].to_dict() == found["clusters"].to_dict() == {1: 2, 2: 2, 3: 1, 4: 1, 5: 1}
    assert (found["value_a"] * found["n"]).sum() == 1  # the commonest class, once
    assert (found["value_b"] * found["n"]).sum() == 6  # YAMNet hears another sound in one of the clips
    assert set(found["cluster"]) == {"src_file"}


# Dialects


def kespeech(place):
    """A release of Mandarin as machines speak it: whole sentences and joined syllables are two subdialects in it."""
    names, files, top = ("wav.scp", "text", "utt2spk", "utt2subdialect"), {}, "KeSpeech/"
    lines = dict.fromkeys(names, "")
    for number, sample in enumerate(shipped(kind="synthetic", language="zh")[6:18]):
        speaker, dialect = str(1000001 + number % 3), "Beijing" if sample.id.startswith("syllables") else "Mandarin"
        key = f"{speaker}_{number:08x}"
        path = f"Audio/{speaker}/phase1/{key}.wav"
        for name, cell in zip(names, (path, sample.reference.text, speaker, dialect), strict=True):
            lines[name] += f"{key} {cell}\n"
        files[top + path] = bytes_of(sample, "wav")
    folder(place, files | {f"{top}Tasks/ASR/test/{name}": text for name, text in lines.items()})
    return lines


@pytest.mark.engine
def test_dialects_from_folder_to_table_by_subdialect(place):
    lines = kespeech(place)
    printed, run = finished(commands("dialects")[0], Path("results/dialects"))
    found = compared(printed, run, qa.read_benchmark("benchmarks/dialects.toml"))
    assert found["n"].to_dict() == {"Beijing": 6, "Mandarin": 6}
    assert found["clusters"].to_dict() == {"Beijing": 3, "Mandarin": 3}
    scores = run.scores()
    cer = scores[scores["metric"].eq("cer") & scores["part"].eq("")]
    written = len(re.findall(r"[\u4e00-\u9fff]", lines["text"]))
    assert cer.groupby("model")["den"].sum().to_dict() == {"control/majority": written, "whisper/base": written}
    assert (found["difference"] < -0.2).all()


# Where the corpus lies, and which models


@pytest.mark.engine
def test_services_take_the_place_of_the_local_engines_and_are_compared(place):
    needs_yamnet()
    esc50(place)
    local, services = commands("esc50")
    assert services[:4] == local[:4]
    printed, run = finished([*services, "--rehearse", "--limit", 3], Path("results/esc50-rehearsal"))
    assert len(list(run.iter_samples())) == 3
    names = ["rehearsal/dashscope/qwen-audio-turbo-latest", "rehearsal/dashscope/qwen3.5-omni-flash"]
    found = qa.compare(run.scores(), *names, metric="accuracy", cluster="src_file")
    assert comparison_text(found) in printed
    assert found["n"].item() == 3


def test_without_a_source_it_is_said_how_to_give_it(place):
    done = qaeval("run", "benchmarks/esc50.toml")
    assert done.returncode == 2
    assert done.stderr == "error: esc50: say where it lies, as downloaded: --source FOLDER (or archive)\n"
    done = qaeval("run", "benchmarks/esc50.toml", "--source", "nowhere")
    assert "nowhere: no such folder or archive; expected meta/esc50.csv" in done.stderr


def test_a_source_is_given_to_check_too(place):
    esc50(place)
    done = qaeval("check", "esc50", "--source", "ESC-50-master.zip", "--fast")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("clips: 7, ")


def folds(run):
    return {sample.meta["fold"] for sample in qa.open_run(run).iter_samples()}


SMALL = 'dataset = "esc50"\ntasks = ["sounds"]\nmodels = ["control/majority", "control/majority"]\n'


def test_a_limit_on_the_command_line_goes_before_that_of_the_loader(place):
    esc50(place)
    options = '[options]\nsource = "ESC-50-master.zip"\nlimit = 2\nstratify = "fold"\n'
    Path("small.toml").write_text(SMALL.replace(', "control/majority"', "") + options)
    assert "control/majority: 2 done\n" in qaeval("run", "small.toml").stdout
    assert len(folds("results/small")) == 2
    printed = qaeval("run", "small.toml", "--limit", 6).stdout
    assert "control/majority: 6 done, 2 of them before\n" in printed
    assert folds("results/small") == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ('by = "accent"', "error: by: unknown column of samples 'accent'"),
        ('cluster = "src_fil"', "error: cluster: unknown column of samples 'src_fil'; did you mean 'src_file'?"),
        ('by = ["fold", "categry"]', "error: by: unknown column of samples 'categry'; did you mean 'category'?"),
        ('metric = "acuracy"', "error: unknown metric in [compare] 'acuracy'; did you mean 'accuracy'"),
    ],
)
def test_what_cannot_be_compared_by_is_said_before_anything_is_asked(place, chosen, said):
    esc50(place)
    Path("small.toml").write_text(
        SMALL.replace('"control/majority"]', '"openai/never-asked"]')
        + f'[compare]\na = "control/majority"\nb = "openai/never-asked"\n{chosen}\n'
    )
    done = qaeval("run", "small.toml", "--source", "ESC-50-master.zip", "--limit", 4)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(said)
    assert not Path("results").exists()


def test_a_table_may_be_sliced_by_several_columns(place):
    esc50(place)
    old = ["--task", "sounds", "--model", "control/majority", "--source", "ESC-50-master.zip", "--out", "old"]
    assert qaeval("run", "esc50", *old).returncode == 0
    said = '[compare]\na = "control/majority"\nb = "replay/old"\nmetric = "accuracy"\nby = ["fold", "category"]\n'
    Path("small.toml").write_text(SMALL.replace('"control/majority"]', '"replay/old"]') + said)
    done = qaeval("run", "small.toml", "--source", "ESC-50-master.zip")
    assert (done.returncode, done.stderr) == (0, "")
    found = qa.compare(
        qa.open_run("results/small").scores(), "control/majority", "replay/old", "accuracy", by=["fold", "category"]
    )
    assert comparison_text(found.sort_values(["fold", "category"])) in done.stdout


def test_a_source_in_the_file_is_seen_from_it_but_for_the_hub(tmp_path):
    path = tmp_path / "mine.toml"
    text = SMALL + '[options]\nsource = "corpora/ESC-50"\n'
    path.write_text(text)
    assert Path(qa.read_benchmark(path).options["source"]) == tmp_path / "corpora" / "ESC-50"
    path.write_text(text.replace('"esc50"', '"hub"'))
    assert qa.read_benchmark(path).options["source"] == "corpora/ESC-50"
    path.write_text(text.replace("corpora", "~"))
    assert Path(qa.read_benchmark(path).options["source"]) == Path.home() / "ESC-50"
