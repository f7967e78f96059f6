"""An ASGI application served over HTTP/1 and HTTP/2, by a thread beside the one that works."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from typing import Any

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

_READ_HEADERS = 10_000
"""Milliseconds within which a request's headers must have come."""
_BACKLOG = 1024


class Listener:
    """Serves from `start` to `stop`. Plain HTTP: TLS is for a proxy in front."""

    def __init__(self, application: Any, host: str, port: int) -> None:
        """`port` 0 takes a free one. OSError when the address cannot be had."""
        self._reserved = _reserve(host, port)
        self.host, self.port = self._reserved.getsockname()[:2]
        self._application = application
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: Server | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Listen; returns once connections are taken."""
        logging.getLogger("_granian").setLevel(logging.ERROR)
        self._thread.start()
        self._ready.wait()
        self.check()

    def check(self) -> None:
        """Raise what has ended the thread, if anything has."""
        if self._failure is not None:
            raise RuntimeError("the HTTP server has ended") from self._failure

    def stop(self) -> None:
        """Take no more connections, and end."""
        if self._loop is not None and self._server is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join()
        self._reserved.close()

    def _serve(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # told by `check`, in the thread that works
            self._failure = error
        finally:
            self._ready.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = Server(
            self._application,
            address=self.host,
            port=self.port,
            interface=Interfaces.ASGI,
            websockets=False,
            backlog=_BACKLOG,
            http1_settings=HTTP1Settings(header_read_timeout=_READ_HEADERS),
            log_enabled=False,
        )
        serving = asyncio.ensure_future(self._server.serve())
        while not serving.done() and not _listens(self.host, self.port):
            await asyncio.sleep(0.01)
        self._ready.set()
        await serving


def _reserve(host: str, port: int) -> socket.socket:
    """A socket that holds the address, and does not listen: the server binds the same address beside it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if port:
        with socket.socket(family) as probe:  # somebody else's may be shareable: two servers at one address
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    reserved = socket.socket(family)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reserved.bind((host, port))
    return reserved


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
