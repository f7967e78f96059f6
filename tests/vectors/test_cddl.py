"""`spec/entries.cddl`, `spec/entries.md` and `protocol/entries.py` agree on every type, in one order."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from psephos.errors import FormatError
from psephos.protocol import entries
from psephos.protocol.entries import Payload

SPEC = Path(__file__).parents[2] / "spec"
CDDL = re.sub(r";.*", "", (SPEC / "entries.cddl").read_text())
RULES = dict(re.findall(r"^([a-z0-9-]+) = ((?:.|\n )+)", CDDL, re.MULTILINE))
ARRAYS = {name: text[1:-1].split(", ") for name, text in RULES.items() if text.startswith("[")}
FRAME = re.compile(r"\[version, (\d+), (definition|election)-hash, author, (?:.*, )?signature\]")
SIZED = re.compile(r"bstr \.size (\d+)")
LETTER = {"definition": "d", "election": "e"}
TYPES = {payload.type_name(): payload for payload in Payload.__subclasses__()}


def meaning(text: str) -> str:
    """A payload element's type with names resolved, as the tables of the specification write it."""
    while text in RULES:
        text = RULES[text].strip()
    sized = SIZED.fullmatch(text)
    return f"bstr{sized[1]}" if sized else "uint" if text == "0..9007199254740991" else text


def described(name: str) -> tuple[int, str, list[tuple[str, str]]]:
    """Number, scope and payload of a type as the CDDL has them."""
    frame = FRAME.fullmatch(RULES[name])
    assert frame, RULES[name]
    payload = [element.split(": ") for element in ARRAYS[name][4:-1]]
    return int(frame[1]), frame[2], [(label, meaning(text)) for label, text in payload]


def implemented(payload: type[Payload]) -> tuple[int, str, list[tuple[str, str]]]:
    """The same as `entries.py` has them."""
    kinds = {"int": "uint", "str": "tstr", "bytes": "bstr"}
    columns = [(c.name, f"{kinds[str(c.type)]}{c.metadata.get('size', '')}") for c in fields(payload)]
    return payload.number, payload.scope, columns


def tabled(page: str) -> dict[str, tuple[int, str, list[tuple[str, str]]]]:
    """The same as the table of a page has them; a page without a column for scopes is of scope e."""
    rows = re.findall(r"^\| (\d+) \| (\S+) \| .*$", (SPEC / page).read_text(), re.MULTILINE)
    found = {}
    for number, name in rows:
        (line,) = re.findall(rf"^\| {number} \| {name} \| (.*) \|$", (SPEC / page).read_text(), re.MULTILINE)
        *front, payload = line.split(" | ")
        scope = "election" if len(front) == 1 or front[-1] == "e" else "definition"
        elements = [element.split() for element in re.sub(r"\s*\(.*?\)", "", payload).split(", ")]
        found[name] = int(number), scope, [(one[0], (one[1:] or ["uint"])[0]) for one in elements]
    return found


def test_every_type_has_a_rule_and_stands_in_a_choice() -> None:
    choices = {name: re.split(r"\s*/\s*", RULES[name].strip()) for name in ("entry", "message")}
    assert choices["entry"] == [n for n, p in TYPES.items() if p.number < entries.FIRST_MESSAGE]
    assert choices["message"] == [n for n, p in TYPES.items() if p.number >= entries.FIRST_MESSAGE]
    assert ARRAYS.keys() == TYPES.keys()


@pytest.mark.parametrize("name", TYPES)
def test_grammar_tables_and_code_agree(name: str) -> None:
    page = "entries.md" if TYPES[name].number < entries.FIRST_MESSAGE else "messages.md"
    assert described(name) == implemented(TYPES[name]) == tabled(page)[name]


def test_the_frame_is_that_of_the_code() -> None:
    assert [meaning(name) for name in ("version", "definition-hash", "election-hash", "author")] == [
        str(entries.VERSION),
        *["bstr32"] * 3,
    ]
    assert meaning("signature") == "bstr64"
    with pytest.raises(FormatError, match="referendum is not 32 bytes"):
        entries.decode(entries.encode(entries.Cancel(""), bytes(31), bytes(32), lambda _: bytes(64)))
