"""Entries, messages, definitions, pins and the log's objects: what test_conformance does not ask."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

import entries as reference_entries
import note as reference_note
import pytest

from psephos.crypto.ballot import parse_ballots
from psephos.errors import PsephosError
from psephos.log.note import Note
from psephos.protocol import entries

ROOT = Path(__file__).parents[2]
Vector = dict[str, Any]
ALL: list[Vector] = [
    vector
    for directory in ("entries", "definitions", "log")
    for path in sorted((ROOT / "vectors" / directory).glob("*.json"))
    for vector in json.loads(path.read_text())
]
BALLOTS = [vector for vector in ALL if vector["name"].startswith("entry/ballot/")]


@pytest.mark.parametrize("vector", BALLOTS, ids=[vector["name"] for vector in BALLOTS])
def test_the_parser_of_ballots_in_the_core_agrees_too(vector: Vector) -> None:
    data = bytes.fromhex(vector["data"])
    columns = parse_ballots(data, array("I", [len(data)]), bytes(32), [[(0, 2, 1)]])
    assert (columns[0] == b"\x01") is not vector["valid"]


def test_every_refused_vector_mutates_an_accepted_one() -> None:
    valid = {v["name"] for v in ALL if v["valid"]}
    assert len({v["name"] for v in ALL}) == len(ALL)
    assert [v["name"] for v in ALL if not v["valid"] and v["mutates"] not in valid] == []


@pytest.mark.parametrize(("size", "valid"), [(65_535, True), (65_536, False)])
def test_an_entry_has_at_most_65535_bytes(size: int, valid: bool) -> None:
    head = b"\x86\x01\x18\x19" + 2 * (b"\x58\x20" + bytes(32))
    reason = size - len(head) - 3 - 66
    data = head + b"\x79" + reason.to_bytes(2, "big") + b"x" * reason + b"\x58\x40" + bytes(64)
    assert len(data) == size
    for parse, refusal in ((entries.decode, PsephosError), (reference_entries.parse, ValueError)):
        if valid:
            parse(data)
        else:
            with pytest.raises(refusal):
                parse(data)


@pytest.mark.parametrize(("size", "valid"), [(262_144, True), (262_145, False)])
def test_a_note_has_at_most_262144_bytes(size: int, valid: bool) -> None:
    end = "\n\n— n AAAAAAA=\n".encode()
    data = b"x" * (size - len(end)) + end
    for parse, refusal in ((Note.parse, PsephosError), (reference_note.parse_note, ValueError)):
        if valid:
            parse(data)
        else:
            with pytest.raises(refusal):
                parse(data)
