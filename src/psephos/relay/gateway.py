"""How a relay forwards: a sealed request to a registrar's post, and nothing of the sender's with it.

Where the post is, the registrar has said in the log. So that it cannot have a relay speak to machines that
only the relay reaches, a relay connects to public addresses alone, unless its operator allows others.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import closing
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from psephos.errors import FormatError, PsephosError
from psephos.log.connection import connect
from psephos.protocol.enrolment.sealed import REQUEST_TYPE, RESPONSE_TYPE, SEALED_RESPONSE

_TIMEOUT = 30.0
"""Seconds for connecting, and for each step of an answer."""
_FINAL = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 as IPv6 (RFC 6052): the last 32 bits are the address."""


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

    `private`: it may be on this machine or in a private network. Redirects are not followed.
    """
    try:
        connection, path = connect(address, timeout)
        with closing(connection):
            connection.sock = _reached(connection, timeout, private)
            connection.request("POST", path or "/", message, {"Content-Type": REQUEST_TYPE})
            with connection.getresponse() as response:
                status, kind = response.status, response.headers.get_content_type()
                data = response.read(SEALED_RESPONSE + 1)
    except (OSError, http.client.HTTPException, FormatError) as error:
        raise Away(f"the registrar's gateway is away: {type(error).__name__}") from error
    if status in _FINAL:
        raise NotTaken(f"the registrar's gateway refuses it: HTTP {status}")
    if (status, kind, len(data)) != (HTTPStatus.OK, RESPONSE_TYPE, SEALED_RESPONSE):
        raise NotForwarded(f"the registrar's gateway answers HTTP {status}, {len(data)} bytes of {kind}")
    return data


def _reached(connection: http.client.HTTPConnection, timeout: float, private: bool) -> socket.socket:
    """A connection to the very address that was looked at: a name may lead elsewhere a moment later."""
    places = _places(connection.host, connection.port, private)
    if not places:
        raise NotPublic("the registrar's address leads to this machine, or into a private network")
    for place in places[:-1]:
        try:
            return _secured(connection, socket.create_connection(place, timeout))
        except OSError:
            continue
    return _secured(connection, socket.create_connection(places[-1], timeout))


def _secured(connection: http.client.HTTPConnection, plain: socket.socket) -> socket.socket:
    if not isinstance(connection, http.client.HTTPSConnection):
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=connection.host)
    except BaseException:
        plain.close()
        raise


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
        address = inner or address
    return address.is_global and not address.is_multicast
