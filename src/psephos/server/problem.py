"""Refusals over HTTP: problem documents that say what and where (RFC 9457)."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from litestar import Request, Response
from litestar.exceptions import HTTPException

from psephos.errors import FormatError, PsephosError

MEDIA_TYPE = "application/problem+json"


class Busy(PsephosError):
    """Not now; `seconds` from now it may be tried again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, message: str, seconds: int = 5) -> None:
        super().__init__(message)
        self.seconds = seconds


class TooMany(Busy):
    """This address has sent too much."""

    status = HTTPStatus.TOO_MANY_REQUESTS


def problem(status: int, detail: str, path: str, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """A problem document about a request to `path`."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "instance": path,
    }
    content = json.dumps(document, ensure_ascii=False).encode()
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


Asked: TypeAlias = Request[Any, Any, Any]


def of_http(request: Asked, error: HTTPException) -> Response[bytes]:
    """What the framework refuses."""
    return problem(error.status_code, error.detail, request.url.path, error.headers)


def of_format(request: Asked, error: FormatError) -> Response[bytes]:
    """Bytes that are not what they should be."""
    return problem(HTTPStatus.BAD_REQUEST, str(error), request.url.path)


def of_busy(request: Asked, error: Busy) -> Response[bytes]:
    """Too much at once."""
    return problem(error.status, str(error), request.url.path, {"Retry-After": str(error.seconds)})


def of_bug(request: Asked, error: Exception) -> Response[bytes]:
    """An error that nobody foresaw: standard error shows it, the answer does not."""
    traceback.print_exception(error, file=sys.stderr)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error", request.url.path)


HANDLERS: dict[int | type[Exception], Any] = {
    HTTPException: of_http,
    FormatError: of_format,
    Busy: of_busy,
    Exception: of_bug,
}
