"""A registrar's post on a server of its own, apart from the board's (`spec/messages.md#over-http`).

Voters' pages come from another origin: browsers of any may ask. Nothing of who asks is written down.
"""

from __future__ import annotations

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.types import ASGIApp

from psephos.server.config import RequestLimits, provided
from psephos.server.hosts import with_one_host
from psephos.server.mailbox import Mailbox
from psephos.server.posts import fetch, send, withdraw
from psephos.server.problem import HANDLERS
from psephos.server.security import with_headers
from psephos.server.sender import PREFIX

PARTY = "registrar"
"""What stands behind `/post/`."""
_ANY_ORIGIN = CORSConfig(
    allow_origins=["*"],
    allow_methods=["GET", "POST", "DELETE"],
    allow_headers=["Content-Type", "Prefer"],
    expose_headers=["Location", "Retry-After"],
    max_age=86_400,
)


def application(box: Mailbox, limit: int = 0, proxied: bool = False, prefix: int = PREFIX) -> ASGIApp:
    """The ASGI application; `limit` is of requests that one address may send a minute, 0 for any number.

    `proxied`: whether a proxy in front says in X-Forwarded-For who asks; `prefix` has the bits of an IPv6
    address that are one sender's.
    """
    limits = RequestLimits.of(limit, proxied, prefix)
    app = Litestar(
        [send, fetch, withdraw],
        dependencies=provided(limits=limits, boxes={PARTY: box}),
        cors_config=_ANY_ORIGIN,
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,  # the post has its own limit
    )
    return with_headers(with_one_host(app))
