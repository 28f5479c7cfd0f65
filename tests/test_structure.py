"""The house: imports point one way, the folder is the registry, `import qaeval` is light."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import qaeval
from qaeval import registry

ROOT = Path(qaeval.__file__).parent
LAYERS = [
    {"errors", "_version", "redaction", "hosts"},
    {"languages"},
    {"types", "registry"},
    {"audio", "store", "text", "naming", "reducers"},
    {"fitting"},
    {"metrics", "datasets", "models"},
    {"tasks", "terms"},
    {"runner", "flags"},
    {"scores", "frames", "published"},
    {"scoring", "stats"},
    {"tables", "headlines"},
    {"runs", "breakdowns"},
    {"launch"},
    {"checks", "judging"},
    {"markup", "drawing"},
    {"plots"},
    {"widgets", "reporting"},
    {"benchmark"},
    {"emulator"},
    {"rehearsal"},
    {"calls"},
    {"cli"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}


def rooms_imported(path):
    """(room, line) of each import of ours in a file, wherever it stands, but for those that only types need."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: import by the full name"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "qaeval" and len(parts) > 1 and parts[1] in LEVEL:
                yield parts[1], node.lineno


def modules():
    return [path for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "__init__.py"]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert room in LEVEL, f"{room} has no place in the picture yet"
    for other, line in rooms_imported(path):
        if other != room:
            assert LEVEL[other] < LEVEL[room], f"{path}:{line}: {room} must not import {other}"


TEXTS = ["numbers", "normalising", "profiles", "replies", "times", "labels", "events", "answers"]


@pytest.mark.parametrize("path", [path for path in modules() if path.parent.name in TEXTS], ids=lambda path: path.stem)
def test_the_rooms_of_texts_point_one_way_too(path):
    room = TEXTS.index(path.parent.name)
    imported = re.findall(r"^\s*from qaeval\.text\.(\w+)", path.read_text("utf-8"), re.MULTILINE)
    assert not [other for other in imported if other in TEXTS and TEXTS.index(other) > room]


def test_the_picture_of_the_house_is_todays():
    text = (ROOT.parent / "CONTRIBUTING.md").read_text("utf-8")
    picture = text.split("```\n")[1]
    rooms = [room for line in picture.splitlines() for room in re.split(r" {3,}", line)[0].split()]
    assert sorted(rooms) == sorted(LEVEL.keys() - {"_version", "__main__"})
    assert [LEVEL[room] for room in rooms] == sorted(LEVEL[room] for room in rooms)


@pytest.mark.parametrize("name", ["qaeval", "qaeval.cli"])
def test_import_is_light(name):
    heavy = "pandas numpy scipy pyarrow matplotlib ipywidgets av jinja2 faster_whisper datasets"
    heavy += " dashscope openai requests httpx fastapi uvicorn"
    code = f"import {name}, sys; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_public_name_is_there():
    for name in qaeval._WHERE:
        assert getattr(qaeval, name).__doc__, f"qa.{name} needs a docstring"
    assert not qaeval._WHERE.keys() & {path.stem for path in ROOT.iterdir() if path.suffix != ".toml"}
    assert not {"Any", "importlib"} & {*dir(qaeval)}


def test_of_very_many_names_only_some_are_told():
    told = registry.nearest("clip-77x", [f"clip-{i}" for i in range(5000)])
    assert "did you mean 'clip-77'" in told
    assert "There are 5,000, among them: clip-0, clip-1, " in told
    assert len(told) < 500
