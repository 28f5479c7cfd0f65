"""A manifest with rows that are not as they should be: a check tells each, and what it writes closes with a run."""

import csv
import json
import shlex
import warnings

import pandas as pd
import pytest
from clips import wav
from effort import within

import qaeval as qa
from qaeval import checks, datasets
from qaeval.checks.columns import MOST_COLUMNS, MOST_VALUES, Columns
from qaeval.checks.tags import odd_language
from qaeval.cli.app import in_options, main
from qaeval.datasets import _corrections
from qaeval.errors import DatasetError, DatasetWarning, UnknownNameError
from qaeval.types import Annotation

ROWS = (
    *(b"audio,text,accent,language", b"a.wav,hello,US,en", b"b.wav,there,us ,en", b"gone.wav,no,US,en"),
    *(b"c.wav,,US,en", b"a.wav,again,US,en", b"../c.wav,out,US,en", b"c.wav,torn", b"d.wav,caf\xe9,US,en"),
    *(b"e.wav,ours,US,english please", b"d.wav,friend,US,en", b"c.wav,fine,US,cn"),
)
BAD = {
    5: "the reference text is empty",
    6: "audio 'a.wav' with the same inputs stands already in line 2",
    7: "leaves the dataset's folder",
    8: "expected 4 cells as the header has, seen 2",
    9: "byte 0xe9 is not UTF-8; convert the file to UTF-8, or say of a manifest how it was written",
    10: "language: expected a code like zh, yue or en-US, seen 'english please'",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the clips and the manifest."""
    for number, name in enumerate("abcde"):
        (tmp_path / f"{name}.wav").write_bytes(wav(0.5, tone=300 + 50 * number))
    (tmp_path / "clips.csv").write_bytes(b"\n".join(ROWS))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(monkeypatch, capfd):
    """Runs the command line in this process: its exit status, and what it wrote."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["qaeval", *arguments])
        monkeypatch.setattr("qaeval.cli.app._NOTES", set())
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            with pytest.raises(SystemExit) as ended:
                main()
        return (ended.value.code, *capfd.readouterr())

    return run


# Rows that are no samples --------------------------------------------------------------------------------------------


def test_each_row_that_cannot_be_read_is_told_with_its_line(here):
    frame = checks.check("clips.csv", progress=False)
    rows = frame[frame["verdict"] == "unreadable row"]
    assert list(rows["sample"]) == [f"clips.csv, line {number}" for number in BAD]
    assert set(rows["problems"]) == {"unreadable row"}
    for why, told in zip(BAD.values(), rows["reason"], strict=True):
        assert why in told
    assert list(frame["sample"][: -len(BAD)]) == ["a.wav", "b.wav", "gone.wav", "d.wav", "c.wav"]
    assert list(checks.corrections(frame)["sample"]) == ["b.wav", "gone.wav", "c.wav"], "rows without an id are not"
    assert checks.check_text(frame).startswith("clips: 5, 2 s of audio; readable 4, unreadable 1\n")
    lines = checks.problems_text(frame, most=2).splitlines()
    assert lines[0] == "samples with problems: 3 of 5"
    assert lines[-4:-3] == ['unreadable rows: 6. A run ends at the first; bad_rows="skip" passes over them']
    assert [line.partition(": ")[0] for line in lines[-3:]] == [
        "  clips.csv, line 5",
        "  clips.csv, line 6",
        "  and 4 more",
    ]


def test_a_second_pass_tells_no_row_twice(here):
    data = checks.opened("clips.csv")
    for _ in range(2):
        assert len(list(data)) == 5
    assert len(data.refused) == len(BAD)
    assert data.fingerprint == datasets.load("clips.csv", bad_rows="skip").fingerprint


def test_rows_that_cannot_be_read_are_told_with_models_too(here):
    frame = checks.check("clips.csv", ["control/majority"], progress=False)
    assert (frame["verdict"] == "unreadable row").sum() == len(BAD)
    assert "control/majority: fits 4, unreadable 1" in checks.check_text(frame)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.csv", "audio,text\na.wav,\nb.wav\n"),
        ("m.jsonl", '{"audio": "a.wav", "text": ""}\n[]\n'),
        ("m.csv", "audio,text\n"),
    ],
)
def test_a_file_without_a_row_that_can_be_read_is_an_error_that_says_why(here, name, content):
    (here / name).write_text(content)
    wanted = "no clips in it" + ("; 2 rows were passed over, the first is m" if content.count("\n") > 1 else "$")
    with pytest.raises(DatasetError, match=wanted):
        checks.check(name, progress=False)


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_other_kinds_of_manifests(here, ending):
    rows = [{"audio": "a.wav", "text": "hi"}, {"audio": "b.wav", "text": ""}, {"audio": "c.wav", "text": "hi"}]
    if ending == "jsonl":
        (here / "m.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pd.DataFrame(rows).to_parquet("m.parquet")
    frame = checks.check(f"m.{ending}", progress=False)
    assert list(frame["verdict"]) == ["readable", "readable", "unreadable row"]
    assert frame["sample"][2] == f"m.{ending}, {'line' if ending == 'jsonl' else 'row'} 2"


def test_rows_of_corpora_by_name_are_told_too(tmp_path):
    meta = "filename,fold,target,category,esc10,src_file,take\n"
    (tmp_path / "ESC-50-master" / "meta").mkdir(parents=True)
    (tmp_path / "ESC-50-master" / "audio").mkdir()
    (tmp_path / "ESC-50-master" / "audio" / "1-1-A-0.wav").write_bytes(wav(0.5))
    table = tmp_path / "ESC-50-master" / "meta" / "esc50.csv"
    table.write_text(f"{meta}1-1-A-0.wav,1,0,dog,True,1,A\n1-2-A-0.wav,torn\n")
    frame = checks.check(checks.opened("esc50", source=tmp_path / "ESC-50-master"), progress=False)
    assert list(frame["verdict"]) == ["readable", "unreadable row"]
    assert frame["sample"][1].endswith("esc50.csv, line 3")
    assert "expected 7 cells as the columns are, seen 2" in frame["reason"][1]


def test_what_no_loader_is_lenient_about_is_opened_as_it_is(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(0.5))
    assert len(checks.check(tmp_path, progress=False)) == 1
    with pytest.raises(UnknownNameError, match="unknown dataset 'esc5'; did you mean 'esc50'"):
        checks.opened("esc5")


def test_a_function_is_called_with_each_bad_row(here):
    told = {}
    assert len(list(datasets.load("clips.csv", missing="keep", bad_rows=told.__setitem__))) == 5
    assert list(told) == [f"clips.csv, line {number}" for number in BAD]
    with pytest.raises(DatasetError, match=r"bad_rows: expected .* seen 'pass'"):
        checks.opened("clips.csv", bad_rows="pass")


@pytest.mark.parametrize("kind", ["error", "skip"])
def test_runs_and_loads_do_with_bad_rows_as_before(here, kind):
    if kind == "error":
        with pytest.raises(DatasetError, match=r"clips.csv, line 9: byte 152 of the file"):
            list(datasets.load("clips.csv", missing="keep", bad_rows=kind))
    else:
        data = datasets.load("clips.csv", missing="keep", bad_rows=kind)
        with pytest.warns(DatasetWarning, match="6 rows were passed over, the first is clips.csv, line 5: "):
            assert len(list(data)) == 5


def test_a_file_that_has_every_row_twice_is_read_in_linear_time(here):
    rows = [f"a.wav,text,{number}" for number in range(20_000)]
    (here / "twice.csv").write_text("\n".join(["audio,text,id", *rows, *rows]))
    told = {}
    count = within(10, lambda: len(list(datasets.load("twice.csv", bad_rows=told.__setitem__))))
    assert (count, len(told)) == (20_000, 20_000)
    assert told["twice.csv, line 20002"] == "id '0' stands already in line 2"
    assert told["twice.csv, line 40001"] == "'19999' stands already in a line before it"


# The loop ------------------------------------------------------------------------------------------------------------


def filled_in(path, **exclude):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["exclude"] = exclude.get(row["sample"].removesuffix(".wav"), "")
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_the_command_that_a_check_ends_with_is_that_of_a_run(here, command):
    status, printed, _ = command("check", "clips.csv", "--language", "en", "--out", "my rows.csv")
    assert status == 0
    *_, what, line = printed.splitlines()
    assert what == "Corrections to fill in: my rows.csv; then:"
    assert line == (
        "qaeval run clips.csv --task TASK --model MODEL --language en --option missing=keep --option bad_rows=skip "
        "--option 'corrections=my rows.csv'"
    )
    filled_in("my rows.csv", gone="yes")
    words = shlex.split(line.replace("TASK", "transcribe").replace("MODEL", "control/majority"))
    status, _, noted = command(*words[1:], "--out", "r")
    assert (status, "error" in noted) == (0, False)
    assert set(qa.open_run("r").replies()["sample"]) == {"a.wav", "b.wav", "c.wav", "d.wav"}


def test_a_run_that_leaves_out_by_itself_what_is_to_be_left_out(here, command):
    command("check", "clips.csv", "--option", "missing=keep", "--out", "c.csv")
    filled_in("c.csv", gone="true")
    asked = ("run", "clips.csv", "--task", "transcribe", "--model", "control/majority", "--out", "r")
    status, _, noted = command(*asked, "--option", "bad_rows=skip", "--option", "corrections=c.csv")
    assert status == 0
    assert (
        "note: c.csv, line 3: sample 'gone.wav': clips gives no such sample to leave out; was it passed over?" in noted
    )
    assert qa.open_run("r").info["complete"]


def test_options_that_were_given_are_given_again_and_no_others(here, command):
    (here / "fine.csv").write_text("audio,text,accent\na.wav,hello,US\nb.wav,there,US\n")
    said = command("check", "fine.csv", "--option", "empty_text=unknown", "--fit", "cut", "--out", "c.csv")[1]
    assert said.endswith(
        " --task TASK --model MODEL --fit cut --option empty_text=unknown --option corrections=c.csv\n"
    )
    again = ("--option", "missing=keep", "--option", "corrections=c.csv", "--out", "d.csv")
    said = command("check", "fine.csv", *again)[1].splitlines()[-2:]
    assert said == [
        "Corrections to fill in: d.csv (then add its rows to c.csv: a run takes one file); then:",
        "qaeval run fine.csv --task TASK --model MODEL --option missing=keep --option corrections=c.csv",
    ]


def test_what_was_filled_in_is_never_written_over(here, command):
    command("check", "clips.csv", "--out", "c.csv")
    assert command("check", "clips.csv", "--out", "c.csv")[0] == 0, "nothing was filled in"
    filled_in("c.csv", gone="yes")
    before = (here / "c.csv").read_bytes()
    status, _, told = command("check", "clips.csv", "--out", "c.csv")
    assert (status, (here / "c.csv").read_bytes()) == (2, before)
    assert "--out c.csv: corrections were filled in there, and would be lost; choose another name" in told


def clips(tmp_path, held=False):
    names = [f"s{number}" for number in range(4)]
    return qa.load([qa.Sample(n, b"RIFF" if held else tmp_path / f"{n}.wav", Annotation(text="one")) for n in names])


def corrected(tmp_path, rows, **options):
    (tmp_path / "c.csv").write_text(f"sample,reason,problem,exclude,text,labels.sound\n{rows}")
    return qa.load(clips(tmp_path, **options), corrections=tmp_path / "c.csv")


@pytest.mark.parametrize("held", [False, True])
def test_what_is_left_out_may_be_gone_already(tmp_path, held):
    data = corrected(tmp_path, "s1,why,p,yes,,\ns7,why,p,yes,,\ns8,why,p,,,\ns9,why,p,1,words,\n", held=held)
    for _ in range(2):
        with pytest.warns(DatasetWarning, match=r"line 3: sample 's7' \(and 1 more\): samples gives no such") as told:
            assert [clip.id for clip in data] == ["s0", "s2", "s3"]
        assert len(told) == 1


def test_a_row_that_changes_nothing_needs_no_sample(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(corrected(tmp_path, "s8,why,p,,,\n"))) == 4


@pytest.mark.parametrize("change", [",words,", ",,dog"])
def test_a_change_of_what_is_not_there_is_found_before_the_first_sample(tmp_path, change):
    data = corrected(tmp_path, f"s1,why,p,,two,\ns9,why,p{change.replace(',', ',,', 1)}\n")
    with pytest.raises(DatasetError, match="line 3: sample 's9': samples gives no such sample; ids must be just those"):
        next(iter(data))
    held = iter(corrected(tmp_path, "s9,why,p,,words,\n", held=True))
    assert [next(held).id for _ in range(4)] == ["s0", "s1", "s2", "s3"], "clips that are held are read once"
    with pytest.raises(DatasetError, match="sample 's9'"):
        next(held)


def test_the_look_ahead_is_made_once_and_leaves_other_errors_to_the_pass(tmp_path, here, monkeypatch):
    calls = []
    look = _corrections._Corrected._look_ahead
    monkeypatch.setattr(_corrections._Corrected, "_look_ahead", lambda self: (calls.append(1), look(self)))
    data = corrected(tmp_path, "s1,why,p,,two,\n")
    assert [len(list(data)), len(list(data)), len(calls)] == [4, 4, 1]
    (here / "m.csv").write_text("audio,text,id\na.wav,one,s0\nb.wav,,s1\n")
    torn = iter(qa.load("m.csv", corrections="c.csv"))
    assert next(torn).id == "s0"
    with pytest.raises(DatasetError, match=r"m.csv, line 3: the reference text is empty"):
        next(torn)


# Languages, spellings, words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("cn", "'cn' is no language's code; did you mean 'zh'?"),
        ("jp", "'jp' is no language's code; did you mean 'ja'?"),
        ("xx", "'xx' is no language's code; texts are scored in zh, yue, en, fr, it, es, de, ja"),
        *((code, "") for code in ("zh", "yue", "ko", "sw", "nan", "uk", "")),
    ],
)
def test_codes_of_languages(code, told):
    assert odd_language(code) == told


