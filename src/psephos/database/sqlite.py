"""Tables in an SQLite file."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from psephos.errors import DatabaseError

_PATIENCE = 30.0  # seconds until another writer must have ended


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
            raise DatabaseError(f"{self.path}: {error}") from error
        return connection

    def translate(self, statement: str) -> str:
        """The statement: it is written for SQLite."""
        return statement

    def tables(self, tables: str) -> str:
        """The statements: they are written for SQLite."""
        return tables

    def reason(self, error: Exception) -> str:
        """SQLite's message, which holds no values."""
        return str(error)
