"""The board's periodic work: requests at once, ballots in rounds, days on time, witnesses beside it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from psephos.board.board import Board
from psephos.board.entry_service import EntryService
from psephos.board.schedule import Step, due
from psephos.board.times import Clock
from psephos.errors import PhaseError
from psephos.post.post import Requests
from psephos.post.witnessing import WitnessPost

_RETRY = 1.0
"""Seconds before witnesses that have not answered are asked again."""
_FOR_POSTS = 0.25
"""The part of a round that a pass may spend on posts."""
_FIRST_ROUND = 60
"""Seconds, while there is no definition that says how long a round is."""


class BoardLoop:
    """One thread calls `turn` again and again. Witnesses are asked in another: nobody waits for them.

    Every method may be called again at any time. All that is due is decided from record and clock, so a
    process that is started again goes on from there.
    """

    def __init__(
        self,
        board: Board,
        service: EntryService,
        posts: Sequence[Requests],
        public: Path,
        witness_posts: Sequence[WitnessPost],
        timed: bool = True,
    ) -> None:
        """`posts` are served, ballots of all together; `public` is the directory of the published log.

        `timed`: the clock is held against the witnesses'.
        """
        self._timed = timed
        self._board, self._service, self._posts = board, service, posts
        self._public = public
        self._witness_posts = witness_posts
        self._next_round = self._next_witnessing = 0.0
        self._due = True
        self._witnessing: Future[None] | None = None
        self._asked, self._failure = False, ""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="witnesses")
        self.doubt = board.cosigning.doubt(None)
        """Why no post is answered for now, and no day opened or sealed; empty when all goes on."""
        self.published = 0
        """How often the log has been published."""

    def close(self) -> None:
        """Wait for what is being asked of witnesses."""
        self._pool.shutdown()

    def turn(self, clock: Clock) -> None:
        """Answer the posts, open and seal, log ballots each round, log checkpoints, ask witnesses.

        PhaseError while the board must stand still, and while no quorum of witnesses has answered.
        """
        cosigning, now = self._board.cosigning, clock()
        self.doubt = cosigning.doubt(now if self._timed else None)
        if not self.doubt:
            for post in self._posts:
                self._service.serve(post, self._share)
            self.open_and_seal(now)
        if not cosigning.doubt(None):
            self._log_round()
        try:
            self._take_cosignatures()
        finally:
            self._ask_witnesses()
        if self._asked and (reasons := [reason for reason in (self._failure, self.doubt) if reason]):
            raise PhaseError("; ".join(reasons))

    @property
    def _share(self) -> float:
        """Seconds of a pass for each post: whatever waits, rounds, openings and seals keep their times."""
        whole = self._board.record.definition.round if self._board.record.begun else _FIRST_ROUND
        return whole * _FOR_POSTS / len(self._posts)

    # -- days and rounds

    def open_and_seal(self, now: int) -> None:
        """Open and seal the days that are due, as far as witnesses have seen their times come.

        `witness` asks witnesses for the rest.
        """
        board = self._board
        while steps := [step for step in due(board.record, now) if self._has_come(step)]:
            for step in steps:
                turn = board.open if step.opens else board.seal
                turn(step.region, step.day)

    def _has_come(self, step: Step) -> bool:
        return step.time <= self._board.record.latest_plan or self._board.times.shows(step.time)

    def _log_round(self) -> None:
        """Log the ballots that wait, a definition's `round` after the last time."""
        if self._board.record.begun and time.monotonic() >= self._next_round:
            self._next_round = time.monotonic() + self._board.record.definition.round
            self._board.round()
            self._due = True

    # -- witnesses

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

    def _ask_witnesses(self) -> None:
        board = self._board
        grown = board.times.checkpoint_due or (self._due and board.unwitnessed)
        wanted = board.record.begun and (grown or board.times.turn_due or self.doubt or board.agreement.old)
        if self._witnessing is None and wanted and time.monotonic() >= self._next_witnessing:
            self._due = False
            self._witnessing = self._pool.submit(self._witness_beside)

    def _witness_beside(self) -> None:
        """In the other thread, which reads the log and writes no entry."""
        board = self._board
        try:
            if self.doubt or (board.agreement.old and not board.unwitnessed):
                board.confer()
            self.witness()
        finally:
            board.note_standing(self._timed)
        for post in self._witness_posts:
            post.forget()

    def _take_cosignatures(self) -> None:
        """Log the checkpoint that was just witnessed, where it is evidence."""
        if self._witnessing is None or not self._witnessing.done():
            return
        witnessing, self._witnessing, self._asked = self._witnessing, None, True
        try:
            witnessing.result()
        except PhaseError as error:
            self._due, self._next_witnessing = True, time.monotonic() + _RETRY
            self._failure = str(error)
            return
        self._failure = ""
        if self.doubt or self._board.times.turn_due:  # what they have answered need not settle it
            self._next_witnessing = time.monotonic() + _RETRY
        self.published += 1
        if self._board.times.checkpoint_due:
            self._board.log_witnessed()
            self._due = True
