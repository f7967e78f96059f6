"""A board at work in its home: what its commands and the server stand on."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path

from psephos.board.board import Board
from psephos.board.board_loop import BoardLoop
from psephos.board.entry_service import EntryService
from psephos.board.times import Clock
from psephos.cli.home.home import HomeOptions, is_url, open_home
from psephos.cli.process.stop import FAILED, WAITING, Stop
from psephos.database.lock_wait import LockWait
from psephos.errors import LogError, PhaseError
from psephos.log import witness_client
from psephos.log.export import check_published
from psephos.log.submission import Ask
from psephos.post.post import Post, Requests
from psephos.post.witnessing import WitnessPost
from psephos.verifier.run import policy

WITNESS = "witness "
"""Before a witness's name, where home.json lists its post."""


@dataclass
class Work:
    """A board with everything around it."""

    board: Board
    service: EntryService
    post: Post
    witness_posts: list[WitnessPost]
    public: Path
    pin: bytes
    now: Clock
    timed: bool = True
    """Whether the clock is held against the witnesses': not in a rehearsal that says what time it is."""

    def loop(self, *posts: Requests) -> BoardLoop:
        """The board's periodic work, with these posts beside its own; to be closed once it has turned."""
        return BoardLoop(
            self.board, self.service, [*posts, self.post], self.public, self.witness_posts, self.timed
        )

    def agree(self) -> None:
        """Have the witnesses confirm that this log is the newest, and the clock right; Stop until they do."""
        cosigning, doubt = self.board.cosigning, ""
        for _ in range(2):  # an answer may have lain there for long: then they are asked once more
            if not self.board.record.begun:
                return
            try:
                with self.noted():
                    self.board.confer()
            except PhaseError as error:
                doubt = cosigning.doubt(None)
                raise Stop(f"waits for witnesses: {error}; {doubt}", WAITING) from error
            self.forget()
            if not (doubt := cosigning.doubt(self.now() if self.timed else None)):
                return
        raise Stop(f"waits for witnesses: {doubt}", WAITING)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Leave behind how the board stands with its witnesses, for `status`, whatever they answer."""
        try:
            yield
        finally:
            self.board.note_standing(self.timed)

    def forget(self) -> None:
        """Remove what witnesses have answered."""
        for post in self.witness_posts:
            post.forget()

    def take(self) -> None:
        """Answer the post, then open and seal what is due."""
        self.service.serve(self.post)
        self.loop().open_and_seal(self.now())

    def publish(self) -> None:
        """Have the log witnessed and exported; Stop while witnesses are waited for."""
        try:
            self.loop().publish()
        except PhaseError as error:
            raise Stop(f"waits for witnesses: {error}", WAITING) from error
        self.forget()

    def go_on(self, loop: BoardLoop) -> None:
        """One pass of `run`; Stop, which ends nothing, while witnesses are waited for."""
        try:
            loop.turn(self.now)
        except PhaseError as error:
            raise Stop(f"waits for witnesses: {error}", WAITING) from error


def _say_held() -> None:
    sys.stderr.write("psephos: waits for its database, which another program holds; nothing is lost\n")


def _check_not_older(board: Board, public: Path) -> None:
    """What was published is on disk before, so it is never ahead."""
    try:
        check_published(board.store, public)
    except LogError as error:
        what = "the home is an older copy, or another's; never go on from it"
        raise Stop(f"{public} holds a log that this home's does not extend: {what}", FAILED) from error


@contextmanager
def at_work(
    options: HomeOptions, timeout: float, at: int | Clock | None, beside: bool = False, served: bool = False
) -> Iterator[Work]:
    """A board with everything around it; `served` waits without end for a database that is held."""
    with open_home(options, "board", beside) as home:
        key = home.signing_key()
        ((origin, log),) = policy(home.pin).logs.items()
        if log.public != key.public:
            raise Stop("the pin names another board's key", FAILED)
        asked = {name.removeprefix(WITNESS): name for name in home.posts if name.startswith(WITNESS)}
        urls = {name: home.posts[post] for name, post in asked.items() if is_url(home.posts[post])}
        witness_posts = {
            name: WitnessPost(home.post(post), timeout) for name, post in asked.items() if name not in urls
        }
        asks: dict[str, Ask] = {name: post.ask for name, post in witness_posts.items()}
        asks |= {name: partial(witness_client.ask, url) for name, url in urls.items()}

        def clock() -> int:
            return int(time.time()) if at is None else at() if callable(at) else at

        database = os.environ.get("PSEPHOS_DATABASE_URL") or None  # it may hold a password: never an argument
        held = LockWait(inf, _say_held) if served else LockWait()
        board_of_home = Board(home.directory, origin, key, asks, clock, database, lock_wait=held)
        with closing(board_of_home) as the_board:
            service = EntryService(the_board, key, home.pin.definition)
            public, pin = Path(home.log or ""), home.pin.encode()
            if not beside:
                _check_not_older(the_board, public)
            posts, timed = list(witness_posts.values()), not isinstance(at, int)
            yield Work(the_board, service, home.post("board"), posts, public, pin, clock, timed)
