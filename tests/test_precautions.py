"""What a user is told before anything is read or sent: retired models, moved aliases, keys, consent."""

import dataclasses
import re

import pytest
from clips import wav

import qaeval as qa
from qaeval.errors import ModelError, RunError, UnknownNameError
from qaeval.launch import precautions

CLIPS = [qa.Sample("a", wav(1, 8000, 300), qa.Annotation(text="hello"), {"language": "en"})]


def hosted(name="service/a", **fields):
    """A model of a service that must not be asked."""

    def ask(request):
        raise AssertionError("it was asked")

    return qa.Model(name, ask, **{"endpoint": "dashscope", "host": "service.example", **fields})


def refused(folder, model, **options):
    """The error of a run that does not begin; nothing is read, sent or written then."""
    read = []
    with pytest.raises((RunError, ModelError)) as caught:
        qa.run((read.append(clip) or clip for clip in CLIPS), "transcribe", model, folder, progress=False, **options)
    assert not read
    return str(caught.value)


def test_nothing_leaves_the_machine_before_the_user_agrees(tmp_path, capsys):
    said = refused(tmp_path / "run", hosted())
    assert "service.example (service/a)" in said
    assert "--yes" in said
    assert not (tmp_path / "run").exists()
    model = dataclasses.replace(hosted(), ask=lambda request: "'hello'")
    qa.run(CLIPS, "transcribe", model, tmp_path / "run", progress=False, yes=True)
    assert "service.example" in capsys.readouterr().out
    run = qa.run(CLIPS, "transcribe", model, tmp_path / "run", progress=False)  # agreed once for this run
    assert list(run.info["agreed"]) == ["service.example"]
    assert "other.example" in refused(tmp_path / "run", hosted("service/b", host="other.example"))


def test_a_local_model_needs_no_consent(tmp_path):
    qa.run(CLIPS, "transcribe", qa.Model("here", lambda request: "hello"), tmp_path / "run", progress=False)


@pytest.mark.parametrize("answer", ["y", "YES"])
def test_a_terminal_asks_and_hears_yes(answer, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", lambda question: answer)
    agreed = precautions.look_ahead({}, None, "mine", [hosted()], asks=True, retired=False, moved=False, yes=False)
    assert list(agreed) == ["service.example"]
    assert "The audio of 'mine'" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["", "n", "what?"])
def test_a_terminal_that_does_not_say_yes_sends_nothing(answer, monkeypatch):
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", lambda question: answer)
    with pytest.raises(RunError, match="Nothing was sent"):
        precautions.look_ahead({}, None, "mine", [hosted()], asks=True, retired=False, moved=False, yes=False)


def test_the_end_of_the_input_is_no_yes(monkeypatch):
    def input_ended(question):
        raise EOFError

    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", input_ended)
    with pytest.raises(RunError, match="Nothing was sent"):
        precautions.look_ahead({}, None, "mine", [hosted()], asks=True, retired=False, moved=False, yes=False)


def test_a_key_among_the_params_is_refused_and_stands_nowhere(tmp_path):
    params = {"api_key": "sk-0123456789abcdef"}
    with pytest.raises(RunError, match=r"params: .* seen a key") as caught:
        qa.run(CLIPS, "transcribe", qa.Model("here", lambda request: "hello"), tmp_path / "run", params=params)
    assert params["api_key"] not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_missing_key_is_said_before_any_audio_is_read(tmp_path):
    def check():
        raise ModelError("service/a: no key; set SERVICE_KEY")

    assert "set SERVICE_KEY" in refused(tmp_path / "run", hosted(check=check), yes=True)


def test_a_finished_run_needs_neither_key_nor_network(tmp_path):
    calls = []
    model = dataclasses.replace(hosted(), ask=lambda request: "'hello'", check=lambda: calls.append("check"))
    qa.run(CLIPS, "transcribe", model, tmp_path / "run", progress=False, yes=True)
    assert calls
    calls.clear()
    qa.run(CLIPS, "transcribe", model, tmp_path / "run", progress=False)
    assert not calls


