"""Admissions that go through relays, dummies among them (`spec/messages.md#sealed-messages`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from psephos.crypto import ohttp
from psephos.crypto.ohttp import ENC, HEADER, TAG, ResponseKey
from psephos.errors import FormatError
from psephos.protocol.enrolment.binary_http import HttpRequest, Response, decode_request, decode_response
from psephos.protocol.enrolment.token_keys import Gateway

REQUEST, RESPONSE = 1536, 1024
"""Bytes that are sealed: a request of Binary HTTP with zeros behind it, and its response."""
SEALED_REQUEST = HEADER + ENC + REQUEST + TAG
SEALED_RESPONSE = 32 + RESPONSE + TAG
"""Bytes of what passes through relays, whatever it holds."""
REQUEST_TYPE, RESPONSE_TYPE = "message/ohttp-req", "message/ohttp-res"
DUMMY = b""
"""The content of a dummy, and of the response to it."""
_OK, _NO_CONTENT = 200, 204
_SECRET = 32

Random = Callable[[int], bytes]
"""So many random bytes, from the operating system."""


@dataclass(frozen=True)
class Sealed:
    """A sealed request: `message` goes through a relay; `opener`, 64 bytes, is kept to open its response."""

    message: bytes
    opener: bytes = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """What a gateway found in a sealed request: an admission or nothing, and what seals the response."""

    content: bytes
    reply: ResponseKey


def seal(gateway: Gateway, content: bytes, ephemeral: bytes) -> Sealed:
    """An admission, or a dummy, to a registrar; `ephemeral` are 32 random bytes for this request alone.

    FormatError when the registrar's key has no use, or its address leaves no room.
    """
    data = _request(gateway.address, content).encode()
    message, reply = ohttp.seal_request(_padded(data, REQUEST), gateway.number, gateway.key, ephemeral)
    return Sealed(message, reply.enc + reply.secret)


def seal_all(
    gateway: Gateway, admissions: Sequence[bytes], count: int, random: Random
) -> list[tuple[int | None, Sealed]]:
    """`count` requests to a registrar, in an order drawn uniformly, each with its admission's position.

    Dummies, with None, are what is left: a device sends each registrar always `1 + decoys` requests.
    """
    if len(admissions) > count:
        raise FormatError(f"{len(admissions)} admissions do not fit {count} sealed requests")
    rows: list[tuple[int | None, bytes]] = [*enumerate(admissions)]
    rows += [(None, DUMMY)] * (count - len(rows))
    order = sorted(range(count), key=[random(16) for _ in rows].__getitem__)
    return [(rows[at][0], seal(gateway, rows[at][1], random(32))) for at in order]


def open_response(opener: bytes, sealed: bytes) -> bytes:
    """What the registrar answered: card-receipt or refusal, not read yet; empty to a dummy.

    FormatError unless it is a response to the request that `opener` came with.
    """
    if len(opener) != ENC + _SECRET:
        raise FormatError(f"opener of a sealed response: {len(opener)} bytes instead of {ENC + _SECRET}")
    data = ResponseKey(opener[:ENC], opener[ENC:]).open(sealed)
    status, content = decode_response(data)
    if len(data) != RESPONSE or status != (_OK if content else _NO_CONTENT):
        raise FormatError(f"sealed response: {len(data)} bytes, status {status}, content {len(content)}")
    return content


def open_request(gateway: Gateway, private: bytes, sealed: bytes) -> Opened:
    """What was sealed to a registrar whose private X25519 key this is.

    FormatError when it does not open, or holds no request to this registrar's post.
    """
    if len(sealed) != SEALED_REQUEST:
        raise FormatError(f"sealed request: {len(sealed)} bytes instead of {SEALED_REQUEST}")
    data, reply = ohttp.open_request(sealed, gateway.number, private)
    request = decode_request(data)
    if request != _request(gateway.address, request.content):
        raise FormatError(f"sealed request: not a POST to {gateway.address}/admissions")
    return Opened(request.content, reply)


def seal_response(opened: Opened, content: bytes, nonce: bytes) -> bytes:
    """The answer to an admission, or nothing to a dummy; `nonce` are 32 random bytes for it alone."""
    if bool(content) != bool(opened.content):
        raise ValueError("a dummy gets no content, and an admission does")
    response = Response(_OK if content else _NO_CONTENT, content)
    return opened.reply.seal(_padded(response.encode(), RESPONSE), nonce)


def is_sealed(message: bytes) -> bool:
    """Whether a request to a post has the length of a sealed one, and begins as no message does."""
    return len(message) == SEALED_REQUEST and 1 <= message[0] <= 8


def _request(address: str, content: bytes) -> HttpRequest:
    scheme, _, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    return HttpRequest("POST", scheme, authority, f"{slash}{path}/admissions", content)


def _padded(data: bytes, size: int) -> bytes:
    if len(data) > size:
        raise FormatError(f"sealed message: {len(data)} bytes do not fit {size}: is the address too long?")
    return data.ljust(size, b"\0")
