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
from tests.server.deployment import OPENS, SEALS, BoardDeployment, enrolled
from tests.server.waiting import TIMEOUT


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoardDeployment]:
    """A board at work on its first day."""
    deployment = BoardDeployment(tmp_path_factory.mktemp("deployment"), enrolled(groups=4))
    try:
        deployment.start("--limit", "0")
        deployment.until(lambda: deployment.published and settled(deployment), "a day is open")
        yield deployment
    finally:
        deployment.stop()


def settled(deployment: BoardDeployment) -> bool:
    """Whether the day is open and the checkpoint that shows it is logged: nothing moves by itself then."""
    record = deployment.read()
    opened = record.windows[0].opened
    return bool(opened and record.checkpoints and record.checkpoints[-1].size > opened[0])


def cast(deployment: BoardDeployment, card: int, serial: int) -> bytes:
    ballot = deployment.referendum.ballot(deployment.referendum.cards[0][card], [0, 1], serial=serial)
    return Envelope((ballot,)).encode()


def sent_away(deployment: BoardDeployment, request: bytes) -> bool:
    """Whether somebody who asks is told to come back later."""
    connection = http.client.HTTPConnection(deployment.url.removeprefix("http://"), timeout=TIMEOUT)
    with closing(connection):
        connection.request("POST", "/post/board", request, {"Prefer": "wait=0"})
        with connection.getresponse() as response:
            return response.status == 503 and bool(response.getheader("Retry-After"))


def promised(deployment: BoardDeployment, request: bytes) -> bool:
    return WebPost(f"{deployment.url}/post/board").exchange(request, TIMEOUT) is not None


def said(deployment: BoardDeployment) -> str:
    return (deployment.directory / "errors").read_text()


def copied(deployment: BoardDeployment, there: Path, back: bool = False) -> None:
    """All that the board's machine has, as a snapshot holds it."""
    for name in ("board", "record"):
        here, copy = deployment.directory / name, there / name
        if back:
            shutil.rmtree(here)
        shutil.copytree(copy if back else here, here if back else copy)


def test_a_machine_that_was_restored(deployment: BoardDeployment, tmp_path: Path) -> None:
    deployment.kill()
    copied(deployment, tmp_path / "snapshot")
    deployment.start("--limit", "0")
    before = deployment.published
    deployment.until(lambda: not sent_away(deployment, cast(deployment, 0, 1)), "its witnesses have agreed")
    assert promised(deployment, cast(deployment, 0, 1))
    deployment.until(lambda: deployment.published != before, "a round is published")
    deployment.kill()
    copied(deployment, tmp_path / "newest")
    copied(deployment, tmp_path / "snapshot", back=True)
    deployment.start("--limit", "0")
    assert sent_away(deployment, cast(deployment, 1, 1))
    deployment.until(lambda: "The machine was restored" in said(deployment), "it says why")
    assert sent_away(deployment, cast(deployment, 1, 1))
    assert deployment.published == before
    deployment.kill()
    copied(deployment, tmp_path / "newest", back=True)
    deployment.start("--limit", "0")
    assert promised(deployment, cast(deployment, 1, 1))


def test_a_clock_that_is_wrong(deployment: BoardDeployment) -> None:
    deployment.truth = OPENS
    deployment.tell(SEALS)
    deployment.until(lambda: sent_away(deployment, cast(deployment, 2, 1)), "voters are sent away")
    deployment.until(lambda: "about 600 minutes ahead of the witnesses'" in said(deployment), "it says why")
    deployment.tell(OPENS)
    assert promised(deployment, cast(deployment, 2, 1))
    assert deployment.read().windows[0].open_day == 1, "nothing was sealed"
    deployment.truth = None


@pytest.mark.parametrize("name", ["log", "waiting"])
def test_a_database_that_another_program_holds(deployment: BoardDeployment, name: str) -> None:
    serials = iter(range(2, 20))
    path, card = deployment.home / f"{name}.sqlite", {"log": 3, "waiting": 4}[name]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        asked = []

        def refused() -> bool:
            asked.append(cast(deployment, card, next(serials, 20)))
            return sent_away(deployment, asked[-1])

        deployment.until(refused, "voters are sent away")
        assert "which another program holds" in said(deployment)
    assert all(promised(deployment, one) for one in asked[-3:])
    assert deployment.process is not None
    assert deployment.process.poll() is None
