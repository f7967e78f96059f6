"""What witnesses say of a board since it was started: whether its log is the newest, and what time it is.

A copy that was restored, or whose clock is wrong, finds out here before it promises anything
(`spec/log.md#witnesses`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from psephos.errors import LogError
from psephos.log.policy import Policy
from psephos.log.submission import Inconsistent
from psephos.protocol.setup.parties import Witnesses

Monotonic = Callable[[], float]
"""Seconds of a clock that nobody sets."""

RENEWAL = 600.0
"""Seconds after which witnesses are asked again, although the log has not grown."""
_SLOW = 30.0
"""Seconds beyond the tolerance after which an answer says too little about the time."""
_OLDER = (
    "the home is an older copy, as after a restore from a snapshot. Put the newest copy in its place, never "
    "go on from this (guide for operators, The machine was restored)"
)


class WitnessAhead(LogError):
    """A witness has cosigned more than this log has ever had."""


class Word(NamedTuple):
    """The time of a fresh cosignature, and when it was asked for and came, in monotonic seconds."""

    time: int
    asked: float
    came: float

    def error(self, clock: int, now: float) -> float:
        """By how many seconds a clock is ahead of the witness's, at least; negative when it is behind.

        `clock` in whole UTC seconds, `now` of the monotonic clock.
        """
        earliest, latest = self.time + now - self.came, self.time + 1 + now - self.asked
        return max(0.0, clock - latest) or min(0.0, clock + 1 - earliest)


class Agreement:
    """Words of witnesses, each the latest of its own; safe to read while another thread asks."""

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._words: dict[str, Word] = {}
        self._against: set[str] = set()
        self._first: dict[str, float] = {}
        self._moments: dict[str, tuple[float, float]] = {}
        self._asked = float("-inf")

    # -- while witnesses are asked

    def asks(self, witness: str) -> None:
        """A witness is asked, perhaps after something that it has not answered yet."""
        self._first.setdefault(witness, self._monotonic())

    def answers(self, witness: str) -> None:
        """It has answered."""
        self._moments[witness] = self._first.pop(witness), self._monotonic()

    def refuses(self, witness: str) -> None:
        """It has refused, or cannot be reached: what comes next is another answer."""
        self._first.pop(witness, None)

    def conclude(self, times: Mapping[str, int], refusals: Mapping[str, Exception]) -> None:
        """Take what one asking has brought: times of new cosignatures, and why others gave none.

        Where a witness knows another log or a larger one, only who has cosigned this time counts.
        """
        self._asked = self._monotonic()
        fresh = {name: Word(time, *self._moments[name]) for name, time in times.items()}
        against = {name for name, error in refusals.items() if isinstance(error, WitnessAhead | Inconsistent)}
        self._words = fresh if against else self._words | fresh
        self._against = against or self._against - times.keys()

    # -- what follows

    def reached(self, policy: Policy) -> bool:
        """Whether a quorum has cosigned what this log has, since the process began."""
        return policy.satisfied([name for name, key in policy.witnesses.items() if key.name in self._words])

    def right(self, witnesses: Witnesses, tolerance: int, clock: int) -> bool:
        """Whether enough witnesses' times are within the tolerance of a clock.

        More than may lie, and two at least, so that a single one neither stops the board nor leads it.
        """
        return self._close(tolerance, clock) >= _needed(witnesses)

    def _close(self, tolerance: int, clock: int) -> int:
        """How many witnesses' times are within the tolerance."""
        now = self._monotonic()
        return sum(
            abs(word.error(clock, now)) <= tolerance and word.came - word.asked <= tolerance + _SLOW
            for word in self._words.values()
        )

    def offset(self, clock: int) -> int | None:
        """Seconds that a clock is ahead of the witnesses', by their lower median; None before they answer."""
        now = self._monotonic()
        errors = sorted(word.error(clock, now) for word in self._words.values())
        return round(errors[(len(errors) - 1) // 2]) if errors else None

    @property
    def old(self) -> bool:
        """Whether it is time to ask again."""
        return self._monotonic() - self._asked >= RENEWAL

    def doubt(self, policy: Policy, witnesses: Witnesses, tolerance: int, clock: int | None) -> str:
        """Why the board must neither promise nor open nor seal; empty when it may.

        Without a clock only the log is held against what witnesses know.
        """
        if not self.reached(policy):
            return self._unconfirmed(policy)
        if clock is None or self.right(witnesses, tolerance, clock):
            return ""
        offset = self.offset(clock) or 0
        if abs(offset) <= tolerance:
            close, needed = self._close(tolerance, clock), _needed(witnesses)
            return (
                f"{needed} witnesses have to agree with the clock of this machine within {tolerance} s, and "
                f"{close} does so far: nothing is promised, opened or sealed until then"
            )
        off = f"{_about(abs(offset))} {'ahead of' if offset > 0 else 'behind'} the witnesses'"
        return (
            f"the clock of this machine is {off}, and {tolerance} s are tolerated: "
            "nothing is promised, opened or sealed until it is right"
        )

    def _unconfirmed(self, policy: Policy) -> str:
        if self._against:
            return f"nothing is promised, opened or sealed, for witnesses know another log: {_OLDER}"
        silent = ", ".join(key.name for key in policy.witnesses.values() if key.name not in self._words)
        until = "until a quorum has confirmed that this log is newest"
        return f"nothing is promised, opened or sealed {until}; not yet: {silent}"


def _needed(witnesses: Witnesses) -> int:
    """Whose times have to agree with the clock: more than may lie, and two at least, of a quorum."""
    return min(witnesses.quorum, max(witnesses.faulty + 1, 2))


def _about(seconds: int) -> str:
    """Rounded, so that it is not said anew each second."""
    return f"{seconds} s" if seconds < 600 else f"about {round(seconds / 60)} minutes"
