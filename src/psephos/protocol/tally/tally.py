"""What areas gave, and what those that are not counted can have added (`spec/definition.md#undecided`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """What one counted area, or all of them together, gave: voters and votes of each option."""

    voted: int
    votes: tuple[int, ...]

    @property
    def blank(self) -> int:
        """Voters who chose no option."""
        return self.voted - sum(self.votes)

    @property
    def unanimous(self) -> bool:
        """Whether all who voted, voted alike: then it is known how each of them voted."""
        return self.voted > 0 and self.voted in (*self.votes, self.blank)

    @classmethod
    def total(cls, tallies: Sequence[Tally], options: int) -> Tally:
        """The sum of the tallies of areas of a contest with this number of options."""
        votes = (sum(tally.votes[option] for tally in tallies) for option in range(options))
        return cls(sum(tally.voted for tally in tallies), tuple(votes))


@dataclass(frozen=True)
class Electorate:
    """Voters on the roll and enrolled voters of all regions of a contest together."""

    roll: int
    enrolled: int


@dataclass(frozen=True)
class ContestTally:
    """All that rules ask of a contest."""

    areas: Sequence[Tally | None]
    """None of an area that is not counted."""
    total: Tally
    electorate: Electorate
    unknown: Sequence[int] = ()
    """Of each area that is not counted, how many can have voted in it."""

    @property
    def more(self) -> int:
        """How many voters all areas that are not counted can have added."""
        return sum(self.unknown)