def test_a_country_in_the_place_of_a_language_is_told(here):
    frame = checks.check("clips.csv", progress=False).set_index("sample")
    assert frame.loc["c.wav", "problems"] == "unknown language"
    assert frame.loc["a.wav", "problems"] == ""


def spellings(*values, column="accent"):
    columns = Columns()
    for number, value in enumerate(values):
        columns.add(qa.Sample(f"s{number}", "a.wav", meta={column: value}))
    return columns.findings()


def test_spellings_of_one_value_are_told_where_they_come_first():
    assert spellings("us", "US", "US", "us ", "us", "US", "GB") == {
        "s0": "accent 'us' (2 samples) is 'US' (3 samples) but for case or spaces",
        "s3": "accent 'us ' (1 sample) is 'US' (3 samples) but for case or spaces",
    }
    assert spellings("us", "gb", "", "", 3, None, "us-1", "us-2") == {}
    assert spellings("zh", "ZH", column="language") == {}
    assert spellings("New York", "new  york") == {
        "s1": "accent 'new  york' (1 sample) is 'New York' (1 sample) but for case or spaces"
    }


def test_columns_that_are_none_to_slice_by_are_not_held():
    assert spellings("us", "US", "x" * 101) == {}
    assert spellings("us", "US", *map(str, range(MOST_VALUES))) == {}
    columns = Columns()
    for number in range(3 * MOST_COLUMNS):
        columns.add(qa.Sample(f"s{number}", "a.wav", meta={f"column {number}": "x"}))
    assert len(columns._columns) == MOST_COLUMNS


