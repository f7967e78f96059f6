"""An ASGI application served over HTTP/1, by a thread beside the one that works."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import threading
from contextlib import suppress
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from psephos.server.descriptors import most_connections
from psephos.server.pressure import Pressure

_READ_HEADERS = 10_000
"""Milliseconds within which a request's headers must have come, and for which a connection may be idle."""
_UNREAD = 30_000
"""Milliseconds after which a connection ends whose other side takes nothing of what was sent."""
_BACKLOG = 4096
"""Connections that wait to be taken; the system may have a lower limit."""
_END = 5.0
"""Seconds that connections have to end when the server does."""


class Listener:
    """Serves from `start` to `stop`. Plain HTTP: TLS is for a proxy in front.

    HTTP/2 is off: while a server waits to see which of the two is spoken, no limit of time holds.
    """

    def __init__(self, application: Any, host: str, port: int, connections: int | None = None) -> None:
        """`port` 0 takes a free one. OSError when the address cannot be had.

        `connections` that are open at one time, as many as the process may have unless it is given.
        """
        self._socket = _listen(host, port)
        self.host, self.port = self._socket.getsockname()[:2]
        self._connections = most_connections() if connections is None else connections
        self._pressure = Pressure(self._connections)
        self._application = self._pressure.watched(application)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._failure: BaseException | None = None
        self._watch = threading.Thread(
            target=self._pressure.watch, args=[self.port], name="connections", daemon=True
        )

    def start(self) -> None:
        """Listen; returns once connections are taken."""
        logging.getLogger("_granian").setLevel(logging.ERROR)
        self._thread.start()
        self._watch.start()
        self._ready.wait()
        self.check()

    def check(self) -> None:
        """Raise what has ended the thread, if anything has."""
        if self._failure is not None:
            raise RuntimeError("the HTTP server has ended") from self._failure

    def stop(self) -> None:
        """Take no more connections, and end; nobody who holds one open can prevent it."""
        self._socket.close()
        self._pressure.end()
        if self._loop is not None and self._server is not None and self._thread.is_alive():
            with suppress(RuntimeError):  # the loop has just ended
                self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(_END)

    def _serve(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # told by `check`, in the thread that works
            self._failure = error
        finally:
            self._ready.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = _Server(
            self._application,
            address=self.host,
            port=self.port,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            websockets=False,
            backlog=_BACKLOG,
            backpressure=self._connections,
            http1_settings=HTTP1Settings(header_read_timeout=_READ_HEADERS),
            log_enabled=False,
        )
        self._server.listening = self._socket
        self._ready.set()
        await self._server.serve()


class _Server(Server):
    """Takes connections from a socket that listens already, with options that granian does not set."""

    listening: socket.socket

    def _init_shared_socket(self) -> None:
        descriptor = os.dup(self.listening.fileno())  # the worker closes it
        state = (descriptor, False, _BACKLOG) if sys.platform == "linux" else (descriptor, False)
        self._ssp, self._shd = None, SocketHolder(*state)  # type: ignore[assignment]


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens; the connections that it takes have its options."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening
