"""What is not there: a page for people, in their language; for programs a problem document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException

from psephos.language.catalog import N_, catalog
from psephos.language.languages import LANGUAGES, negotiate
from psephos.server.config import ServerConfig
from psephos.server.pages.rendering import UNTITLED, around, render
from psephos.server.pages.speaker import Speaker
from psephos.server.problem import of_http


def of_missing(
    config: ServerConfig, request: Request[Any, Any, Any], error: NotFoundException
) -> Response[Any]:
    """A page under a language's path, and for whoever asks for HTML by name."""
    first = request.url.path.split("/")[1]
    if first not in LANGUAGES and "text/html" not in request.headers.get("Accept", ""):
        return of_http(request, error)
    language = first if first in LANGUAGES else negotiate(request.headers.get("Accept-Language", ""))
    content = _around(config, language) | {"path": request.url.path}
    text = render("missing", language, N_("There is no such page"), "", config, content)
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
    return Response(text, status_code=HTTPStatus.NOT_FOUND, media_type="text/html", headers=headers)


def _around(config: ServerConfig, language: str) -> dict[str, Any]:
    """The referendum's title, as on every page, once there is one."""
    snapshot = config.page_data.snapshot
    if snapshot is None:
        return UNTITLED
    return around(snapshot, Speaker(language, catalog(language).gettext, snapshot.definition.languages))
