"""Where tables are: a file, or a schema of a PostgreSQL database."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from psephos.database.database import Database
from psephos.database.lock_wait import LockWait
from psephos.database.sqlite import SQLite
from psephos.errors import DatabaseError, FormatError
from psephos.extras import advice

# RFC 3986, each part in its own place: libpq finds no part of a password where a host or a port should be,
# and so repeats none in a message.
_PART = r"(?:[A-Za-z0-9._~-]|%(?!00)[0-9A-Fa-f]{2})"
_URL = re.compile(
    rf"postgresql://({_PART}+(:{_PART}*)?@)?({_PART}+|\[[0-9a-fA-F:]+\])?(:[0-9]{{1,5}})?/{_PART}+"
    rf"(\?{_PART}+=(?:{_PART}|/)*(&{_PART}+=(?:{_PART}|/)*)*)?"
)


@dataclass(frozen=True)
class Schema:
    """A schema by its name, in the PostgreSQL database at a URL that `check_url` accepts."""

    url: str = field(repr=False)
    name: str


Location: TypeAlias = Path | Schema
"""An SQLite file, or a schema."""


def check_url(url: str) -> str:
    """The URL of a database; FormatError, which does not repeat it, for what libpq could misread."""
    if not _URL.fullmatch(url):
        raise FormatError(
            "database: not of the form postgresql://[user[:password]@][host][:port]/name[?option=value..], "
            "with everything but letters, digits and . _ ~ - in it written as %XX"
        )
    return url


def open_tables(place: Location, tables: str, lock_wait: LockWait | None = None) -> Database:
    """The tables at a place, made where they are missing (see `Database`)."""
    if isinstance(place, Path):
        return Database(SQLite(place), tables, lock_wait)
    try:  # the driver is only there where PostgreSQL is wanted
        from psephos.database.postgresql import PostgreSQL
    except ImportError as error:
        raise DatabaseError(f"database: {advice(error) or error}") from error
    return Database(PostgreSQL(check_url(place.url), place.name), tables, lock_wait)
