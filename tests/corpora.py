"""Small releases of corpora in their true layouts: what lies in which file, as a folder or as the archive of it."""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

from clips import wav

from qaeval import audio, tasks
from qaeval.audio import transcode
from qaeval.text.labels.ages import read_ages
from qaeval.text.labels.keys import canonical_key
from qaeval.text.labels.tempi import beats
from qaeval.text.labels.vocabulary import find_vocabulary
from qaeval.types import Sample

MODES = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}
FORMS = ("folder", ".tar", ".tar.gz", ".zip")
DEMO = Path(audio.__file__).parents[1] / "datasets" / "_demo"


def clip(number=0, suffix=".wav"):
    """The bytes of a short clip with a sound of its own, in the format of the suffix."""
    data = wav(tone=300 + 10 * number)
    return data if suffix == ".wav" else transcode(data, suffix.lstrip("."))


def table(columns, rows, delimiter="\t", end="\n"):
    """A table as text, its columns named in the first line; rows may leave out cells (they are empty)."""
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    return "".join(delimiter.join(cells) + end for cells in lines)


def json_lines(rows):
    """One JSON object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def folder(path, files):
    """Writes a folder with these files, text as UTF-8, and gives its path."""
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_bytes(content))
    return path


def packed(path, files):
    """The same as an archive, of the kind its name ends with. The members stand in the order given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(archive(files, next(end for end in (".zip", *reversed(MODES)) if path.name.endswith(end))))
    return path


def archive(files, end=".tar.gz"):
    """The bytes of an archive, to be put in another one."""
    out = io.BytesIO()
    if end == ".zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, content in files.items():
                opened.writestr(name, _bytes(content))
        return out.getvalue()
    with tarfile.open(fileobj=out, mode=MODES[end]) as opened:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(_bytes(content))
            opened.addfile(info, io.BytesIO(_bytes(content)))
    return out.getvalue()


def release(path, files, form="folder"):
    """A folder or an archive, as ``form`` says: one of `FORMS`."""
    return folder(path, files) if form == "folder" else packed(path.with_name(path.name + form), files)


def zipped(content):
    """Text or bytes, compressed with gzip."""
    return gzip.compress(_bytes(content))


def checked(dataset):
    """The samples, after what holds for every corpus: passes are the same, ids unique, clips readable, labels known."""
    samples = list(dataset)
    assert [(sample.id, sample.reference) for sample in dataset] == [(each.id, each.reference) for each in samples]
    assert len({sample.id for sample in samples}) == len(samples)
    for sample in samples:
        assert audio.probe(sample.audio).duration > 0.05
        for name, values in sample.reference.labels.items():
            assert all(canonical(name, value) for value in values), (name, values)
    return samples


def canonical(attribute, value):
    """The label that a reference value stands for, or None where a reply could never be it."""
    if attribute == "key":
        return canonical_key(value)
    if attribute == "tempo":
        return beats(value)
    if attribute == "age":
        return read_ages(value) or None
    return find_vocabulary(attribute).canonical(value)


def heard_as(task, attribute, value, choices):
    """The labels that a task reads in replies with a name of the closed set, in as many forms as models use."""
    sample = Sample("a", "a.wav", inputs={"choices": ", ".join(choices)})
    replies = (value, value.upper(), f"**{value}**", f"It is {value}.", f"答案是{value}。")
    return {tasks.find(task).parse(reply, sample).labels.get(attribute) for reply in replies}


def _bytes(content):
    return content.encode() if isinstance(content, str) else content
