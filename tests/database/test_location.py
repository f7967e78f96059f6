"""Which URLs are taken, and that no password comes out of any."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import pytest

from psephos.database.location import Schema, check_url, open_tables
from psephos.errors import DatabaseError, FormatError, PsephosError
from tests.databases import PASSWORD, Server

TABLES = "CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, data BLOB)"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///town",
        "postgresql://db.example/town",
        "postgresql://clerk@db.example:5432/town",
        "postgresql://clerk:a%40b%2Fc@[::1]:5432/town?sslmode=verify-full&connect_timeout=5",
        "postgresql://clerk:pw@/town?host=/run/postgresql",
    ],
)
def test_urls_of_one_form_are_taken(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgres://db.example/town",
        "POSTGRESQL://db.example/town",
        "postgresql://db.example",
        "postgresql://db.example/",
        f"postgresql://clerk:{PASSWORD}@db.example:port/town",
        f"postgresql://clerk:{PASSWORD}@x@db.example/town",
        f"postgresql://clerk:{PASSWORD}/x@db.example/town",
        f"postgresql://clerk:{PASSWORD}%zz@db.example/town",
        f"postgresql://clerk:{PASSWORD}%00@db.example/town",
        f"postgresql://clerk:{PASSWORD}@db.example/town?",
        f"postgresql://clerk:{PASSWORD}@db.example/town?sslmode",
        f"postgresql://clerk:{PASSWORD}@db.example/town#x",
        f" postgresql://clerk:{PASSWORD}@db.example/town",
        f"postgresql://clerk:{PASSWORD}@db.example/town\n",
        f"host=db.example password={PASSWORD} dbname=town",
    ],
)
def test_others_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(FormatError) as refused:
        check_url(url)
    assert PASSWORD not in str(refused.value)


def said_of(url: str) -> str:
    """Everything that a failed attempt to open tables says, to whoever prints it."""
    with pytest.raises(PsephosError) as refused:
        open_tables(Schema(url, "kept"), TABLES)
    return "".join(traceback.format_exception(refused.value))


@pytest.mark.needs("postgresql")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("town:", "town:x"), "password authentication failed"),
        (("town:", "nobody:"), "password authentication failed"),
        (("/made", "/never_made"), "does not exist"),
        (("?host=", "?host=/nowhere"), "nowhere"),
        (("?host=", "?passwort=x&host="), "passwort"),
        (("@/", "@0.0.0.0:70000/"), "70000"),
        (("?host=", "?sslmode=perhaps&host="), "sslmode"),
    ],
)
def test_what_goes_wrong_is_said_without_the_password(
    postgresql: Server, change: tuple[str, str], reason: str
) -> None:
    said = said_of(postgresql.new().replace(*change, 1))
    assert reason in said
    assert PASSWORD not in said


@pytest.mark.needs("postgresql")
def test_neither_places_nor_databases_show_the_password(postgresql: Server) -> None:
    place = Schema(postgresql.new(), "kept")
    tables = open_tables(place, TABLES)
    for one in (place, tables, vars(tables)):
        assert PASSWORD not in f"{one!r} {one}"
    tables.close()


def test_a_missing_driver_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "psephos.database.postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseError, match=r"pip install 'psephos\[postgresql\]'"):
        open_tables(Schema("postgresql:///town", "kept"), TABLES)


def test_a_file_that_cannot_be_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="cannot be opened"):
        open_tables(tmp_path / "nowhere" / "kept.sqlite", TABLES)
    (tmp_path / "text").write_text("not a database, although long enough to be taken for one " * 20)
    with pytest.raises(DatabaseError, match="no database of SQLite"):
        open_tables(tmp_path / "text", TABLES)
