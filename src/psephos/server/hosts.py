"""One Host in every request (RFC 9110, section 7.2): two could mean one thing to a proxy, another here."""

from __future__ import annotations

from http import HTTPStatus

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from psephos.server.problem import problem


def with_one_host(app: ASGIApp) -> ASGIApp:
    """Refuse requests without a Host line, or with two."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or _has_one_host(scope):
            await app(scope, receive, send)
            return
        answer = problem(HTTPStatus.BAD_REQUEST, "a request has exactly one Host line", scope["path"])
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        headers.append((b"content-type", str(answer.media_type).encode()))
        headers.append((b"content-length", str(len(answer.content)).encode()))
        await send({"type": "http.response.start", "status": int(HTTPStatus.BAD_REQUEST), "headers": headers})
        await send({"type": "http.response.body", "body": answer.content, "more_body": False})

    return respond


def _has_one_host(scope: Scope) -> bool:
    """The server adds an empty one where there is none."""
    hosts = [value for name, value in scope["headers"] if name.lower() == b"host"]
    return len(hosts) == 1 and hosts != [b""]
