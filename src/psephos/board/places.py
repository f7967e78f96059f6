"""Where a board keeps its log and what waits for it: files in its home, or a PostgreSQL database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psephos.database.location import Location, Schema
from psephos.errors import DatabaseError
from psephos.files import write_whole

_LOG = "log.sqlite"
_MARK = "database"


@dataclass(frozen=True)
class BoardTables:
    """The tables of the log, and those of the promised ballots."""

    log: Location
    waiting: Location


def places(directory: Path, database: str | None) -> BoardTables:
    """Those of a board's home; `database` is the URL of a PostgreSQL database that holds nothing else.

    DatabaseError where the home has used the other kind: its board would begin a second log with the key of
    the first.
    """
    mark = directory / _MARK
    if database is None:
        if mark.exists():
            raise DatabaseError(f"the log of {directory} is in PostgreSQL, and no URL of a database is given")
        return BoardTables(directory / _LOG, directory / "waiting.sqlite")
    if (directory / _LOG).exists():
        raise DatabaseError(f"the log of {directory} is in {_LOG}, not in a database of PostgreSQL")
    if not mark.exists():
        write_whole(mark, b"postgresql\n")
    return BoardTables(Schema(database, "log"), Schema(database, "waiting"))
