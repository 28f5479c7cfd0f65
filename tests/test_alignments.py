"""Files of time alignments, as Praat, praatio, NIST and recognisers write them, and datasets that get their events."""

import codecs
import json

import pytest
from hypothesis import given, strategies as st

import qaeval as qa
from qaeval.datasets import alignments
from qaeval.datasets._textgrid import read_textgrid
from qaeval.errors import DatasetError

LONG = '''File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.3
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 2.3
        intervals: size = 4
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = ""
        intervals [2]:
            xmin = 0.5
            xmax = 1.25
            text = "say ""3 = x"""
        intervals [3]:
            xmin = 1.25
            xmax = 2
            text = "阿里
云"
        intervals [4]:
            xmin = 2
            xmax = 2.3
            text = "  "
    item [2]:
        class = "TextTier"
        name = "tones"
        xmin = 0
        xmax = 2.3
        points: size = 1
        points [1]:
            number = 1.5
            mark = "H*"
'''
SHORT = '''File type = "ooTextFile"
Object class = "TextGrid"

0
2.3
<exists>
2
"IntervalTier"
"words"
0
2.3
4
0
0.5
""
0.5
1.25
"say ""3 = x"""
1.25
2
"阿里
云"
2
2.3
"  "
"TextTier"
"tones"
0
2.3
1
1.5
"H*"
'''
GRID = {
    "words": (qa.Event('say "3 = x"', 0.5, 1.25), qa.Event("阿里\n云", 1.25, 2)),
    "tones": (qa.Event("H*", 1.5, 1.5),),
}


def write(path, content, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize(
    "content",
    [
        LONG,
        SHORT,
        LONG.replace("\n        ", " \n        ").replace("\n", "\r\n").replace("里\r\n", "里\n"),
        SHORT + "! end 7 8",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_textgrids_long_and_short_in_the_encodings_that_praat_writes(tmp_path, content, encoding):
    data = content.encode(encoding)
    path = tmp_path / "a.TextGrid"
    path.write_bytes(codecs.BOM_UTF16_BE + data if encoding == "utf-16-be" else data)
    assert read_textgrid(path) == GRID
    assert dict(alignments.read(path)) == {"a": GRID}


def test_a_textgrid_in_another_encoding_is_told(tmp_path):
    path = write(tmp_path / "a.TextGrid", LONG, "gb18030")
    assert alignments.read(path, encoding="gb18030")["a"] == GRID
    line = LONG[: LONG.index("阿")].count("\n") + 1
    with pytest.raises(DatasetError, match=rf"a\.TextGrid, line {line}: byte \d+ .* is not UTF-8; pass the encoding"):
        alignments.read(path)["a"]


LABELS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029"), min_size=1, max_size=8
)


@given(
    st.lists(st.tuples(st.integers(1, 500), LABELS), min_size=1, max_size=6),
    st.sampled_from(["short_textgrid", "long_textgrid", "json", "textgrid_json"]),
)
def test_what_praatio_writes_is_read_as_praatio_reads_it(tmp_path_factory, pieces, form):
    textgrid = pytest.importorskip("praatio.textgrid")
    at, entries = 0.0, []
    for length, label in pieces:
        entries.append((at, at + length / 100, label.strip()))
        at += length / 100
    told = [entry for entry in entries if entry[2]]
    if not told:
        return
    grid = textgrid.Textgrid()
    grid.addTier(textgrid.IntervalTier("words", told, 0, at))
    path = tmp_path_factory.mktemp("grids") / ("a.json" if "json" in form else "a.TextGrid")
    grid.save(str(path), form, includeBlankSpaces=True)
    seen = textgrid.openTextgrid(str(path), includeEmptyIntervals=False).getTier("words").entries
    got = alignments.read(path)["a"]["words"]
    assert [(event.onset, event.offset, event.label) for event in got] == [
        (entry.start, entry.end, entry.label) for entry in seen
    ]
    assert [event.label for event in got] == [label for *_, label in told]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("xmax = 1.25", "xmax = soon", "a time: expected a number, seen 'say"),
        ("xmax = 1.25", "xmax = 0.25", "event 'say .*: expected 0 <= onset <= offset"),
        ('"H*"', '"H*', "a quotation mark opens here and is not closed"),
        ('"TextGrid"', '"Sound 2"', "expected a TextGrid that Praat saved as a text file"),
        ('"TextTier"', '"OtherTier"', "expected an IntervalTier or a TextTier, seen 'OtherTier'"),
        ("number = 1.5", "number", "a time: expected a number, seen 'H"),
        ("size = 4", "size = 4.5", "intervals: expected a count, seen 4.5"),
        ("<exists>", "", "whether there are tiers: expected <exists>, seen 2.0"),
    ],
)
def test_an_error_in_a_textgrid_names_the_line(tmp_path, old, new, message):
    content = LONG.replace(old, new, 1)
    line = content[: LONG.index(old)].count("\n") + 1
    with pytest.raises(DatasetError, match=rf"a\.TextGrid, line ({line}|{line + 1}): .*{message}"):
        alignments.read(write(tmp_path / "a.TextGrid", content))["a"]


