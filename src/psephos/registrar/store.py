"""What a registrar must not forget, in SQLite: its roll, who got tokens, which cards it admitted.

Nothing in it tells for long which cards came together, or in which order: cards lie by their keys, and what
is deleted is overwritten. The log of transactions, and how rows lie within a page, would tell it. So the log
is emptied once a minute. Cards in no batch yet have a table of their own: a batch moves them, in its own
order, to the table of all others, and what a batch costs does not grow with the state. At the end of
enrolment the file is written anew: a mark, set in the transaction that takes note of it, says so until then.
"""

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
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY
"""
_TABLES = """
CREATE TABLE IF NOT EXISTS referendum (name TEXT PRIMARY KEY, hash BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rewriting (due INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS regions (region INTEGER PRIMARY KEY, listed INTEGER NOT NULL DEFAULT 0,
    shut INTEGER NOT NULL DEFAULT 0, batches INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS roll (region INTEGER, hash BLOB, salt BLOB NOT NULL, voter TEXT NOT NULL,
    PRIMARY KEY (region, hash), UNIQUE (region, voter)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS given (number INTEGER PRIMARY KEY, region INTEGER NOT NULL, hash BLOB NOT NULL,
    body BLOB UNIQUE, request BLOB, response BLOB, UNIQUE (region, hash));
CREATE TABLE IF NOT EXISTS decoys (body BLOB PRIMARY KEY, region INTEGER NOT NULL, trustee INTEGER NOT NULL,
    elements INTEGER NOT NULL, response BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cards (card BLOB PRIMARY KEY, region INTEGER NOT NULL, digest BLOB NOT NULL,
    record BLOB NOT NULL, receipt BLOB NOT NULL, batch INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cards_of ON cards (region, digest);
CREATE INDEX IF NOT EXISTS cards_waiting ON cards (region, digest) WHERE batch IS NULL;
CREATE TABLE IF NOT EXISTS new_cards (card BLOB PRIMARY KEY, region INTEGER NOT NULL, digest BLOB NOT NULL,
    record BLOB NOT NULL, receipt BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS new_cards_of ON new_cards (region, digest);
CREATE VIEW IF NOT EXISTS admitted AS SELECT * FROM cards UNION ALL SELECT *, NULL FROM new_cards;
CREATE TABLE IF NOT EXISTS attempts (region INTEGER, batch INTEGER, attempt INTEGER, shut INTEGER NOT NULL,
    state TEXT NOT NULL, content BLOB, entry BLOB, PRIMARY KEY (region, batch, attempt));
CREATE TABLE IF NOT EXISTS queries (region INTEGER, batch INTEGER, attempt INTEGER, registrar INTEGER,
    number INTEGER, query BLOB NOT NULL, answer BLOB,
    PRIMARY KEY (region, batch, attempt, registrar, number));
CREATE TABLE IF NOT EXISTS answers (number INTEGER PRIMARY KEY, body BLOB NOT NULL UNIQUE,
    region INTEGER NOT NULL, batch INTEGER NOT NULL, query BLOB NOT NULL, answer BLOB NOT NULL)
"""


_LISTED_AT_ONCE = 500

Read: TypeAlias = Callable[..., list[tuple[Any, ...]]]
"""All rows that a statement selects, with values for its question marks."""


@contextmanager
def look(path: Path) -> Iterator[Read]:
    """Read the state, and change nothing, beside the process that has it open."""
    with (
        _in_our_words(path),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database,
    ):
        yield lambda statement, *values: database.execute(statement, values).fetchall()


def disorder(database: sqlite3.Connection) -> None:
    """Mark, in a transaction, that the file is to be written anew."""
    database.execute("INSERT OR IGNORE INTO rewriting VALUES (1)")


class RegistrarStore:
    """The registrar's state in one file, which one process may have open; others may `look`.

    PhaseError where another has it open: each would give tokens, and admit cards, that the other has.
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
        with _in_our_words(self._path):
            return sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)

    def _make_tables(self) -> None:
        with _in_our_words(self._path):
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
        with self.lock, _in_our_words(self._path):
            return self._database.execute(statement, values).fetchall()

    def read_in(self, statement: str, *before: int, values: Iterable[bytes]) -> list[tuple[Any, ...]]:
        """All rows that a statement selects which ends with `(*)` for a list of any length."""
        listed, found = list(values), list[tuple[Any, ...]]()
        for start in range(0, len(listed), _LISTED_AT_ONCE):
            part = listed[start : start + _LISTED_AT_ONCE]
            found += self.read(statement.replace("(*)", f"({', '.join('?' * len(part))})"), *before, *part)
        return found

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: on disk when the block is left, undone if it raises. No other thread is inside."""
        with self.lock, _in_our_words(self._path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:  # SQLite has ended it itself where the disk is full
                    self._database.execute("ROLLBACK")
                raise

    def empty_log(self) -> None:
        """Forget in which order transactions came; while somebody looks, it waits for the next time."""
        self.read("PRAGMA wal_checkpoint(TRUNCATE)")

    @property
    def is_disordered(self) -> bool:
        """Whether the file is still to be written anew, whatever ended the process that should have."""
        return bool(self.read("SELECT due FROM rewriting"))

    def write_anew(self) -> None:
        """Write the file in the order of keys alone, by a copy that is as large.

        The copy lies in SQLite's directory for temporary files, in a file that only this process can open.
        """
        with self.lock:
            self.read("PRAGMA temp_store = FILE")
            try:
                self.read("VACUUM")
            finally:
                self.read("PRAGMA temp_store = MEMORY")
        self.read("DELETE FROM rewriting")
        self.empty_log()

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._database.close()
            self._claim.close()


@contextmanager
def _in_our_words(path: Path) -> Iterator[None]:
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
