"""Tables in an SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psephos.errors import DatabaseError, DatabaseHeld

_LOCK_WAIT = 1.0  # seconds for which SQLite itself waits, before `LockWait` does


_PLACE = "is the disk there, and may this user read and write it?"
_DAMAGED = "damaged, or no database of SQLite: read in the guide how to go on, before you put back a copy"
_REASONS = {
    sqlite3.SQLITE_BUSY: "another program holds it: end that, or try again later",
    sqlite3.SQLITE_LOCKED: "another program holds it: end that, or try again later",
    sqlite3.SQLITE_READONLY: f"it cannot be written: {_PLACE}",
    sqlite3.SQLITE_PERM: f"it cannot be written: {_PLACE}",
    sqlite3.SQLITE_CANTOPEN: f"it cannot be opened: {_PLACE}",
    sqlite3.SQLITE_IOERR: f"it cannot be read or written: {_PLACE}",
    sqlite3.SQLITE_FULL: "the disk is full: free some space, then run the same command again",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}


def held(error: Exception) -> bool:
    """Whether another program holds the file."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def reason(error: Exception) -> str:
    """What an error of SQLite says, and what to do, without values of the statement."""
    return _REASONS.get(_code(error), str(error))


def refused(error: sqlite3.Error, subject: object) -> DatabaseError:
    """An error of SQLite in our words; `subject` is what it is about."""
    return (DatabaseHeld if held(error) else DatabaseError)(f"{subject}: {reason(error)}")


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


@dataclass(frozen=True)
class SQLite:
    """The file at a path."""

    path: Path
    timeout: float = _LOCK_WAIT
    """Seconds for which SQLite waits for another program."""
    journal: str = "WAL"
    """How SQLite keeps what can be undone: with `DELETE` a file at rest is all there is."""

    errors = sqlite3.Error
    begin = ("BEGIN IMMEDIATE",)

    def connect(self) -> sqlite3.Connection:
        """A connection that any thread may use, one at a time."""
        try:
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=self.timeout
            )
            try:
                connection.execute(f"PRAGMA journal_mode = {self.journal}")
                connection.execute("PRAGMA synchronous = FULL")
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise refused(error, self.path) from error
        return connection

    def translate(self, statement: str) -> str:
        """The statement: it is written for SQLite."""
        return statement

    def tables(self, tables: str) -> str:
        """The statements: they are written for SQLite."""
        return tables

    def hold(self, tables: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """Nothing: who writes has all of the file."""
        return ()

    def held(self, error: Exception) -> bool:
        """Whether another program holds the file."""
        return held(error)

    def reason(self, error: Exception) -> str:
        """SQLite's message, which holds no values, or ours."""
        return f"{self.path}: {reason(error)}"
