"""What the board does by itself, again and again: days, checkpoints, the published log."""

from __future__ import annotations

from pathlib import Path

from psephos.board.board import Board
from psephos.board.schedule import due


class Keeper:
    """Keeps a board going; each method may be called again at any time, and goes on."""

    def __init__(self, board: Board, public: Path) -> None:
        """`public` is the directory of the published log."""
        self._board = board
        self._public = public

    def turn(self, now: int) -> None:
        """Open and seal what is due."""
        while steps := list(due(self._board.record, now)):
            for step in steps:
                turn = self._board.open if step.opens else self._board.seal
                turn(step.region, step.day)

    def publish(self) -> None:
        """Have what is new witnessed, log the checkpoint where it is evidence, and export.

        PhaseError while no quorum has answered; what was witnessed before is exported all the same.
        """
        while self._board.record.begun and self._board.checkpoint_due:
            self.witness()
            self._board.log_witnessed()
        self.witness()

    def witness(self) -> None:
        """Have what is new witnessed, and export what is. No entry is written; any thread may call it."""
        board = self._board
        try:
            if board.unwitnessed or board.time_due:
                board.witness()
        finally:
            if board.store.checkpoint() is not None:
                board.export(self._public)
