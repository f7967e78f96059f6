"""Vectors as questions that do not show their answers, and what must be answered. vectors/README.md"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Object = dict[str, Any]
VECTORS = Path(__file__).resolve().parents[2] / "vectors"
FOLDERS = ("", "cards", "definitions", "entries", "log")
"""Where JSON vectors are. Those of `pasted` are of no format: nobody need implement them."""

OUTPUTS: dict[str, tuple[str, ...]] = {
    "bundle": ("entries",),
    "card-address": ("election", "region", "secret"),
    "card-face": ("card_name", "shape", "rows"),
    "card-key": ("scalar", "card"),
    "card-text": ("election", "region", "secret"),
    "card-words": ("secret",),
    "cards-commitment": ("hash",),
    "cbor": ("items",),
    "definition": ("hash",),
    "election": ("hash",),
    "entry": ("body_hash",),
    "invitation-address": ("definition", "registrar", "region", "salt", "voter"),
    "keys": ("key", "publics"),
    "message": ("body_hash",),
    "roll": ("hash",),
    "root": ("root",),
    "six-words": ("words",),
    "tile-path": ("path",),
    "token": ("output",),
}
"""What a valid vector of a kind gives; the other kinds are accepted or refused, and give nothing more."""

ABOUT = frozenset({"name", "kind", "valid", "mutates", "check"})
ABOUT_RECORDS = frozenset({"valid", "mutates", "check", "culprit", "believed"})
"""Members that say what a vector is for: nothing that an implementation is asked or finds."""


@dataclass(frozen=True)
class Question:
    """A vector: its name and kind, the members that are asked, and those that must be answered."""

    name: str
    kind: str
    asked: Object
    expected: Object


def load(directory: Path = VECTORS) -> list[Object]:
    """Every vector of a format that stands in a JSON file."""
    files = (path for folder in FOLDERS for path in sorted((directory / folder).glob("*.json")))
    return [vector for path in files for vector in json.loads(path.read_text("utf-8"))]


def questions(directory: Path = VECTORS, scenario: str | None = None) -> Iterator[Question]:
    """All that an implementation is asked, records last; those of one story where it is named."""
    vectors = load(directory)
    documents = {vector["name"]: vector["document"] for vector in vectors if vector["kind"] == "definition"}
    yield from (question(vector, documents) for vector in vectors)
    yield from records(directory, scenario)


def question(vector: Object, documents: dict[str, str | None]) -> Question:
    """A vector without its answer. `documents` has the definitions that others are made from, by name."""
    kind, valid = vector["kind"], vector["valid"]
    outputs = OUTPUTS.get(kind, ())
    asked = {name: value for name, value in vector.items() if name not in ABOUT and name not in outputs}
    given = {name: vector[name] for name in outputs}
    if kind == "transcript":
        steps = vector["steps"]
        asked["steps"] = [unanswered(*step) for step in steps]
        given = {"outputs": [value for step, _, value in steps if step != "append"]}
    if kind == "definition":
        asked = {"document": document(vector, documents)}
    return Question(vector["name"], kind, asked, {"valid": True, **given} if valid else {"valid": False})


def unanswered(step: str, label: str, value: Any) -> list[Any]:
    """A step of a transcript, with the size of its output in place of the output."""
    if step == "append":
        return [step, label, value]
    return [step, label] if step == "challenge" else [step, label, size_of(step, value)]


def size_of(step: str, value: Any) -> int:
    """How many coefficients, or how many bytes in hexadecimal."""
    return len(value) if step == "coefficients" else len(value) // 2


def document(vector: Object, documents: dict[str, str | None]) -> str:
    """The text of a definition; where it has none, that of `mutates` with members set and removed."""
    if vector["document"] is not None:
        return str(vector["document"])
    whole = json.loads(documents[vector["mutates"]] or "null")
    for path, value in [*vector["set"].items(), *((path, None) for path in vector["remove"])]:
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        inner = whole
        for step in way:
            inner = inner[step]
        if path in vector["remove"]:
            del inner[last]
        else:
            inner[last] = value
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def records(directory: Path = VECTORS, scenario: str | None = None) -> Iterator[Question]:
    """The published records, as directories; `believed` only where there is no other way to make them.

    Beside the finding, of some the intermediate values are asked for.
    """
    for path in sorted((directory / "records").glob(f"{scenario or '*'}/*/expected.json")):
        vector = json.loads(path.read_text("utf-8"))
        asked: Object = {"record": str(path.parent / "record"), "pin": str(path.parent / "pin.json")}
        if vector["believed"]:
            asked["believed"] = vector["believed"]
        expected = {name: value for name, value in vector.items() if name not in ABOUT_RECORDS}
        name = f"records/{path.parent.parent.name}/{path.parent.name}"
        yield Question(name, "record", asked, expected)
        if (known := path.with_name("values.json")).exists():
            yield Question(name, "values", asked, {"valid": True, **json.loads(known.read_text("utf-8"))})


def of_kinds(kinds: Collection[str] | None, asked: Iterator[Question]) -> list[Question]:
    """The questions of some kinds, or of all; KeyError with the kinds that there are not."""
    every = list(asked)
    if kinds is None:
        return every
    unknown = set(kinds) - {question.kind for question in every}
    if unknown:
        raise KeyError(", ".join(sorted(unknown)), ", ".join(sorted({question.kind for question in every})))
    return [question for question in every if question.kind in kinds]
