"""`psephos serve`: the board at work, with its log, its post and pages over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators
from litestar.types import ASGIApp

from psephos.board.board import Clock
from psephos.cli.board import at_work
from psephos.cli.home import HERE, Patience, Where
from psephos.cli.running import repeat
from psephos.cli.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.verify import Switch
from psephos.server.application import Site, application
from psephos.server.booth import MANIFEST, read_booth
from psephos.server.counter import Counter
from psephos.server.forwarding import Forwarding
from psephos.server.listening import Listener
from psephos.server.posts import Mailbox
from psephos.server.showcase import Showcase

Limit = Annotated[int, Parameter(validator=validators.Number(gte=0))]


def serve(
    *,
    listen: str = "127.0.0.1:8640",
    registrar: Path | None = None,
    booth: Path | None = None,
    sign_in: str = "",
    url: str = "",
    limit: Limit = 300,
    behind_proxy: Switch = False,
    clock: Annotated[Path | None, Parameter(show=False)] = None,
    patience: Patience = 5.0,
    where: Where = HERE,
) -> int:
    """Do what `psephos board run` does, and serve over HTTP, until SIGTERM or SIGINT.

    The published log is at /log, the board's post at /post/board, the pin at /pin.json. Plain HTTP: put a
    proxy with TLS in front of what others can reach.

    Example: psephos serve --home board --listen 127.0.0.1:8640 --registrar registrar/post

    Parameters
    ----------
    listen
        Address and port; port 0 takes a free one.
    registrar
        The directory of the registrar's post, to be served at /post/registrar.
    booth
        The directory of the voter's pages, as `make booth` builds them, to be served at /booth; what they are
        is logged.
    sign_in
        Where people sign in for their invitation, as `psephos registrar sign-in` lets them.
    url
        Where others reach it, for the commands that pages show; without it pages say how they were reached.
    limit
        Requests to posts that one address may send a minute; 0 for any number.
    behind_proxy
        A proxy in front says in X-Forwarded-For who asks.
    """
    host, port = address(listen)
    with stopping(USAGE):
        pages = read_booth(booth) if booth is not None else {}
    with at_work(where, patience, _read(clock)) as work:
        counter = Counter()
        boxes: dict[str, Mailbox] = {"board": counter}
        if registrar is not None:
            boxes["registrar"] = Forwarding(registrar)
        showcase = Showcase()
        site = Site(work.public, work.pin, boxes, showcase, url, limit, behind_proxy, pages, sign_in)
        with work.rounds(counter) as rounds, listening(application(site), host, port) as listener:

            def go_on() -> None:
                listener.check()
                for box in boxes.values():
                    box.sweep(time.time())
                try:
                    if pages and work.board.record.size:
                        work.board.log_booth(pages[MANIFEST])
                    work.go_on(rounds)
                finally:
                    if showcase.trackers.size < work.board.record.size:
                        showcase.update(work.board.record, work.board.store.entries)

            return repeat(go_on, counter.pause)


def _read(clock: Path | None) -> Clock | None:
    """For rehearsals, the time is what a file says, in UTC seconds."""
    return None if clock is None else lambda: int(clock.read_text())


def address(listen: str) -> tuple[str, int]:
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 0xFFFF:
        raise Stop(f"--listen {listen}: not of the form address:port", USAGE)
    return host.strip("[]"), int(port)


@contextmanager
def listening(served: ASGIApp, host: str, port: int) -> Iterator[Listener]:
    try:
        listener = Listener(served, host, port)
    except OSError as error:
        raise Stop(f"--listen {host}:{port}: {error.strerror}", FAILED) from error
    listener.start()
    try:
        print(f"answers at http://{listener.host}:{listener.port}", flush=True)
        yield listener
    finally:
        listener.stop()
