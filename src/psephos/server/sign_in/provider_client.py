"""What an identity provider answers over HTTPS: JSON objects, within limits of size and time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from psephos.errors import FormatError, PsephosError
from psephos.http_client import HttpClient, HttpError
from psephos.registrar.invitations.smtp import is_here

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
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Accept": "application/json", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        with HttpClient(f"{parts.scheme}://{parts.netloc}", _TIMEOUT) as client:
            response = client.request(
                "GET" if body is None else "POST", target, body=body, headers=sent, limit=_LARGEST
            )
    except HttpError as error:
        raise SignInError(f"{what}: {error}") from None
    return _read(response.status, response.body, what)


def _read(status: int, data: bytes, what: str) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if status != HTTPStatus.OK or not isinstance(document, dict):
        raise SignInError(f"{what}: answers {status}, or no JSON object")
    return document