@pytest.mark.engine
def test_spellings_stand_in_the_frame(here):
    frame = checks.check("clips.csv", ["control/majority", "sphinx/en-us"], fast=True, progress=False)
    rows = frame[frame["sample"] == "b.wav"]
    assert list(rows["problems"]) == ["other spelling"] * 2
    assert set(rows["reason"]) == {"accent 'us ' (1 sample) is 'US' (4 samples) but for case or spaces"}


def test_what_is_missing_is_named_once_and_what_lacks_says_what_others_have(here):
    text = checks.problems_text(checks.check("clips.csv", progress=False))
    assert "  missing 1: gone.wav: there is no such file; expected an audio file; check the path" in text
    given = [qa.Sample(f"s{n}", wav(0.5, tone=200 + n), Annotation(text="hello" if n else None)) for n in range(3)]
    reasons = checks.check(given, progress=False).set_index("sample")["reason"]
    assert reasons["s0"].startswith("it has no text, but most samples have one")


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (
            'say empty_text="silence" or empty_text="unknown"',
            "--option empty_text=silence or --option empty_text=unknown",
        ),
        ("follow_links=True allows that", "--option follow_links=true allows that"),
        ("quotes=False takes", "--option quotes=false takes"),
        ("name that with root=", "name that with --option root="),
        ("allow it with root='/' or", "--option root=/ or"),
        ("root='/my clips': no such", "--option root='/my clips': no such"),
        ('bad_rows="skip" passes', "--option bad_rows=skip passes"),
        ('--option encoding="x"', '--option encoding="x"'),
        ("https://x.org/?encoding=utf-8&root=1", "https://x.org/?encoding=utf-8&root=1"),
        ("out=..., yes=True", "out=..., yes=True"),
    ],
)
def test_the_command_line_tells_options_in_its_own_form(told, wanted):
    assert wanted in in_options(told)


def test_errors_and_tables_of_the_command_line_have_its_form(here, command):
    (here / "m.csv").write_text("audio,text\na.wav,\n")
    told = command("run", "m.csv", "--task", "transcribe", "--model", "control/majority", "--out", "r")[2]
    assert "say --option empty_text=silence if such clips" in told
    assert "--option empty_text=unknown if it is not known" in told
    assert "A run ends at the first; --option bad_rows=skip passes over them" in command("check", "clips.csv")[1]


def test_options_in_a_hostile_message_take_linear_time():
    told = 'root="' * 100_000 + "root=" * 100_000
    assert within(2, lambda: len(in_options(told))) >= len(told)
