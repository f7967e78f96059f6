"""Requests for accreditation: the work in them, and who stands behind them (`spec/messages.md#requests`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from psephos.crypto.signature import PublicKey
from psephos.errors import FormatError, VerificationError
from psephos.protocol import entries
from psephos.protocol.authors import Authors
from psephos.protocol.entries import Entry, Request, encode_body
from psephos.protocol.labels import COUNTERSIGNATURE_PREFIX

LONGEST = 4_096
"""Bytes of a request's entry."""
WORK = 8
"""Bytes that whoever asks tries out."""
SIGNATURE = 66
"""Bytes of an entry's signature, with its head."""


def countersigned_bytes(request: Request, referendum: bytes, author: bytes) -> bytes:
    """What a sponsor signs: the request without its countersignature, whatever the work in it."""
    bare = replace(request, countersignature=b"", work=bytes(WORK))
    return COUNTERSIGNATURE_PREFIX + encode_body(bare, referendum, author)


def countersign(
    request: Request, referendum: bytes, author: bytes, sign: Callable[[bytes], bytes]
) -> Request:
    """The request with its sponsor's signature."""
    signature = sign(countersigned_bytes(request, referendum, author))
    return replace(request, countersignature=signature)


def worked(request: Request, referendum: bytes, author: bytes, bits: int) -> Request:
    """The request with work of so many bits: about 2^bits hashes, a second for 20."""
    body = encode_body(replace(request, work=bytes(WORK)), referendum, author)
    begun, limit = sha256(body[:-WORK]), 1 << 256 - bits
    for number in range(1 << 8 * WORK):
        work = number.to_bytes(WORK, "little")
        tried = begun.copy()
        tried.update(work)
        if int.from_bytes(tried.digest(), "big") < limit:
            return replace(request, work=work)
    raise FormatError("no work is enough")


def has_worked(body_hash: bytes, bits: int) -> bool:
    """Whether a request's body hash begins with so many zero bits."""
    return int.from_bytes(body_hash, "big") < 1 << 256 - bits


def wrong_request(request: Request, entry: Entry, bits: int, authors: Authors) -> str:
    """What is wrong with a request (check 1.9); empty where nothing is."""
    if not (request.name and request.role and request.language and request.text):
        return "name, role, language or text is empty"
    if len(entry.body) + SIGNATURE > LONGEST:
        return f"longer than {LONGEST} bytes"
    if not has_worked(entry.body_hash, bits):
        return f"its hash does not begin with {bits} zero bits"
    if not request.sponsor and not request.countersignature:
        return ""
    if not authors.may_sponsor(request.sponsor):
        return "its sponsor is neither registrar nor trustee nor witness"
    try:
        signed = countersigned_bytes(request, entry.referendum, entry.author)
        PublicKey(request.sponsor).verify(signed, request.countersignature)
    except (VerificationError, FormatError):
        return "its sponsor has not countersigned it"
    return ""


def ask(
    definition: bytes, author: bytes, request: Request, bits: int, sign: Callable[[bytes], bytes]
) -> bytes:
    """A request's entry, with the work that the definition asks for."""
    return entries.encode(worked(request, definition, author, bits), definition, author, sign)


def encode_bare(request: Request, definition: bytes, author: bytes) -> bytes:
    """A request without work and signature, as it goes to a sponsor and back."""
    return entries.encode(request, definition, author, lambda _: bytes(64))


def bare_request(data: bytes, definition: bytes) -> tuple[Request, bytes]:
    """A request for this referendum as `encode_bare` writes it, and who asks; FormatError for others."""
    entry = entries.decode(data)
    if not isinstance(entry.payload, Request) or entry.referendum != definition:
        raise FormatError("not a request for accreditation in this referendum")
    return entry.payload, entry.author
