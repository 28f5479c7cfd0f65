"""Whether the vocabulary of sounds has AudioSet's names and parents: compared with the ontology as it is published.

    python scripts/check_sound_vocabulary.py ontology.json

ontology.json is that of github.com/audioset/ontology (CC BY-SA 4.0). It prints what differs, and the digest of the
names and parents that tests/test_sounds.py pins.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

from qaeval.text.labels.vocabulary import find_vocabulary

Tree = dict[str, frozenset[str]]


def published(ontology: Iterable[Mapping]) -> Tree:
    """The parents of each class of ontology.json, by display names."""
    names = {node["id"]: node["name"] for node in ontology}
    parents: dict[str, set[str]] = {name: set() for name in names.values()}
    for node in ontology:
        for child in node["child_ids"]:
            parents[names[child]].add(node["name"])
    return {name: frozenset(above) for name, above in parents.items()}


def own() -> frozenset[str]:
    """The labels of the vocabulary that are not AudioSet's: those behind the comment that says so."""
    text = (resources.files("qaeval.text.labels") / "vocabularies" / "sound.toml").read_text("utf-8")
    behind = text.partition("\n# Not in AudioSet\n")[2].partition("\n[")[0]
    return frozenset(tomllib.loads(behind))


def ours() -> Tree:
    """The parents of each label of the vocabulary, without the labels that are not AudioSet's."""
    labels = find_vocabulary("sound").labels
    return {name: frozenset(label.parents) - own() for name, label in labels.items() if name not in own()}


def digest(tree: Tree) -> str:
    """The sha256 of all names with their parents, in alphabetical order."""
    lines = [f"{name}\t{' | '.join(sorted(above))}\n" for name, above in sorted(tree.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def main(path: str) -> int:
    """Prints the differences; 1 if there are any."""
    theirs = published(json.loads(Path(path).read_text("utf-8")))
    known = ours()
    for name in sorted(theirs.keys() | known.keys()):
        if theirs.get(name) != known.get(name):
            print(f"{name}: published under {theirs.get(name)}, ours under {known.get(name)}")
    print(f"{len(theirs)} classes; digest {digest(theirs)}")
    return int(theirs != known)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
