"""Which row a call is printed of: what fits none is told with what there is."""

import dataclasses

import pytest
from clips import samples

import qaeval as qa
from qaeval.calls import script
from qaeval.errors import RunError, UnknownNameError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two models, asked by two prompts, twice; about the second clip also who speaks."""
    place = tmp_path_factory.mktemp("calls")
    models = [qa.Model(f"dashscope/{name}", lambda request: "hi", endpoint="dashscope") for name in ("one", "two")]
    first, second = samples(place / "clips", 2)
    told = qa.Annotation(text=second.reference.text, labels={"gender": ("male",)})
    clips = [first, dataclasses.replace(second, reference=told)]
    options = {"prompts": ["zh", "en"], "repeats": 2, "yes": True, "limits": None, "progress": False}
    return qa.run(clips, ["transcribe", "gender"], models, place / "run", **options)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"task": "transcibe"}, " with the task 'transcibe'; did you mean 'transcribe'? There are: transcribe"),
        (
            {"model": "one", "prompt": "zn"},
            " of dashscope/one with the prompt 'zn'. There are: en, zh",
        ),
        ({"model": "one", "repeat": 7}, " of dashscope/one with the repeat '7'. There are: 0, 1"),
        ({"task": "transcribe", "part": 2}, " of transcribe with the part '2'. There are: 0"),
        ({"task": "gender"}, " with the task 'gender'. There are: transcribe"),
    ],
)
def test_what_fits_no_row_is_told_with_what_there_is(run, wanted, told):
    sample = min(clip.id for clip in run.iter_samples())
    with pytest.raises(RunError) as error:
        script(run, sample, **wanted)
    assert str(error.value) == f"{run.folder} has no row about {sample!r}{told}"


def test_a_prompt_with_its_digest_is_looked_for_whole(run):
    sample, known = (
        min(clip.id for clip in run.iter_samples()),
        sorted(set(run.asks().query("task == 'transcribe'")["prompt"])),
    )
    with pytest.raises(RunError, match=f"There are: {', '.join(known)}"):
        script(run, sample, prompt=known[0] + "0")
    with pytest.raises(RunError, match=r"8 rows of .* are about"):
        script(run, sample)
    with pytest.raises(UnknownNameError, match="did you mean 'dashscope/one'"):
        script(run, sample, model="dashscope/on")
