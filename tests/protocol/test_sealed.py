"""Oblivious HTTP and Binary HTTP against their RFCs and the vectors, and what devices and gateways do."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from psephos.crypto import hpke, ohttp
from psephos.errors import FormatError
from psephos.protocol.enrolment import sealed
from psephos.protocol.enrolment.binary_http import HttpRequest, Response, decode_request, decode_response
from psephos.protocol.enrolment.sealed import Opened
from psephos.protocol.enrolment.token_keys import Gateway

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/sealed/sealed.json").read_text())
REQUESTS = [vector for vector in VECTORS if vector["kind"] == "sealed-request"]
RESPONSES = [vector for vector in VECTORS if vector["kind"] == "sealed-response"]

# RFC 9458, appendix A.
GATEWAY_KEY = bytes.fromhex("3c168975674b2fa8e465970b79c8dcf09f1c741626480bd4c6162fc5b6a98e1a")
GATEWAY_PUBLIC = bytes.fromhex("31e1f05a740102115220e9af918f738674aec95f54db6e04eb705aae8e798155")
EPHEMERAL = bytes.fromhex("bc51d5e930bda26589890ac7032f70ad12e4ecb37abb1b65b1256c9c48999c73")
REQUEST = bytes.fromhex("00034745540568747470730b6578616d706c652e636f6d012f")
SEALED_REQUEST = bytes.fromhex(
    "010020000100014b28f881333e7c164ffc499ad9796f877f4e1051ee6d31bad19dec96c208b472"
    "6374e469135906992e1268c594d2a10c695d858c40a026e7965e7d86b83dd440b2c0185204b4d63525"
)
SECRET = bytes.fromhex("62d87a6ba569ee81014c2641f52bea36")
RESPONSE = bytes.fromhex("0140c8")
NONCE = bytes.fromhex("c789e7151fcba46158ca84b04464910d")
SEALED_RESPONSE = bytes.fromhex("c789e7151fcba46158ca84b04464910d86f9013e404feea014e7be4a441f234f857fbd")

PRIVATE = bytes(range(32))
GATEWAY = Gateway(3, hpke.public_key(PRIVATE), "https://registrar.example/post/registrar-3")


def of_vector(vector: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(vector[name]) for name in names]


def test_the_example_of_rfc_9458() -> None:
    message, reply = ohttp.seal_request(REQUEST, 1, GATEWAY_PUBLIC, EPHEMERAL, ohttp.AES_128_GCM)
    assert (message, reply.secret) == (SEALED_REQUEST, SECRET)
    content, theirs = ohttp.open_request(message, 1, GATEWAY_KEY, ohttp.AES_128_GCM)
    assert (content, theirs) == (REQUEST, reply)
    assert theirs.seal(RESPONSE, NONCE) == SEALED_RESPONSE
    assert reply.open(SEALED_RESPONSE) == RESPONSE


def test_its_messages_are_binary_http_that_is_cut_short_at_the_end() -> None:
    assert decode_request(REQUEST) == HttpRequest("GET", "https", "example.com", "/")
    assert decode_response(RESPONSE) == Response(200)
    for whole in (HttpRequest("GET", "https", "example.com", "/").encode(), Response(200).encode()):
        assert whole in (REQUEST + bytes(3), RESPONSE + bytes(3))


@pytest.mark.parametrize(
    ("data", "value"),  # RFC 9000, A.1
    [("25", 37), ("4025", 37), ("7bbd", 15293), ("9d7f3e7d", 494878333)],
)
def test_numbers_of_one_to_four_bytes(data: str, value: int) -> None:
    with pytest.raises(FormatError, match=f"{value} is no final status|cut short"):
        decode_response(b"\x01" + bytes.fromhex(data))


@pytest.mark.parametrize("size", [0, 63, 64, 16383, 16384])
def test_contents_of_every_length_come_back(size: int) -> None:
    request = HttpRequest("POST", "http", "127.0.0.1:8000", "/a", bytes(size))
    assert decode_request(request.encode() + bytes(9)) == request
    response = Response(599, b"\x01" * size)
    assert decode_response(response.encode() + bytes(9)) == response


@pytest.mark.parametrize(
    "data",
    [
        b"",
        Response(200).encode(),
        HttpRequest("GET", "https", "a", "/").encode()[:9],
        HttpRequest("GET", "https", "a", "/", b"abc").encode()[:-2],
        HttpRequest("GET", "https", "a", "/").encode() + b"\0x",
        b"\x00\x01\xff" + HttpRequest("", "https", "a", "/").encode()[2:],
        b"\xff",
    ],
)
def test_other_bytes_are_no_request(data: bytes) -> None:
    with pytest.raises(FormatError):
        decode_request(data)


@pytest.mark.parametrize("vector", [v for v in REQUESTS if v["valid"]], ids=lambda v: str(v["name"]))
def test_the_request_of_a_vector_is_sealed_and_opened(vector: dict[str, Any]) -> None:
    private, public, ephemeral = of_vector(vector, "private", "public", "ephemeral")
    message, content, opener = of_vector(vector, "sealed", "content", "opener")
    gateway = Gateway(vector["registrar"], public, vector["address"])
    assert sealed.seal(gateway, content, ephemeral) == sealed.Sealed(message, opener)
    opened = sealed.open_request(gateway, private, message)
    assert (opened.content, opened.reply.enc + opened.reply.secret) == (content, opener)
    assert sealed.is_sealed(message)
    assert len(message) == sealed.SEALED_REQUEST == 1591


@pytest.mark.parametrize("vector", [v for v in REQUESTS if not v["valid"]], ids=lambda v: str(v["name"]))
def test_a_gateway_refuses_other_requests(vector: dict[str, Any]) -> None:
    private, public, message = of_vector(vector, "private", "public", "sealed")
    with pytest.raises(FormatError):
        sealed.open_request(Gateway(vector["registrar"], public, vector["address"]), private, message)


@pytest.mark.parametrize("vector", [v for v in RESPONSES if v["valid"]], ids=lambda v: str(v["name"]))
def test_the_response_of_a_vector_is_sealed_and_opened(vector: dict[str, Any]) -> None:
    opener, nonce, message, content = of_vector(vector, "opener", "nonce", "sealed", "content")
    assert sealed.open_response(opener, message) == content
    opened = Opened(content, ohttp.ResponseKey(opener[:32], opener[32:]))
    assert sealed.seal_response(opened, content, nonce) == message
    assert len(message) == sealed.SEALED_RESPONSE == 1072


@pytest.mark.parametrize("vector", [v for v in RESPONSES if not v["valid"]], ids=lambda v: str(v["name"]))
def test_a_device_refuses_other_responses(vector: dict[str, Any]) -> None:
    opener, message = of_vector(vector, "opener", "sealed")
    with pytest.raises(FormatError):
        sealed.open_response(opener, message)


def test_a_device_sends_always_as_many_in_any_order() -> None:
    admissions, orders = [b"one" * 300, b"two" * 100], Counter[tuple[int | None, ...]]()
    for _ in range(60):
        rows = sealed.seal_all(GATEWAY, admissions, 3, os.urandom)
        assert {len(row.message) for _, row in rows} == {sealed.SEALED_REQUEST}
        for place, row in rows:
            opened = sealed.open_request(GATEWAY, PRIVATE, row.message)
            assert opened.content == (b"" if place is None else admissions[place])
            answer = b"receipt" if opened.content else b""
            response = sealed.seal_response(opened, answer, os.urandom(32))
            assert (sealed.open_response(row.opener, response), len(response)) == (answer, 1072)
        orders[tuple(place for place, _ in rows)] += 1
    assert len(orders) == 6  # one of six never comes in 60: 1 in 10,000
    with pytest.raises(FormatError, match="do not fit 1"):
        sealed.seal_all(GATEWAY, admissions, 1, os.urandom)


def test_a_response_opens_only_what_was_asked() -> None:
    first, second = (sealed.seal(GATEWAY, b"admission", os.urandom(32)) for _ in range(2))
    opened = sealed.open_request(GATEWAY, PRIVATE, first.message)
    response = sealed.seal_response(opened, b"receipt", os.urandom(32))
    assert sealed.open_response(first.opener, response) == b"receipt"
    for opener in (second.opener, first.opener[1:], bytes(64)):
        with pytest.raises(FormatError):
            sealed.open_response(opener, response)
    with pytest.raises(FormatError):
        sealed.open_response(first.opener, b"")


def test_what_does_not_fit_is_not_sealed() -> None:
    with pytest.raises(FormatError, match="do not fit 1536"):
        sealed.seal(Gateway(1, GATEWAY.key, "https://" + "a" * 700), bytes(918), os.urandom(32))
    with pytest.raises(FormatError, match="small order"):
        sealed.seal(Gateway(1, bytes(32), GATEWAY.address), b"admission", os.urandom(32))
    opened = sealed.open_request(GATEWAY, PRIVATE, sealed.seal(GATEWAY, b"a", os.urandom(32)).message)
    with pytest.raises(FormatError, match="do not fit 1024"):
        sealed.seal_response(opened, bytes(1024), os.urandom(32))
    with pytest.raises(ValueError, match="a dummy gets no content"):
        sealed.seal_response(opened, b"", os.urandom(32))


def test_an_opener_shows_no_secret() -> None:
    request = sealed.seal(GATEWAY, b"admission", os.urandom(32))
    assert request.opener[32:].hex() not in repr(request)
    assert str(request.opener[32:]) not in repr(sealed.open_request(GATEWAY, PRIVATE, request.message))
