"""`psephos witness`: cosigns what a board asks for, if it extends what was cosigned before."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from cyclopts import App

from psephos.cli.home import HERE, Home, Where, open_home
from psephos.cli.running import repeat
from psephos.cli.stop import USAGE, stopping
from psephos.log.note import check_name
from psephos.log.submission import Submission
from psephos.post.witnessing import reply
from psephos.verifier.run import policy
from psephos.witness.witness import Witness

witness = App("witness", help="Cosign a log, so that everybody sees one.")


@witness.command
def init(*, name: str, post: Path | None = None, where: Where = HERE) -> int:
    """Make a home with a fresh key; witness.json in it is for the organiser. Once more changes paths only.

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
    home = Home(where, "witness", name, None, {"witness": str((post or where.home / "post").resolve())})
    print(home.found({}))
    return 0


@witness.command
def cosign(*, where: Where = HERE) -> int:
    """Answer every request that waits.

    Example: psephos witness cosign --home witness-1 --pin pin.json
    """
    with _at_work(where) as (home, cosigner):
        print(f"cosigned {_answer(home, cosigner)}")
    return 0


@witness.command
def run(*, where: Where = HERE) -> int:
    """Answer requests as they come, until SIGTERM or SIGINT.

    Example: psephos witness run --home witness-1
    """
    with _at_work(where) as (home, cosigner):
        return repeat(partial(_answer, home, cosigner))


@contextmanager
def _at_work(where: Where) -> Iterator[tuple[Home, Witness]]:
    with open_home(where, "witness") as home:
        logs = policy(home.pin).logs.values()
        state = home.directory / "cosigned.sqlite"
        with Witness(home.name, home.signing_key(), logs, state) as cosigner:
            yield home, cosigner


def _answer(home: Home, cosigner: Witness) -> int:
    def ask(submission: Submission) -> bytes:
        now = int(time.time())
        return cosigner.add_checkpoint(submission.old_size, submission.proof, submission.checkpoint, now)

    return reply(home.post("witness"), ask)
