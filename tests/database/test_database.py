"""Tables of either kind: transactions, locks, and commits that are on disk."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from psephos.database.database import Database
from psephos.database.location import Schema, open_tables
from psephos.database.lock_wait import LockWait
from psephos.errors import DatabaseError, DatabaseHeld
from tests.databases import Backend, Server

TABLES = """
CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, data BLOB, name TEXT UNIQUE) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS named ON kept (name);
"""
TIMEOUT = 300.0
PUT = "INSERT INTO kept VALUES (?, ?, ?)"


@pytest.fixture
def tables(backend: Backend) -> Iterator[Database]:
    opened = open_tables(backend.location("kept"), TABLES)
    yield opened
    opened.close()


def test_values_come_back_as_they_were(tables: Database) -> None:
    rows = [(0, b"", "?"), (1, bytes(range(256)), "%s"), (1 << 62, None, "Οὖτις'; DROP TABLE kept")]
    with tables.write() as transaction:
        transaction.run_many(PUT, rows)
        assert transaction.run("SELECT * FROM kept ORDER BY number") == rows
    assert tables.read("SELECT * FROM kept ORDER BY number") == rows
    assert tables.read("SELECT number FROM kept WHERE name = ?", "%s") == [(1,)]


def test_a_list_may_have_any_length(tables: Database) -> None:
    with tables.write() as transaction:
        transaction.run_many(PUT, ((n, b"%d" % n, str(n)) for n in range(2500)))
        found = transaction.run_in("SELECT number FROM kept WHERE name IN (*)", map(str, range(-5, 3000)))
        assert sorted(found) == [(n,) for n in range(2500)]
        assert transaction.run_in("SELECT number FROM kept WHERE name IN (*)", []) == []


def put_twice(tables: Database, name: str) -> None:
    with tables.write() as transaction:
        transaction.run(PUT, 1, b"planted", name)
        transaction.run(PUT, 2, b"planted", name)


def put_and_fail(tables: Database) -> None:
    with tables.write() as transaction:
        transaction.run(PUT, 1, b"", "one")
        raise ZeroDivisionError


def test_what_raises_is_undone_and_the_next_goes_on(tables: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        put_and_fail(tables)
    with pytest.raises(DatabaseError) as refused:
        put_twice(tables, "planted name")
    assert "planted" not in str(refused.value)
    with tables.write() as transaction:
        transaction.run(PUT, 3, b"", "three")
    assert tables.read("SELECT number FROM kept") == [(3,)]


def test_nobody_sees_what_is_not_committed(backend: Backend, tables: Database) -> None:
    other = open_tables(backend.location("kept"), TABLES)
    with tables.write() as transaction:
        transaction.run(PUT, 1, b"", "one")
        assert tables.read("SELECT * FROM kept") == other.read("SELECT * FROM kept") == []
    assert other.read("SELECT number FROM kept") == [(1,)]
    other.close()


def test_who_writes_keeps_other_writers_out(backend: Backend, tables: Database) -> None:
    """Two processes that count up lose no step, although each reads before it writes."""
    others = [open_tables(backend.location("kept"), TABLES) for _ in range(2)]
    with tables.write() as transaction:
        transaction.run(PUT, 1, b"", "0")

    def count(database: Database) -> None:
        for _ in range(50):
            with database.write() as transaction:
                ((name,),) = transaction.run("SELECT name FROM kept")
                transaction.run("UPDATE kept SET name = ?", str(int(name) + 1))

    threads = [threading.Thread(target=count, args=[one]) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tables.read("SELECT name FROM kept") == [("100",)]
    for one in others:
        one.close()


@contextmanager
def holding(backend: Backend, how: str) -> Iterator[None]:
    """As another program: everything of a place is held until the block is left."""
    if backend.url is None:
        path = backend.directory / "kept.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    import psycopg

    with psycopg.connect(backend.url, options="-c search_path=kept") as other:
        other.execute(how)
        yield


@pytest.mark.parametrize(
    "how",
    [
        "LOCK TABLE kept IN ACCESS EXCLUSIVE MODE",
        "SELECT pg_advisory_xact_lock(hashtextextended('psephos kept', 0))",
    ],
)
def test_what_another_program_holds_is_waited_for(backend: Backend, how: str) -> None:
    """Everybody else can see meanwhile that somebody waits; and nothing is done twice, or not at all."""
    told = threading.Event()
    waiting = LockWait(TIMEOUT, told.set)
    tables = open_tables(backend.location("kept"), TABLES, waiting)
    done = threading.Event()

    def put() -> None:
        with tables.write() as transaction:
            transaction.run(PUT, 1, b"", "one")
        done.set()

    with holding(backend, how):
        writer = threading.Thread(target=put)
        writer.start()
        assert told.wait(TIMEOUT)
        assert waiting.held
        assert not done.is_set()
    writer.join()
    assert done.is_set()
    assert not waiting.held
    assert tables.read("SELECT number FROM kept") == [(1,)]
    tables.close()


def test_a_command_does_not_wait_for_ever(backend: Backend) -> None:
    tables = open_tables(backend.location("kept"), TABLES, LockWait(0.0))
    held = holding(backend, "LOCK TABLE kept IN ACCESS EXCLUSIVE MODE")
    with held, pytest.raises(DatabaseHeld, match=r"another program holds it|lock timeout"):
        put_twice(tables, "one")
    with tables.write() as transaction:
        transaction.run(PUT, 1, b"", "one")
    tables.close()


def test_tables_of_two_places_are_apart(backend: Backend, tables: Database) -> None:
    other = open_tables(backend.location("elsewhere"), TABLES)
    with tables.write() as transaction, other.write() as elsewhere:
        transaction.run(PUT, 1, b"", "one")
        elsewhere.run(PUT, 1, b"", "another")
    assert tables.read("SELECT name FROM kept") == [("one",)]
    assert other.read("SELECT name FROM kept") == [("another",)]
    other.close()


def test_a_broken_statement_is_an_error_of_ours(tables: Database) -> None:
    with pytest.raises(DatabaseError):
        tables.read("SELECT nothing FROM nowhere")
    assert tables.read("SELECT * FROM kept") == []


@pytest.mark.needs("postgresql")
def test_commits_are_synchronous_whatever_the_server_prefers(postgresql: Server) -> None:
    url = postgresql.new()
    name = url.partition("@/")[2].partition("?")[0]
    postgresql.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    tables = open_tables(Schema(url, "kept"), TABLES)
    assert tables.read("SHOW synchronous_commit") == [("on",)]
    with tables.write() as transaction:
        assert transaction.run("SHOW synchronous_commit") == [("on",)]
    tables.close()


@pytest.mark.needs("postgresql")
def test_a_server_that_does_not_sync_is_refused(crashing: Server) -> None:
    crashing.stop()
    crashing.start("-c", "fsync=off")
    with pytest.raises(DatabaseError, match="fsync is off"):
        open_tables(Schema(crashing.new(), "kept"), TABLES)


@pytest.mark.needs("postgresql")
def test_who_may_not_make_a_schema_may_use_one(postgresql: Server) -> None:
    url = postgresql.new()
    name = url.partition("@/")[2].partition("?")[0]
    postgresql.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'other'")
    other = Schema(url.replace("town:planted-pass-word", f"{name}:other"), "kept")
    with pytest.raises(DatabaseError, match="permission denied"):
        open_tables(other, TABLES)
    postgresql.execute(f"CREATE SCHEMA kept AUTHORIZATION {name}", name)
    open_tables(other, TABLES).close()
