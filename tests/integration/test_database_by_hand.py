"""A referendum by hand whose board keeps its log in PostgreSQL."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.databases import PASSWORD, Server
from tests.integration.by_hand import DAY_2, Town
from tests.integration.test_roles_by_hand import TWO_TO_ONE, counting, enrolment, verified, voting

URL = "PSEPHOS_DATABASE_URL"
pytestmark = pytest.mark.needs("postgresql")


def test_commands_are_killed_and_the_server_crashes(
    crashing: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL, crashing.new())
    town = Town(tmp_path, kills=8)
    town.create()
    town.sent("organiser", "publish")
    town.publish()
    town.ceremony((1, 2, 3))
    enrolment(town, covering=(1,))
    crashing.stop(signal.SIGQUIT)
    code, said = town.run("board", "status")
    assert (code, said.startswith("psephos: database: connection")) == (1, True), said
    crashing.start()
    voting(town, DAY_2, covering=(1,))
    counting(town, (1, 2, 3))
    assert verified(town) == TWO_TO_ONE
    assert not list(tmp_path.rglob("log.sqlite"))
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and PASSWORD in _text(file)]


def _text(file: Path) -> str:
    return file.read_bytes().decode(errors="replace")


def test_a_board_keeps_to_its_database(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL, postgresql.new())
    town = Town(tmp_path)
    town.create()
    town.done("board", "status")
    monkeypatch.setenv(URL, "")
    code, said = town.run("board", "status")
    assert (code, "in PostgreSQL" in said) == (1, True), said
    monkeypatch.setenv(URL, f"postgres://town:{PASSWORD}@/town")
    code, said = town.run("board", "status")
    assert (code, "not of the form" in said, PASSWORD in said) == (1, True, False), said
