"""Result documents as tables: every number where people look for it."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from rich.console import Console

from psephos.observer.result import NO_RESISTANCE, UNANIMOUS, share, show_result
from psephos.protocol.setup.document import parse
from psephos.protocol.tally.result import RegionNumbers, cancelled, counted
from psephos.protocol.tally.tally import Tally
from psephos.simulation.definitions import HARBOUR, sample

NUMBERS = [
    RegionNumbers(120, (100, 80), 80, 160, (70, 30), 75),
    RegionNumbers(1000, (800, 900), 800, 1600, (700,), 700),
    RegionNumbers(20, (9, 8), 8, 10, (5,), 5),
    RegionNumbers(4, (3, 2), 2, 4, (1,), 1),
]
WEIGHTS = {(0, 0): 80, (0, 1): 790}
TALLIES = {(0, 0): Tally(70, (40, 28)), (0, 1): Tally(690, (300, 350))}


def shown(document: bytes) -> list[str]:
    """The lines on a wide terminal, with the cells of tables joined by single spaces."""
    console = Console(file=io.StringIO(), width=200)
    console.print(show_result(document))
    assert isinstance(console.file, io.StringIO)
    return [" ".join(line.replace("│", " ").split()) for line in console.file.getvalue().splitlines()]


def document(
    weights: Mapping[tuple[int, int], int] = WEIGHTS,
    decoys: int = 4,
    tallies: Mapping[tuple[int, int], Tally] = TALLIES,
) -> bytes:
    regions = ("piraeus", "athens", "sparta", "corinth")
    text, _ = sample(
        regions=regions,
        questions=[HARBOUR],
        merge_into={"sparta": "athens"},
        min_region=10,
        decoys=decoys,
        registrars=2,
    )
    return counted(parse(text), bytes(32), NUMBERS, weights, tallies)


def test_a_contest_by_area_and_in_total() -> None:
    lines = shown(document())
    assert "piraeus 28 (41.2 %) 40 (58.8 %) 2 70 87.5 % of 80 58.3 % of 120 80" in lines
    assert "athens (with sparta) 350 (53.8 %) 300 (46.2 %) 40 690 85.4 % of 808 67.6 % of 1020 790" in lines
    assert "corinth: not counted, too few are enrolled – – – – – – –" in lines
    assert "total 378 (52.6 %) 340 (47.4 %) 42 760 85.4 % of 890 66.4 % of 1144" in lines
    assert "yes has not won (conditions: 1 fails, 2 holds)" in lines
    assert UNANIMOUS not in lines


def test_an_area_of_which_too_few_finished_says_so() -> None:
    lines = shown(document(WEIGHTS | {(0, 0): 9}, tallies={(0, 1): TALLIES[0, 1]}))
    assert "piraeus: not counted, too few finished enrolling – – – – – – 9" in lines


def test_areas_that_are_not_counted_and_what_they_could_change() -> None:
    close = {(0, 0): Tally(70, (40, 28)), (0, 1): Tally(690, (333, 346))}
    lines = shown(document(tallies=close))
    assert (
        "Areas that are not counted: 1, with 2 enrolled and 4 on the roll, who are part of the total's;"
        " at most 1 of them can have voted." in lines
    )
    assert "yes has not won (conditions: 1 fails, 2 holds)" in lines
    tie = close | {(0, 1): Tally(690, (333, 345))}
    assert (
        "yes is undecided: votes of areas that are not counted could change it"
        " (conditions: 1 undecided, 2 holds)" in shown(document(tallies=tie))
    )


def test_areas_in_which_all_voted_alike_are_flagged() -> None:
    lines = shown(document(tallies=TALLIES | {(0, 0): Tally(70, (70, 0))}))
    assert "piraeus: all voted alike 0 (0.0 %) 70 (100.0 %) 0 70 87.5 % of 80 58.3 % of 120 80" in lines
    assert UNANIMOUS in lines


def test_the_regions() -> None:
    assert "piraeus 120 100, 80 80 160 70 + 30 75" in shown(document())


def test_a_referendum_that_does_not_resist_coercion_says_so() -> None:
    assert NO_RESISTANCE not in shown(document())
    assert NO_RESISTANCE in shown(document(decoys=0))


def test_a_cancelled_referendum() -> None:
    text, _ = sample()
    assert "Cancelled: nothing was counted." in shown(cancelled(parse(text)))


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "–"), (1, 3, "33.3 %"), (2, 3, "66.7 %"), (3, 3, "100.0 %"), (1, 2000, "0.1 %")],
)
def test_shares_are_rounded_half_up(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


def test_what_areas_add_up_to_in_each_division() -> None:
    parents = {"piraeus": "attica", "athens": "attica", "sparta": "laconia", "corinth": "laconia"}
    text, _ = sample(
        regions=("piraeus", "athens", "sparta", "corinth"),
        questions=[HARBOUR],
        parents=parents,
        min_region=10,
        registrars=2,
    )
    numbers = [*NUMBERS[:3], RegionNumbers(4, (3, 2), 2, 4, (1,), 1)]
    tallies = TALLIES | {(0, 2): Tally(5, (5, 0))}
    lines = shown(counted(parse(text), bytes(32), numbers, WEIGHTS | {(0, 2): 10}, tallies))
    assert "laconia, small regions together: sparta, corinth: all voted alike 0 (0.0 %) 5 (100.0 %) 0 5" in [
        line.partition(" 50.0 %")[0] for line in lines
    ]
    assert "attica 378 (52.6 %) 340 (47.4 %) 42 760 86.4 % of 880 67.9 % of 1120" in lines
    assert "laconia: all voted alike 0 (0.0 %) 5 (100.0 %) 0 5 50.0 % of 10 20.8 % of 24" in lines
