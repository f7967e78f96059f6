"""Bodies that are under way: no sender fills the memory, and none keeps others out."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from psephos.post.envelope import Envelope
from psephos.server.bodies import Bodies
from psephos.server.problem import Busy
from psephos.server.request_queue import UNSIGNED
from tests.server.test_http import TIMEOUT, Served


async def hold(bodies: Bodies, sender: bytes, size: int) -> str:
    """A body of which so many bytes come, and no more."""
    try:
        async with asyncio.timeout(TIMEOUT) as timeout:
            with bodies.body(sender, timeout) as body:
                body.add(size)
                await asyncio.sleep(TIMEOUT)
    except TimeoutError:
        with pytest.raises(Busy, match="are arriving"):
            body.check()
        return "dropped"
    except Busy:
        return "busy"
    return "whole"


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def started() -> None:
        await work()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(started())


def test_whoever_has_most_under_way_gives_way() -> None:
    async def work() -> None:
        bodies = Bodies(most=1000, most_of_one=900)
        flood = [asyncio.create_task(hold(bodies, b"flood", size)) for size in (300, 400)]
        await asyncio.sleep(0)
        voter = asyncio.create_task(hold(bodies, b"voter", 301))
        assert await flood[1] == "dropped"
        assert bodies.size == 601
        assert not flood[0].done()
        assert not voter.done()

    run(work)


def test_one_sender_has_a_share_and_what_ends_counts_no_more() -> None:
    async def work() -> None:
        bodies = Bodies(most=1000, most_of_one=500)
        first = asyncio.create_task(hold(bodies, b"a", 400))
        await asyncio.sleep(0)
        assert await hold(bodies, b"a", 101) == "busy"
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert bodies.size == 0

    run(work)


@pytest.fixture
def served(tmp_path: Path):
    served = Served(tmp_path)
    yield served
    served.listener.stop()


@pytest.mark.parametrize("length", [(16 << 20) + 1, 2**63 - 1])
def test_a_body_that_is_too_long_is_refused_before_it_is_sent(served: Served, length: int) -> None:
    with socket.create_connection(("127.0.0.1", served.listener.port), timeout=TIMEOUT) as asker:
        asker.sendall(
            b"POST /post/board HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
            % length
        )
        assert asker.recv(12) == b"HTTP/1.1 413"


def test_what_no_party_has_signed_is_refused_once_that_is_seen(served: Served) -> None:
    served.requests._signed = lambda entry: entry == b"signed"
    for first, status in ((b"strange", 413), (b"signed", 202)):
        data = Envelope((first,), (bytes(UNSIGNED),)).encode()
        assert served.ask("POST", "/post/board", data, Prefer="wait=0").status == status


def test_what_is_refused_for_want_of_room_is_told_when_to_come_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psephos.server.bodies.Bodies.count", _no_room)
    reply = served.ask("POST", "/post/board", b"x")
    assert reply.status == 503
    assert int(reply.headers["Retry-After"]) > 0


def _no_room(*_: object) -> None:
    raise Busy("there is no room")


def test_each_ballot_counts_for_the_limit(tmp_path: Path) -> None:
    served = Served(tmp_path, limit=20)
    try:
        ballots = [Envelope((b"\x89\x01\x11" + bytes([number]),) * 10).encode() for number in range(3)]
        replies = [served.ask("POST", "/post/board", data, Prefer="wait=0").status for data in ballots]
    finally:
        served.listener.stop()
    assert replies == [202, 202, 429]


def test_a_connection_serves_again_after_a_refusal(served: Served) -> None:
    with closing(
        http.client.HTTPConnection("127.0.0.1", served.listener.port, timeout=TIMEOUT)
    ) as connection:
        for _ in range(2):
            connection.request("POST", "/post/board", b"")
            assert connection.getresponse().read()
