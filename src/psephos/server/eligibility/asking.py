"""What an identity provider answers over HTTPS: JSON objects, within limits of size and time."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from psephos.errors import FormatError, PsephosError
from psephos.log.connection import connect
from psephos.server.eligibility.mail import is_here

_TIMEOUT = 20.0
_LARGEST = 1 << 20


class SignInError(PsephosError):
    """A sign-in that came to nothing; says why, and nothing of whose it was."""


def check_url(url: str, what: str) -> None:
    """FormatError unless a URL of ASCII letters is https, or http on this machine; it is not repeated."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname or ""))
    except ValueError:
        safe = False
    if not safe or not url.isascii():
        raise FormatError(f"{what}: not an https URL")


def ask(url: str, what: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> Any:
    """The object that is at a URL, or that answers a form; SignInError for anything else.

    Redirects are not followed.
    """
    check_url(url, what)
    parts = urlsplit(url)
    connection, _ = connect(f"{parts.scheme}://{parts.netloc}", _TIMEOUT)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Accept": "application/json", "User-Agent": "psephos", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    with closing(connection):
        try:
            connection.request("GET" if body is None else "POST", target, body, sent)
            with connection.getresponse() as response:
                return _read(response.status, response.read(_LARGEST + 1), what)
        except (OSError, http.client.HTTPException) as error:
            raise SignInError(f"{what}: {type(error).__name__}") from None


def _read(status: int, data: bytes, what: str) -> dict[str, Any]:
    try:
        document = json.loads(data) if len(data) <= _LARGEST else None
    except (ValueError, RecursionError):
        document = None
    if status != HTTPStatus.OK or not isinstance(document, dict):
        raise SignInError(f"{what}: answers {status}, or no JSON object of at most {_LARGEST} bytes")
    return document
