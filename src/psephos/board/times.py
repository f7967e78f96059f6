"""When a board has its witnesses asked: the log has grown, or a time comes that they have to see."""

from __future__ import annotations

from collections.abc import Callable

from psephos.board.cosigning import Cosigning
from psephos.board.index import Index
from psephos.board.schedule import awaited, due
from psephos.log.checkpoints import TreeHead
from psephos.protocol.record import Record

ROUNDS_A_CHECKPOINT = 5
"""Rounds after which, while a day is open, a checkpoint is logged: so that a broken promise shows."""

Clock = Callable[[], int]
"""UTC seconds."""


class BoardTimes:
    """What log and latest checkpoint show of the time, and what is due of them by the board's clock."""

    def __init__(self, record: Record, cosigning: Cosigning, index: Index, clock: Clock) -> None:
        """`record` and `index` are of the whole log."""
        self._record, self._cosigning, self._index, self._clock = record, cosigning, index, clock
        logged = record.checkpoints
        self._dated = self._asked = min(clock(), logged[-1].seen) if logged else 0

    def shows(self, plan: int) -> bool:
        """Whether by the latest checkpoint the time of an open or seal with this plan has come."""
        latest = self._cosigning.latest if self._record.begun else None
        return latest is not None and latest.passed + self._record.definition.tolerance >= plan

    @property
    def checkpoint_due(self) -> bool:
        """Whether what is no ballot came after all that logged checkpoints cover, or it is time."""
        logged = self._record.checkpoints
        return self._index.last >= (logged[-1].size if logged else 0) or self._overdue

    @property
    def time_due(self) -> bool:
        """Whether witnesses are to say what time it is, though nothing has come (`spec/phases.md#time`)."""
        return self._overdue or self.turn_due

    @property
    def turn_due(self) -> bool:
        """Whether an open or seal is due that neither log nor latest checkpoint shows to be."""
        record = self._record
        plans = [step.time for step in due(record, self._clock()) if step.time > record.latest_plan]
        return bool(plans) and not self.shows(min(plans))

    @property
    def _overdue(self) -> bool:
        """Whether the log itself is to show it: for promises, or because something waits for a time."""
        record = self._record
        if not record.begun or record.cancelled is not None:
            return False
        now, round_ = self._clock(), record.definition.round
        since = abs(now - self._dated)  # a clock that was set back must not stop them
        if any(windows.open_day for windows in record.windows) and since >= ROUNDS_A_CHECKPOINT * round_:
            return True
        return since >= round_ and any(record.time < time <= now for time in awaited(record))

    def witness(self, again: bool) -> TreeHead:
        """Have the log cosigned (see `Cosigning.witness`)."""
        self._asked = self._clock()
        return self._cosigning.witness(again)

    def confer(self) -> None:
        """Ask every witness for its word (see `Cosigning.confer`)."""
        self._asked = self._clock()
        self._cosigning.confer()

    def note_logged(self) -> None:
        """The latest checkpoint is logged: it is of the time when witnesses were asked.

        What came due meanwhile is asked for at once.
        """
        self._dated = self._asked
