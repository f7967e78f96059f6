"""What the server does not keep: who asked, from where, with which program."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from psephos.log.client import Client
from psephos.post.bundle import Bundle
from psephos.verifier.run import policy
from tests.server.office import Office, enrolled

AGENT, ADDRESS = "Telltale/4.25", "192.0.2.77"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path, enrolled(groups=4))
    office.start("--behind-proxy")
    yield office
    office.stop()


def ask(office: Office, path: str, body: bytes | None = None) -> bytes:
    headers = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS, "Cookie": f"a={AGENT}"}
    with urllib.request.urlopen(urllib.request.Request(office.url + path, body, headers)) as response:
        assert response.headers["Set-Cookie"] is None
        content: bytes = response.read()
        return content


def published(office: Office) -> list[bytes]:
    with Client(f"{office.url}/log") as client:
        return [entry for _, some in client.tree(policy(office.pin)).entries(0) for entry in some]


def test_neither_addresses_nor_programs_are_written_anywhere(office: Office) -> None:
    office.until(lambda: office.published, "the log is published")
    office.until(lambda: office.read().windows[0].open_day == 1, "the day is open")
    ballot = office.referendum.ballot(office.referendum.cards[0][0], [0, 1])
    promise = ask(office, "/post/board", Bundle((ballot,)).encode())
    assert promise == ask(office, "/post/board", Bundle((ballot,)).encode())
    ask(office, f"/en/log?find={'5' * 64}")
    office.kill()  # what it would tidy up at the end is still there
    written = [path for path in office.directory.rglob("*") if path.is_file()]
    card = office.referendum.cards[0][0].key
    assert any(card in path.read_bytes() for path in written if path.name.startswith("waiting"))
    for trace in (AGENT, ADDRESS, "5" * 64):
        assert not [path for path in written if trace.encode() in path.read_bytes()]
    office.start()


def test_promises_do_not_wait_for_witnesses(office: Office) -> None:
    office.until(lambda: office.published, "the log is published")
    office.until(lambda: office.read().windows[0].open_day == 1, "the day is open")
    office.away = {0, 1}
    ballot = office.referendum.ballot(office.referendum.cards[0][0], [0, 1])
    assert ask(office, "/post/board", Bundle((ballot,)).encode())
    assert ballot not in published(office)
    office.away = {0}  # one of three may stay away
    office.until(lambda: ballot in published(office), "the ballot is published")
