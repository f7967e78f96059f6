"""The headers that every answer has: what browsers may do with it (`SECURITY.md`)."""

from __future__ import annotations

from litestar.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), clipboard-write=(self), browsing-topics=(), display-capture=(), "
    "geolocation=(), microphone=(), payment=(), publickey-credentials-get=(), serial=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ENCODED = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_ALLOWED = b"access-control-allow-origin"
_SHARED = (b"cross-origin-resource-policy", b"cross-origin")
_OWN = (b"cross-origin-resource-policy", b"same-origin")


def with_headers(app: ASGIApp) -> ASGIApp:
    """Every answer has these headers, refusals too, unless it says otherwise itself.

    Only what other origins may read, as log and results, may be loaded by their pages.
    """

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        async def finish(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message["headers"])
                names = {name.lower() for name, _ in said}
                more = [*_ENCODED, _SHARED if _ALLOWED in names else _OWN]
                message["headers"] = said + [header for header in more if header[0] not in names]
            await send(message)

        await app(scope, receive, finish)

    return respond
