"""The application: which paths lead where, and what holds for all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State

from psephos.server.posts import Mailbox, fetch, send, withdraw
from psephos.server.problem import HANDLERS
from psephos.server.published import log_file, pin
from psephos.server.rate import Rate

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Site:
    """What is served: a published log, its pin, and posts."""

    public: Path
    """The directory of the published log."""
    pin: bytes
    boxes: Mapping[str, Mailbox]
    """Posts by the party that answers."""
    limit: int = 0
    """Requests to posts that one address may send a minute; 0: any number."""
    proxied: bool = False
    """Whether a proxy in front says in X-Forwarded-For who asks."""


def application(site: Site) -> Litestar:
    """The ASGI application. It keeps no sessions, sets no cookies and writes no access log."""
    state = {
        "public": site.public,
        "pin": site.pin,
        "boxes": site.boxes,
        "rate": Rate(site.limit, time.monotonic, os.urandom),
        "address": _forwarded if site.proxied else _address,
    }
    return Litestar(
        [log_file, pin, send, fetch, withdraw],
        state=State(state),
        exception_handlers=HANDLERS,
        after_request=_finish,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,  # each post has its own limit
    )


def _finish(response: Response[Any]) -> Response[Any]:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _address(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""


def _forwarded(request: Request[Any, Any, Any]) -> str:
    """The last hop that the proxy in front has seen."""
    return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or _address(request)