def test_a_textgrid_that_ends_early(tmp_path):
    with pytest.raises(DatasetError, match="a label: expected a text in quotation marks, seen the end of the file"):
        alignments.read(write(tmp_path / "a.TextGrid", LONG.replace('mark = "H*"', "")))["a"]


def test_a_textgrid_of_quotation_marks_and_one_without_tiers(tmp_path):
    head = 'File type = "ooTextFile"\nObject class = "TextGrid"\n0\n1\n'
    with pytest.raises(DatasetError, match="is not closed"):
        read_textgrid(write(tmp_path / "b.TextGrid", head + '<exists> 1 "' + '""a' * 100_000))
    assert read_textgrid(write(tmp_path / "c.TextGrid", head + "<absent>\n")) == {}


def test_tiers_of_one_name_are_kept_apart(tmp_path):
    grid = read_textgrid(write(tmp_path / "a.TextGrid", LONG.replace('"tones"', '"words"')))
    assert set(grid) == {"words", "words#2"}


# One event a line -----------------------------------------------------------------------------------------------------

CTM = ";; a comment\nsw1 A 0.50 0.25 hello 0.98\nsw1 A 0.10 0.20 oh\n\nsw1 B 1.1 0.2 yes\nsw2 1 0 0.3 阿里\n"
STM = """;; CATEGORY "0" "" ""
sw1 A speaker1 0.5 2.25 <o,f0,male> hello there
sw1 A speaker1 2.25 3 ignore_time_segment_in_scoring
sw1 A speaker2 3 4.5 well
sw1 A speaker2 4.5 5
"""
RTTM = """SPKR-INFO rec 1 <NA> <NA> <NA> unknown juliet <NA>
SPEAKER rec 1 130.43 2.35 <NA> <NA> juliet <NA> <NA>
SPEAKER rec 1 1 0.5 <NA> <NA> tbc <NA>
LEXEME rec 1 1.1 0.2 hi lex tbc 0.9
NON-SPEECH rec 1 5 1 <NA> music <NA> <NA>
NOSCORE rec 1 8 1 <NA> <NA> <NA> <NA>
"""


def test_ctm(tmp_path):
    got = alignments.read(write(tmp_path / "words.ctm", CTM))
    assert dict(got) == {
        "sw1": {"A": (qa.Event("oh", 0.1, 0.3), qa.Event("hello", 0.5, 0.75)), "B": (qa.Event("yes", 1.1, 1.3),)},
        "sw2": {"1": (qa.Event("阿里", 0, 0.3),)},
    }


def test_stm(tmp_path):
    got = alignments.read(write(tmp_path / "text.stm", STM.replace("\n", "\r\n")))
    assert dict(got) == {"sw1": {"A": (qa.Event("hello there", 0.5, 2.25), qa.Event("well", 3, 4.5))}}


