"""What a relay holds, on disk: sealed requests until they are forwarded, and responses for a while.

Nothing in it tells where a request came from, or when: its rows lie in the order of their names, which are
hashes, and what is deleted is overwritten. The log of transactions would tell their order: it is emptied once
a minute.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from psephos.database.database import Database
from psephos.database.sqlite import SQLite

_TABLES = """
CREATE TABLE IF NOT EXISTS held (name BLOB PRIMARY KEY, registrar INTEGER NOT NULL, message BLOB,
    due INTEGER NOT NULL, until INTEGER NOT NULL, response BLOB) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_due ON held (registrar, due) WHERE message IS NOT NULL
"""
_DUE = """SELECT name, registrar, message, until FROM held
    WHERE message IS NOT NULL AND registrar = ? AND due <= ? AND until > ? LIMIT ?"""


class Waiting(NamedTuple):
    """A request to be forwarded; its name is the SHA-256 of it. `until`, UTC seconds, its window ends."""

    name: bytes
    registrar: int
    message: bytes
    until: int


@dataclass(frozen=True)
class _Erasing(SQLite):
    """A file in which nothing is left of what was deleted."""

    def connect(self) -> sqlite3.Connection:
        connection = super().connect()
        connection.execute("PRAGMA secure_delete = ON")
        return connection


class RelayStore:
    """Of one referendum; any thread may use it."""

    def __init__(self, path: Path) -> None:
        self._database = Database(_Erasing(path), _TABLES)

    def put(self, waiting: Waiting, due: int) -> None:
        """Keep a request, which is on disk when this returns."""
        row = (waiting.name, waiting.registrar, waiting.message, due, waiting.until)
        with self._database.write() as transaction:
            transaction.run("INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?, ?, NULL)", *row)

    def count(self) -> int:
        """How many requests and responses are held."""
        ((count,),) = self._database.read("SELECT count(*) FROM held")
        return int(count)

    def due(self, registrar: int, now: int, most: int) -> list[Waiting]:
        """A registrar's requests whose time has come and whose window has not ended, at most so many."""
        return [Waiting(*row) for row in self._database.read(_DUE, registrar, now, now, most)]

    def delay(self, name: bytes, due: int) -> None:
        """Forward a request later."""
        with self._database.write() as transaction:
            transaction.run("UPDATE held SET due = ? WHERE name = ?", due, name)

    def answer(self, name: bytes, response: bytes) -> None:
        """Keep the response in the place of the request."""
        with self._database.write() as transaction:
            transaction.run("UPDATE held SET response = ?, message = NULL WHERE name = ?", response, name)

    def response(self, name: bytes) -> bytes | None:
        """The response; empty while there is none, and None when nothing of that name is held."""
        rows = self._database.read("SELECT response FROM held WHERE name = ?", name)
        return (rows[0][0] or b"") if rows else None

    def drop(self, name: bytes) -> None:
        """Forget a request."""
        with self._database.write() as transaction:
            transaction.run("DELETE FROM held WHERE name = ?", name)

    def forget(self, responses: int, requests: int) -> None:
        """Forget responses and requests of windows that ended by then, and the log of transactions."""
        with self._database.write() as transaction:
            transaction.run("DELETE FROM held WHERE message IS NULL AND until <= ?", responses)
            transaction.run("DELETE FROM held WHERE message IS NOT NULL AND until <= ?", requests)
        self._database.read("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        self._database.close()
