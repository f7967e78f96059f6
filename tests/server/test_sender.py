"""Who counts as one sender, however a proxy says so, and what limits count."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.server.application import application
from psephos.server.config import ServerConfig
from psephos.server.listening import Listener
from psephos.server.request_queue import RequestQueue
from psephos.server.sender import last_hop, network
from tests.server.raw import ask


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["1.2.3.4, 192.0.2.1"], "192.0.2.1"),  # nginx appends to the line
        (["1.2.3.4", "192.0.2.1"], "192.0.2.1"),  # HAProxy adds a line
        (["192.0.2.1:4711"], "192.0.2.1"),  # Azure adds the port
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (['"[2001:db8::1]"'], "2001:db8::1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["1.2.3.4,", " 192.0.2.1 "], "192.0.2.1"),
        ([], ""),
        (["unknown"], "unknown"),
    ],
)
def test_the_last_hop_of_all_lines_counts(lines: list[str], address: str) -> None:
    assert last_hop(lines) == address


def test_so_many_bits_of_an_address_are_one_sender() -> None:
    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network("2001:db8:1:2::1", 48) == network("2001:db8:1:ffff::1", 48) == "2001:db8:1::/48"
    assert network("2001:db8:1::1", 48) != network("2001:db8:2::1", 48)
    assert network("::ffff:192.0.2.1") == network("192.0.2.1") == "192.0.2.1"
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("unix:") == "unix:"


@pytest.fixture
def port(tmp_path: Path):
    site = ServerConfig(tmp_path, b"{}", {"board": RequestQueue()}, limit=5, proxied=True, prefix=48)
    listener = Listener(application(site), "127.0.0.1", 0)
    listener.start()
    yield listener.port
    listener.stop()


@pytest.mark.parametrize(
    "forwarded",
    [
        "X-Forwarded-For: 1.2.3.{0}, 9.9.9.1",
        "X-Forwarded-For: 1.2.4.{0}\r\nX-Forwarded-For: 9.9.9.2",
        "X-Forwarded-For: 9.9.9.3:{0}",
        "X-Forwarded-For: 2001:db8:1:{0}::1",
        "X-Unknown: {0}",
    ],
)
def test_no_header_gets_round_the_limit(port: int, forwarded: str) -> None:
    statuses = [
        ask(port, "POST /post/board", forwarded.format(number), "Prefer: wait=0", body=b"abc").status
        for number in range(1, 13)
    ]
    assert statuses == [202] * 5 + [429] * 7


@pytest.mark.parametrize(
    "path", ["/post/board/" + "0" * 64, "/trackers/" + "0" * 64, "/en/log", "/openapi.json"]
)
def test_what_takes_work_is_limited_and_files_are_not(port: int, path: str) -> None:
    statuses = [ask(port, f"GET {path}").status for _ in range(12)]
    assert 429 not in statuses[:10]
    assert statuses[10:] == [429, 429]
    assert [ask(port, "GET /style.css").status for _ in range(20)] == [200] * 20
    assert ask(port, f"POST {path[:11]}", body=b"abc").status != 429, "posts have a limit of their own"


@pytest.mark.parametrize(
    "chunks", [b"zz\r\nabc\r\n0\r\n\r\n", b"-1\r\nabc\r\n0\r\n\r\n", b"5\r\nabc\r\n0\r\n\r\n"]
)
def test_malformed_chunks_are_the_senders_mistake(port: int, chunks: bytes) -> None:
    reply = ask(port, "POST /post/board", "Transfer-Encoding: chunked", "Prefer: wait=0", raw=chunks)
    assert reply.status == 400


@pytest.mark.parametrize("hosts", [[], ["Host: a", "Host: b"]])
def test_a_request_has_one_host(port: int, hosts: list[str]) -> None:
    reply = ask(port, "GET /en/log", *hosts, host=None)
    assert reply.status == 400
    assert b"exactly one Host line" in reply.body
