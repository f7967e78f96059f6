"""What the sign-in says, page by page, and what those pages may do."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, get

from psephos.language.languages import LANGUAGES
from psephos.protocol.enrolment.invitation import Invitation
from psephos.registrar.invitations.qr_code import png
from psephos.server.pages.rendering import templates
from psephos.server.sender import PREFIX
from psephos.server.sign_in.claims import ClaimInvitation
from psephos.server.sign_in.provider import Provider

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}


@dataclass(frozen=True)
class SignInSettings:
    """Who vouches for people, who invites them, and where they go on."""

    provider: Provider
    claim_invitation: ClaimInvitation
    registrar: str
    """The registrar's name, for people."""
    number: int = 1
    """The registrar's number, from 1."""
    others: tuple[str, ...] = ()
    """The names of all other registrars, which have invitations of their own."""
    site: str = ""
    """The address of the server where people enrol, with `/` at its end; empty where it is not known."""
    limit: int = 0
    """Requests that one address may send a minute; 0: any number."""
    proxied: bool = False
    """Whether a proxy in front says in X-Forwarded-For who asks."""
    prefix: int = PREFIX
    """Bits of an IPv6 address that are one sender's."""


def policy(authorization: str) -> str:
    """For the page from which people go to the provider, whose pages may lead on to others' over TLS."""
    parts = urlsplit(authorization)
    return f"{_POLICY} https: {parts.scheme}://{parts.netloc}"


@get("/copy.js")
async def copying() -> Response[bytes]:
    """Lets a button copy the invitation; without a script the button is not there."""
    content = (files("psephos.server.pages") / "copy.js").read_bytes()
    return Response(content, media_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"})


def invited(settings: SignInSettings, language: str, invitation: Invitation) -> dict[str, str]:
    """An invitation to go on with, to read, to save and to scan, none of which tells it to a server."""
    data = invitation.encode("")
    link = invitation.address(settings.site) if settings.site else ""
    return {
        "voter": invitation.opening.voter,
        "region": invitation.region,
        "number": str(settings.number),
        "count": str(1 + len(settings.others)),
        "others": ", ".join(settings.others),
        "onward": f"{link}&{language}" if link else "",
        "invitation": data.decode(),
        "file": f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}",
        "code": f"data:image/png;base64,{base64.b64encode(png(link or data.decode())).decode()}",
    }


def sign_in_page(
    settings: SignInSettings, language: str, what: str, status: HTTPStatus = HTTPStatus.OK, **content: Any
) -> Response[str]:
    """One of the pages; `fields` in its content are what its button sends."""
    around = {"languages": LANGUAGES, "registrar": settings.registrar, "fields": {}}
    page = templates(language).get_template("sign-in.html")
    text = page.render(around | content, language=language, what=what)
    return Response(text, status_code=status, media_type="text/html", headers=dict(HEADERS))
