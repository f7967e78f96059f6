"""`psephos witness`: cosigns what a board asks for, if it extends what was cosigned before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from cyclopts import App

from psephos.cli.home.home import (
    DEFAULT_HOME,
    BoardPost,
    Home,
    HomeOptions,
    PublishedLog,
    location,
    open_home,
)
from psephos.cli.process.addresses import address
from psephos.cli.process.rehearsal import At, ClockFile, clock_from
from psephos.cli.process.running import heeding, repeat
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.errors import DatabaseHeld
from psephos.log.note import check_name
from psephos.log.submission import Submission
from psephos.post.witnessing import reply
from psephos.verifier.run import policy
from psephos.witness.http import WitnessServer
from psephos.witness.witness import Witness

witness = App("witness", help="Cosign a log, so that everybody sees the same one.")


@witness.command
def init(
    *,
    name: str,
    post: Path | None = None,
    log: PublishedLog | None = None,
    board: BoardPost | None = None,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Make a home with a fresh key; witness.json in it is for the organiser.

    Run again to change paths; keys stay. Log and board are for `psephos statement grant` alone.

    Example: psephos witness init --home witness-1 --name witness.example

    Parameters
    ----------
    name
        The witness's name in the log's checkpoints: no spaces, no plus.
    post
        The directory where requests come in; `post` in the home unless it is given.
    """
    with stopping(USAGE):
        check_name(name)
    posts = {"witness": str((post or options.home / "post").resolve())}
    posts |= {} if board is None else {"board": location(board)}
    home = Home(options, "witness", name, None if log is None else location(log), posts)
    print(home.create({}))
    return 0


@witness.command
def cosign(*, at: At = None, options: HomeOptions = DEFAULT_HOME) -> int:
    """Answer every request that waits.

    Example: psephos witness cosign --home witness-1 --pin pin.json
    """
    with _at_work(options) as (home, cosigner):
        print(f"cosigned {_answer(home, cosigner, clock_from(None) if at is None else lambda: at)}")
    return 0


@witness.command
def run(*, clock: ClockFile = None, options: HomeOptions = DEFAULT_HOME) -> int:
    """Answer requests as they come, until SIGTERM or SIGINT.

    Example: psephos witness run --home witness-1
    """
    with _at_work(options) as (home, cosigner):
        return repeat(partial(_answer, home, cosigner, clock_from(clock)))


@witness.command
def serve(*, listen: str = "127.0.0.1:8650", options: HomeOptions = DEFAULT_HOME) -> int:
    """Answer boards over HTTP, as C2SP tlog-witness says, until SIGTERM or SIGINT.

    Plain HTTP: put a proxy with TLS in front of what others can reach.

    Example: psephos witness serve --home witness-1 --listen 127.0.0.1:8650

    Parameters
    ----------
    listen
        Address and port; port 0 takes a free one.
    """
    place = address(listen)
    with _at_work(options) as (_, cosigner), heeding() as over:
        try:
            server = WitnessServer(place, cosigner, clock_from(None))
        except OSError as error:
            raise Stop(f"--listen {listen}: {error}", FAILED) from error
        with server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            print("answers at http://{}:{}".format(*server.server_address[:2]), flush=True)
            code = repeat(lambda: None, over=over)
            server.shutdown()
    return code


@contextmanager
def _at_work(options: HomeOptions) -> Iterator[tuple[Home, Witness]]:
    with open_home(options, "witness") as home:
        logs = policy(home.pin).logs.values()
        state = home.directory / "cosigned.sqlite"
        with Witness(home.name, home.signing_key(), logs, state) as cosigner:
            yield home, cosigner


def _answer(home: Home, cosigner: Witness, clock: Callable[[], int]) -> int:
    def ask(submission: Submission) -> bytes:
        return cosigner.add_checkpoint(submission.old_size, submission.proof, submission.checkpoint, clock())

    try:
        return reply(home.post("witness"), ask)
    except DatabaseHeld as held:  # what was asked waits in the post
        raise Stop(str(held), WAITING) from held
