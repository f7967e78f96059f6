"""Requests over http(s), within limits of size and time.

Redirects are never followed. Errors do not repeat the URL, which may hold a password.
"""

from __future__ import annotations

import http.client
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from psephos.errors import FormatError, PsephosError

_CHUNK = 1 << 16
_EXPLANATION = 1 << 13
"""Bytes that are read of the body of a refusal; what comes after them is not looked at."""


class HttpError(PsephosError):
    """A request without a whole answer."""


class Unreachable(HttpError):
    """There is no connection: nothing was sent."""


class NoAnswer(HttpError):
    """The server may have taken the request, but its answer is not HTTP, is cut short or did not come."""


class LateAnswer(NoAnswer):
    """The answer did not come whole in time."""


class AnswerTooLong(HttpError):
    """The answer has more bytes than were asked for."""


class WebResponse(NamedTuple):
    """What a server answers."""

    status: int
    headers: Message
    body: bytes
    """Whole where `status` is 200; of any other only the beginning."""


class HttpClient:
    """Requests to one http(s) address, over one connection that is kept until `close`.

    One thread at a time.
    """

    def __init__(self, url: str, timeout: float) -> None:
        """`timeout`: seconds for connecting, for each step of an answer, and for its body to be whole.

        FormatError unless the URL is http(s)://host[:port]/prefix.
        """
        self._connection, self._prefix = connect(url, timeout)
        self._timeout = timeout

    def request(
        self,
        method: str,
        path: str,
        *,
        limit: int,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        gzip: bool = False,
    ) -> WebResponse:
        """The answer, whose body has at most `limit` bytes; `path` is appended to the URL's.

        `gzip`: the body may come compressed, and is unpacked. HttpError without an answer.
        """
        sent = {"User-Agent": "psephos", **(headers or {})}
        if gzip:
            sent["Accept-Encoding"] = "gzip, identity"
        try:
            with self._send(method, self._prefix + path, body, sent) as response:
                whole = response.status == HTTPStatus.OK
                data = self._body(response, limit, gzip) if whole else response.read(_EXPLANATION)
                done = whole or len(data) < _EXPLANATION
        except (OSError, http.client.HTTPException, zlib.error) as error:
            self.close()
            raise NoAnswer(f"no answer: {_reason(error)}") from error
        except HttpError:
            self.close()
            raise
        if not done:
            self.close()  # what was not read must not be taken for the next answer
        return WebResponse(response.status, response.headers, data)

    def _send(
        self, method: str, path: str, body: bytes | str | None, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        """The head of the answer. A server may close an idle connection: then it is asked once more."""
        kept = self._connection.sock is not None
        try:
            return self._send_once(method, path, body, headers)
        except ConnectionError:
            if not kept or method != "GET":
                raise
        self.close()
        return self._send_once(method, path, body, headers)

    def _send_once(
        self, method: str, path: str, body: bytes | str | None, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        if self._connection.sock is None:
            try:
                self._connection.connect()
            except OSError as error:
                raise Unreachable(f"cannot connect: {_reason(error)}") from error
        with suppress(BrokenPipeError, ConnectionResetError):  # it may refuse before it has heard all
            self._connection.request(method, path, body, headers)
        return self._connection.getresponse()

    def _body(self, response: http.client.HTTPResponse, limit: int, gzip: bool) -> bytes:
        encoding = response.getheader("Content-Encoding", "identity") if gzip else "identity"
        if encoding not in ("gzip", "identity"):
            raise NoAnswer(f"unknown content encoding {encoding[:40]!r}")
        unzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS) if encoding == "gzip" else None
        data, deadline = bytearray(), time.monotonic() + self._timeout
        while chunk := response.read1(_CHUNK):
            data += unzip.decompress(chunk, limit + 1 - len(data)) if unzip else chunk
            if len(data) > limit:
                raise AnswerTooLong(f"more than {limit:,} bytes")
            if time.monotonic() > deadline:
                raise LateAnswer("did not come whole in time")
        if response.length or (unzip and not unzip.eof):
            raise NoAnswer("cut short")
        return bytes(data)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _reason(error: Exception) -> str:
    """What went wrong; of what is not HTTP only the kind, for it may repeat the URL."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, OSError) else kind


def connect(url: str, timeout: float) -> tuple[http.client.HTTPConnection, str]:
    """A connection that opens when it is first used, and the URL's path without its last slash.

    `timeout`: seconds for connecting and for each step. FormatError unless the URL is
    http(s)://host[:port]/prefix.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise FormatError("URL: not of the form http(s)://host[:port]/prefix") from None
    plain = not parts.query and not parts.fragment and parts.username is None
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise FormatError("URL: not of the form http(s)://host[:port]/prefix")
    try:
        address = parts.hostname, parts.port
    except ValueError:
        raise FormatError("URL: invalid port: a port is a number of at most 65535") from None
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(*address, timeout=timeout), parts.path.rstrip("/")
