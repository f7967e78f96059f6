"""The threat model names what refuses each attack and a test that tries it, or a risk that it lists."""

from __future__ import annotations

import re

import pytest

from psephos.protocol.checks import CHECKS
from tests.architecture.test_links import astray, links
from tests.architecture.test_repository import ROOT, anchors, tracked

PAGE = "spec/threats.md"
NUMBER = re.compile(r"\b\d{1,2}\.\d\b")


def rows() -> list[tuple[str, str, str]]:
    """Attack, what refuses it, tests: the tables' rows."""
    lines = [line for line in (ROOT / PAGE).read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [(a, b, c) for a, b, c in cells if a != "attack"]


def risks() -> set[str]:
    """Anchors of the residual risks that the page lists."""
    return anchors((ROOT / PAGE).read_text().split("\n## Residual risks\n")[1])


def test_there_are_rows_and_risks() -> None:
    assert len(rows()) > 60
    assert len({attack for attack, *_ in rows()}) == len(rows())
    assert len(risks()) > 10


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_row_names_its_tests_or_a_risk_of_this_page(row: tuple[str, str, str]) -> None:
    _, refused_by, tests = row
    assert refused_by
    named = [text for text, target in links(tests) if text.startswith("test_")]
    assert not astray(PAGE, tests, set(tracked()))
    if refused_by.startswith("residual"):
        ((_, target),) = links(refused_by)
        assert target.startswith("#")
        assert target[1:] in risks()
        assert named or tests == "none"
    else:
        assert named
        assert set(NUMBER.findall(refused_by)) <= CHECKS.keys()


def test_every_residual_risk_is_the_answer_to_some_row() -> None:
    answered = {target[1:] for _, refused_by, _ in rows() for _, target in links(refused_by)}
    assert risks() <= answered


def test_every_check_refuses_something() -> None:
    refused = {number for _, refused_by, _ in rows() for number in NUMBER.findall(refused_by)}
    assert CHECKS.keys() <= refused
