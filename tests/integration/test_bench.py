"""`python -m bench`: that it runs and says what it measured; how fast anything is, no test asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.__main__ import DOCUMENT, main
from bench.table import BEGIN, END, place

HEADINGS = ["Checking and weighing against their bounds", "A referendum stage by stage", "Sizes"]


def tables(text: str) -> list[list[list[str]]]:
    """The cells of every Markdown table in a text, heads included, rules left out."""
    found = re.findall(r"(?:^\|.*\|\n?)+", text, re.MULTILINE)
    return [
        [
            [cell.strip() for cell in line.strip("| ").split(" |")]
            for line in one.splitlines()
            if "---" not in line
        ]
        for one in found
    ]


def test_the_smallest_run_fills_three_tables(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--voters", "6", "9", "--rows", "16", "--runs", "1"])
    printed = capsys.readouterr().out
    assert re.findall(r"^### (.+)$", printed, re.MULTILINE) == HEADINGS
    assert "Command: `python -m bench --voters 6 9 --rows 16 --runs 1`" in printed
    kernels, stages, sizes = tables(printed)
    names = ["card", "ballot", "weighed row", "row weighed twice", "weighing a row"]
    assert [row[0] for row in kernels[1:]] == names
    assert [row[0] for row in stages[1:]] == ["enrol", "vote", "weigh", "close and release", "verify"]
    assert {len(row) for row in kernels} == {8}
    assert {len(row) for row in stages} == {7}
    assert all(float(row[4]) > 0 for row in kernels[1:])
    assert all(float(row[3]) > 0 for row in stages[1:])
    assert ["card", "384"] in sizes
    assert ["weighed row", "416"] in sizes


def test_results_go_between_the_markers_and_nowhere_else(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    place(document, "new")
    assert document.read_text() == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    for unmarked in ("", BEGIN, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"):
        document.write_text(unmarked)
        with pytest.raises(ValueError, match="markers"):
            place(document, "new")
        assert document.read_text() == unmarked


def test_the_document_has_its_place_for_results() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    results = text.partition(BEGIN)[2].partition(END)[0]
    assert len(tables(results)) == len(HEADINGS)
