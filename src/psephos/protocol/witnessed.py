"""Checkpoints that stand in the log, and what their cosignatures say of time (`spec/phases.md#time`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_high, median_low


@dataclass(frozen=True)
class Witnessed:
    """A valid checkpoint entry; times are UTC seconds that false clocks move only where they are half of all.

    `seen` is the lower median of the times of its cosignatures: at least one honest witness had seen the
    checkpoint by then. `passed` is the upper: at least one signed no earlier.
    """

    index: int
    size: int
    root: bytes
    seen: int
    """All entries below `size` were there by then."""
    passed: int
    """All entries behind this one came after that."""

    @classmethod
    def of(cls, index: int, size: int, root: bytes, times: Sequence[int]) -> Witnessed:
        """From the times of the valid cosignatures, of which there is at least one."""
        return cls(index, size, root, median_low(times), median_high(times))
