"""Sealed requests and responses, right and wrong (`spec/messages.md#sealed-messages`)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import shake_256

from psephos.crypto import hpke, ohttp
from psephos.protocol.enrolment.binary_http import HttpRequest, Response
from psephos.protocol.enrolment.sealed import (
    DUMMY,
    REQUEST,
    RESPONSE,
    Opened,
    Sealed,
    seal,
    seal_response,
)
from psephos.protocol.enrolment.token_keys import Gateway
from vector_generator.vector import Vector, accepted, rejected

ADDRESS = "https://registrar.example/post/registrar-2"
_BYTES = 918
"""About those of an admission."""


def sealed_vectors() -> Iterator[Vector]:
    """What devices seal and gateways open, and the other way."""
    private = _drawn("gateway", 32)
    gateway = Gateway(2, hpke.public_key(private), ADDRESS)
    for name, content in (("admission", _drawn("admission", _BYTES)), ("dummy", DUMMY)):
        sealed = seal(gateway, content, _drawn(f"ephemeral of {name}", 32))
        request = _request(gateway, private, name, content, sealed)
        yield request
        yield from _wrong_requests(request, gateway, content)
        yield from _responses(name, sealed, content)


def _drawn(name: str, size: int) -> bytes:
    return shake_256(f"psephos/1 sealed vectors {name}".encode()).digest(size)


def _request(gateway: Gateway, private: bytes, name: str, content: bytes, sealed: Sealed) -> Vector:
    return accepted(
        "sealed-request",
        name,
        registrar=gateway.number,
        private=private.hex(),
        public=gateway.key.hex(),
        address=gateway.address,
        ephemeral=_drawn(f"ephemeral of {name}", 32).hex(),
        sealed=sealed.message.hex(),
        content=content.hex(),
        opener=sealed.opener.hex(),
    )


def _wrong_requests(good: Vector, gateway: Gateway, content: bytes) -> Iterator[Vector]:
    sealed = bytes.fromhex(good["sealed"])
    other_gateway = Gateway(2, gateway.key, "https://registrar.example/post/registrar-1")
    ephemeral = bytes.fromhex(good["ephemeral"])
    wrong = {
        "cut": sealed[:-1],
        "one-byte-more": sealed + b"\0",
        "tampered": sealed[:-1] + bytes([sealed[-1] ^ 1]),
        "other-number": b"\x01" + sealed[1:],
        "other-algorithms": sealed[:6] + b"\x01" + sealed[7:],
        "other-address": seal(other_gateway, content, ephemeral).message,
        "get": _sealed_form(gateway, HttpRequest("GET", *_url(), content).encode(), ephemeral),
        "with-fields": _sealed_form(gateway, _with_fields(content), ephemeral),
        "not-zeros-behind": _sealed_form(gateway, _post(content).ljust(REQUEST - 1, b"\0") + b"x", ephemeral),
        "response": _sealed_form(gateway, Response(200, content).encode(), ephemeral),
    }
    for name, data in wrong.items():
        yield rejected(good, name, None, sealed=data.hex())


def _url() -> tuple[str, str, str]:
    return "https", "registrar.example", "/post/registrar-2/admissions"


def _post(content: bytes) -> bytes:
    return HttpRequest("POST", *_url(), content).encode()


def _with_fields(content: bytes) -> bytes:
    """The same with a header field `a: b`."""
    before = HttpRequest("POST", *_url()).encode()[:-3]
    return before + b"\x04\x01a\x01b" + HttpRequest("", "", "", "", content).encode()[6:]


def _sealed_form(gateway: Gateway, data: bytes, ephemeral: bytes) -> bytes:
    padded = data.ljust(REQUEST, b"\0")
    return ohttp.seal_request(padded, gateway.number, gateway.key, ephemeral)[0]


def _responses(name: str, sealed: Sealed, content: bytes) -> Iterator[Vector]:
    reply = ohttp.ResponseKey(sealed.opener[:32], sealed.opener[32:])
    nonce, answer = _drawn(f"nonce of {name}", 32), _drawn("receipt", 214) if content else DUMMY
    good = accepted(
        "sealed-response",
        name,
        opener=sealed.opener.hex(),
        nonce=nonce.hex(),
        sealed=seal_response(Opened(content, reply), answer, nonce).hex(),
        content=answer.hex(),
    )
    yield good
    data = bytes.fromhex(good["sealed"])
    wrong = {
        "cut": data[:-1],
        "tampered": data[:-1] + bytes([data[-1] ^ 1]),
        "other-nonce": bytes([data[0] ^ 1]) + data[1:],
        "unpadded": reply.seal(Response(200 if answer else 204, answer).encode(), nonce),
        "other-status": reply.seal(Response(404, answer).encode().ljust(RESPONSE, b"\0"), nonce),
        "dummy-with-200": reply.seal(Response(200).encode().ljust(RESPONSE, b"\0"), nonce),
        "request": reply.seal(_post(answer).ljust(RESPONSE, b"\0"), nonce),
    }
    for slip, changed in wrong.items():
        yield rejected(good, slip, None, sealed=changed.hex())
