"""`python -m bench`: that it runs and says what it measured; how fast anything is, no test asks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench import extrapolation
from bench.__main__ import DOCUMENT, main
from bench.costs import DEVICES
from bench.measurement import Size
from bench.peers import belenios
from bench.stages import after_last_seal, by_stage, fold, python, reading, two_threads
from bench.table import BEGIN, END, place

HEADINGS = [
    "Ratios",
    "Checking and weighing against their bounds",
    "A referendum step by step, 2 of 3 trustees",
    "More voters, 2 of 3 trustees",
    "A referendum step by step, 3 of 5 trustees",
    "More voters, 3 of 5 trustees",
    "Enrolling a card",
    "Sizes",
    "Side by side",
]
KERNELS = ["card", "ballot", "weighed row", "row weighed twice", "weighing a row"]


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


def test_the_smallest_run_fills_all_tables(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    kept = tmp_path / "results.json"
    sizes = ["--voters", "6", "9x2", "--rows", "16", "--runs", "1", "--ballots", "2"]
    sizes += ["--profile", "tests"]  # which is compiled already
    main([*sizes, "--python310", "no-such-python", "--results", str(kept)])
    printed, measured = capsys.readouterr().out, kept.read_text()
    assert re.findall(r"^### (.+)$", printed, re.MULTILINE) == HEADINGS
    assert f"Command: `python -m bench {' '.join(sizes)}`;" in printed
    ratios, kernels, steps, _, _, more, cards, bytes_, peers = tables(printed)
    assert [row[0] for row in kernels[1:]] == KERNELS
    assert {row[3] for row in ratios[1:]} <= {"yes", "no"}
    assert {"weigh: trustees weigh", "verify: anybody verify"} <= {row[0] for row in steps}
    assert all(float(row[1].replace(",", "")) > 0 for row in steps[1:])
    assert [row[0] for row in more[1:]][:2] == ["registrar", "board"]
    assert ["card", "384"] in bytes_
    assert all(int(cell.replace(",", "")) > 0 for row in cards[1:] for cell in row[1:])
    assert ["weighed row", "416"] in bytes_
    assert [row[0] for row in peers[1:3]] == ["Psephos, 2 of 3", "Psephos, 3 of 5"]
    assert ("Belenios" in {row[0] for row in peers}) == (belenios.missing() is None)
    assert "- Skipped: ElectionGuard-python, for no-such-python is not there" in printed
    runs = json.loads(measured)["referendums"]
    assert sorted((run["voters"], *run["scheme"]) for run in runs) == [
        (6, 2, 3),
        (6, 3, 5),
        *[(9, 2, 3)] * 2,
        *[(9, 3, 5)] * 2,
    ]
    main([*sizes, "--python310", "no-such-python", "--results", str(kept)])
    assert kept.read_text() == measured
    assert tables(capsys.readouterr().out) == tables(printed)


def cost(phase: str, party: str, step: str, cpu: float, **seen: float) -> dict[str, Any]:
    """A row as a run has it."""
    return {"phase": phase, "party": party, "step": step, "cpu": cpu, "wall": cpu, **seen}


def run() -> dict[str, Any]:
    """A run of made-up costs: seconds of ten voters."""
    weigh = [cost(f"weigh {day}", "trustees", "weigh", 2.0, core=1.9) for day in range(1, 6)]
    return {
        "voters": 10,
        "scheme": [2, 4],
        "bytes": {"entries": 70},
        "costs": [
            cost("enrol", "registrar", "issue tokens", 1.0, core=0.5, disk=0.25, pyca=0.25),
            cost("enrol", DEVICES, "make groups", 9.0),
            cost("vote", "board", "log ballots", 1.0, core=0.5),
            *weigh,
            cost("count", "trustees", "release", 1.0, core=1.0),
            cost("verify", "anybody", "verify", 4.0, core=3.0, reading=0.5),
            cost("verify", "anybody", "verify on two threads", 2.0, thread=0.5),
        ],
    }


def test_ratios_are_taken_of_the_right_things() -> None:
    found = run()
    assert after_last_seal(found) == pytest.approx((2 + 1) / (5 * 2 + 1))
    assert python(by_stage(found, "enrol")) == pytest.approx(0)
    assert python(by_stage(found, "weigh")) == pytest.approx(0.05)
    assert reading(found) == pytest.approx(0.125)
    assert two_threads(found) == pytest.approx(2)
    assert fold(found) == pytest.approx(0.05)


def test_extrapolation_multiplies() -> None:
    text = "\n".join(extrapolation.lines([run()]))
    [rows] = tables(text)
    by_party = {row[0]: row[1:] for row in rows[1:]}
    assert by_party["registrar"] == ["100,000", "27.78", "1,111.11"]
    assert by_party["each of 4 trustees"][0] == "275,000"  # (10 + 1) s of ten voters, by four
    assert by_party["bytes of the log"] == ["7 B", "0.0 GB", "0.3 GB"]
    assert "1,000,000 + 100,000 + 400,000 = 1,500,000 µs a voter" in text
    assert "1,000,000 voters × 1,500,000 µs = 25,000 minutes on one core" in text
    assert "and at best 12,500 on two" in text


def test_plots_are_the_same_each_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the plots are drawn with requirements/bench.txt installed")
    from bench import plots

    large = run() | {"voters": 20}
    drawn = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        plots.draw({("2 of 4", 10): [run()], ("2 of 4", 20): [large]}, tmp_path / name)
        drawn.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert drawn[0] == drawn[1]
    assert sorted(drawn[0]) == [plots.COSTS, plots.GROWTH]
    assert b"2 of 4 trustees, 20 voters" in drawn[0][plots.COSTS]
    assert b"weigh, 2 of 4" in drawn[0][plots.GROWTH]


def test_sizes_say_how_often() -> None:
    assert Size.parse("100x3") == (100, 3)
    assert Size.parse("100") == (100, None)
    for wrong in ("0", "10x0", "x", "10x", "-1"):
        with pytest.raises(ValueError, match=r"^(-?\d+|invalid literal.*)$"):
            Size.parse(wrong)


def test_results_go_between_the_markers_and_nowhere_else(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    begin = BEGIN.format("bench")
    document.write_text(f"before\n{begin}\nold\n{END}\nafter\n")
    place(document, "bench", "new")
    assert document.read_text() == f"before\n{begin}\nnew\n{END}\nafter\n"
    for unmarked in (
        "",
        begin,
        f"{END}{begin}",
        f"{begin}{END}{begin}{END}",
        f"{BEGIN.format('other')}{END}",
    ):
        document.write_text(unmarked)
        with pytest.raises(ValueError, match="markers"):
            place(document, "bench", "new")
        assert document.read_text() == unmarked


def test_the_document_has_its_place_for_results() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    results = text.partition(BEGIN.format("bench"))[2].partition(END)[0]
    assert len(tables(results)) == len(HEADINGS)
