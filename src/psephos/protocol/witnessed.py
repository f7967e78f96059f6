"""Checkpoints that stand in the log, and what their cosignatures say of time (`spec/phases.md#time`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Witnessed:
    """A valid checkpoint entry; times are UTC seconds that `faulty` false clocks cannot move past the truth.

    `seen` is the time of its cosignatures that `faulty` are before: at least one honest witness had seen the
    checkpoint by then. `passed` is the one that `faulty` are after: at least one signed no earlier.
    """

    index: int
    size: int
    root: bytes
    seen: int
    """All entries below `size` were there by then."""
    passed: int
    """All entries behind this one came after that."""

    @classmethod
    def of(cls, index: int, size: int, root: bytes, times: Sequence[int], faulty: int) -> Witnessed:
        """From the times of the valid cosignatures, of which there are more than `faulty`."""
        ordered = sorted(times)
        return cls(index, size, root, ordered[faulty], ordered[-1 - faulty])
