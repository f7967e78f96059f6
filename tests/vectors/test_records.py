"""Whole records through both implementations: each finds what the vector says, and nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from psephos.log.client import Client
from psephos.protocol.checks import CHECKS
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.pin import Pin
from psephos.verifier.run import verify

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "reference"))

import ed25519  # noqa: E402
import log as reference_log  # noqa: E402
import proofs as reference_proofs  # noqa: E402
import verify as reference_verify  # noqa: E402
from batch import Batch  # noqa: E402

Finding = dict[str, Any]
RECORDS = ROOT / "vectors" / "records"
EXPECTED: dict[str, Finding] = {
    str(path.parent.relative_to(RECORDS)): json.loads(path.read_text())
    for path in sorted(RECORDS.glob("*/*/expected.json"))
}
ABOUT = {"valid", "mutates", "check", "culprit", "believed"}


@pytest.fixture(scope="module", autouse=True)
def _each_signature_once() -> Iterator[None]:
    """The records share most of their entries: the reference need not verify a signature again."""
    with patch.object(ed25519, "verify", cache(ed25519.verify)):
        yield


@contextmanager
def believing(vector: Finding) -> Iterator[None]:
    """Where a record could not be made otherwise, both take the proofs of weighings to hold."""
    if not vector["believed"]:
        yield
        return
    code = patch.object(Proofs, "check_weighings", lambda *_: [])
    reference = patch.object(reference_proofs, "weighing", lambda *_: [])
    with code, reference:
        yield


def by_the_code(name: str) -> Finding:
    pin = Pin.parse((RECORDS / name / "pin.json").read_bytes())
    return verify(Client(RECORDS / name / "record"), pin).document()


def by_the_reference(name: str) -> Finding:
    runner = reference_verify.Runner(reference_verify.read_pin(str(RECORDS / name / "pin.json")), Batch())
    runner.run(reference_log.source(str(RECORDS / name / "record")))
    return runner.report()


def finding(report: dict[str, Any]) -> Finding:
    """What a report says that must be the same of all verifiers: all but titles and messages."""
    stopped = [check for check in report["checks"] if check["status"] in ("failed", "missing")]
    return {
        "verdict": report["verdict"],
        "phase": report["phase"],
        "stopped": {"check": stopped[0]["check"], "culprit": stopped[0].get("culprit")} if stopped else None,
        "void": [[void["entry"], void["check"], void["culprit"]] for void in report["void"]],
        "notices": [[notice["entry"], notice["check"]] for notice in report["notices"]],
        "afterwards": [[late["entry"], late["check"], late["culprit"]] for late in report["afterwards"]],
        "checks": {
            check["check"]: [check["status"], check["count"]]
            for check in report["checks"]
            if check["status"] != "not reached"
        },
        "result": report["result"],
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_both_find_what_the_vector_says(name: str) -> None:
    vector = EXPECTED[name]
    expected = {member: value for member, value in vector.items() if member not in ABOUT}
    with believing(vector):
        assert finding(by_the_code(name)) == expected
        assert finding(by_the_reference(name)) == expected


def test_every_check_refuses_some_record() -> None:
    assert {vector["check"] for vector in EXPECTED.values() if vector["check"]} == CHECKS.keys()


def test_every_refused_record_mutates_an_accepted_one() -> None:
    whole = {name for name, vector in EXPECTED.items() if vector["valid"] and not vector["mutates"]}
    for name, vector in EXPECTED.items():
        assert vector["mutates"] in whole or name in whole, name
        assert vector["valid"] == (vector["check"] is None), name
        refused = vector["stopped"] or vector["void"] or vector["notices"] or vector["afterwards"]
        assert bool(refused) == (not vector["valid"]), name
