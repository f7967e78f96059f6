"""What the board has promised to log, and whether it is logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from psephos.database.database import Transaction
from psephos.database.location import Location, open_tables
from psephos.database.lock_wait import LockWait

_TABLES = """
CREATE TABLE IF NOT EXISTS promised
    (hash BLOB PRIMARY KEY, card BLOB NOT NULL, day INTEGER NOT NULL, serial INTEGER NOT NULL,
     entry BLOB NOT NULL, promise BLOB NOT NULL, waiting INTEGER NOT NULL,
     UNIQUE (card, day, serial)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting ON promised (hash) WHERE waiting = 1;
"""


class Promised(NamedTuple):
    """A ballot by its body hash; its entry, and the promise that was given for it."""

    hash: bytes
    card: bytes
    day: int
    serial: int
    entry: bytes
    promise: bytes


class Promises:
    """All promises of a board; safe to call from any thread."""

    def __init__(self, place: Location, lock_wait: LockWait | None = None) -> None:
        self._database = open_tables(place, _TABLES, lock_wait)

    def close(self) -> None:
        """Close the table."""
        self._database.close()

    @contextmanager
    def open(self) -> Iterator[Ledger]:
        """Look up and promise in one transaction: on disk when the block is left, undone if it raises."""
        with self._database.write() as transaction:
            yield Ledger(transaction)

    def waiting(self) -> dict[bytes, bytes]:
        """Promised ballots that are not logged yet, by their body hash, ascending."""
        return dict(self._database.read("SELECT hash, entry FROM promised WHERE waiting = 1 ORDER BY hash"))

    def logged(self, hashes: Iterable[bytes]) -> None:
        """Take note that the ballots of these body hashes are in the log."""
        with self._database.write() as transaction:
            transaction.run_many(
                "UPDATE promised SET waiting = 0 WHERE hash = ?", ((body_hash,) for body_hash in hashes)
            )


class Ledger:
    """One call's look-ups and promises."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def given(self, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        """The promises given before to ballots of these body hashes, by entry."""
        return dict(self._transaction.run_in("SELECT entry, promise FROM promised WHERE hash IN (*)", hashes))

    def used(self, cards: Iterable[bytes]) -> dict[tuple[bytes, int], set[int]]:
        """The serials that these cards have used, by card and day."""
        used: dict[tuple[bytes, int], set[int]] = {}
        statement = "SELECT card, day, serial FROM promised WHERE card IN (*)"
        for card, day, serial in self._transaction.run_in(statement, cards):
            used.setdefault((card, day), set()).add(serial)
        return used

    def give(self, promised: Sequence[Promised]) -> None:
        """Keep new promises."""
        self._transaction.run_many("INSERT INTO promised VALUES (?, ?, ?, ?, ?, ?, 1)", promised)
