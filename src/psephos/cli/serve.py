"""`psephos serve`: the board at work, with its log, its post and pages over HTTP."""

from __future__ import annotations

import time
import traceback
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from psephos.board.board_loop import BoardLoop
from psephos.cli.contact import Contact
from psephos.cli.home.home import DEFAULT_HOME, HomeOptions, Timeout
from psephos.cli.process.addresses import address, check_site
from psephos.cli.process.listening import Limit, Prefix, listening
from psephos.cli.process.rehearsal import ClockFile, clock_from
from psephos.cli.process.running import TOO_MANY_OPEN, heeding, repeat
from psephos.cli.process.stop import FAILED, USAGE, Stop, stopping
from psephos.cli.registrar.thread import RegistrarThread
from psephos.cli.verify import Switch
from psephos.cli.work import Work, at_work
from psephos.errors import PsephosError
from psephos.server.application import application
from psephos.server.booth import MANIFEST, read_booth
from psephos.server.config import ServerConfig
from psephos.server.forwarding import Forwarding
from psephos.server.listening import Listener
from psephos.server.mailbox import Mailbox
from psephos.server.pages.page_data import PageData
from psephos.server.request_queue import RequestQueue
from psephos.server.sender import PREFIX
from psephos.server.verifier import packed

WAITS = "the board has to agree with its witnesses first, and promises nothing meanwhile: ask again"
HELD = "another program holds the board's database: ask again"


def serve(
    *,
    listen: str = "127.0.0.1:8640",
    registrar: Annotated[list[Path] | None, Parameter(negative="")] = None,
    registrar_home: Path | None = None,
    registrar_identity: Path | None = None,
    booth: Path | None = None,
    sign_in: str = "",
    contact: Contact = "",
    url: str = "",
    limit: Limit = 300,
    behind_proxy: Switch = False,
    ipv6_prefix: Prefix = PREFIX,
    clock: ClockFile = None,
    timeout: Timeout = 5.0,
    options: HomeOptions = DEFAULT_HOME,
) -> int:
    """Run the board, and serve its log, pages and booth over HTTP.

    The published log is at /log, the board's post at /post/board, the pin at /pin.json. Plain HTTP: put a
    proxy with TLS in front of what others can reach.

    Example: psephos serve --home board --listen 127.0.0.1:8640 --registrar registrar/post

    Parameters
    ----------
    listen
        Address and port; port 0 takes a free one.
    registrar
        The directory of a registrar's post, to be served at /post/registrar; given again, the next one's, at
        /post/registrar-2 and so on. Registrars that do not trust the board's host have a server of their own.
    registrar_home
        Instead of it, the registrar's home: do what `psephos registrar run` does too, for a small vote. This
        process then sees who asks for a token, and which cards come when.
    registrar_identity
        The age identity file that opens the registrar's keys; the board's unless it is given.
    booth
        The directory of the voter's pages, as `make booth` builds them, to be served at /booth; what they are
        is logged.
    sign_in
        Where people sign in for their invitation, as `psephos registrar sign-in` lets them.
    contact
        Whom voters ask for help: a telephone number, an address; the booth and the pages show it.
    url
        Where others reach it, for the commands that pages show; without it they show SITE in its place.
    limit
        Ballots, and other requests to posts, that one address may send a minute; 0 for any number.
    behind_proxy
        A proxy in front says in X-Forwarded-For who asks.
    ipv6_prefix
        How many bits of an IPv6 address are one sender's, 64 or fewer.
    """
    host, port = address(listen)
    check_site("--url", url)
    check_site("--sign-in", sign_in)
    with stopping(USAGE):
        pages = read_booth(booth) if booth is not None else {}
    posts = list(registrar or ())
    if posts and registrar_home is not None:
        raise Stop("--registrar and --registrar-home: one of them", USAGE)
    for post in posts:
        if not post.is_dir():
            raise Stop(f"--registrar {post}: there is no such directory: `registrar init` makes it", USAGE)
    thread = None
    if registrar_home is not None:
        identity = registrar_identity or options.identity
        thread = RegistrarThread(
            HomeOptions(registrar_home, identity, options.pin), timeout, clock_from(clock)
        )
        posts = [thread.post]
    with (
        at_work(options, timeout, clock_from(clock), served=True) as work,
        heeding() as over,
        ExitStack() as opened,
    ):
        requests = RequestQueue(work.board.knows, held=lambda: HELD if work.board.lock_wait.held else "")
        boxes: dict[str, Mailbox] = {"board": requests}
        for number, post in enumerate(posts, 1):
            boxes["registrar" if number == 1 else f"registrar-{number}"] = Forwarding(post)
        site = ServerConfig(
            work.public,
            work.pin,
            boxes,
            PageData(),
            url,
            limit,
            behind_proxy,
            ipv6_prefix,
            pages,
            sign_in,
            contact,
            packed(),
        )
        loop = opened.enter_context(closing(work.loop(requests)))
        requests.close(WAITS if loop.doubt else "")
        listener = opened.enter_context(listening(application(site), host, port))
        if thread is not None:
            opened.enter_context(thread.at_work())
        return repeat(_Service(work, loop, requests, site, listener, thread).turn, requests.pause, over)


@dataclass
class _Service:
    """A board with its doors open."""

    work: Work
    loop: BoardLoop
    requests: RequestQueue
    site: ServerConfig
    listener: Listener
    registrar: RegistrarThread | None

    def turn(self) -> None:
        """One pass of the board's work; Stop for whatever ends it, so that a supervisor starts it again."""
        try:
            self._turn()
        except (Stop, PsephosError):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in TOO_MANY_OPEN:
                raise
            reason = "".join(traceback.format_exception_only(error)).strip()
            raise Stop(f"the board has ended, start it again: {reason}{_where(error)}", FAILED) from error

    def _turn(self) -> None:
        """What has ended the threads beside it ends this."""
        self.listener.check()
        if self.registrar is not None:
            self.registrar.check()
        for box in self.site.boxes.values():
            box.sweep(time.time())
        board, page_data = self.work.board, self.site.page_data
        try:
            if self.site.booth and board.record.begun and not self.loop.doubt:
                board.log_booth(self.site.booth[MANIFEST])
            self.work.go_on(self.loop)
        finally:
            self.requests.close(WAITS if self.loop.doubt else "")
            if page_data.trackers.size < board.record.size:
                page_data.update(board.record, board.store.entries)


def _where(error: BaseException) -> str:
    """The line of the program that it comes from, for whoever reports it."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
