"""What the board does by itself, again and again: days, checkpoints, the published log."""

from __future__ import annotations

from pathlib import Path

from psephos.board.board import Board
from psephos.board.schedule import Step, due


class Keeper:
    """Keeps a board going; each method may be called again at any time, and goes on."""

    def __init__(self, board: Board, public: Path) -> None:
        """`public` is the directory of the published log."""
        self._board = board
        self._public = public

    def turn(self, now: int) -> None:
        """Open and seal what is due, as far as witnesses saw it come; `witness` asks them for the rest."""
        board = self._board
        while steps := [step for step in due(board.record, now) if self._has_come(step)]:
            for step in steps:
                turn = board.open if step.opens else board.seal
                turn(step.region, step.day)

    def _has_come(self, step: Step) -> bool:
        return step.time <= self._board.record.latest_plan or self._board.times.shows(step.time)

    def publish(self) -> None:
        """Have what is new witnessed, log the checkpoint where it is evidence, and export.

        PhaseError while no quorum has answered; what was witnessed before is exported all the same.
        """
        while self._board.record.begun and self._board.times.checkpoint_due:
            self.witness()
            self._board.log_witnessed()
        self.witness()

    def witness(self) -> None:
        """Have what is new witnessed, and export what is. No entry is written; any thread may call it."""
        board = self._board
        try:
            if board.unwitnessed or board.times.time_due:
                board.witness()
        finally:
            if board.store.checkpoint() is not None:
                board.export(self._public)
