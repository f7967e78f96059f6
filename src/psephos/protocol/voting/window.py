"""Windows of days: sealed by position, planned and witnessed by time (`spec/phases.md#windows`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psephos.errors import VerificationError
from psephos.protocol.entry import Amend, Promise
from psephos.protocol.setup.definition import Region


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint of this log that its witnesses cosigned: size, root, and time in UTC seconds."""

    index: int
    size: int
    root: bytes
    time: int


@dataclass
class Windows:
    """The days of one region: their plans, and the log indices at which they were opened and sealed."""

    region: Region
    plans: list[tuple[int, int]] = field(init=False)
    opened: list[int] = field(default_factory=list)
    sealed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plans = list(self.region.days)

    @property
    def open_day(self) -> int | None:
        """The day that takes ballots now, from 1."""
        return len(self.opened) if len(self.opened) > len(self.sealed) else None

    @property
    def over(self) -> bool:
        """Whether the last day is sealed."""
        return len(self.sealed) == len(self.plans)

    def open(self, index: int, day: int) -> None:
        """Check 5.1."""
        if self.open_day is not None or day != len(self.opened) + 1 or day > len(self.plans):
            raise VerificationError("5.1", "board", f"region {self.region.index}: day {day} cannot open now")
        self.opened.append(index)

    def seal(self, index: int, day: int) -> None:
        """Check 5.2."""
        if self.open_day != day:
            raise VerificationError("5.2", "board", f"region {self.region.index}: day {day} is not open")
        self.sealed.append(index)

    def amend(self, amend: Amend) -> None:
        """Check 2.3: later plans only, none that overlaps."""

        def refuse(message: str) -> VerificationError:
            return VerificationError(
                "2.3", "organiser", f"region {self.region.index}, day {amend.day}: {message}"
            )

        if not 1 <= amend.day <= len(self.plans):
            raise refuse("there is no such day")
        if amend.day <= len(self.sealed):
            raise refuse("it is sealed")
        opens, seals = self.plans[amend.day - 1]
        if amend.open < opens or amend.seal < seals or amend.open >= amend.seal:
            raise refuse("a window can only be extended or postponed")
        if amend.day == self.open_day and amend.open != opens:
            raise refuse("it is open already")
        if amend.day < len(self.plans) and amend.seal > self.plans[amend.day][0]:
            raise refuse("it would overlap the next day")
        self.plans[amend.day - 1] = (amend.open, amend.seal)

    def notices(self, checkpoints: list[Witnessed], tolerance: int) -> list[str]:
        """Check 5.3: what was witnessed too early or too late."""
        found = []
        for day, (plan, opened) in enumerate(zip(self.plans, self.opened, strict=False), 1):
            sealed = self.sealed[day - 1] if day <= len(self.sealed) else None
            for name, planned, index in (("open", plan[0], opened), ("seal", plan[1], sealed)):
                if index is not None and (problem := _late(checkpoints, index, planned, tolerance)):
                    found.append(f"region {self.region.id}, day {day}: {name} was {problem}")
            if sealed is not None and not any(opened < c.size and c.index < sealed for c in checkpoints):
                found.append(
                    f"region {self.region.id}, day {day}: no witnessed checkpoint between open and seal"
                )
        return found


def overdue(
    promise: Promise, windows: Sequence[Windows], checkpoints: Sequence[Witnessed], tolerance: int
) -> int | None:
    """The first entry that shows a promise's deadline to be over, from which on its ballot is too late.

    That is the seal of its day, or a logged checkpoint that was witnessed more than `tolerance` seconds after
    the deadline: clocks of witnesses may be ahead of the board's.
    """
    after = [one.index for one in checkpoints if one.time > promise.deadline + tolerance]
    if promise.region < len(windows) and promise.day:
        after += windows[promise.region].sealed[promise.day - 1 : promise.day]
    return min(after, default=None)


def _late(checkpoints: list[Witnessed], index: int, planned: int, tolerance: int) -> str | None:
    """How far an entry's witnessed time lies off its plan."""
    before = max((c.time for c in checkpoints if c.index < index), default=planned)
    after = min((c.time for c in checkpoints if c.size > index), default=planned)
    if before > planned + tolerance:
        return f"at least {before - planned} s late"
    if after < planned - tolerance:
        return f"at least {planned - after} s early"
    return None
