"""Pages for everybody: plain HTML made by the server, to be read without a script, and printed."""

from __future__ import annotations

import asyncio
import re
from importlib.resources import files
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import Redirect

from psephos.language.catalog import catalog
from psephos.language.languages import LANGUAGES, negotiate
from psephos.server.pages import views
from psephos.server.pages.listing import PAGE, listing
from psephos.server.pages.rendering import FRONT, UNTITLED, render
from psephos.server.pages.showcase import Showcase
from psephos.server.pages.snapshot import Snapshot
from psephos.server.pages.speaker import Speaker

_SHORTLY = {"Cache-Control": "public, max-age=10"}
_TRACKER = re.compile(r"[0-9a-fA-F]{64}")
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


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
async def style() -> Response[bytes]:
    """How pages look."""
    return _file("style.css", "text/css")


@get("/icon.svg")
async def icon() -> Response[bytes]:
    """A pebble."""
    return _file("icon.svg", "image/svg+xml")


def _file(name: str, kind: str) -> Response[bytes]:
    content = (files("psephos.server.pages") / name).read_bytes()
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=3600"})


@get("/{language:str}/{page:str}")
async def page(
    language: FromPath[str],
    page: FromPath[str],
    request: Request[Any, Any, Any],
    state: State,
    find: Annotated[str, QueryParameter(name="find")] = "",
    at: Annotated[str, QueryParameter(name="at")] = "",
) -> Response[str]:
    """One of the pages, in one of the languages."""
    if language not in LANGUAGES or page not in views.PAGES:
        raise NotFoundException("there is no such page")
    snapshot: Snapshot | None = state.showcase.snapshot
    if snapshot is None:
        template, content = "waiting", UNTITLED
    else:
        template, content = page, await _content(snapshot, page, language, request, (find.strip(), at))
    text = render(template, language, views.MENU[page], page, state, content)
    return Response(text, media_type="text/html", headers=_SHORTLY)


async def _content(
    snapshot: Snapshot,
    page: str,
    language: str,
    request: Request[Any, Any, Any],
    sought: tuple[str, str],
) -> dict[str, Any]:
    """What a page says, and what is around it; `sought` in the log: what to find, or where to look."""
    state = request.app.state
    speaker = Speaker(language, catalog(language).gettext, snapshot.definition.languages)
    if page == "log":
        content = await asyncio.to_thread(_log, state, *sought)
    elif page == "statements":
        last = int(sought[1]) if _NUMBER.fullmatch(sought[1]) else None
        content = views.statements(snapshot, speaker, last)
    elif page in ("verify", "downloads"):
        base = (state.url or str(request.base_url)).rstrip("/")
        content = {"base": base, "pin": state.pin.decode(), "result": snapshot.result is not None}
    else:
        content = views.PAGES[page](snapshot, speaker)
    head = {
        "title": speaker.text(snapshot.definition.title),
        "resistant": snapshot.definition.coercion_resistant,
        "wording_language": speaker.wording,
        "phase": views.phase(snapshot, speaker),
    }
    return head | content


def _log(state: State, find: str, at: str) -> dict[str, Any]:
    showcase: Showcase = state.showcase
    found = int(find) if _NUMBER.fullmatch(find) else None
    if found is None and _TRACKER.fullmatch(find):
        found = showcase.trackers.find(bytes.fromhex(find))
    start = int(at) if found is None and _NUMBER.fullmatch(at) else found
    shown = listing(state.public, start)
    return {
        "find": find[:64],
        "found": found,
        "missing": bool(find) and (found is None or found >= shown.size),
        "size": shown.size,
        "lines": shown.lines,
        "earlier": shown.first - PAGE if shown.first else None,
        "later": shown.first + PAGE if shown.first + PAGE < shown.size else None,
    }