def test_rttm(tmp_path):
    got = alignments.read(write(tmp_path / "a.rttm", RTTM))["rec"]
    assert got == {
        "SPEAKER": (qa.Event("tbc", 1, 1.5), qa.Event("juliet", 130.43, 132.78)),
        "LEXEME": (qa.Event("hi", 1.1, 1.3),),
        "NON-SPEECH": (qa.Event("music", 5, 6),),
        "NOSCORE": (qa.Event("NOSCORE", 8, 9),),
    }


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ctm", "sw1 A 0.5 hello\n", r"line 1: expected clip, channel, begin, duration, word, seen 4 fields"),
        ("a.ctm", "sw1 A 0 1 a\nsw1 A x 0.2 b\n", r"line 2: event 'b': expected two times in seconds, seen 'x'"),
        ("a.ctm", "sw1 A 1 -0.5 b\n", r"line 1: event 'b': expected 0 <= onset <= offset"),
        ("a.ctm", "sw1 A nan 0.5 b\n", r"line 1: event 'b'"),
        ("a.ctm", "sw1 A * * <ALT_BEGIN>\n", r"line 1: alternatives \(<ALT_BEGIN>\) are not read"),
        ("a.stm", "sw1 A s 3 2 late\n", r"line 1: event 'late': expected 0 <= onset <= offset"),
        ("a.rttm", "SPEAKER rec 1 0 1\n", r"line 1: expected the nine or ten fields of an RTTM, seen 5 fields"),
        ("a.json", '{"words":\n [}', r"a\.json, line 2: not JSON"),
        ("a.json", "[" * 200_000, r"JSON of too many levels"),
        ("a.json", '[["a", 1]]', r"entry 1: expected \[word, onset, offset\], seen \['a', 1\]"),
        ("a.json", '[["a", 1, "2"]]', r"entry 1: expected times in seconds"),
        ("a.json", '[["a", 2, 1]]', r"entry 1: event 'a': expected 0 <= onset"),
        ("a.json", '{"words": [{"word": "2014"}]}', r"words, entry 1: expected start or onset or begin in it"),
        ("a.json", '{"segments": 3}', r"segments: expected a list, seen 3"),
        ("a.json", "7", r"expected a list or an object with segments"),
        ("a.txt", "", r"expected alignments as one of textgrid, ctm, stm, rttm, json, seen no ending"),
    ],
)  # fmt: skip
def test_errors_name_file_and_line(tmp_path, name, content, message):
    with pytest.raises(DatasetError, match=message):
        dict(alignments.read(write(tmp_path / name, content)))


# JSON -----------------------------------------------------------------------------------------------------------------

SEGMENT = {"id": 0, "start": 0.0, "end": 1.4, "text": " Hello, there."}
WORDS = [
    {"word": " Hello,", "start": 0.1, "end": 0.6, "probability": 0.9},
    {"word": " there.", "start": 0.6, "end": 1.3, "probability": 0.8},
]
ENTRIES = [[0.1, 0.6, "Hello,"], [0.6, 1.3, "there."], [1.3, 2, ""]]
HELLO = (qa.Event("Hello,", 0.1, 0.6), qa.Event("there.", 0.6, 1.3))


@pytest.mark.parametrize(
    ("content", "tiers"),
    [
        ({"text": "x", "language": "en", "segments": [SEGMENT | {"words": WORDS}]}, {"words", "segments"}),
        ({"text": "x", "words": WORDS, "segments": [SEGMENT]}, {"words", "segments"}),
        ({"segments": [SEGMENT | {"words": WORDS}], "word_segments": WORDS}, {"words", "segments"}),
        ({"text": "x", "chunks": [{"text": w["word"], "timestamp": [w["start"], w["end"]]} for w in WORDS]}, {"words"}),
        ([[w["word"], w["start"], w["end"]] for w in WORDS], {"words"}),
        (list(reversed(WORDS)), {"words"}),
        ({"start": 0, "end": 2, "tiers": {"words": {"type": "interval", "entries": ENTRIES}}}, {"words"}),
        ({"clip": WORDS}, {"words"}),
        ({"clip": {"words": WORDS}}, {"words"}),
    ],
)  # fmt: skip
def test_json_as_recognisers_and_aligners_write_it(tmp_path, content, tiers):
    got = alignments.read(write(tmp_path / "clip.json", json.dumps(content)))
    assert list(got) == ["clip"]
    assert set(got["clip"]) == tiers
    assert got["clip"]["words"] == HELLO
    if "segments" in tiers:
        assert got["clip"]["segments"] == (qa.Event("Hello, there.", 0.0, 1.4),)


def test_words_that_some_segments_lack_are_an_error(tmp_path):
    content = {"segments": [SEGMENT | {"words": WORDS}, SEGMENT | {"words": []}]}
    with pytest.raises(DatasetError, match=r"segment 2: expected words as the others have, seen none"):
        alignments.read(write(tmp_path / "clip.json", json.dumps(content)))


# Datasets -------------------------------------------------------------------------------------------------------------


