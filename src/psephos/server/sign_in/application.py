"""Pages on which people sign in and claim their invitation; they are of the registrar's own.

Nothing of who comes is written down but that an invitation was handed over. No GET changes anything. A
cookie, for these pages alone and ten minutes at most, tells the browser in which a sign-in began; the
requests for tokens and cards go to another server, which never sees it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import Redirect
from litestar.types import ASGIApp

from psephos.errors import PsephosError
from psephos.language.languages import LANGUAGES, negotiate
from psephos.registrar.invitations.mailing import AlreadyClaimed
from psephos.server.head import with_head
from psephos.server.hosts import with_one_host
from psephos.server.pages.routes import style
from psephos.server.problem import Busy
from psephos.server.rate import Rate
from psephos.server.security import with_headers
from psephos.server.sender import sender_of
from psephos.server.sign_in.attempts import LONGEST, SignInAttempts
from psephos.server.sign_in.claims import Claims, SignIn
from psephos.server.sign_in.sign_in_pages import (
    HEADERS,
    SignInSettings,
    copying,
    invited,
    policy,
    sign_in_page,
)

CALLBACK = "/callback"
BROWSER = "__Host-psephos-sign-in"
"""The cookie's name; its prefix keeps other hosts from planting one (RFC 6265bis, 4.1.3.2)."""
_LONGEST = 4096
_LARGEST = 4 * _LONGEST

Asked = Request[Any, Any, Any]


def application(settings: SignInSettings) -> ASGIApp:
    """The ASGI application, which writes no access log."""
    state = {
        "settings": settings,
        "attempts": SignInAttempts(time.monotonic, os.urandom),
        "claims": Claims(settings.claim_invitation, time.monotonic),
        "rate": Rate(settings.limit, time.monotonic, os.urandom),
        "address": sender_of(settings.proxied, settings.prefix),
    }
    app = Litestar(
        [front, page, begin, callback, claim_invitation, show, style, copying],
        state=State(state),
        exception_handlers={HTTPException: _refused, Busy: _busy, Exception: _failed},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=_LARGEST,
    )
    return with_headers(with_one_host(with_head(app)))


@get("/")
async def front(accepted: Annotated[str, HeaderParameter(name="Accept-Language")] = "") -> Redirect:
    """To the page in the reader's language."""
    return Redirect(f"/{negotiate(accepted)}/sign-in", status_code=303, headers={"Vary": "Accept-Language"})


@get("/{language:str}/sign-in")
async def page(language: FromPath[str], state: State) -> Response[str]:
    """What will happen, and the button."""
    answer = sign_in_page(state.settings, _known(language), "begin")
    answer.headers["Content-Security-Policy"] = policy(state.settings.provider.authorization)
    return answer


@post("/{language:str}/sign-in", status_code=HTTPStatus.SEE_OTHER)
async def begin(language: FromPath[str], request: Asked, state: State) -> Redirect:
    """To the identity provider, with a cookie that binds the way back to this browser."""
    _check_pressed(request, state)
    browser = state.attempts.browser(_browser(request))
    name, attempt = state.attempts.begin(_known(language), browser)
    bound = Cookie(
        BROWSER, path="/", value=browser, max_age=int(LONGEST), secure=True, httponly=True, samesite="lax"
    )
    address = state.settings.provider.address(name, attempt)
    return Redirect(address, status_code=303, headers=HEADERS, cookies=[bound])


@get(CALLBACK)
async def callback(
    request: Asked,
    state: State,
    name: Annotated[str, QueryParameter(name="state")] = "",
    code: Annotated[str, QueryParameter(name="code")] = "",
    issuer: Annotated[str, QueryParameter(name="iss")] = "",
) -> Response[str]:
    """Back from the identity provider: the button that hands the invitation over."""
    state.rate.check(state.address(request))
    _check_own_page(request)
    attempt = state.attempts.resume(name, _browser(request))
    if attempt is None:
        return sign_in_page(state.settings, _negotiated(request), "over", HTTPStatus.BAD_REQUEST)
    if not 0 < len(code) <= _LONGEST or len(issuer) > _LONGEST:
        sys.stderr.write("psephos: sign-in: sent back without a code\n")
        return sign_in_page(state.settings, attempt.language, "failed", HTTPStatus.BAD_GATEWAY)
    return sign_in_page(
        state.settings, attempt.language, "ready", fields={"state": name, "code": code, "iss": issuer}
    )


