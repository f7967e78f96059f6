"""How a role's entries get into the log: sent, answered, and seen in the published record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psephos.cli.home import Home
from psephos.cli.stop import WAITING, Stop
from psephos.protocol.record import Record


@contextmanager
def up_to_date(home: Home, patience: float) -> Iterator[Record]:
    """The record, once it holds everything that this role has sent: nothing is then written twice.

    Stop with WAITING before; Refused when the board has refused what was sent.
    """
    if not home.outbox.deliver(patience):
        raise Stop("waits for the board: what was sent before is not answered yet", WAITING)
    with home.record() as record:
        if record.size < (reached := home.outbox.reached):
            raise Stop(f"waits for the board: entry {reached - 1} is taken, but not published yet", WAITING)
        yield record


def send(home: Home, entries: Sequence[bytes], patience: float, blobs: Sequence[bytes] = ()) -> None:
    """Send entries, in order, and wait for the answers; called again by the next `up_to_date`."""
    home.outbox.put(entries, blobs)
    if not home.outbox.deliver(patience):
        raise Stop("sent; waits for the board: its answer is not there yet", WAITING)