def clips(*names):
    return qa.load(
        [qa.Sample(name, name, qa.Annotation("say this"), {"language": "en"}) for name in names], name="mine"
    )


def test_events_are_found_by_id_file_name_or_path(tmp_path):
    for name in ("s1/a.TextGrid", "s2/b.TextGrid", "s2/c.d.TextGrid"):
        write(tmp_path / name, LONG)
    got = alignments.attach(clips("s1/a.wav", "deep/er/b.flac", "c.d.wav"), tmp_path, tier="words")
    assert [sample.reference for sample in got] == [qa.Annotation("say this", GRID["words"])] * 3
    write(tmp_path / "s1/b.TextGrid", LONG)
    with pytest.raises(DatasetError, match=r"several alignments 'b': s1/b, s2/b"):
        list(alignments.attach(clips("b.flac"), tmp_path, tier="words"))
    assert len(list(alignments.attach(clips("s2/b.flac"), tmp_path, tier="words"))) == 1


def test_a_folder_is_read_a_file_at_a_time(tmp_path):
    write(tmp_path / "a.TextGrid", LONG)
    write(tmp_path / "b.TextGrid", "torn")
    got = iter(alignments.attach(clips("a.wav", "b.wav"), tmp_path))
    assert next(got).reference.events == GRID["words"]
    with pytest.raises(DatasetError, match=r"b\.TextGrid, line 1: the type of the file"):
        next(got)


def test_the_tier_is_the_only_one_or_the_words(tmp_path):
    one = {"phones": HELLO}
    assert alignments.chosen_tier(one, None, "a") == HELLO
    assert alignments.chosen_tier({"s1 - phones": (), "s1 - words": HELLO}, None, "a") == HELLO
    with pytest.raises(DatasetError, match=r"'a': expected tier=NAME, .*; it has 's1 - words', 's2 - words'"):
        alignments.chosen_tier({"s1 - words": (), "s2 - words": ()}, None, "a")
    with pytest.raises(DatasetError, match=r"'a': expected the tier 'word'; it has 'phones'"):
        alignments.chosen_tier(one, "word", "a")


def test_samples_without_an_alignment(tmp_path):
    path = write(tmp_path / "words.ctm", "a 1 0 1 <eps>\na 1 1 1 say\n")
    with pytest.raises(DatasetError, match=r"sample 'b\.wav' \(b\.wav\): no alignment .*; there are 1, such as 'a'"):
        list(alignments.attach(clips("a.wav", "b.wav"), path))
    first, second = alignments.attach(clips("a.wav", "b.wav"), path, missing="keep")
    assert first.reference.events == (qa.Event("say", 1, 2),)
    assert second.reference.events is None
    with pytest.raises(DatasetError, match='missing: expected "error" or "keep"'):
        alignments.attach(clips("a.wav"), path, missing="drop")
    with pytest.raises(DatasetError, match="no file of alignments there"):
        alignments.read(tmp_path / "nothing")


def test_the_fingerprint_changes_with_the_files_and_the_tier(tmp_path):
    path = write(tmp_path / "words.ctm", CTM)
    given = [alignments.attach(clips("sw1"), path, tier=tier).fingerprint for tier in ("A", "B", "A")]
    assert given[0] == given[2] != given[1]
    write(path, CTM + "sw1 A 5 1 more\n")
    assert alignments.attach(clips("sw1"), path, tier="A").fingerprint != given[0]


def test_kaldi_folders(tmp_path):
    write(tmp_path / "segments", "u1 rec 0.5 1.5\nu2 rec 2 3\n")
    write(tmp_path / "text", "u1 hello there\nu2 你好\n")
    got = alignments.read(tmp_path)
    assert dict(got) == {"rec": {"utterances": (qa.Event("hello there", 0.5, 1.5), qa.Event("你好", 2, 3))}}
    write(tmp_path / "segments", "u1 rec 0.5 1.5\nu3 rec 2 3\n")
    with pytest.raises(DatasetError, match=r"segments, line 2: the utterance 'u3' is not in the file text"):
        alignments.read(tmp_path)


def test_a_clip_in_two_files(tmp_path):
    write(tmp_path / "a.TextGrid", LONG)
    write(tmp_path / "a.json", "[]")
    with pytest.raises(DatasetError, match=r"there is already an alignment of the clip 'a'"):
        alignments.read(tmp_path)
