"""What seals add up, less what was voted over, is the sum over what counts."""

from __future__ import annotations

from array import array

import pytest

from psephos.crypto.threshold import sum_columns
from psephos.protocol.tally.sums import Added, add_up
from psephos.simulation.referendum import BLANK, Referendum
from tests.attacks.scenes import PIRAEUS, enrolled


def voted(again: int) -> Referendum:
    """Piraeus' nine cards vote on day 1, and so many of them on day 2."""
    told = enrolled()
    for day, some in ((1, 9), (2, again)):
        for region in (0, 1):
            told.open(region, day)
        told.log(*(told.ballot(one, (BLANK, day), day=day) for one in told.cards[PIRAEUS][:some]))
        for region in (0, 1):
            told.seal(region, day)
        told.weigh((1, 2))
    told.close((1, 2))
    return told


def plainly(told: Referendum, day: int, selected: array) -> Added:
    """The same sums without any short cut."""
    record = told.record
    rows, roster = record.box.days[PIRAEUS, day], record.rosters[PIRAEUS]
    cards = array("I", [rows.cards[row] for row in selected])
    return Added(sum_columns(rows.ciphertexts.take(selected), 5), sum_columns(roster.weights(cards), 1))


@pytest.mark.parametrize("again", [0, 1, 4, 5, 8, 9])
def test_days_that_were_partly_voted_over(again: int) -> None:
    told = voted(again)
    assert told.record.void == []
    [counting] = [one for one in told.closing.sets if one.region == PIRAEUS]
    assert {day: len(rows) for day, rows in counting.days.items()} == {
        day: count for day, count in ((1, 9 - again), (2, again)) if count
    }
    for day, rows in counting.days.items():
        assert told.record.count.sums._day_sums(PIRAEUS, day, rows) == plainly(told, day, rows)
    told.release((1, 2))
    assert told.record.phase == "counted"


def test_of_no_rows_nothing() -> None:
    told = voted(0)
    nothing = Added(bytes(5 * 64), bytes(64))
    assert told.record.sealed[PIRAEUS, 2] == nothing
    rows = told.record.box.days[PIRAEUS, 1]
    everything = told.record.sealed[PIRAEUS, 1]
    assert add_up(told.record.rosters[PIRAEUS], rows, array("I")) == nothing
    assert everything.minus(nothing) == everything
    assert everything.minus(everything) == nothing
