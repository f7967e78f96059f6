"""Entries, messages, definitions, pins and the log's objects: both implementations read them alike."""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psephos.crypto.ballot import parse_ballots
from psephos.errors import PsephosError
from psephos.log.merkle import leaf_hash, root_of
from psephos.log.note import Note
from psephos.log.policy import Policy
from psephos.log.proof import LogProof
from psephos.log.tiles import ENTRIES, Tile, parse_bundle
from psephos.protocol import entry as entries
from psephos.protocol.setup import definition as definitions
from psephos.protocol.setup.pin import Pin
from psephos.verifier import run

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "reference"))

import definition as reference_definition  # noqa: E402
import entries as reference_entries  # noqa: E402
import log as reference_log  # noqa: E402
import note as reference_note  # noqa: E402
import verify as reference_verify  # noqa: E402

Vector = dict[str, Any]
ALL: list[Vector] = [
    vector
    for directory in ("entries", "definitions", "log")
    for path in sorted((ROOT / "vectors" / directory).glob("*.json"))
    for vector in json.loads(path.read_text())
]
unhex = bytes.fromhex


def entry(v: Vector) -> bool:
    data = unhex(v["data"])
    if v["name"].startswith("entry/ballot/"):
        columns = parse_ballots(data, array("I", [len(data)]), bytes(32), [[(0, 2, 1)]])
        assert (columns[0] == b"\x01") is not v["valid"], "the core's own parser of ballots"
    found = entries.decode(data)
    return found.body_hash.hex() == v["body_hash"]


def message(v: Vector) -> bool:
    return entries.decode(unhex(v["data"]), message=True).body_hash.hex() == v["body_hash"]


def document_of(v: Vector) -> bytes:
    """The definition, or that of the vector it mutates with members set and removed."""
    if v["document"] is not None:
        return str(v["document"]).encode()
    whole = json.loads(next(other["document"] for other in ALL if other["name"] == v["mutates"]))
    for path, value in [*v["set"].items(), *((path, None) for path in v["remove"])]:
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        at = whole
        for step in way:
            at = at[step]
        if path in v["remove"]:
            del at[last]
        else:
            at[last] = value
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def definition(v: Vector) -> bool:
    document = document_of(v)
    return definitions.parse(document).hash == hashlib.sha256(document).digest()


def pin(v: Vector) -> bool:
    return bool(run.policy(Pin.parse(v["pin"].encode())).logs)


def raw(v: Vector) -> bytes:
    return v["note"].encode() if v["note"] is not None else unhex(v["data"])


def note(v: Vector) -> bool:
    return Note.parse(raw(v)).encode() == raw(v)


def policy(v: Vector) -> bool:
    return Policy.parse(v["policy"].encode()).quorum is not None


def checkpoint(v: Vector) -> bool:
    found, _ = Policy.parse(v["policy"].encode()).verify(v["note"].encode())
    return v["note"].startswith(f"{found.origin}\n{found.size}\n")


def bundle(v: Vector) -> bool:
    return [one.hex() for one in parse_bundle(unhex(v["data"]), v["width"])] == v["entries"]


def tile_path(v: Vector) -> bool:
    level = ENTRIES if v["level"] == "entries" else int(v["level"])
    return Tile(level, v["index"], v["width"]).path == v["path"]


def root(v: Vector) -> bool:
    return root_of([leaf_hash(unhex(one)) for one in v["entries"]]).hex() == v["root"]


def receipt(v: Vector) -> bool:
    proof = LogProof.parse(v["receipt"].encode())
    return proof.verify(unhex(v["entry"]), Policy.parse(v["policy"].encode())).size > proof.index


def reference_pin(v: Vector, directory: Path) -> bool:
    path = directory / "pin.json"
    path.write_text(v["pin"])
    return bool(reference_verify.read_pin(str(path)).definition)


def reference_checkpoint(v: Vector, _: Path) -> bool:
    believed = reference_note.parse_policy(v["policy"].encode())
    found = reference_note.parse_checkpoint(v["note"].encode())
    (log,) = believed.logs
    return found.origin == log.name and found.signed_by(log) and believed.satisfied(found)


def reference_root(v: Vector, _: Path) -> bool:
    leaves = [reference_log.leaf(unhex(one)) for one in v["entries"]]
    return bool(reference_log.Tree(leaves).root(len(leaves)).hex() == v["root"])


def reference_bundle(v: Vector, _: Path) -> bool:
    found = reference_log.parse_bundle(unhex(v["data"]), v["width"])
    return [one.hex() for one in found] == v["entries"]


RUNNERS: dict[str, Callable[[Vector], bool]] = {
    "entry": entry,
    "message": message,
    "definition": definition,
    "pin": pin,
    "note": note,
    "policy": policy,
    "checkpoint": checkpoint,
    "bundle": bundle,
    "tile-path": tile_path,
    "root": root,
    "receipt": receipt,
}
# The reference verifies records: it reads neither messages nor receipts.
REFERENCE: dict[str, Callable[[Vector, Path], bool]] = {
    "entry": lambda v, _: reference_entries.parse(unhex(v["data"])).body_hash.hex() == v["body_hash"],
    "definition": lambda v, _: bool(reference_definition.parse(document_of(v)).hash),
    "pin": reference_pin,
    "note": lambda v, _: bool(reference_note.parse_note(raw(v)).lines),
    "policy": lambda v, _: bool(reference_note.parse_policy(v["policy"].encode()).quorum),
    "checkpoint": reference_checkpoint,
    "bundle": reference_bundle,
    "tile-path": lambda v, _: reference_log.tile_path(v["level"], v["index"], v["width"]) == v["path"],
    "root": reference_root,
}


def of(kind: str) -> list[Vector]:
    found = [v for v in ALL if v["kind"] == kind]
    assert found
    return found


# What the code still reads though the specification refuses it; what it refuses by now must go from here.
@pytest.mark.parametrize("kind", RUNNERS)
def test_the_code_agrees(kind: str) -> None:
    def outcome(v: Vector) -> bool:
        try:
            return RUNNERS[kind](v)
        except PsephosError:
            return False

    wrong = {v["name"] for v in of(kind) if outcome(v) is not v["valid"]}
    assert not wrong


@pytest.mark.parametrize("kind", REFERENCE)
def test_the_reference_agrees(kind: str, tmp_path: Path) -> None:
    def outcome(v: Vector) -> bool:
        try:
            return REFERENCE[kind](v, tmp_path)
        except ValueError:
            return False

    assert [v["name"] for v in of(kind) if outcome(v) is not v["valid"]] == []


def test_every_refused_vector_mutates_an_accepted_one() -> None:
    valid = {v["name"] for v in ALL if v["valid"]}
    assert len({v["name"] for v in ALL}) == len(ALL)
    assert {v["kind"] for v in ALL} == RUNNERS.keys()
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
