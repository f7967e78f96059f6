"""The application: which paths lead where, and what holds for all of them.

| path | answers | in |
|---|---|---|
| GET `/` | the referendum's page, in the reader's language | `pages/routes.py` |
| GET `/{language}/{page}` | referendum, statements, result, verify, .. | `pages/routes.py` |
| GET, POST `/{language}/log` | the log, a search in it | `pages/routes.py` |
| GET `/{language}/log/{index}` | an entry of the log | `pages/routes.py` |
| GET `/style.css`, `/icon.svg` | what pages load | `pages/routes.py` |
| GET `/booth/{name}` | the voter's pages | `booth.py` |
| GET `/log/{path}` | the published log: checkpoint, tiles, blobs | `published.py` |
| GET `/pin.json`, `/contact` | the pin, whom to ask for help | `published.py` |
| GET `/trackers/{tracker}` | where the log has an entry | `published.py` |
| GET `/definition.json`, `/definition/{digest}`, `/result.json`, `/result.csv` | to download | `results.py` |
| GET `/verifier.pyz` | the second verifier | `verifier.py` |
| POST `/post/{party}`, GET, DELETE `/post/{party}/{id}` | requests to board and registrars | `posts.py` |
| GET `/openapi.json` | this interface, for programs | `openapi.py` |

What handlers need they get as `config`, `limits` or `boxes` (`config.py`).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar import Litestar, Request
from litestar.exceptions import NotFoundException
from litestar.types import ASGIApp

from psephos.server.booth import booth_file, booth_front
from psephos.server.config import RequestLimits, ServerConfig, provided
from psephos.server.head import with_head
from psephos.server.hosts import with_one_host
from psephos.server.openapi import openapi
from psephos.server.pages.missing import of_missing
from psephos.server.pages.routes import entry, front, front_in, icon, log, page, search, style
from psephos.server.posts import fetch, send, withdraw
from psephos.server.problem import HANDLERS
from psephos.server.published import contact, log_file, pin, place
from psephos.server.results import definition, excerpt, result, result_table
from psephos.server.security import with_headers
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


def application(config: ServerConfig) -> ASGIApp:
    """The ASGI application. It keeps no sessions, sets no cookies and writes no access log."""
    limits = RequestLimits.of(config.limit, config.proxied, config.prefix)

    def count(request: Request[Any, Any, Any]) -> None:
        """Limit what takes work beside posts, which count for themselves: pages, look-ups, answers."""
        if request.method != "POST" and not request.scope["path"].startswith(_CHEAP):
            limits.looks.check(limits.sender(request))

    app = Litestar(
        HANDLED,
        dependencies=provided(config=config, limits=limits, boxes=config.boxes),
        before_request=count,
        exception_handlers={**HANDLERS, NotFoundException: partial(of_missing, config)},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,  # each post has its own limit
    )
    return with_headers(with_one_host(with_head(app)))