@post("/{language:str}/invitation", status_code=HTTPStatus.SEE_OTHER)
async def claim_invitation(language: FromPath[str], request: Asked, state: State) -> Response[Any]:
    """Let an invitation be claimed, once; to the page that shows it, or why there is none."""
    _check_pressed(request, state)
    form = {name: str(value) for name, value in (await request.form()).items()}
    name, code, issuer = (form.get(one, "") for one in ("state", "code", "iss"))
    settings, browser, language = state.settings, _browser(request), _known(language)
    shown = _shown_at(language, name)
    if state.claims.shown(name, browser):
        return shown
    attempt = state.attempts.resume(name, browser)
    if attempt is None:
        return sign_in_page(settings, language, "over", HTTPStatus.BAD_REQUEST)
    account = partial(settings.provider.account, code, issuer, attempt, time.time)
    try:
        handed = await state.claims.claim(SignIn(name, browser, account), state.address(request))
    except AlreadyClaimed:
        return sign_in_page(settings, language, "again", HTTPStatus.CONFLICT)
    except PsephosError as error:
        sys.stderr.write(f"psephos: sign-in: {error}\n")
        return sign_in_page(settings, language, "failed", HTTPStatus.BAD_GATEWAY, fields=form)
    return shown if handed else sign_in_page(settings, language, "unknown", HTTPStatus.FORBIDDEN)


@get("/{language:str}/invitation")
async def show(
    language: FromPath[str],
    request: Asked,
    state: State,
    name: Annotated[str, QueryParameter(name="state")] = "",
) -> Response[str]:
    """The invitation, for ten minutes as often as the browser asks that was handed it."""
    state.rate.check(state.address(request))
    _check_own_page(request)
    invitation = state.claims.shown(name, _browser(request))
    if invitation is None:
        return sign_in_page(state.settings, _known(language), "over", HTTPStatus.BAD_REQUEST)
    content = invited(state.settings, _known(language), invitation)
    return sign_in_page(state.settings, language, "invited", HTTPStatus.OK, **content)


def _shown_at(language: str, name: str) -> Redirect:
    return Redirect(f"/{language}/invitation", status_code=303, headers=HEADERS, query_params={"state": name})


def _browser(request: Asked) -> str:
    return request.cookies.get(BROWSER, "")


def _check_own_page(request: Asked) -> None:
    """PermissionDenied inside a page of somebody else's."""
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        raise PermissionDeniedException("to be opened as a page of its own")


def _check_pressed(request: Asked, state: State) -> None:
    """Count a request; PermissionDenied where another site's page has pressed the button."""
    state.rate.check(state.address(request))
    _check_own_page(request)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise PermissionDeniedException("to be pressed on a page of this site")


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise NotFoundException("there is no such page")
    return language


def _negotiated(request: Asked) -> str:
    """The language of the page that was asked for, if it has one."""
    first = request.url.path.split("/")[1]
    return first if first in LANGUAGES else negotiate(request.headers.get("Accept-Language", ""))


def _refused(request: Asked, error: HTTPException) -> Response[str]:
    what = "missing" if error.status_code == HTTPStatus.NOT_FOUND else "refused"
    headers = {name: value for name, value in (error.headers or {}).items() if name == "Allow"}
    return _error_page(request, what, HTTPStatus(error.status_code), headers)


def _busy(request: Asked, error: Busy) -> Response[str]:
    return _error_page(request, "busy", error.status, {"Retry-After": str(error.seconds)})


def _failed(request: Asked, error: Exception) -> Response[str]:
    """A mistake of ours: the operator reads where, nobody reads of whom."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = f"{os.path.basename(last.tb_frame.f_code.co_filename)}:{last.tb_lineno}" if last else "?"
    sys.stderr.write(f"psephos: sign-in: internal error: {type(error).__name__} at {where}\n")
    return _error_page(request, "failed", HTTPStatus.INTERNAL_SERVER_ERROR, {})


def _error_page(request: Asked, what: str, status: HTTPStatus, headers: Mapping[str, str]) -> Response[str]:
    answer = sign_in_page(request.app.state.settings, _negotiated(request), what, status)
    answer.headers.update(headers)
    return answer
