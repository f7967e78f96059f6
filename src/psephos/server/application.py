"""The application: which paths lead where, and what holds for all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.types import ASGIApp

from psephos.server.bodies import Bodies
from psephos.server.booth import booth_file, booth_front
from psephos.server.gateway import OFTEN
from psephos.server.head import with_head
from psephos.server.hosts import with_one_host
from psephos.server.mailbox import Mailbox
from psephos.server.openapi import openapi
from psephos.server.pages.missing import of_missing
from psephos.server.pages.page_data import PageData
from psephos.server.pages.routes import entry, front, front_in, icon, log, page, search, style
from psephos.server.posts import fetch, send, withdraw
from psephos.server.problem import HANDLERS
from psephos.server.published import contact, log_file, pin, place
from psephos.server.rate import Rate
from psephos.server.results import definition, excerpt, result, result_table
from psephos.server.security import with_headers
from psephos.server.sender import PREFIX, sender_of
from psephos.server.verifier import verifier

HANDLED = [
    log_file,
    pin,
    place,
    contact,
    send,
    fetch,
    withdraw,
    openapi,
    definition,
    result,
    result_table,
    excerpt,
    verifier,
    front,
    front_in,
    style,
    icon,
    page,
    log,
    entry,
    search,
    booth_front,
    booth_file,
]
_CHEAP = ("/log/", "/definition/", "/booth/", "/style.css", "/icon.svg", "/pin.json", "/contact")
"""What is read from memory or disk as it is: no limit counts it."""
_LOOKS = 2
"""How many pages, look-ups and questions after answers one sender may ask for, for each post."""


@dataclass(frozen=True)
class ServerConfig:
    """What is served: a published log, its pin, and posts."""

    public: Path
    """The directory of the published log."""
    pin: bytes
    boxes: Mapping[str, Mailbox]
    """Posts by the party that answers."""
    page_data: PageData = field(default_factory=PageData)
    """What the pages show."""
    url: str = ""
    """Where others reach it, for what pages tell people to type; empty where it is not known."""
    limit: int = 0
    """Ballots and other requests to posts that one address may send a minute; 0: any number."""
    proxied: bool = False
    """Whether a proxy in front says in X-Forwarded-For who asks."""
    prefix: int = PREFIX
    """Bits of an IPv6 address that are one sender's."""
    booth: Mapping[str, bytes] = field(default_factory=dict)
    """The voter's pages, by file name."""
    sign_in: str = ""
    """Where people sign in for their invitation, if the registrar has such a door."""
    contact: str = ""
    """Whom voters ask for help, in a line of text."""
    verifier: bytes = b""
    """The second verifier as one file, to be downloaded; empty where it was not built."""


def application(site: ServerConfig) -> ASGIApp:
    """The ASGI application. It keeps no sessions, sets no cookies and writes no access log."""
    state = {
        "page_data": site.page_data,
        "booth": site.booth,
        "url": site.url,
        "sign_in": site.sign_in,
        "contact": site.contact,
        "verifier": site.verifier,
        "public": site.public,
        "pin": site.pin,
        "boxes": site.boxes,
        "rate": Rate(site.limit, time.monotonic, os.urandom),
        "sealed": Rate(OFTEN * site.limit, time.monotonic, os.urandom),
        "looks": Rate(_LOOKS * site.limit, time.monotonic, os.urandom),
        "bodies": Bodies(),
        "address": sender_of(site.proxied, site.prefix),
    }
    app = Litestar(
        HANDLED,
        state=State(state),
        before_request=_count,
        exception_handlers={**HANDLERS, NotFoundException: of_missing},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,  # each post has its own limit
    )
    return with_headers(with_one_host(with_head(app)))


def _count(request: Request[Any, Any, Any]) -> None:
    """Limit what takes work beside posts, which count for themselves: pages, look-ups, answers."""
    if request.method != "POST" and not request.scope["path"].startswith(_CHEAP):
        state = request.app.state
        state.looks.check(state.address(request))
