"""How a role's entries get into the log: sent, answered, and seen in the published record."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psephos.cli.home.home import Home
from psephos.cli.process.stop import WAITING, Stop
from psephos.observer.text import plain
from psephos.post.outbox import Refused
from psephos.protocol.record import Record


@contextmanager
def up_to_date(home: Home, timeout: float, *, overtaken: bool = False) -> Iterator[Record]:
    """The record, once it holds everything that this role has sent: nothing is then written twice.

    Stop with WAITING before; Refused when the board has refused what was sent, unless others may have
    `overtaken` it: a trustee's part may come too late to be needed. That is said, and the record tells on.
    """
    try:
        _deliver(home, timeout)
    except Refused as refused:
        if not overtaken:
            raise
        sys.stderr.write(f"psephos: your earlier submission was rejected: {plain(str(refused))}\n")
    with home.record() as record:
        check_published(home, record)
        yield record


def settle(home: Home, record: Record, timeout: float) -> None:
    """The same of a record that was read before: Stop unless it holds everything that this role has sent."""
    _deliver(home, timeout)
    check_published(home, record)


def _deliver(home: Home, timeout: float) -> None:
    if not home.outbox.deliver(timeout):
        raise Stop("waits for the board: what was sent before is not answered yet", WAITING)


def check_published(home: Home, record: Record) -> None:
    """Stop while what the board has taken is not in the published record."""
    if record.size < (reached := home.outbox.reached):
        raise Stop(f"waits for the board: entry {reached - 1} is taken, but not published yet", WAITING)


def send(
    home: Home, entries: Sequence[bytes], timeout: float, blobs: Sequence[bytes] = (), what: str = "sent"
) -> None:
    """Send entries, in order, and wait for the answers, which the next `up_to_date` takes if they are late.

    `what` they do is said when they are.
    """
    home.outbox.put(entries, blobs)
    if not home.outbox.deliver(timeout):
        raise Stop(f"{what}; waits for the board: its answer is not there yet", WAITING)
