"""What the registrar must not forget: SQLite. What it must forget lies there sealed (see `sealed_groups`)."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias

from psephos.database.sqlite import refused
from psephos.errors import PhaseError

_SETTINGS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA temp_store = MEMORY
"""
_TABLES = """
CREATE TABLE IF NOT EXISTS referendum (name TEXT PRIMARY KEY, hash BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS regions
    (region INTEGER PRIMARY KEY, listed INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS roll (region INTEGER, hash BLOB, salt BLOB NOT NULL, voter TEXT NOT NULL,
    PRIMARY KEY (region, hash), UNIQUE (region, voter)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS issued
    (request BLOB PRIMARY KEY, region INTEGER NOT NULL, hash BLOB, response BLOB NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS issued_once ON issued (region, hash) WHERE hash IS NOT NULL;
CREATE TABLE IF NOT EXISTS spent (token BLOB PRIMARY KEY, body BLOB NOT NULL, commitment BLOB NOT NULL,
    receipt BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (region INTEGER, batch INTEGER, voters INTEGER NOT NULL,
    PRIMARY KEY (region, batch)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS groups (region INTEGER, batch INTEGER, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS groups_of ON groups (region, batch);
CREATE TABLE IF NOT EXISTS dropped (region INTEGER, batch INTEGER, PRIMARY KEY (region, batch));
CREATE TABLE IF NOT EXISTS batches (region INTEGER, batch INTEGER, groups INTEGER NOT NULL,
    content BLOB NOT NULL, entry BLOB NOT NULL, PRIMARY KEY (region, batch));
"""


_LISTED_AT_ONCE = 500

Read: TypeAlias = Callable[..., list[tuple[Any, ...]]]
"""All rows that a statement selects, with values for its question marks."""


@contextmanager
def look(path: Path) -> Iterator[Read]:
    """Read the state, and change nothing, beside the process that has it open."""
    with (
        _told(path),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database,
    ):
        yield lambda statement, *values: database.execute(statement, values).fetchall()


class Store:
    """The registrar's state in one file, which one process may have open; others may `look`.

    PhaseError where another has it open: each would hold cards for unknown that the other has taken.
    """

    def __init__(self, path: Path) -> None:
        self._claim = _claim(path)
        self.lock = threading.RLock()
        """Held by whoever reads or writes; a thread that holds it keeps all others out."""
        self._path = path
        with ExitStack() as opened:
            opened.callback(self._claim.close)
            self._database = self._open()
            opened.callback(self._database.close)
            self._make_tables()
            opened.pop_all()

    def _open(self) -> sqlite3.Connection:
        with _told(self._path):
            return sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)

    def _make_tables(self) -> None:
        with _told(self._path):
            for setting in _SETTINGS.split(";"):
                self._database.execute(setting)
        with self.write() as database:
            for statement in _TABLES.split(";"):
                database.execute(statement)

    def belong(self, name: str, value: bytes) -> None:
        """Bind the state to a hash of that name; PhaseError when it was bound to another."""
        with self.write() as database:
            database.execute("INSERT INTO referendum VALUES (?, ?) ON CONFLICT DO NOTHING", [name, value])
            (found,) = database.execute("SELECT hash FROM referendum WHERE name = ?", [name]).fetchone()
            if found != value:
                raise PhaseError(f"registrar's state: the {name} is {found.hex()}, not {value.hex()}")

    def read(self, statement: str, *values: int | bytes) -> list[tuple[Any, ...]]:
        """All rows that a statement selects."""
        with self.lock, _told(self._path):
            return self._database.execute(statement, values).fetchall()

    def read_in(self, statement: str, *before: int, values: Iterable[bytes]) -> list[tuple[Any, ...]]:
        """All rows that a statement selects which ends with `(*)` for a list of any length."""
        listed, found = list(values), list[tuple[Any, ...]]()
        for start in range(0, len(listed), _LISTED_AT_ONCE):
            some = listed[start : start + _LISTED_AT_ONCE]
            found += self.read(statement.replace("(*)", f"({', '.join('?' * len(some))})"), *before, *some)
        return found

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: on disk when the block is left, undone if it raises. No other thread is inside."""
        with self.lock, _told(self._path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:  # SQLite has ended it itself where the disk is full
                    self._database.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._database.close()
            self._claim.close()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What SQLite refuses, in our words."""
    try:
        yield
    except sqlite3.Error as error:
        raise refused(error, path) from error


def _claim(path: Path) -> IO[bytes]:
    """A lock that ends with the process, however that ends."""
    file = path.with_name(f"{path.name}.lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise PhaseError("registrar's state: another process has it open") from None
    return file
