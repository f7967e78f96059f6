"""Pages for everybody: plain HTML made by the server, to be read without a script, and printed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import Redirect

from psephos.language.catalog import catalog
from psephos.language.languages import LANGUAGES, negotiate
from psephos.server.config import Config, Limits, ServerConfig
from psephos.server.pages import reading, statements, views
from psephos.server.pages.explanations import explanations
from psephos.server.pages.rendering import FRONT, UNTITLED, around, render
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Speaker
from psephos.server.pages.times import times
from psephos.server.static import static
from psephos.server.verifier import VERSION

_SHORTLY = {"Cache-Control": "public, max-age=10"}
_LONGEST = 1024
"""Bytes of a search."""


@get("/")
async def front(accepted: Annotated[str, HeaderParameter(name="Accept-Language")] = "") -> Redirect:
    """To the referendum, in the reader's language."""
    return Redirect(f"/{negotiate(accepted)}/{FRONT}", status_code=303, headers={"Vary": "Accept-Language"})


@get("/{language:str}")
async def front_in(language: FromPath[str]) -> Redirect:
    """To the referendum, in this language."""
    if language not in LANGUAGES:
        raise NotFoundException("there is nothing of this name")
    return Redirect(f"/{language}/{FRONT}", status_code=303)


@get("/style.css")
async def style(request: Request[Any, Any, Any]) -> Response[bytes]:
    """How pages look."""
    return _file(request, "style.css", "text/css")


@get("/icon.svg")
async def icon(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A pebble."""
    return _file(request, "icon.svg", "image/svg+xml")


def _file(request: Request[Any, Any, Any], name: str, kind: str) -> Response[bytes]:
    content = (files("psephos.server.pages") / name).read_bytes()
    return static(request, content, kind, {"Cache-Control": "public, max-age=3600"})


@get("/{language:str}/{page:str}")
async def page(
    language: FromPath[str],
    page: FromPath[str],
    config: Config,
    index: Annotated[str, QueryParameter(name="at")] = "",
    kind: Annotated[str, QueryParameter(name="kind")] = "",
) -> Response[str]:
    """One of the pages, in one of the languages; `index` is the entry that is to be on it, `kind` a list."""
    if page not in views.PAGES:
        raise NotFoundException("there is no such page")
    return await _answer(
        page, page, language, config, partial(_content, page, config, reading.number(index), kind)
    )


@get("/{language:str}/log")
async def log(
    language: FromPath[str], config: Config, index: Annotated[str, QueryParameter(name="at")] = ""
) -> Response[str]:
    """The log; `index` is the entry that is to be on the page."""
    return await _answer("log", "log", language, config, partial(_log, config, reading.number(index), False))


@get("/{language:str}/log/{index:int}")
async def entry(language: FromPath[str], index: FromPath[int], config: Config) -> Response[str]:
    """An entry of the log."""
    return await _answer("entry", "log", language, config, partial(_opened, config, index))


@post("/{language:str}/log", status_code=HTTPStatus.OK)
async def search(
    language: FromPath[str], request: Request[Any, Any, Any], config: Config, limits: Limits
) -> Response[str]:
    """The entry that somebody looks for, by a form, so that no address and no history has the tracker."""
    limits.posts.check(limits.sender(request))
    if int(request.headers.get("Content-Length") or _LONGEST + 1) > _LONGEST:
        raise HTTPException("more than a tracker", status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    find = str((await request.form()).get("find", ""))
    index = await asyncio.to_thread(reading.sought, find, config.page_data.trackers)
    answer = None
    if index is not None:
        with suppress(NotFoundException):
            answer = await _answer("entry", "log", language, config, partial(_opened, config, index))
    if answer is None:
        vain = partial(_log, config, None, bool(find.strip()))
        answer = await _answer("log", "log", language, config, vain)
    answer.headers["Cache-Control"] = "no-store"
    return answer


PageContent = Callable[[Snapshot, Speaker], dict[str, Any]]


async def _answer(
    template: str, page: str, language: str, config: ServerConfig, content: PageContent
) -> Response[str]:
    """A page filled in; before there is a definition, one that says so."""
    if language not in LANGUAGES:
        raise NotFoundException("there is no such page")
    snapshot = config.page_data.snapshot
    if snapshot is None:
        text = render("waiting", language, views.MENU[page], page, config, UNTITLED)
    else:
        speaker = Speaker(language, catalog(language).gettext, snapshot.definition.languages)
        filled = around(snapshot, speaker) | await asyncio.to_thread(content, snapshot, speaker)
        text = render(template, language, views.MENU[page], page, config, filled)
    return Response(text, media_type="text/html", headers=dict(_SHORTLY))


def _content(
    page: str, config: ServerConfig, index: int | None, kind: str, snapshot: Snapshot, speaker: Speaker
) -> dict[str, Any]:
    """What a page says; `index` is the entry to begin with, `kind` the list that is asked for."""
    match page:
        case "statements":
            return statements.statements(snapshot, speaker, index, times(snapshot, config.public), kind)
        case "verify" | "downloads":
            return _programs(config) | {"result": snapshot.result is not None}
        case "referendum":
            due = views.due(snapshot, speaker, bool(config.booth), config.sign_in)
            read = explanations(snapshot.definition, speaker, config.public)
            return views.referendum(snapshot, speaker) | read | {"due": due}
    return views.PAGES[page](snapshot, speaker)


def _programs(config: ServerConfig) -> dict[str, Any]:
    verifier = sha256(config.verifier).hexdigest() if config.verifier else ""
    base = config.url.rstrip("/") or "SITE"
    return {"base": base, "pin": config.pin.decode(), "version": VERSION, "verifier": verifier}


def _log(
    config: ServerConfig, index: int | None, vain: bool, snapshot: Snapshot, speaker: Speaker
) -> dict[str, Any]:
    return reading.log(snapshot, speaker, config.public, index, vain)


def _opened(config: ServerConfig, index: int, snapshot: Snapshot, speaker: Speaker) -> dict[str, Any]:
    content = reading.opened(snapshot, speaker, config.public, index)
    if content is None:
        raise NotFoundException("the log has no such entry, or not yet")
    return content
