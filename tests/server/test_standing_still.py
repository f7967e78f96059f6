"""When a served board must promise nothing: it says so, sends voters away for a while, and comes back."""

from __future__ import annotations

import http.client
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from psephos.post.envelope import Envelope
from psephos.post.web import WebPost
from tests.server.office import OPENS, SEALS, Office, enrolled
from tests.server.waiting import TIMEOUT


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A board at work on its first day."""
    office = Office(tmp_path_factory.mktemp("office"), enrolled(groups=4))
    try:
        office.start("--limit", "0")
        office.until(lambda: office.published and settled(office), "a day is open")
        yield office
    finally:
        office.stop()


def settled(office: Office) -> bool:
    """Whether the day is open and the checkpoint that shows it is logged: nothing moves by itself then."""
    record = office.read()
    opened = record.windows[0].opened
    return bool(opened and record.checkpoints and record.checkpoints[-1].size > opened[0])


def cast(office: Office, card: int, serial: int) -> bytes:
    ballot = office.referendum.ballot(office.referendum.cards[0][card], [0, 1], serial=serial)
    return Envelope((ballot,)).encode()


def sent_away(office: Office, request: bytes) -> bool:
    """Whether somebody who asks is told to come back later."""
    connection = http.client.HTTPConnection(office.url.removeprefix("http://"), timeout=TIMEOUT)
    with closing(connection):
        connection.request("POST", "/post/board", request, {"Prefer": "wait=0"})
        with connection.getresponse() as response:
            return response.status == 503 and bool(response.getheader("Retry-After"))


def promised(office: Office, request: bytes) -> bool:
    return WebPost(f"{office.url}/post/board").exchange(request, TIMEOUT) is not None


def said(office: Office) -> str:
    return (office.directory / "errors").read_text()


def copied(office: Office, there: Path, back: bool = False) -> None:
    """All that the board's machine has, as a snapshot holds it."""
    for name in ("board", "record"):
        here, copy = office.directory / name, there / name
        if back:
            shutil.rmtree(here)
        shutil.copytree(copy if back else here, here if back else copy)


def test_a_machine_that_was_restored(office: Office, tmp_path: Path) -> None:
    office.kill()
    copied(office, tmp_path / "snapshot")
    office.start("--limit", "0")
    before = office.published
    office.until(lambda: not sent_away(office, cast(office, 0, 1)), "its witnesses have agreed")
    assert promised(office, cast(office, 0, 1))
    office.until(lambda: office.published != before, "a round is published")
    office.kill()
    copied(office, tmp_path / "newest")
    copied(office, tmp_path / "snapshot", back=True)
    office.start("--limit", "0")
    assert sent_away(office, cast(office, 1, 1))
    office.until(lambda: "The machine was restored" in said(office), "it says why")
    assert sent_away(office, cast(office, 1, 1))
    assert office.published == before
    office.kill()
    copied(office, tmp_path / "newest", back=True)
    office.start("--limit", "0")
    assert promised(office, cast(office, 1, 1))


def test_a_clock_that_is_wrong(office: Office) -> None:
    office.truth = OPENS
    office.tell(SEALS)
    office.until(lambda: sent_away(office, cast(office, 2, 1)), "voters are sent away")
    office.until(lambda: "about 600 minutes ahead of the witnesses'" in said(office), "it says why")
    office.tell(OPENS)
    assert promised(office, cast(office, 2, 1))
    assert office.read().windows[0].open_day == 1, "nothing was sealed"
    office.truth = None


@pytest.mark.parametrize("name", ["log", "waiting"])
def test_a_database_that_another_program_holds(office: Office, name: str) -> None:
    serials = iter(range(2, 20))
    path, card = office.home / f"{name}.sqlite", {"log": 3, "waiting": 4}[name]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        asked = []

        def refused() -> bool:
            asked.append(cast(office, card, next(serials, 20)))
            return sent_away(office, asked[-1])

        office.until(refused, "voters are sent away")
        assert "which another program holds" in said(office)
    assert all(promised(office, one) for one in asked[-3:])
    assert office.process is not None
    assert office.process.poll() is None
