"""How fast the board answers, measured while it has much to do."""

from __future__ import annotations

_LEAST = 64
"""Work in a pass below which its time says nothing: most of it is spent on other things."""
_FORGETS = 0.8
"""What a pass weighs, after the next."""


class Pace:
    """Seconds for a unit of work, over recent passes."""

    def __init__(self, seconds: float = 0.001) -> None:
        """`seconds` are believed until something is measured."""
        self._work = 4.0 * _LEAST
        self._seconds = seconds * self._work

    @property
    def seconds(self) -> float:
        """For a unit of work."""
        return self._seconds / self._work

    def note(self, seconds: float, work: int) -> None:
        """A pass has taken so long for so much."""
        if work >= _LEAST:
            self._seconds = _FORGETS * self._seconds + seconds
            self._work = _FORGETS * self._work + work
