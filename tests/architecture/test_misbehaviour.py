"""Every role in every phase has its row, and every row its checks and tests, or a residual risk."""

from __future__ import annotations

import pytest

from psephos.protocol.checks import CHECKS
from tests.architecture.test_links import astray, links
from tests.architecture.test_repository import ROOT, tracked
from tests.architecture.test_threats import NUMBER, risks

PAGE = "spec/misbehaviour.md"
ROLES = [
    "Organiser",
    "Registrars",
    "Trustee",
    "Board",
    "Witness",
    "Voter",
    "Voter's device",
    "Observer",
    "Network",
    "Coercer",
]
PHASES = ["definition", "ceremony", "enrolment", "voting", "weighing", "close", "release", "certification"]


def rows() -> list[tuple[str, str, str, str, str]]:
    """Role, phase, what it tries, what refuses it, tests."""
    found = []
    for section in (ROOT / PAGE).read_text().split("\n## ")[1:]:
        role, *lines = section.splitlines()
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:2] == "| "]
        found += [(role, a, b, c, d) for a, b, c, d in cells if a != "phase"]
    return found


def test_every_role_has_a_row_for_every_phase() -> None:
    assert [row[:2] for row in rows()] == [(role, phase) for role in ROLES for phase in PHASES]


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[0]}-{row[1]}")
def test_each_row_names_its_tests_and_what_refuses(row: tuple[str, str, str, str, str]) -> None:
    _, _, tries, refused_by, tests = row
    assert tries
    assert refused_by
    assert not astray(PAGE, refused_by + tests, set(tracked()))
    assert [text for text, _ in links(tests) if text.startswith("test_")]
    assert set(NUMBER.findall(refused_by)) <= CHECKS.keys()
    named = {target.partition("#")[2] for text, target in links(refused_by) if text != "claim"}
    assert named <= risks()
    assert bool(named) == ("residual" in refused_by)
