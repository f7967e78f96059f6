"""Whole records through both implementations: the same verdict, check, culprit, void entries and result."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from psephos.errors import EvidenceMissing
from psephos.protocol.checks import CHECKS
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.pin import Pin
from psephos.verifier.run import verify

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "reference"))

import ed25519  # noqa: E402
import proofs as reference_proofs  # noqa: E402
import verify as reference_verify  # noqa: E402
from batch import Batch  # noqa: E402
from entries import MissingError  # noqa: E402

Vector = dict[str, Any]
Finding = dict[str, Any]
ALL: list[Vector] = [
    vector
    for path in sorted((ROOT / "vectors/records").glob("*.json"))
    for vector in json.loads(path.read_text())
]
BY_NAME = {v["name"]: v for v in ALL}


@pytest.fixture(scope="module", autouse=True)
def _each_signature_once() -> Iterator[None]:
    """The records share most of their entries: the reference need not verify a signature again."""
    with patch.object(ed25519, "verify", cache(ed25519.verify)):
        yield


@cache
def logged(name: str) -> list[bytes]:
    """The entries of a record: in base64, or runs of those of the record it mutates."""
    v = BY_NAME[name]
    found: list[bytes] = []
    for one in v["entries"]:
        found += [base64.b64decode(one)] if isinstance(one, str) else logged(v["mutates"])[slice(*one)]
    return found


def files(v: Vector) -> Mapping[str, bytes]:
    """What is published: a checkpoint, one bundle, one tile, and what the vector puts in their places."""
    entries = logged(v["name"])
    assert len(entries) < 256
    found = {"checkpoint": v["checkpoint"].encode()}
    if entries:
        leaves = b"".join(hashlib.sha256(b"\0" + entry).digest() for entry in entries)
        bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
        found |= {f"tile/0/000.p/{len(entries)}": leaves, f"tile/entries/000.p/{len(entries)}": bundle}
    assert v["files"].keys() <= found.keys()
    found |= {path: base64.b64decode(data) for path, data in v["files"].items() if data is not None}
    return {path: data for path, data in found.items() if v["files"].get(path, "") is not None}


def pin(v: Vector) -> dict[str, Any]:
    found: dict[str, Any] = v["pin"] if "pin" in v else BY_NAME[v["mutates"]]["pin"]
    return found


@dataclass
class Published:
    """A record that is read from memory."""

    files: Mapping[str, bytes]

    def fetch(self, path: str, _limit: int) -> bytes:
        if path not in self.files:
            raise EvidenceMissing(path)
        return self.files[path]

    def checkpoint(self) -> bytes:
        return self.fetch("checkpoint", 0)

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise MissingError(path)
        return self.files[path]


def by_the_code(v: Vector) -> dict[str, Any]:
    found = pin(v)
    believed = patch.object(Proofs, "check_weighings", lambda *_: [])
    if v["believed"]:
        believed.start()
    try:
        return verify(
            Published(files(v)), Pin(bytes.fromhex(found["definition"]), found["policy"])
        ).document()
    finally:
        if v["believed"]:
            believed.stop()


def by_the_reference(v: Vector, directory: Path) -> dict[str, Any]:
    path = directory / "pin.json"
    path.write_text(json.dumps(pin(v), separators=(",", ":"), sort_keys=True))
    believed = patch.object(reference_proofs, "weighing", lambda *_: [])
    if v["believed"]:
        believed.start()
    try:
        runner = reference_verify.Runner(reference_verify.read_pin(str(path)), Batch())
        runner.run(Published(files(v)).read)
        return runner.report()
    finally:
        if v["believed"]:
            believed.stop()


def finding(report: dict[str, Any]) -> Finding:
    """What a report says that must be the same of all verifiers."""
    stopped = [c for c in report["checks"] if c["status"] in ("failed", "missing")]
    return {
        "verdict": report["verdict"],
        "phase": report["phase"],
        "stopped": [(c["check"], c.get("culprit")) for c in stopped],
        "void": [[v["entry"], v["check"], v["culprit"]] for v in report["void"]],
        "notices": [(notice["entry"], notice["check"]) for notice in report["notices"]],
        "afterwards": [[v["entry"], v["check"], v["culprit"]] for v in report["afterwards"]],
        "checks": [(c["check"], c["status"], c["count"]) for c in report["checks"]],
        "result": report["result"],
    }


def expected(v: Vector, found: Finding) -> Finding:
    """What the vector says; of phases, counts, and results of refused records, it says nothing."""
    stopped = v["verdict"] in ("failed", "missing")
    return {
        "verdict": v["verdict"],
        "phase": found["phase"],
        "stopped": [(v["check"], v["culprit"])] if stopped else [],
        "void": v["void"],
        "notices": found["notices"],
        "afterwards": v["afterwards"],
        "checks": found["checks"],
        "result": v["result"] or (found["result"] if v["verdict"].startswith("passed") else None),
    }


# What the code still finds otherwise than specification and reference; strict, so that it cannot stay here.
@pytest.mark.parametrize("name", BY_NAME)
def test_both_find_what_the_vector_says(name: str, tmp_path: Path) -> None:
    vector = BY_NAME[name]
    code, reference = finding(by_the_code(vector)), finding(by_the_reference(vector, tmp_path))
    told = expected(vector, code)
    assert (code, reference) == (told, told)
    assert len(code["notices"]) == vector["notices"]


def test_every_check_refuses_some_record() -> None:
    assert {v["check"] for v in ALL if v["check"]} == CHECKS.keys()
    assert len(BY_NAME) == len(ALL)


def test_every_refused_record_mutates_an_accepted_one() -> None:
    whole = {v["name"] for v in ALL if v["valid"] and not v["mutates"]}
    for v in ALL:
        assert v["mutates"] in whole or v["name"] in whole, v["name"]
        assert v["valid"] is (v["check"] is None), v["name"]
        if v["check"]:
            status = (
                v["check"] == "5.3" or v["verdict"] in ("failed", "missing") or v["void"] or v["afterwards"]
            )
            assert status, v["name"]
