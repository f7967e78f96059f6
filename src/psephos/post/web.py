"""A post that is reached over HTTP, for those who ask (`spec/messages.md#over-http`)."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from http import HTTPStatus

from psephos.errors import PsephosError
from psephos.http_client import AnswerTooLong, HttpClient, HttpError, WebResponse, connect
from psephos.post.post import LARGEST, check_size

_STEP = 10
"""Seconds that one request asks the server to wait."""
_PAUSE = 0.5
_LONGEST_DETAIL = 300
_BROKEN = 500
"""From here on a status speaks of the server."""


class WebPost:
    """Asks the party whose post is at a URL; one connection a request, redirects are not followed.

    A server that is away, busy or broken has not answered yet. Any other refusal of the request as
    a whole raises PsephosError; it does not repeat the URL.
    """

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        """`timeout`: seconds for connecting and for each step of an answer, beside what is waited for."""
        connect(url, timeout)  # FormatError for what is no URL
        self._url, self._timeout = url, timeout
        self._answers: dict[str, bytes] = {}
        self._left: set[str] = set()

    def send(self, data: bytes) -> str:
        """Leave a request, unless its answer is here; returns its id."""
        name = sha256(data).hexdigest()
        if name not in self._answers:
            self._ask(name, data, 0)
        return name

    def exchange(self, data: bytes, timeout: float = 0.0) -> bytes | None:
        """Send, and wait so many seconds for the answer; None while there is none."""
        name, deadline = sha256(data).hexdigest(), time.monotonic() + timeout
        while name not in self._answers:
            left = deadline - time.monotonic()
            self._ask(name, data, max(0, min(_STEP, round(left))))
            if name in self._answers or time.monotonic() >= deadline:
                break
            time.sleep(min(_PAUSE, max(0.0, deadline - time.monotonic())))
        return self._answers.get(name)

    def withdraw(self, name: str) -> None:
        """Have the server forget a request and its answer. It may be away: it forgets by itself, later."""
        self._answers.pop(name, None)
        self._left.discard(name)
        self._request("DELETE", f"/{name}", None, {})

    def _ask(self, name: str, data: bytes, wait: int) -> None:
        """Ask after a request that was left, or leave it; an answer is kept."""
        reply = self._request("GET", f"/{name}", None, {}) if name in self._left else None
        if reply is None or reply.status == HTTPStatus.NOT_FOUND:
            check_size(data)
            headers = {"Content-Type": "application/octet-stream", "Prefer": f"wait={wait}"}
            reply = self._request("POST", "", data, headers)
        if reply is None or reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= _BROKEN:
            return
        if reply.status == HTTPStatus.ACCEPTED:
            self._left.add(name)
            return
        if reply.status != HTTPStatus.OK:
            raise PsephosError(f"post: HTTP {reply.status}{_detail(reply.body)}")
        check_size(reply.body)
        self._answers[name] = reply.body

    def _request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> WebResponse | None:
        """What the server says; None when it is away. PsephosError for an answer that is too long."""
        try:
            with HttpClient(self._url, self._timeout) as client:
                return client.request(method, path, body=body, headers=headers, limit=LARGEST)
        except AnswerTooLong as error:
            raise PsephosError(f"post: its answer has {error}") from error
        except HttpError:
            return None


def _detail(body: bytes) -> str:
    """What a problem document says (RFC 9457), for people."""
    try:
        problem = json.loads(body)
        return f": {problem['title']}: {problem.get('detail', '')}"[:_LONGEST_DETAIL]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
