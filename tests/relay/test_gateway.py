"""How a relay forwards: what answers mean, and where it connects to whatever registrars have logged."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from time import monotonic
from urllib.parse import urlsplit

import pytest

from psephos.relay.gateway import (
    Away,
    NotForwarded,
    NotPublic,
    NotTaken,
    forward,
    is_public,
    leads_nowhere_public,
)
from tests.relay.gateways import FakeGateway, gateway, message, response_to


@pytest.fixture
def registrar():
    with gateway() as made:
        yield made


def test_what_a_gateway_answers(registrar: FakeGateway) -> None:
    data = message()
    assert forward(registrar.url, data, private=True) == response_to(data)
    for status, error in ((400, NotTaken), (503, NotForwarded), (302, NotForwarded), (200, None)):
        registrar.status = status
        if error is not None:
            with pytest.raises(error):
                forward(registrar.url, data, private=True)
    with pytest.raises(Away):
        forward("http://127.0.0.1:9", data, private=True)


def test_no_registrar_has_a_relay_speak_to_machines_around_it(
    registrar: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an address, or by a name that leads there, be it only when it connects."""
    port = str(urlsplit(registrar.url).port)
    for address in (registrar.url, f"http://localhost:{port}", f"http://[::ffff:127.0.0.1]:{port}"):
        with pytest.raises(NotPublic):
            forward(address, message())
        assert leads_nowhere_public(address)
    places = iter([("93.184.216.34", 80), ("127.0.0.1", int(port)), ("127.0.0.1", int(port))])

    def lookup(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", next(places))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert not leads_nowhere_public("http://rebinding.example")
    with pytest.raises(NotPublic):
        forward(f"http://rebinding.example:{port}", message())
    assert registrar.got == []


@pytest.mark.parametrize(
    ("scheme", "said", "again"),
    [
        ("http", b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        ("http", b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        ("https", b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03", b"\x00"),
    ],
    ids=["headers", "body", "handshake"],
)
def test_a_gateway_that_says_a_byte_now_and_then_is_away(scheme: str, said: bytes, again: bytes) -> None:
    over = threading.Event()

    def trickle(server: socket.socket) -> None:
        with server.accept()[0] as reached, suppress(OSError):
            reached.sendall(said)
            while not over.wait(0.05):
                reached.sendall(again)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=trickle, args=(server,), daemon=True)
        thread.start()
        begun = monotonic()
        try:
            address = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
            with pytest.raises(Away):
                forward(address, message(), private=True, timeout=0.3)
            assert 0.25 < monotonic() - begun < 60
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff0e::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "fec0::1",
        "::127.0.0.1",
        "::10.0.0.1",
        "::ffff:0:127.0.0.1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "168.63.129.16",
        "::ffff:168.63.129.16",
    ],
)
def test_no_address_of_a_machine_or_a_private_network_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)
