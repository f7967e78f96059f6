"""The database of the tables: SQLite or PostgreSQL, brought up to date by its migrations."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from psephos.database.location import Location, check_url
from psephos.database.sqlite import SQLite, held, reason
from psephos.errors import DatabaseError, DatabaseHeld

_TIMEOUT = 10.0  # seconds for which another program that holds the file is waited for


def open_engine(place: Location) -> Engine:
    """An engine on the tables at a place, which are made or brought up to date.

    Connections are those of `psephos.database`: durable, and silent about passwords.
    """
    engine = _sqlite(place) if isinstance(place, Path) else _postgresql(place.url, place.name)
    with as_file(files(__package__) / "migrations") as scripts, database_errors():
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return engine


def _sqlite(path: Path) -> Engine:
    dialect = SQLite(path, _TIMEOUT)
    engine = create_engine("sqlite://", creator=dialect.connect, poolclass=NullPool, hide_parameters=True)
    return _beginning_with(engine, "BEGIN IMMEDIATE")  # the driver begins nothing by itself


def _postgresql(url: str, schema: str) -> Engine:
    from psephos.database.postgresql import PostgreSQL

    dialect = PostgreSQL(check_url(url), schema)

    def connect() -> Any:
        connection = dialect.connect()
        connection.autocommit = False  # the engine begins and commits
        return connection

    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool, hide_parameters=True)
    return _beginning_with(engine, dialect.begin[-1])


def _beginning_with(engine: Engine, statement: str) -> Engine:
    """Who writes keeps other writers out: what is read in a transaction stays true until it ends."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return engine


@contextmanager
def database_errors() -> Iterator[None]:
    """What SQLAlchemy and Alembic raise, in our words and without values."""
    try:
        yield
    except SQLAlchemyError as error:
        kind = DatabaseHeld if held(getattr(error, "orig", error)) else DatabaseError
        raise kind(f"database: {_reason(error)}") from error
    except CommandError as error:  # no migration of ours leads to where the tables are
        what = "the tables of letters are of a newer version of psephos: use that version, or a later one"
        raise DatabaseError(f"database: {what}") from error


def _reason(error: SQLAlchemyError) -> str:
    """What the driver says, without its details, which may hold values."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return reason(cause)
    return getattr(getattr(cause, "diag", None), "message_primary", None) or type(error).__name__
