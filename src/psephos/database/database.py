"""Tables that any thread may read and one at a time may write, whatever keeps them.

Statements are written once, for SQLite: `?` for a value, and no function that only one of the two databases
has. A dialect turns them into what its database takes.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Protocol, TypeAlias

from psephos.database.lock_wait import LockWait
from psephos.errors import DatabaseError, DatabaseHeld

Value: TypeAlias = int | str | bytes | None
Rows: TypeAlias = list[tuple[Any, ...]]

_LISTED_AT_ONCE = 1000
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")


class Cursor(Protocol):
    """What of PEP 249 is used."""

    @property
    def description(self) -> Any:
        """None where a statement gives no rows."""

    def execute(self, statement: Any, values: Any, /) -> Any:
        """Run a statement."""

    def executemany(self, statement: Any, rows: Any, /) -> Any:
        """Run a statement for each row."""

    def fetchall(self) -> list[Any]:
        """All rows that the statement gives."""


class DatabaseConnection(Protocol):
    """What of PEP 249 is used; each statement is its own transaction unless BEGIN came before."""

    def cursor(self) -> Cursor:
        """Something to run a statement with."""

    def close(self) -> None:
        """Close the connection."""


class Dialect(Protocol):
    """How one kind of database is spoken to."""

    @property
    def errors(self) -> type[Exception]:
        """What its driver raises."""

    @property
    def begin(self) -> Sequence[str]:
        """The statements that begin a transaction and keep other writers out."""

    def connect(self) -> DatabaseConnection:
        """A connection whose commits are on disk when they return; DatabaseError where there is none."""

    def translate(self, statement: str) -> str:
        """A statement as this database takes it."""

    def tables(self, tables: str) -> str:
        """CREATE statements, with semicolons between, as this database takes them."""

    def hold(self, tables: Sequence[str]) -> Sequence[str]:
        """What else begins a transaction, so that nothing else can lock these tables before it ends."""

    def held(self, error: Exception) -> bool:
        """Whether an error of the driver says that another program holds what is wanted."""

    def reason(self, error: Exception) -> str:
        """What an error of the driver says, without the values of the statement."""


class Transaction:
    """One transaction's statements."""

    def __init__(self, connection: DatabaseConnection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect

    def run(self, statement: str, *values: Value) -> Rows:
        """Run a statement; the rows that it gives."""
        cursor = self._connection.cursor()
        cursor.execute(self._dialect.translate(statement), values)
        return cursor.fetchall() if cursor.description else []

    def run_in(self, statement: str, values: Iterable[Value]) -> Rows:
        """The rows that a statement gives which has `(*)` for a list of any length."""
        listed, rows = list(values), list[tuple[Any, ...]]()
        for start in range(0, len(listed), _LISTED_AT_ONCE):
            run_of_values = listed[start : start + _LISTED_AT_ONCE]
            rows += self.run(
                statement.replace("(*)", f"({', '.join('?' * len(run_of_values))})"), *run_of_values
            )
        return rows

    def run_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement for each row."""
        self._connection.cursor().executemany(self._dialect.translate(statement), rows)


class Database:
    """Some tables; safe to call from any thread."""

    def __init__(self, dialect: Dialect, tables: str, lock_wait: LockWait | None = None) -> None:
        """`tables`: CREATE .. IF NOT EXISTS statements, with semicolons between.

        `lock_wait`: how long another program that holds them is waited for, 30 s unless it is given.
        """
        self._dialect = dialect
        self._lock_wait = lock_wait or LockWait()
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self._begin: Sequence[str] = dialect.begin
        self._writes = self._lock_wait.until(dialect.connect)
        try:
            self._lock_wait.until(partial(self._create, dialect.tables(tables)))
            self._begin = [*dialect.begin, *dialect.hold(_TABLE.findall(tables))]
            self._reads = self._lock_wait.until(dialect.connect)
        except BaseException:
            self._writes.close()
            raise

    def _create(self, tables: str) -> None:
        with self.write() as transaction:
            for statement in tables.split(";"):
                if statement.strip():
                    transaction.run(statement)

    def read(self, statement: str, *values: Value) -> Rows:
        """All rows that a statement selects from what is committed."""

        def select() -> Rows:
            with self._in_our_words():
                return Transaction(self._reads, self._dialect).run(statement, *values)

        with self._reading:
            return self._lock_wait.until(select)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction: on disk when the block is left, undone if it raises. No other writer is inside."""
        with self._writing, self._in_our_words():
            transaction = Transaction(self._writes, self._dialect)
            self._lock_wait.until(partial(self._enter, transaction))
            try:
                yield transaction
                transaction.run("COMMIT")
            except BaseException:
                self._undo(transaction)
                raise

    def _enter(self, transaction: Transaction) -> None:
        """Begin, with all that other programs could hold: what comes after it waits for nobody."""
        try:
            with self._in_our_words():
                for statement in self._begin:
                    transaction.run(statement)
        except BaseException:
            self._undo(transaction)
            raise

    def _undo(self, transaction: Transaction) -> None:
        with suppress(self._dialect.errors):  # none has begun, or the connection broke and undid it
            transaction.run("ROLLBACK")

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        """What the driver raises, in our words."""
        try:
            yield
        except self._dialect.errors as error:
            kind = DatabaseHeld if self._dialect.held(error) else DatabaseError
            raise kind(f"database: {self._dialect.reason(error)}") from error

    def close(self) -> None:
        """Close the connections."""
        self._writes.close()
        self._reads.close()
