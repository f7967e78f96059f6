"""When relays forward what they are given: periods and windows (`spec/definition.md#enrolment`)."""

from __future__ import annotations

from dataclasses import dataclass

from psephos.protocol.setup.definition import Definition


@dataclass(frozen=True)
class Periods:
    """`closes` of all regions, UTC seconds; `hold`, seconds, at least 1."""

    closes: tuple[int, ...]
    hold: int

    @classmethod
    def of(cls, definition: Definition) -> Periods:
        """Those of a referendum with relays."""
        return cls(tuple(sorted({region.closes for region in definition.regions})), definition.hold)

    def at(self, now: int) -> tuple[int, int] | None:
        """Beginning and end of the period that holds a time; None once the last enrolment is closed."""
        end = min((time for time in self.closes if time > now), default=None)
        if end is None:
            return None
        before = max((time for time in self.closes if time <= now), default=None)
        number = (end - now - 1) // self.hold  # whole periods between this one and its close
        if before is not None:
            last = max((end - before) // self.hold - 1, 0)  # the first has what is left over as well
            if number >= last:
                return before, end - last * self.hold
        return end - (number + 1) * self.hold, end - number * self.hold

    def window(self, now: int) -> tuple[int, int] | None:
        """From when and until when that is forwarded which comes at a time; None as `at`."""
        period = self.at(now)
        return None if period is None else (period[1], period[1] + self.hold)
