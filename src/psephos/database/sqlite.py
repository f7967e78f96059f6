"""Tables in an SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psephos.errors import DatabaseError, DatabaseHeld

_PATIENCE = 1.0  # seconds for which SQLite itself waits, before `Patience` does


def held(error: Exception) -> bool:
    """Whether another program holds the file."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@dataclass(frozen=True)
class SQLite:
    """The file at a path."""

    path: Path

    errors = sqlite3.Error
    begin = ("BEGIN IMMEDIATE",)

    def connect(self) -> sqlite3.Connection:
        """A connection that any thread may use, one at a time."""
        try:
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=_PATIENCE
            )
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            kind = DatabaseHeld if held(error) else DatabaseError
            raise kind(f"{self.path}: {error}") from error
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
        """SQLite's message, which holds no values."""
        return str(error)
