"""Closes connections on which nothing goes on, once so many are open that others would have to wait."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from litestar.types import ASGIApp, Receive, Scope, Send

IDLE = 500
"""Milliseconds without a byte from the other side after which a connection may be closed."""
_FULL, _ENOUGH = 0.75, 0.25
"""Parts of the connections that may be open: from which on, and down to which, idle ones are closed."""
_EVERY = 0.5
"""Seconds between looks."""
_OPEN = Path("/proc/self/fd")
_LAST_RECEIVED, _RECEIVED = 52, 128
"""Where Linux puts `tcpi_last_data_recv` and `tcpi_bytes_received` in its `tcp_info`."""


class OpenConnection(NamedTuple):
    """A connection; `idle` is in milliseconds."""

    descriptor: int
    peer: tuple[str, int]
    silent: bool
    """Whether it has never said anything."""
    idle: int


class Pressure:
    """Watches the connections of one port; does nothing where the system is not Linux.

    Those that wait for an answer stay. Of the others those of the address with most connections go first.
    """

    def __init__(self, most: int) -> None:
        """`most` connections can be open."""
        self._most = most
        self._answered: Counter[tuple[str, int]] = Counter()
        self._over = threading.Event()

    def watched(self, application: ASGIApp) -> ASGIApp:
        """The application, in which is noted who waits for an answer."""

        async def respond(scope: Scope, receive: Receive, send: Send) -> None:
            client = scope.get("client")
            if client is None:
                return await application(scope, receive, send)
            peer = str(client[0]), int(client[1])
            self._answered[peer] += 1
            try:
                await application(scope, receive, send)
            finally:
                self._answered[peer] -= 1
                if not self._answered[peer]:
                    del self._answered[peer]

        return respond

    def watch(self, port: int) -> None:
        """Look again and again, until `end`."""
        while _OPEN.exists() and not self._over.wait(_EVERY):
            with suppress(OSError):  # no descriptor is left to look with
                if len(os.listdir(_OPEN)) > _FULL * self._most:
                    self.relieve(port)

    def end(self) -> None:
        """Look no more."""
        self._over.set()

    def relieve(self, port: int) -> int:
        """Close as many idle connections as there are too many; returns how many."""
        peers: Counter[str] = Counter()
        idle = []
        for connection in connections(port):
            peers[connection.peer[0]] += 1
            if connection.idle >= IDLE and connection.peer not in self._answered:
                idle.append(connection)
        too_many = peers.total() - int(_ENOUGH * self._most)
        idle.sort(
            key=lambda connection: (-peers[connection.peer[0]], not connection.silent, -connection.idle)
        )
        return sum(_close(connection) for connection in idle[: max(0, too_many)])


def connections(port: int) -> Iterator[OpenConnection]:
    """All connections to a port of this process."""
    for name in os.listdir(_OPEN):
        with suppress(OSError, struct.error), _socket(int(name)) as duplicate:
            if duplicate.family in (socket.AF_INET, socket.AF_INET6) and duplicate.getsockname()[1] == port:
                peer = duplicate.getpeername()[:2]
                information = duplicate.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
                (idle,) = struct.unpack_from("I", information, _LAST_RECEIVED)
                (received,) = struct.unpack_from("Q", information, _RECEIVED)
                yield OpenConnection(int(name), peer, not received, idle)


def _close(connection: OpenConnection) -> bool:
    """Whether it was open still: another may have its descriptor by now, and is left alone."""
    with suppress(OSError), _socket(connection.descriptor) as duplicate:
        if (
            duplicate.family in (socket.AF_INET, socket.AF_INET6)
            and duplicate.getpeername()[:2] == connection.peer
        ):
            duplicate.shutdown(socket.SHUT_RDWR)
            return True
    return False


@contextmanager
def _socket(descriptor: int) -> Iterator[socket.socket]:
    """The socket of a descriptor, by a second one, which nobody else closes; OSError where it is none."""
    second = os.dup(descriptor)
    try:
        duplicate = socket.socket(fileno=second)
    except OSError:
        os.close(second)
        raise
    with duplicate:
        yield duplicate