def test_a_retired_model_is_named_with_its_replacement_and_asked_only_if_told_to(tmp_path, capsys):
    gone = "service/a was retired on 2026-01-30; the vendor names service/b as its replacement"
    model = dataclasses.replace(hosted(host=""), ask=lambda request: "'hello'", retired=gone)
    said = refused(tmp_path / "run", model)
    assert gone in said
    assert "--retired" in said
    run = qa.run(CLIPS, "transcribe", model, tmp_path / "run", progress=False, retired=True)
    assert gone in capsys.readouterr().out
    assert run.replies()["outcome"].tolist() == ["ok"]


def test_an_alias_that_has_moved_needs_a_flag(tmp_path):
    def meaning(snapshot):
        return dataclasses.replace(hosted(host=""), ask=lambda request: "'hello'", facts={"means": snapshot})

    qa.run(CLIPS, "transcribe", meaning("a-2024-08-07"), tmp_path / "run", progress=False)
    said = refused(tmp_path / "run", meaning("a-2024-12-04"))
    assert "a-2024-08-07" in said
    assert "a-2024-12-04" in said
    run = qa.run(CLIPS, "transcribe", meaning("a-2024-12-04"), tmp_path / "run", progress=False, moved=True)
    assert run.info["models"][0]["facts"]["means"] == "a-2024-12-04"


def test_an_alias_of_a_retired_snapshot_is_told_before_it_is_asked_and_is_asked_all_the_same(tmp_path, capsys):
    told = []

    def ask(request):
        told.append(capsys.readouterr().out)
        return "'hello'"

    facts = {"means": "a-2024-12-04", "means_retired_on": "2026-01-30", "date": "2026-11", "status": "unknown"}
    model = dataclasses.replace(hosted(host=""), ask=ask, facts=facts)
    run = qa.run(CLIPS, "transcribe", model, tmp_path / "run", progress=False)
    note = (
        "note: service/a means a-2024-12-04, which is retired as of 2026-01-30, by the catalogue's word of 2026-11; an "
        "alias has a status of its own (not known here), and another snapshot may answer by now.\n"
    )
    assert told == [note]
    assert run.replies()["outcome"].tolist() == ["ok"]
    qa.run(CLIPS, "transcribe", model, tmp_path / "run", progress=False)
    assert capsys.readouterr().out == "", "nothing is asked again, so nothing is told"


@pytest.mark.parametrize("facts", [{"means": "a-1"}, {"means_retired_on": "2026-01-30"}, {"means": "a-1", "date": "x"}])
def test_of_an_alias_whose_snapshot_is_not_known_to_be_retired_nothing_is_told(facts, tmp_path, capsys):
    model = dataclasses.replace(hosted(host=""), ask=lambda request: "'hello'", facts=facts)
    qa.run(CLIPS, "transcribe", model, tmp_path / "run", progress=False)
    assert "note" not in capsys.readouterr().out


def test_rehearsed_and_real_replies_never_share_a_folder(tmp_path):
    def model(rehearsal, name):
        return dataclasses.replace(
            hosted(name, host=""), ask=lambda request: "'hello'", facts={"rehearsal": True} if rehearsal else {}
        )

    qa.run(CLIPS, "transcribe", model(True, "rehearsal/a"), tmp_path / "rehearsed", progress=False)
    assert "rehearsed and real" in refused(tmp_path / "rehearsed", model(False, "a"))
    qa.run(CLIPS, "transcribe", model(False, "a"), tmp_path / "real", progress=False)
    assert "rehearsed and real" in refused(tmp_path / "real", model(True, "rehearsal/a"))
    qa.run(CLIPS, "transcribe", qa.Model("here", lambda request: "hello"), tmp_path / "real", progress=False)


