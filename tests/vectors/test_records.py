"""Whole records through both implementations: each finds what the vector says, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import by_core
import by_reference
import pytest
from answering import finding
from questions import records

from psephos.protocol.checks import CHECKS
from psephos.verifier.report import Report
from tests.judged_once import each_judged_once  # noqa: F401
from tests.lanes import both_ways, by_dalek

ROOT = Path(__file__).parents[2]
ASKED = {one.name.removeprefix("records/"): one for one in records() if one.kind == "record"}
VALUES = {one.name.removeprefix("records/"): one for one in records() if one.kind == "values"}
RECORDS = ROOT / "vectors/records"
EXPECTED: dict[str, dict[str, Any]] = {
    name: json.loads((RECORDS / name / "expected.json").read_text()) for name in ASKED
}


@cache
def report(name: str) -> Report:
    return by_core.report(ASKED[name].asked)


@pytest.mark.parametrize("name", ASKED)
def test_both_find_what_the_vector_says(name: str) -> None:
    one = ASKED[name]
    assert finding(report(name).document()) == one.expected
    assert by_reference.record(one.asked) == one.expected


@pytest.mark.parametrize("name", VALUES)
def test_both_come_to_the_same_values_on_the_way(name: str) -> None:
    one = VALUES[name]
    assert {"valid": True, **by_core.values(one.asked)} == one.expected
    assert {"valid": True, **by_reference.intermediate(one.asked)} == one.expected


@both_ways
def test_every_report_is_the_same_bytes_by_the_second_arithmetic() -> None:
    program = [sys.executable, str(Path(__file__).with_name("digests.py"))]
    found = json.loads(subprocess.run(program, env=by_dalek(), check=True, capture_output=True).stdout)
    here = {one.name: sha256(report(name).encode()).hexdigest() for name, one in ASKED.items()}
    assert found == {"lanes": "dalek", "reports": here}


def test_there_are_values_with_decoys_and_without() -> None:
    assert {len(one.expected["inputs"]) for one in VALUES.values()} == {1, 2}


def test_every_check_refuses_some_record() -> None:
    assert {vector["check"] for vector in EXPECTED.values() if vector["check"]} == CHECKS.keys()


def test_every_refused_record_mutates_an_accepted_one() -> None:
    whole = {name for name, vector in EXPECTED.items() if vector["valid"] and not vector["mutates"]}
    for name, vector in EXPECTED.items():
        assert vector["mutates"] in whole or name in whole, name
        assert vector["valid"] == (vector["check"] is None), name
        refused = vector["stopped"] or vector["void"] or vector["notices"] or vector["afterwards"]
        assert bool(refused) == (not vector["valid"]), name
