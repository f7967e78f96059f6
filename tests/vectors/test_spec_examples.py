"""Examples on pages of the specification are vectors, byte for byte, and are answered as the pages show."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import by_core
import by_reference
import pytest
from answering import answer
from group import FormatError
from questions import ABOUT, load, question

from psephos.errors import PsephosError

ROOT = Path(__file__).parents[2]
PAGES = ["encoding", "proofs", "log", "entries", "messages", "cards"]
EXAMPLE = re.compile(r"^\*\*Example\*\* `([^`]+)`[^\n]*\n\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIRST = re.compile(r"([a-z_]+): (.*)")
REMARK = re.compile(r" +;.*")
VECTORS = {vector["name"]: vector for vector in load()}


def members(block: str) -> dict[str, list[str]]:
    """Each member's lines, without remarks; indented lines continue a member."""
    shown: dict[str, list[str]] = {}
    name = ""
    for line in block.splitlines():
        text = REMARK.sub("", line)
        if match := FIRST.fullmatch(text):
            name, text = match[1], match[2]
        shown.setdefault(name, []).append(text.strip())
    return shown


def value(lines: list[str], like: Any) -> Any:
    """What the lines say, of the type of the vector's member."""
    if not isinstance(like, str):
        return json.loads(" ".join(lines))
    if like.endswith("\n"):
        return "".join(f"{line}\n" for line in lines)
    text = " ".join(lines)
    return text.replace(" ", "") if re.fullmatch(r"[0-9a-f ]+", text) else text


def examples() -> list[Any]:
    return [
        pytest.param(name, block, id=f"{page}-{name}")
        for page in PAGES
        for name, block in EXAMPLE.findall((ROOT / f"spec/{page}.md").read_text())
    ]


@pytest.mark.parametrize(("name", "block"), examples())
def test_an_example_is_a_vector_and_is_answered_as_the_page_says(name: str, block: str) -> None:
    vector = VECTORS[name]
    said = {member: content for member, content in vector.items() if member not in ABOUT}
    shown = {member: value(lines, said[member]) for member, lines in members(block).items()}
    assert shown == said
    asked = question({"name": name, "kind": vector["kind"], "valid": True, **shown}, {})
    for implementation, refusal in ((by_core, PsephosError), (by_reference, FormatError)):
        if asked.kind in implementation.ANSWERS:
            about = {"kind": asked.kind, **asked.asked}
            assert answer(implementation.ANSWERS, (refusal,), about) == asked.expected


@pytest.mark.parametrize("page", PAGES)
def test_pages_that_have_bytes_have_examples(page: str) -> None:
    assert EXAMPLE.search((ROOT / f"spec/{page}.md").read_text())
