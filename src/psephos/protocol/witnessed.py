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


@dataclass(frozen=True)
class Span:
    """Between which times, in UTC seconds, something was logged; None where no checkpoint tells."""

    after: int | None
    before: int | None


@dataclass(frozen=True)
class Timeline:
    """The checkpoints in a log, and the latest one that is published, if a quorum has signed it."""

    logged: tuple[Witnessed, ...]
    latest: Witnessed | None

    def span(self, index: int) -> Span:
        """When entry `index` was logged."""
        after = max(
            (checkpoint.passed for checkpoint in self.logged if checkpoint.index < index), default=None
        )
        seen = [one.seen for one in (*self.logged, self.latest) if one is not None and one.size > index]
        return Span(after, min(seen, default=None))

    @property
    def until(self) -> int | None:
        """The latest time of which the log tells what it had by then."""
        known = (one.passed for one in (*self.logged, self.latest) if one is not None)
        return max(known, default=None)
