"""A board keeps to the kind of database that its log began in."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.board.places import places
from psephos.database.location import Schema
from psephos.errors import DatabaseError

URL = "postgresql:///town"


def test_files_unless_there_is_a_url(tmp_path: Path) -> None:
    found = places(tmp_path, None)
    assert (found.log, found.waiting) == (tmp_path / "log.sqlite", tmp_path / "waiting.sqlite")


def test_a_log_in_a_file_is_not_begun_again_in_a_database(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite").touch()
    with pytest.raises(DatabaseError, match=r"in log\.sqlite"):
        places(tmp_path, URL)
    places(tmp_path, None)


def test_a_log_in_a_database_is_not_begun_again_in_a_file(tmp_path: Path) -> None:
    found = places(tmp_path, URL)
    assert (found.log, found.waiting) == (Schema(URL, "log"), Schema(URL, "waiting"))
    assert places(tmp_path, URL) == found
    with pytest.raises(DatabaseError, match="in PostgreSQL"):
        places(tmp_path, None)
