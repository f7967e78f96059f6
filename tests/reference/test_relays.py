"""Periods of relays: they tile all time before the last close, and nobody is alone in a short one."""

from __future__ import annotations

import pytest
from relays import period


def tiled(closes: set[int], hold: int, begin: int) -> list[tuple[int, int]]:
    """The periods from a time on, each found by every second in it."""
    found: list[tuple[int, int]] = []
    for now in range(begin, max(closes)):
        here = period(closes, hold, now)
        assert here is not None
        assert here[0] <= now < here[1]
        if here not in found:
            found.append(here)
    return found


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ({100}, [(60, 70), (70, 80), (80, 90), (90, 100)]),
        ({80, 100}, [(60, 70), (70, 80), (80, 90), (90, 100)]),
        ({75, 100}, [(55, 65), (65, 75), (75, 90), (90, 100)]),
        ({95, 100}, [(55, 65), (65, 75), (75, 85), (85, 95), (95, 100)]),
        ({70, 79, 100}, [(60, 70), (70, 79), (79, 90), (90, 100)]),
    ],
)
def test_periods_end_at_every_close_and_none_between_is_short(
    closes: set[int], expected: list[tuple[int, int]]
) -> None:
    assert tiled(closes, 10, 60) == expected


def test_after_the_last_close_there_is_none() -> None:
    assert period({100}, 10, 100) is None
    assert period({100, 200}, 10, 100) == (100, 110)