def test_a_run_with_more_to_ask_looks_for_the_key_before_anything_is_read(tmp_path):
    clips = [*CLIPS, qa.Sample("b", wav(1, 8000, 500), qa.Annotation(text="ho"), {"language": "en"})]
    works = dataclasses.replace(hosted(host=""), ask=lambda request: "'hello'")
    qa.run(clips, "transcribe", works, tmp_path / "run", limit=1, progress=False)

    def check():
        raise ModelError("service/a: no key; set SERVICE_KEY")

    keyless = dataclasses.replace(works, check=check)
    qa.run(clips, "transcribe", keyless, tmp_path / "run", limit=1, progress=False)  # all of it has its reply
    for more in ({"limit": 2}, {"limit": 1, "repeats": 2}, {"limit": 1, "prompts": "en"}, {"limit": 1, "canary": 1}):
        assert "set SERVICE_KEY" in refused(tmp_path / "run", keyless, **more)


def test_a_run_with_failures_looks_for_the_key_again(tmp_path):
    def ask(request):
        raise ValueError("no")

    qa.run(CLIPS, "transcribe", dataclasses.replace(hosted(host=""), ask=ask), tmp_path / "run", progress=False)

    def check():
        raise ModelError("service/a: no key; set SERVICE_KEY")

    assert "set SERVICE_KEY" in refused(tmp_path / "run", hosted(host="", check=check))


def clips(*metas):
    """A dataset with a sample of each meta, and the list of what each pass over it has read."""
    passes = []

    def read():
        passes.append(0)
        for place, meta in enumerate(metas):
            passes[-1] += 1
            yield qa.Sample(f"s{place}", f"{place}.wav", meta=meta)

    return qa.Dataset("mine", read, lambda: "v1"), passes


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"cluster": "speakr"}, "cluster: unknown column of samples 'speakr'; did you mean 'speaker'?"),
        ({"by": ["speaker", "acent"]}, "by: unknown column of samples 'acent'; did you mean 'accent'?"),
        ({"by": ["sample"]}, "by: unknown column of samples 'sample'"),
        ({"by": ["model"]}, "There are: accent, dataset, language, meta.model, recording, speaker"),
    ],
)
def test_a_column_that_no_sample_has_is_told_with_the_nearest(chosen, said):
    data, _ = clips({"speaker": "a", "language": "en"}, {"accent": "us", "model": "x"})
    with pytest.raises(UnknownNameError, match=re.escape(said)) as raised:
        precautions.having(data, **chosen)
    assert str(raised.value).endswith(". Nothing was asked")


def test_a_column_of_the_first_sample_costs_no_pass():
    data, passes = clips({"speaker": "a"}, {"speaker": "b"})
    same = precautions.having(data, "speaker", ["language", "dataset"])
    assert passes == [1]
    assert [sample.id for sample in same] == ["s0", "s1"]
    assert passes == [2]
    assert [sample.id for sample in same] == ["s0", "s1"]
    assert (passes, same.name, same.fingerprint) == ([2, 2], "mine", "v1")


def test_a_column_that_some_samples_have_is_looked_for():
    data, passes = clips({}, {}, {"accent": "us"}, {})
    same = precautions.having(data, by=["accent"])
    assert passes == [1, 3]
    assert [sample.id for sample in same] == ["s0", "s1", "s2", "s3"]


def test_what_every_sample_has_is_not_looked_for():
    data, passes = clips({})
    assert precautions.having(data, "sample", ["recording", "language", "dataset"]) is data
    assert passes == []


def test_an_empty_dataset_is_left_to_the_run():
    data, _ = clips()
    assert list(precautions.having(data, "speaker")) == []


def test_a_dataset_longer_than_the_look_is_asked_about_with_a_note(monkeypatch, capsys):
    monkeypatch.setattr(precautions, "_LOOKED_AT", 2)
    data, passes = clips({"speaker": "a"}, {}, {"accent": "us"})
    assert len(list(precautions.having(data, "acent"))) == 3
    assert passes == [1, 3, 3]
    said = capsys.readouterr().err
    assert said.startswith("note: cluster: the first 2 samples have none: unknown column of samples 'acent'")
    with pytest.raises(UnknownNameError):
        precautions.having(clips({}, {})[0], "acent")
