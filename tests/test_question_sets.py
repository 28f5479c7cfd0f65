"""AIR-Bench, MMAU and VoiceBench in their published layouts, up to a reply that is scored."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from clips import wav
from corpora import FORMS, clip, folder, release

import qaeval as qa
from qaeval import audio
from qaeval.datasets._questions import options, right_letter
from qaeval.errors import DatasetError, UnknownNameError
from qaeval.metrics import choice_accuracy
from qaeval.tasks import answer
from qaeval.text.profiles import find_profile
from qaeval.types import Case

AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def right(sample, reply):
    """Whether the task `answer` reads the reply as the right letter."""
    said = answer.parse(reply, sample)
    scored = choice_accuracy.score(Case(sample.reference, said, "en", find_profile(), reply))
    return scored[""].num == 1


def readable(samples):
    assert all(audio.probe(sample.audio).duration > 0.05 for sample in samples)
    assert len({sample.id for sample in samples}) == len(samples)


FOUNDATION = [
    {
        "path": "Ses01.wav", "question": "What emotion does the speaker show?", "choice_a": "neutral",
        "choice_b": "happy", "choice_c": "sad", "choice_d": "angry", "answer_gt": "sad",
        "task_name": "Speaker_Emotion_Recontion", "dataset_name": "iemocap", "uniq_id": 0,
    },
    {
        "path": "v1.wav", "question": "Is this a man or a woman?", "choice_a": "male", "choice_b": "female",
        "answer_gt": "female", "task_name": "Speaker_Gender_Recognition", "dataset_name": "common_voice", "uniq_id": 1,
    },
    {
        "path": "Y1.wav", "question": "When does 'a dog barks' occur?", "choice_a": "[0.0, 1.0]",
        "choice_b": "[1.0, 2.0]", "choice_c": "[2.0, 3.0]", "choice_d": None, "answer_gt": "[1.0, 2.0]",
        "task_name": "Audio_Grounding", "dataset_name": "AudioGrounding", "uniq_id": 2,
    },
]  # fmt: skip
CHAT = [
    {
        "meta_info": '[{"speaker": "speaker 1", "transcription": "hi my name is wally"}]', "answer_gt": "wally",
        "question": "What name did the first person introduce themselves as?", "path": "0.72_28.54.wav",
        "task_name": "speech_dialogue_QA", "dataset_name": "fisher", "uniq_id": 5,
    }
]  # fmt: skip


def air_bench(foundation=FOUNDATION, chat=CHAT):
    return {
        "Foundation/Foundation_meta.json": json.dumps(foundation, indent=1),
        "Foundation/Speaker_Emotion_Recontion_iemocap/Ses01.wav": clip(1),
        "Foundation/Speaker_Gender_Recognition_common_voice/v1.wav": clip(2),
        "Foundation/Audio_Grounding_AudioGrounding/Y1.flac": clip(3, ".flac"),
        "Chat/Chat_meta.json": json.dumps(chat),
        "Chat/speech_dialogue_QA_fisher/0.72_28.54.wav": clip(4),
    }


@pytest.mark.parametrize("form", FORMS)
def test_air_bench_foundation(tmp_path, form, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))
    clips = qa.load("air_bench", release(tmp_path / "AIR-Bench-Dataset", air_bench(), form))
    one, two, three = samples = list(clips)
    readable(samples)
    assert clips.name == "air_bench_foundation"
    assert [sample.id for sample in samples] == ["0", "1", "2"]
    assert one.inputs["choices"] == "A. neutral\nB. happy\nC. sad\nD. angry"
    assert one.inputs["query"] == "What emotion does the speaker show?"
    assert [sample.reference.labels["answer"] for sample in samples] == [("C",), ("B",), ("B",)]
    assert one.meta == {"task": "Speaker_Emotion_Recontion", "dataset": "iemocap", "part": "foundation"}
    assert two.inputs["choices"] == "A. male\nB. female"
    assert three.audio.name.endswith("Y1.flac")  # as Inference_Foundation.py looks for it
    assert right(one, "The answer is C.")
    assert right(one, "C. sad")
    assert not right(one, "D")
    assert not right(one, "I cannot tell.")


def test_air_bench_chat(tmp_path):
    (sample,) = qa.load("air_bench", folder(tmp_path, air_bench()), part="chat")
    readable([sample])
    assert sample.inputs == {"query": CHAT[0]["question"]}
    assert sample.reference.labels == {"answer": ("wally",), "response": ("wally",)}
    assert sample.meta["meta_info"] == CHAT[0]["meta_info"]
    (again,) = qa.load("air_bench", tmp_path / "Chat", part="chat")
    assert again.id == sample.id == "5"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"answer_gt": "bored"}, "expected exactly one of the options"),
        ({"choice_b": " "}, "choices: expected a text in each"),
        ({"choice_b": "sad "}, "expected exactly one of the options"),
        ({"path": ""}, "no path; seen"),
        ({"question": 7}, "expected a question, seen 7"),
        ({"path": "../../../etc/passwd"}, "leaves the dataset's folder"),
    ],
)
def test_questions_that_cannot_be_asked(tmp_path, change, told):
    bad = [{**FOUNDATION[0], **change}, *FOUNDATION[1:]]
    source = folder(tmp_path, air_bench(bad))
    with pytest.raises(DatasetError, match=rf"Foundation_meta\.json, member 1: .*{told}"):
        list(qa.load("air_bench", source))
    with pytest.warns(UserWarning, match="1 rows were passed over"):
        assert [sample.id for sample in qa.load("air_bench", source, bad_rows="skip")] == ["1", "2"]


def test_a_folder_that_is_another_one(tmp_path):
    folder(tmp_path, {"readme.md": "nothing"})
    with pytest.raises(DatasetError, match=r"expected Foundation/Foundation_meta\.json .*Chat/Chat_meta\.json"):
        qa.load("air_bench", tmp_path)
    with pytest.raises(DatasetError, match=r"a release has mmau-test-mini\.json and test-mini-audios"):
        qa.load("mmau", tmp_path, version="v0")
    with pytest.raises(DatasetError, match=r"no sd-qa/usa-00000-of-00001\.parquet"):
        qa.load("voicebench", tmp_path, subset="sd-qa", split="usa")
    with pytest.raises(UnknownNameError, match="did you mean 'chat'"):
        qa.load("air_bench", tmp_path, part="chta")


MMAU = [
    {
        "id": "3fe64f3d", "audio_id": "./test-mini-audios/3fe64f3d.wav", "choices": ["Man", "Woman", "Child", "Robot"],
        "question": "Based on the given audio, identify the source of the speaking voice.", "answer": "Man",
        "dataset": "AudioSet", "task": "sound", "split": "test-mini", "category": "Reasoning",
        "sub-category": "Acoustic Source Inference", "difficulty": "medium",
    },
    {
        "id": "72fb5481", "audio_id": "./test-mini-audios/72fb5481.wav", "choices": ["-5 dB", "5 dB"],
        "question": "How loud is it?", "answer": "5 dB", "dataset": "X", "task": "music", "split": "test-mini",
        "category": "Information Extraction", "sub-category": "Loudness", "difficulty": "hard",
    },
]  # fmt: skip


def mmau(questions=MMAU, split="test-mini"):
    clips = {f"{split}-audios/{row['id']}.wav": clip(number) for number, row in enumerate(questions)}
    return {f"mmau-{split}.json": json.dumps(questions, indent=2), **clips}


@pytest.mark.parametrize("form", FORMS)
def test_mmau(tmp_path, form, monkeypatch):
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))
    clips = qa.load("mmau", release(tmp_path / "MMAU", mmau(), form), version="v0")
    one, two = samples = list(clips)
    readable(samples)
    assert clips.name == "mmau_test_mini_v0"
    assert one.inputs["choices"] == "A. Man\nB. Woman\nC. Child\nD. Robot"
    assert one.meta == {
        "version": "v0", "split": "test-mini", "task": "sound", "category": "Reasoning", "difficulty": "medium",
        "sub_category": "Acoustic Source Inference", "dataset": "AudioSet", "language": "en",
    }  # fmt: skip
    assert two.reference.labels == {"answer": ("B",)}  # word for word; compared without signs it would be both
    assert right(one, "(A) Man")
    assert not right(one, "B")


def test_the_versions_of_mmau_are_kept_apart(tmp_path):
    source = folder(tmp_path, mmau())
    old, new = (qa.load("mmau", source, version=version) for version in ("v0", "v05.15.25"))
    assert old.fingerprint != new.fingerprint
    assert old.name != new.name == "mmau_test_mini_v05.15.25"
    assert {sample.meta["version"] for sample in new} == {"v05.15.25"}
    with pytest.raises(DatasetError, match=r"missing a required .*'version'"):
        qa.load("mmau", source)
    with pytest.raises(UnknownNameError, match=r"did you mean 'v05\.15\.25'"):
        qa.load("mmau", source, version="v05.15")


def test_the_test_set_of_mmau_has_no_answers(tmp_path):
    withheld = [{key: value for key, value in row.items() if key != "answer"} for row in MMAU]
    withheld = [{**row, "audio_id": row["audio_id"].replace("test-mini", "test")} for row in withheld]
    samples = list(qa.load("mmau", folder(tmp_path, mmau(withheld, "test")), version="v05.15.25", split="test"))
    assert [sample.reference.labels for sample in samples] == [{}, {}]
    readable(samples)


def parquet(columns):
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def sounds(count=2):
    return pa.array([{"bytes": wav(tone=300 + n), "path": None} for n in range(count)], AUDIO)


def test_mmau_as_the_hub_has_it(tmp_path):
    rest = [
        {key: row[key] for key in ("id", "task", "category", "sub-category", "difficulty", "dataset")} for row in MMAU
    ]
    table = {
        "context": sounds(),
        "instruction": [row["question"] for row in MMAU],
        "choices": [
            [f"({letter}) {text}" for letter, text in zip("ABCD", row["choices"], strict=False)] for row in MMAU
        ],
        "answer": ["(A) Man", "(B) 5 dB"],
        "other_attributes": list(map(json.dumps, rest)),
    }
    path = tmp_path / "test_mini.parquet"
    path.write_bytes(parquet(table))
    packed = list(qa.load("mmau", path, version="v05.15.25"))
    listed = list(qa.load("mmau", folder(tmp_path / "json", mmau()), version="v05.15.25"))
    readable(packed)
    for one, other in zip(packed, listed, strict=True):
        assert (one.id, one.inputs, one.reference, one.meta) == (other.id, other.inputs, other.reference, other.meta)
    path.write_bytes(parquet({**table, "other_attributes": ["{", "{}"]}))
    with pytest.raises(DatasetError, match="row 1: other_attributes is no JSON"):
        list(qa.load("mmau", path, version="v05.15.25"))


def test_mmau_as_lmms_eval_has_it(tmp_path):
    told = {key: [row[key] for row in MMAU] for key in MMAU[0] if key not in ("audio_id", "choices")}
    path = tmp_path / "test_mini-00000-of-00001.parquet"
    path.write_bytes(parquet({**told, "audio": sounds(), "choices": [json.dumps(row["choices"]) for row in MMAU]}))
    packed = list(qa.load("mmau", path, version="v0"))
    listed = list(qa.load("mmau", folder(tmp_path / "json", mmau()), version="v0"))
    readable(packed)
    for one, other in zip(packed, listed, strict=True):
        assert (one.id, one.inputs, one.reference, one.meta) == (other.id, other.inputs, other.reference, other.meta)
    path.write_bytes(parquet({**told, "audio": sounds(), "choices": ["Man, woman", "["]}))
    with pytest.raises(DatasetError, match=r"row 1: expected an id and a list of choices, .*'Man, woman'"):
        list(qa.load("mmau", path, version="v0"))


@pytest.fixture
def voicebench(tmp_path):
    prompts = {"audio": sounds(), "prompt": ["Who wrote Hamlet?", "What is two and two?"]}
    return folder(
        tmp_path / "voicebench",
        {
            "sd-qa/usa-00000-of-00001.parquet": parquet({**prompts, "reference": ["Shakespeare", "4"]}),
            "sd-qa/ind_n-00000-of-00001.parquet": parquet({**prompts, "reference": ["Shakespeare", "4"]}),
            "mmsu/law-00000-of-00002.parquet": parquet({**prompts, "reference": ["A", "D"]}),
            "mmsu/law-00001-of-00002.parquet": parquet({**prompts, "reference": ["B", "C"]}),
            "alpacaeval_full/test-00000-of-00001.parquet": parquet({**prompts, "output": ["It was W. S.", "Four."]}),
            "ifeval/test-00000-of-00001.parquet": parquet(
                {
                    **prompts,
                    "key": [1001, 1002],
                    "instruction_id_list": [["punctuation:no_comma"], ["length:words", "case:lower"]],
                    "kwargs": [[{"num": None}], [{"num": 3}, {"num": None}]],
                }
            ),
            "bbh/test-00000-of-00001.parquet": parquet(
                {**prompts, "reference": ["No", "(B)"], "id": ["web_of_lies_12", "hyperbaton_3"]}
            ),
        },
    )


def test_voicebench_with_references(voicebench):
    one, two = samples = list(qa.load("voicebench", voicebench, subset="sd-qa", split="ind_n"))
    readable(samples)
    assert [one.id, two.id] == ["ind_n/0", "ind_n/1"]
    assert one.reference.text == "Who wrote Hamlet?"
    assert one.reference.labels == {"answer": ("Shakespeare",)}
    assert one.meta == {"subset": "sd-qa", "task": "sd-qa", "split": "ind_n", "language": "en", "accent": "ind_n"}
    assert "Hamlet" not in one.inputs["query"]  # the question is in the clip alone
    no, letter = qa.load("voicebench", voicebench, subset="bbh")
    assert [no.meta["task"], letter.meta["task"]] == ["web_of_lies", "hyperbaton"]
    assert (no.reference.labels, "choices" in no.inputs) == ({"answer": ("No",)}, False)
    assert letter.reference.labels == {"answer": ("B",)}  # src/evaluator/bbh.py: "(a)" and "(b)" are two options
    assert right(letter, "The correct answer is (B).")
    assert not right(letter, "option A")


def test_voicebench_with_options(voicebench):
    samples = list(qa.load("voicebench", voicebench, subset="mmsu", split="law"))
    assert [sample.id for sample in samples] == ["law/0", "law/1", "law/2", "law/3"]
    assert [sample.reference.labels["answer"] for sample in samples] == [("A",), ("D",), ("B",), ("C",)]
    assert right(samples[1], "The correct answer is D.")
    assert not right(samples[1], "A")
    (voicebench / "mmsu/law-00001-of-00002.parquet").write_bytes(
        parquet({"audio": sounds(1), "prompt": ["?"], "reference": ["AB"]})
    )
    with pytest.raises(DatasetError, match=r"law-00001-of-00002\.parquet, row 1: reference: expected the letter"):
        list(qa.load("voicebench", voicebench, subset="mmsu", split="law"))


def test_voicebench_without_references(voicebench):
    full = list(qa.load("voicebench", voicebench, subset="alpacaeval_full"))
    assert [sample.reference.labels for sample in full] == [{"response": ("It was W. S.",)}, {"response": ("Four.",)}]
    assert full[0].inputs == {}
    one, two = qa.load("voicebench", voicebench / "ifeval", subset="ifeval")
    assert one.meta["key"] == 1001
    assert json.loads(two.meta["instruction_id_list"]) == ["length:words", "case:lower"]


def test_voicebench_tells_its_splits_and_subsets(voicebench):
    with pytest.raises(
        UnknownNameError, match=r"unknown split of sd-qa 'us'; did you mean 'usa'\? There are: ind_n, usa"
    ):
        qa.load("voicebench", voicebench, subset="sd-qa", split="us")
    with pytest.raises(UnknownNameError, match="unknown subset of VoiceBench 'mtbench'"):
        qa.load("voicebench", voicebench, subset="mtbench")


def test_an_option_is_told_word_for_word_first_then_as_options_are_compared():
    assert right_letter("a dog.", options(["A cat", "A dog"])) == "B"
    assert right_letter("C", options(["D", "C"])) == "B"  # the text, not the letter
    assert right_letter("B", options(["a cat", "a dog"])) == "B"
    with pytest.raises(DatasetError, match="it is 2 of them"):
        right_letter("a dog", options(["a dog", "a dog"]))
