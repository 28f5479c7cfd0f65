"""One reply is scored by every task whose question its prompt asked."""

import pytest
from clips import samples

import qaeval as qa
from qaeval import tasks

BOTH = qa.Prompt("both", "What is said, and by how many?", also=("transcribe",))
LONELY = qa.Prompt("one", "By how many?")


def count_speakers(text, sample):
    return qa.Annotation(labels={"speakers": ("1",)} if "one person" in text else {})


def score(case):
    return qa.Ratio(case.hypothesis.labels.get("speakers") == case.reference.labels["speakers"], 1)


COUNT = qa.Task("count", ("speakers",), (BOTH, LONELY), count_speakers, (qa.Metric("right", "speakers", score),))


def clips(folder, text=True):
    return [
        qa.Sample(
            each.id, each.audio, qa.Annotation(each.reference.text if text else None, labels={"speakers": ("1",)})
        )
        for each in samples(folder, 4)
    ]


def answer(request):
    return f"这段音频说的是:'this is number {request.audio.name[0]}', by one person."


def test_a_reply_is_scored_by_the_tasks_that_its_prompt_asks_for_too(tmp_path):
    asked = []

    def ask(request):
        asked.append(request.task)
        return answer(request)

    run = qa.run(clips(tmp_path / "clips"), COUNT, [ask], tmp_path / "run", prompts=["both"], progress=False)
    assert asked == ["count"] * 4
    assert run.asks().groupby("task").size().to_dict() == {"count": 4, "transcribe": 4}
    assert run.asks().groupby("sample")["key"].nunique().tolist() == [1] * 4
    table = qa.summarize(run.scores()).set_index("metric")
    assert table.loc["right", ["task", "value", "n"]].tolist() == ["count", 1.0, 4]
    assert table.loc["cer", ["task", "prompt", "n"]].tolist() == ["transcribe", BOTH.id, 4]
    assert set(run.replies().query("task == 'transcribe'")["rule"]) == {"prefix"}
    assert qa.open_run(run.folder, [COUNT]).scores().equals(run.scores())


def test_a_prompt_that_does_not_ask_for_them_is_not_scored_by_them(tmp_path):
    run = qa.run(clips(tmp_path / "clips"), COUNT, [answer], tmp_path / "run", prompts=["one"], progress=False)
    assert set(run.asks()["task"]) == {"count"}
    assert list(run.tasks) == ["count"]


def test_where_the_other_task_has_no_reference_nothing_is_scored_by_it(tmp_path):
    data = clips(tmp_path / "clips", text=False)
    run = qa.run(data, COUNT, [answer], tmp_path / "run", prompts=["both"], progress=False)
    assert set(run.asks()["task"]) == {"count"}
    assert set(run.scores()["metric"]) == {"right"}


@pytest.mark.parametrize("prompts", [{"count": ["both"]}, [BOTH]])
def test_both_tasks_asked_at_once_have_each_ask_once(tmp_path, prompts):
    data = clips(tmp_path / "clips")
    run = qa.run(data, [COUNT, "transcribe"], [answer], tmp_path / "run", prompts=prompts, progress=False)
    rows = run.asks()
    assert not rows.duplicated(["sample", "task", "prompt"]).any()
    mine = {BOTH.id} if prompts == [BOTH] else {BOTH.id, tasks.find("transcribe").prompts[0].id}
    assert set(rows.query("task == 'transcribe'")["prompt"]) == mine
    run.scores()


def test_an_engine_that_reads_no_prompt_answers_the_task_alone(tmp_path):
    model = qa.Model("deaf", answer, reads_prompt=False)
    run = qa.run(clips(tmp_path / "clips"), COUNT, [model], tmp_path / "run", prompts=["both"], progress=False)
    assert set(run.asks()["task"]) == {"count"}
