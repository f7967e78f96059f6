"""Simulated time: everybody in a rehearsal, witnesses included, looks at one clock."""

from __future__ import annotations

from datetime import UTC, datetime


class Clock:
    """UTC seconds that only move when told to."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def reach(self, time: int) -> None:
        """Let it be `time`, unless it is later already."""
        self.now = max(self.now, time)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """A date as UTC seconds."""
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


def day_and_time(time: int) -> str:
    """UTC seconds for people."""
    return f"{datetime.fromtimestamp(time, UTC):%A %d %B %Y, %H:%M} UTC"
