"""Windows of days: sealed by position, planned and witnessed by time (`spec/phases.md#windows`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psephos.errors import VerificationError
from psephos.protocol.checks import Notice, out_of_phase
from psephos.protocol.entries import Amend, Promise
from psephos.protocol.setup.definition import Region
from psephos.protocol.witnessed import Witnessed


@dataclass(frozen=True)
class Turn:
    """A day's open or seal: its plan, UTC seconds, and what it is called."""

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

    def open(self, index: int, day: int, latest: int) -> Turn:
        """Check 5.1; `latest` is the latest plan whose time has come, UTC seconds."""
        turn = self._turn(index, day, "open")
        if self.open_day is not None or day != len(self.opened) + 1 or turn is None:
            raise VerificationError("5.1", "board", f"region {self.region.index}: day {day} cannot open now")
        if turn.plan > latest:
            raise VerificationError("5.1", "board", f"{turn.name}: no witnessed time before it comes so late")
        self.opened.append(index)
        return turn

    def seal(self, index: int, day: int, latest: int) -> Turn:
        """Check 5.2; `latest` as for `open`."""
        turn = self._turn(index, day, "seal")
        if self.open_day != day or turn is None:
            raise VerificationError("5.2", "board", f"region {self.region.index}: day {day} is not open")
        if turn.plan > latest:
            raise VerificationError("5.2", "board", f"{turn.name}: no witnessed time before it comes so late")
        self.sealed.append(index)
        return turn

    def _turn(self, index: int, day: int, word: str) -> Turn | None:
        """None where there is no such day."""
        if not 1 <= day <= len(self.plans):
            return None
        plan = self.plans[day - 1][word == "seal"]
        return Turn(index, plan, f"region {self.region.id}, day {day}: {word}")

    def check_amend(self, amend: Amend) -> None:
        """Check 2.3: a window that could be one, whatever was amended before."""
        where = f"region {self.region.index}, day {amend.day}"
        if not 1 <= amend.day <= len(self.plans):
            raise VerificationError("2.3", "organiser", f"{where}: there is no such day")
        opens, seals = self.region.days[amend.day - 1]
        if amend.open < opens or amend.seal < seals or amend.open >= amend.seal:
            raise VerificationError(
                "2.3", "organiser", f"{where}: a window can only be extended or postponed"
            )

    def amend(self, amend: Amend) -> None:
        """Check 1.6 of what passed `check_amend`: later than the plan in force, none that overlaps."""

        def refuse(message: str) -> VerificationError:
            return out_of_phase(f"amend: region {self.region.index}, day {amend.day}: {message}")

        if amend.day <= len(self.sealed):
            raise refuse("it is sealed")
        opens, seals = self.plans[amend.day - 1]
        if amend.open < opens or amend.seal < seals:
            raise refuse("its plan is later already")
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
    after = [
        checkpoint.index for checkpoint in checkpoints if checkpoint.passed > promise.deadline + tolerance
    ]
    if promise.region < len(windows) and promise.day:
        after += windows[promise.region].sealed[promise.day - 1 : promise.day]
    return min(after, default=None)


def too_late(turn: Turn, time: int, tolerance: int) -> Notice | None:
    """Check 5.3, by the witnessed time at an open or seal."""
    late = time - turn.plan
    if late <= tolerance:
        return None
    return Notice(turn.index, "5.3", f"{turn.name} came at least {late} s after its plan")
