"""Tables in a schema of a PostgreSQL database.

A transaction that writes holds an advisory lock of its schema, as `BEGIN IMMEDIATE` holds SQLite's: what it
reads stays true until it ends. The connection must be the server's own, not a pool's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from psephos.errors import DatabaseError

_LOCK_WAIT = 1_000  # milliseconds for which the server waits for a lock, before `LockWait` does
_TYPES = {"BLOB": "BYTEA", "INTEGER": "BIGINT", "WITHOUT ROWID": ""}


@dataclass(frozen=True)
class PostgreSQL:
    """`url` as in `psephos.database.location`; it may hold a password, so nothing shows it."""

    url: str = field(repr=False)
    schema: str

    errors = psycopg.Error

    @property
    def begin(self) -> tuple[str, str]:
        """Begin, and wait for whoever else writes into this schema."""
        return "BEGIN", f"SELECT pg_advisory_xact_lock(hashtextextended('psephos {self.schema}', 0))"

    def connect(self) -> psycopg.Connection:
        """A connection whose commits are on the server's disk; the schema is made where it is missing."""
        try:
            connection = psycopg.connect(
                self.url, autocommit=True, client_encoding="UTF8", application_name="psephos"
            )
            try:
                self._settle(connection)
            except BaseException:
                connection.close()
                raise
        except psycopg.Error as error:
            raise DatabaseError(f"database: {self.reason(error)}") from None  # its frames hold the URL
        return connection

    def _settle(self, connection: psycopg.Connection) -> None:
        if connection.execute("SHOW fsync").fetchone() == ("off",):
            raise DatabaseError("database: fsync is off, so that a crash would lose what was acknowledged")
        if connection.execute("SHOW synchronous_commit").fetchone() == ("off",):
            connection.execute("SET synchronous_commit = on")
        schema = sql.Identifier(self.schema)
        connection.execute(sql.SQL("SET lock_timeout = {}").format(_LOCK_WAIT))
        connection.execute(sql.SQL("SET search_path = {}").format(schema))
        if connection.execute("SELECT to_regnamespace(%s)", [self.schema]).fetchone() == (None,):
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))

    def translate(self, statement: str) -> str:
        """The statement with this driver's placeholders."""
        return statement.replace("?", "%s")

    def tables(self, tables: str) -> str:
        """The statements with PostgreSQL's types."""
        return re.sub("|".join(_TYPES), lambda match: _TYPES[match[0]], tables)

    def hold(self, tables: Sequence[str]) -> Sequence[str]:
        """What writers need of these tables, taken at once: who has locked one is met at the beginning."""
        return (f"LOCK TABLE {', '.join(tables)} IN ROW EXCLUSIVE MODE",)

    def held(self, error: Exception) -> bool:
        """Whether a lock was waited for in vain."""
        return isinstance(error, psycopg.errors.LockNotAvailable)

    def reason(self, error: Exception) -> str:
        """The server's or libpq's message, without its details, which may hold values."""
        message = error.diag.message_primary if isinstance(error, psycopg.Error) else None
        return message or str(error)
