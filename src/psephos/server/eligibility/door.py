"""The door at which people sign in and are handed their invitation: three pages of the registrar's own.

Nothing of who comes is written down but that an invitation was handed over. There is no cookie and no
session: the pages share nothing with the requests for tokens and cards, which go to another server.
"""

from __future__ import annotations

import asyncio
import base64
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import Redirect
from litestar.types import ASGIApp

from psephos.errors import PsephosError
from psephos.language.languages import LANGUAGES, negotiate
from psephos.protocol.enrolment.invitation import Invitation
from psephos.server.application import asker, with_headers
from psephos.server.eligibility.asking import SignInError
from psephos.server.eligibility.attempts import Attempts
from psephos.server.eligibility.mailing import HandedOver
from psephos.server.eligibility.printing import qr_code
from psephos.server.eligibility.provider import Provider
from psephos.server.pages.rendering import templates
from psephos.server.pages.routes import style
from psephos.server.problem import HANDLERS
from psephos.server.rate import Rate

POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
CALLBACK = "/callback"
_HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
_LONGEST = 4096

HandOver = Callable[[str], Invitation | None]
"""The invitation of an account, which is then handed over; None for nobody's, HandedOver the next time."""


@dataclass(frozen=True)
class Door:
    """Who vouches for people, who invites them, and where they go on."""

    provider: Provider
    hand_over: HandOver
    registrar: str
    """The registrar's name, for people."""
    onward: str = ""
    """The URL of the server where people enrol."""
    limit: int = 0
    """Requests that one address may send a minute; 0: any number."""
    proxied: bool = False
    """Whether a proxy in front says in X-Forwarded-For who asks."""


def application(door: Door) -> ASGIApp:
    """The ASGI application, which writes no access log."""
    state = {
        "door": door,
        "attempts": Attempts(time.monotonic, os.urandom),
        "rate": Rate(door.limit, time.monotonic, os.urandom),
        "address": asker(door.proxied),
    }
    app = Litestar(
        [front, page, begin, back, style],
        state=State(state),
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    return with_headers(app)


@get("/")
async def front(accepted: Annotated[str, HeaderParameter(name="Accept-Language")] = "") -> Redirect:
    """To the page in the reader's language."""
    return Redirect(f"/{negotiate(accepted)}/sign-in", status_code=303, headers={"Vary": "Accept-Language"})


@get("/{language:str}/sign-in")
async def page(language: FromPath[str], state: State) -> Response[str]:
    """What will happen, and the button."""
    return _page(state.door, _known(language), "begin")


@post("/{language:str}/sign-in", status_code=HTTPStatus.SEE_OTHER)
async def begin(language: FromPath[str], request: Request[Any, Any, Any], state: State) -> Redirect:
    """To the identity provider."""
    state.rate.check(state.address(request))
    name, attempt = state.attempts.begin(_known(language))
    return Redirect(state.door.provider.address(name, attempt), status_code=303, headers=_HEADERS)


@get(CALLBACK)
async def back(
    request: Request[Any, Any, Any],
    state: State,
    name: Annotated[str, QueryParameter(name="state")] = "",
    code: Annotated[str, QueryParameter(name="code")] = "",
    issuer: Annotated[str, QueryParameter(name="iss")] = "",
) -> Response[str]:
    """Back from the identity provider: the invitation, or why there is none.

    Not inside a page of somebody else's, where nobody would see the invitation that counts as handed over.
    """
    state.rate.check(state.address(request))
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        raise PermissionDeniedException("to be opened as a page of its own")
    door: Door = state.door
    attempt = state.attempts.end(name)
    if attempt is None:
        language = negotiate(request.headers.get("Accept-Language", ""))
        return _page(door, language, "over", HTTPStatus.BAD_REQUEST)
    try:
        if not 0 < len(code) <= _LONGEST:
            raise SignInError("sent back without a code")
        account = await asyncio.to_thread(door.provider.account, code, issuer, attempt, time.time)
        invitation = await asyncio.to_thread(door.hand_over, account)
    except HandedOver:
        return _page(door, attempt.language, "again", HTTPStatus.CONFLICT)
    except PsephosError as error:
        sys.stderr.write(f"psephos: sign-in: {error}\n")
        return _page(door, attempt.language, "failed", HTTPStatus.BAD_GATEWAY)
    if invitation is None:
        return _page(door, attempt.language, "stranger", HTTPStatus.FORBIDDEN)
    return _page(door, attempt.language, "invited", HTTPStatus.OK, **_shown(invitation))


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise NotFoundException("there is no such page")
    return language


def _shown(invitation: Invitation) -> dict[str, str]:
    """An invitation to read, to save and to scan, none of which asks a server."""
    data = invitation.encode("")
    return {
        "voter": invitation.opening.voter,
        "region": invitation.region,
        "invitation": data.decode(),
        "file": f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}",
        "code": f"data:image/png;base64,{base64.b64encode(qr_code(invitation)).decode()}",
    }


def _page(
    door: Door, language: str, what: str, status: HTTPStatus = HTTPStatus.OK, **content: str
) -> Response[str]:
    text = (
        templates(language)
        .get_template("sign-in.html")
        .render(
            language=language,
            languages=LANGUAGES,
            what=what,
            registrar=door.registrar,
            onward=door.onward,
            **content,
        )
    )
    return Response(text, status_code=status, media_type="text/html", headers=_HEADERS)
