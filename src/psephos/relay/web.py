"""A relay over HTTP (`spec/messages.md#relays`). It writes no address down, and passes none on."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeAlias

from litestar import Litestar, Request, Response, get, post
from litestar.config.cors import CORSConfig
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath, SkipValidation
from litestar.types import ASGIApp

from psephos.protocol.enrolment.sealed import REQUEST_TYPE, RESPONSE_TYPE, SEALED_REQUEST
from psephos.relay.relay import Closed, Full, Relay, Unknown
from psephos.server.config import provided
from psephos.server.hosts import with_one_host
from psephos.server.problem import HANDLERS, Busy
from psephos.server.rate import Rate
from psephos.server.security import with_headers
from psephos.server.sender import PREFIX, sender_of

LIMIT = 1_000
"""Requests that one sender may make a minute, unless the operator says otherwise: a device with 16 decoys
makes 136 to 8 registrars, and asks after each."""
_BODY = 30.0
"""Seconds within which a body must have come whole."""
_AGAIN = 60
"""Seconds after which to look again for a response, or for room."""
_PLACE = re.compile(r"(?:^|/)([0-9a-f]{64})/([1-8])$")
_HELD = re.compile(r"(?:^|/)held/([0-9a-f]{64})$")
_ANY_ORIGIN = CORSConfig(
    allow_origins=["*"],
    allow_methods=["GET", "POST"],
    allow_headers=["Content-Type"],
    max_age=86_400,
)
_NOT_KEPT = {"Cache-Control": "no-store"}

Relays: TypeAlias = Mapping[bytes, Relay | None]
"""By definition hash; None while the log does not say yet where the registrars are."""
InjectedRelays: TypeAlias = NamedDependency[SkipValidation[Relays]]
Asked: TypeAlias = Request[Any, Any, Any]


def application(relays: Relays, limit: int = LIMIT, proxied: bool = False, prefix: int = PREFIX) -> ASGIApp:
    """The ASGI application; `limit`, `proxied` and `prefix` are those of `psephos.server`.

    Whatever stands in its paths before the last two parts is passed over: a proxy may leave it or not.
    """
    rate, sender = Rate(limit, time.monotonic, os.urandom), sender_of(proxied, prefix)

    def count(request: Asked) -> None:
        rate.check(sender(request))

    app = Litestar(
        [take, fetch],
        dependencies=provided(relays=relays),
        cors_config=_ANY_ORIGIN,
        before_request=count,
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    return with_headers(with_one_host(app))


@post("/{path:path}", status_code=HTTPStatus.ACCEPTED)
async def take(path: FromPath[Path], request: Asked, relays: InjectedRelays) -> Response[bytes]:
    """Hold a sealed request."""
    relay, registrar = _relay(relays, path)
    message = await _body(request)
    try:
        await asyncio.to_thread(relay.hold, registrar, message)
    except (Full, Unknown, Closed) as error:
        raise _problem(error) from error
    return _waits()


@get("/{path:path}")
async def fetch(path: FromPath[Path], relays: InjectedRelays) -> Response[bytes]:
    """The response to a request that was held."""
    held = _HELD.search(path.as_posix())
    response = await _response(relays.values(), bytes.fromhex(held[1])) if held else None
    if response is None:
        raise NotFoundException("nothing is held under this name: send the request again")
    return _sealed(response) if response else _waits()


def _relay(relays: Relays, path: Path) -> tuple[Relay, int]:
    registrar = _PLACE.search(path.as_posix())
    if not registrar or (definition := bytes.fromhex(registrar[1])) not in relays:
        raise NotFoundException(
            "a path ends in the hash of a definition that this relay serves, and a number"
        )
    if (relay := relays[definition]) is None:
        raise Busy("the log does not say yet where the registrars take messages", _AGAIN)
    return relay, int(registrar[2])


async def _response(relays: Iterable[Relay | None], name: bytes) -> bytes | None:
    for relay in relays:
        if relay is not None and (response := await asyncio.to_thread(relay.response, name)) is not None:
            return response
    return None


async def _body(request: Asked) -> bytes:
    """A sealed request has one length and one type."""
    if request.content_type[0] != REQUEST_TYPE:
        raise HTTPException(
            f"expected the content type {REQUEST_TYPE}", status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        )
    data = bytearray()
    try:
        async with asyncio.timeout(_BODY):
            async for chunk in request.stream():
                data += chunk
                if len(data) > SEALED_REQUEST:
                    break
    except TimeoutError:
        raise HTTPException(
            f"the body did not come within {_BODY:g} seconds", status_code=HTTPStatus.REQUEST_TIMEOUT
        ) from None
    if len(data) != SEALED_REQUEST:
        raise ClientException(f"invalid sealed request: expected {SEALED_REQUEST} bytes")
    return bytes(data)


def _problem(error: Exception) -> Exception:
    """What a sender is told."""
    match error:
        case Unknown():
            return NotFoundException(str(error))
        case Closed():
            return HTTPException(str(error), status_code=HTTPStatus.GONE)
        case _:
            return Busy(str(error), _AGAIN)


def _sealed(response: bytes) -> Response[bytes]:
    return Response(response, status_code=HTTPStatus.OK, headers=_NOT_KEPT, media_type=RESPONSE_TYPE)


def _waits() -> Response[bytes]:
    headers = {"Retry-After": str(_AGAIN), **_NOT_KEPT}
    return Response(b"", status_code=HTTPStatus.ACCEPTED, headers=headers, media_type=RESPONSE_TYPE)
