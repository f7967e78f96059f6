"""HEAD: what GET would answer, without its content (RFC 9110, section 9.3.2)."""

from __future__ import annotations

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send


def with_head(app: ASGIApp) -> ASGIApp:
    """Whatever can be got can be asked after: mirrors and monitors look before they fetch."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        async def finish(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD":
            scope["method"] = HttpMethod.GET
            await app(scope, receive, finish)
        else:
            await app(scope, receive, send)

    return respond
