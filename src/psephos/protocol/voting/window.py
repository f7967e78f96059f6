"""Windows of days: sealed by position, planned and witnessed by time (`spec/phases.md#windows`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psephos.errors import VerificationError
from psephos.protocol.checks import Notice, out_of_phase
from psephos.protocol.entry import Amend, Promise
from psephos.protocol.setup.definition import Region
from psephos.protocol.witnessed import Witnessed


@dataclass(frozen=True)
class Turn:
    """A day's open or seal that no checkpoint entry covers yet: its plan, and what it is called."""

    index: int
    plan: int
    name: str


@dataclass
class Windows:
    """The days of one region: their plans, and the log indices at which they were opened and sealed."""

    region: Region
    plans: list[tuple[int, int]] = field(init=False)
    opened: list[int] = field(default_factory=list)
    sealed: list[int] = field(default_factory=list)
    out: int | None = None
    """The checkpoint entry with which the region could no longer open."""
    uncovered: list[Turn] = field(default_factory=list)
    """Opens and seals behind the size of every checkpoint entry so far."""

    def __post_init__(self) -> None:
        self.plans = list(self.region.days)

    @property
    def open_day(self) -> int | None:
        """The day that takes ballots now, from 1."""
        return len(self.opened) if len(self.opened) > len(self.sealed) else None

    @property
    def over(self) -> bool:
        """Whether the last day is sealed, or the region can no longer open."""
        return self.out is not None or len(self.sealed) == len(self.plans)

    @property
    def ended(self) -> int:
        """The entry with which it was over."""
        return self.sealed[-1] if self.out is None else self.out

    def open(self, index: int, day: int) -> Turn:
        """Check 5.1."""
        if self.open_day is not None or day != len(self.opened) + 1 or day > len(self.plans):
            raise VerificationError("5.1", "board", f"region {self.region.index}: day {day} cannot open now")
        self.opened.append(index)
        return self._turn(index, self.plans[day - 1][0], f"region {self.region.id}, day {day}: open")

    def seal(self, index: int, day: int) -> Turn:
        """Check 5.2."""
        if self.open_day != day:
            raise VerificationError("5.2", "board", f"region {self.region.index}: day {day} is not open")
        self.sealed.append(index)
        return self._turn(index, self.plans[day - 1][1], f"region {self.region.id}, day {day}: seal")

    def _turn(self, index: int, plan: int, name: str) -> Turn:
        turn = Turn(index, plan, name)
        self.uncovered.append(turn)
        return turn

    def covered(self, checkpoint: Witnessed) -> list[Turn]:
        """The opens and seals that this checkpoint entry is the first to cover."""
        first = [turn for turn in self.uncovered if turn.index < checkpoint.size]
        self.uncovered = self.uncovered[len(first) :]
        return first

    def unwitnessed(self, day: int) -> bool:
        """Whether no checkpoint entry covers a day's open."""
        return any(turn.index == self.opened[day - 1] for turn in self.uncovered)

    def amend(self, amend: Amend) -> None:
        """Check 2.3: later plans only, none that overlaps."""
        where = f"region {self.region.index}, day {amend.day}"

        def refuse(message: str) -> VerificationError:
            return VerificationError("2.3", "organiser", f"{where}: {message}")

        if not 1 <= amend.day <= len(self.plans):
            raise refuse("there is no such day")
        if amend.day <= len(self.sealed):
            raise out_of_phase(f"amend: {where} is sealed")
        opens, seals = self.plans[amend.day - 1]
        if amend.open < opens or amend.seal < seals or amend.open >= amend.seal:
            raise refuse("a window can only be extended or postponed")
        if amend.day == self.open_day and amend.open != opens:
            raise refuse("it is open already")
        if amend.day < len(self.plans) and amend.seal > self.plans[amend.day][0]:
            raise refuse("it would overlap the next day")
        self.plans[amend.day - 1] = (amend.open, amend.seal)


def overdue(
    promise: Promise, windows: Sequence[Windows], checkpoints: Sequence[Witnessed], tolerance: int
) -> int | None:
    """The first entry that shows a promise's deadline to be over, from which on its ballot is too late.

    That is the seal of its day, or a logged checkpoint that was witnessed more than `tolerance` seconds after
    the deadline: clocks of witnesses may be ahead of the board's.
    """
    after = [one.index for one in checkpoints if one.passed > promise.deadline + tolerance]
    if promise.region < len(windows) and promise.day:
        after += windows[promise.region].sealed[promise.day - 1 : promise.day]
    return min(after, default=None)


def too_early(turn: Turn, checkpoint: Witnessed, tolerance: int) -> VerificationError | None:
    """Check 5.4, by the first checkpoint entry that covers an open or seal."""
    early = turn.plan - checkpoint.seen
    if early <= tolerance:
        return None
    return VerificationError("5.4", "board", f"{turn.name} was witnessed {early} s before its plan")


def too_late(turn: Turn, checkpoint: Witnessed | None, tolerance: int) -> Notice | None:
    """Check 5.3, by the last checkpoint entry before an open or seal."""
    late = checkpoint.passed - turn.plan if checkpoint else 0
    if late <= tolerance:
        return None
    return Notice(turn.index, "5.3", f"{turn.name} came at least {late} s after its plan")
