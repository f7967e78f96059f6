"""What is not there: a page for people, in their language; for programs a problem document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException

from psephos.language.catalog import N_
from psephos.language.languages import LANGUAGES, negotiate
from psephos.server.pages.rendering import UNTITLED, render
from psephos.server.problem import of_http


def of_missing(request: Request[Any, Any, Any], error: NotFoundException) -> Response[Any]:
    """A page under a language's path, and for whoever asks for HTML by name."""
    first = request.url.path.split("/")[1]
    if first not in LANGUAGES and "text/html" not in request.headers.get("Accept", ""):
        return of_http(request, error)
    language = first if first in LANGUAGES else negotiate(request.headers.get("Accept-Language", ""))
    content = UNTITLED | {"path": request.url.path}
    text = render("missing", language, N_("There is no such page"), "", request.app.state, content)
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
    return Response(text, status_code=HTTPStatus.NOT_FOUND, media_type="text/html", headers=headers)
