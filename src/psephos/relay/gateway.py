"""How a relay forwards: a sealed request to a registrar's post, and nothing of the sender's with it.

Where the post is, the registrar has said in the log. A relay connects to public addresses alone, unless its
operator allows others: to none of this machine or of a private network. What has a public address and answers
the relay alone, as behind one firewall with it, only that firewall can keep from it.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic

from psephos.errors import FormatError, PsephosError
from psephos.http_client import connect
from psephos.protocol.enrolment.sealed import REQUEST_TYPE, RESPONSE_TYPE, SEALED_RESPONSE

_TIMEOUT = 30.0
"""Seconds for connecting and the whole answer."""
_FINAL = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 as IPv6 (RFC 6052): the last 32 bits are the address."""
_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that is given out as global (RFC 4291)."""
_SPECIAL = (IPv6Network("2001::/23"), IPv6Network("2001:db8::/32"), IPv6Network("3fff::/20"))
"""Protocols' and examples' addresses within it (RFC 6890, RFC 3849, RFC 9637)."""
_PLATFORM = IPv4Address("168.63.129.16")
"""A public address at which machines of one cloud reach its platform alone."""


class NotForwarded(PsephosError):
    """The gateway is busy or broken: it may be tried again."""


class Away(NotForwarded):
    """Nobody answers at the gateway's address."""


class NotPublic(Away):
    """The gateway's address leads to this machine, or into a private network."""


class NotTaken(PsephosError):
    """The gateway refuses the request as a whole: it was sealed to another key, or to none."""


def forward(address: str, message: bytes, private: bool = False, timeout: float = _TIMEOUT) -> bytes:
    """The sealed response of the gateway at a registrar's address; NotForwarded or NotTaken without one.

    `private`: it may be on this machine or in a private network. Redirects are not followed. `timeout`:
    seconds in all, however slowly it answers.
    """
    end = monotonic() + timeout
    try:
        connection, path = connect(address, timeout)
        with closing(connection), _reached(connection, end, private) as connection.sock:
            connection.request("POST", path or "/", message, {"Content-Type": REQUEST_TYPE})
            with connection.getresponse() as response:
                status, kind = response.status, response.headers.get_content_type()
                data = response.read(SEALED_RESPONSE + 1)
            _left(end)  # what was shut midway is no answer
    except (OSError, http.client.HTTPException, FormatError) as error:
        raise Away(f"the registrar's gateway is away: {type(error).__name__}") from error
    if status in _FINAL:
        raise NotTaken(f"the registrar's gateway refuses it: HTTP {status}")
    if (status, kind, len(data)) != (HTTPStatus.OK, RESPONSE_TYPE, SEALED_RESPONSE):
        raise NotForwarded(f"the registrar's gateway answers HTTP {status}, {len(data)} bytes of {kind}")
    return data


@contextmanager
def _reached(connection: http.client.HTTPConnection, end: float, private: bool) -> Iterator[socket.socket]:
    """A connection to the very address that was looked at: a name may lead elsewhere a moment later.

    It is over at `end`, on the monotonic clock.
    """
    places = _places(connection.host, connection.port, private)
    if not places:
        raise NotPublic("the registrar's address leads to this machine, or into a private network")
    reached = _first(places, end)
    if isinstance(connection, http.client.HTTPSConnection):
        reached = _wrapped(reached, connection.host)
    with reached, _ending(reached, end):
        if isinstance(reached, ssl.SSLSocket):
            reached.do_handshake()
        yield reached


def _first(places: Sequence[tuple[str, int]], end: float) -> socket.socket:
    """A connection to the first place that answers; each has an equal share of the time that is left."""
    for left in range(len(places), 1, -1):
        try:
            return socket.create_connection(places[-left], _left(end) / left)
        except OSError:
            continue
    return socket.create_connection(places[-1], _left(end))


def _left(end: float) -> float:
    """Seconds until then; TimeoutError for none."""
    if (left := end - monotonic()) <= 0:
        raise TimeoutError("the time for a request is over")
    return left


def _wrapped(plain: socket.socket, host: str) -> ssl.SSLSocket:
    """Before its handshake, which is a step of the answer like any."""
    try:
        context = ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        plain.close()
        raise


@contextmanager
def _ending(reached: socket.socket, end: float) -> Iterator[None]:
    """Shut a connection at a time: one that says a byte now and then would meet no other limit."""

    def shut() -> None:
        with suppress(OSError):  # it may be closed already
            socket.socket.shutdown(reached, socket.SHUT_RDWR)  # not TLS's own, which another thread reads

    reached.settimeout(_left(end))
    timer = threading.Timer(_left(end), shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _places(host: str, port: int, private: bool) -> list[tuple[str, int]]:
    """Addresses and port of a host, the public ones unless `private`; OSError for no such host."""
    known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(place[0]) for _, _, _, _, place in known)
    return [(address, port) for address in addresses if private or is_public(address)]


def leads_nowhere_public(address: str) -> bool:
    """Whether all that a registrar's address leads to now is refused, as its operator should know."""
    try:
        connection, _ = connect(address, _TIMEOUT)
        return not _places(connection.host, connection.port, private=False)
    except (OSError, FormatError):
        return False


def is_public(text: str) -> bool:
    """Whether an address of IPv4 or IPv6 is one of the whole Internet, also where IPv6 holds one of IPv4."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is None:
            return address in _UNICAST and not any(address in special for special in _SPECIAL)
        address = inner
    return address.is_global and not address.is_multicast and address != _PLATFORM
