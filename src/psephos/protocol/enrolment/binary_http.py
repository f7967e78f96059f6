"""Requests and responses as bytes, of known length and without fields (RFC 9292)."""

from __future__ import annotations

from typing import NamedTuple

from psephos.errors import FormatError

_REQUEST, _RESPONSE = 0, 1
_NO_FIELDS = b"\0"


class HttpRequest(NamedTuple):
    """A request: scheme, authority and path are those of its URL."""

    method: str
    scheme: str
    authority: str
    path: str
    content: bytes = b""

    def encode(self) -> bytes:
        """With its empty sections of header and trailer fields."""
        control = b"".join(map(_prefixed, (part.encode("ascii") for part in self[:4])))
        return _number(_REQUEST) + control + _NO_FIELDS + _prefixed(self.content) + _NO_FIELDS


class Response(NamedTuple):
    """A final response."""

    status: int
    content: bytes = b""

    def encode(self) -> bytes:
        """With its empty sections of header and trailer fields."""
        head = _number(_RESPONSE) + _number(self.status)
        return head + _NO_FIELDS + _prefixed(self.content) + _NO_FIELDS


def decode_request(data: bytes) -> HttpRequest:
    """A request and zeros behind it; FormatError for other forms, with fields, or cut short within a part."""
    reader = _Reader(data, _REQUEST, "request")
    try:
        method, scheme, authority, path = (reader.prefixed().decode("ascii") for _ in range(4))
    except UnicodeDecodeError:
        raise FormatError("Binary HTTP request: a URL has letters beyond ASCII") from None
    return HttpRequest(method, scheme, authority, path, reader.content())


def decode_response(data: bytes) -> Response:
    """A response and zeros behind it; FormatError as of requests, and for informational ones."""
    reader = _Reader(data, _RESPONSE, "response")
    status = reader.number()
    if not 200 <= status <= 599:
        raise FormatError(f"Binary HTTP response: {status} is no final status")
    return Response(status, reader.content())


class _Reader:
    """Reads a message from its beginning. What is missing at its end stands for zeros (section 3.8)."""

    def __init__(self, data: bytes, framing: int, kind: str) -> None:
        self._data, self._at, self._kind = data, 0, kind
        if self.number() != framing:
            raise self._refuse("of another framing")

    def _refuse(self, message: str) -> FormatError:
        return FormatError(f"Binary HTTP {self._kind}: {message}")

    def number(self) -> int:
        """A variable-length integer (RFC 9000, section 16)."""
        if self._at == len(self._data):
            raise self._refuse("cut short")
        size = 1 << (self._data[self._at] >> 6)
        value = int.from_bytes(self._take(size), "big")
        return value & ((1 << (8 * size - 2)) - 1)

    def prefixed(self) -> bytes:
        """Bytes behind their number."""
        return self._take(self.number())

    def content(self) -> bytes:
        """The content between fields that are not there, and nothing but zeros behind it."""
        self._no_fields()
        content = self.prefixed() if self._at < len(self._data) else b""
        self._no_fields()
        if any(self._data[self._at :]):
            raise self._refuse("something but zeros behind it")
        return content

    def _no_fields(self) -> None:
        if self._at < len(self._data) and self.number():
            raise self._refuse("with fields")

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise self._refuse("cut short")
        self._at += size
        return taken


def _prefixed(data: bytes) -> bytes:
    return _number(len(data)) + data


def _number(value: int) -> bytes:
    """The shortest variable-length integer (RFC 9000, section 16)."""
    for bits, size in enumerate((1, 2, 4, 8)):
        if value < 1 << (8 * size - 2):
            return (value | bits << (8 * size - 2)).to_bytes(size, "big")
    raise ValueError("more than 62 bits")
