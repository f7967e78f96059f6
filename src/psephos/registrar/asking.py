"""Requests for tokens, read: their form, and who may make them (`spec/messages.md#tokens`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from psephos.crypto.column import rows
from psephos.crypto.group import check_points
from psephos.crypto.signature import PublicKey
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.token import MOST_AT_ONCE, NOBODY, UNSIGNED
from psephos.protocol.entries import Entry, ReadyRequest, TokenRequest, decode
from psephos.registrar.issuer import Issuer
from psephos.registrar.roll import hashes_of


class TokenQuery(NamedTuple):
    """A well-formed request: what it says, and the hash on the roll that it opens; zero in a trustee's."""

    message: bytes
    entry: Entry
    request: TokenRequest | ReadyRequest
    body: bytes
    """Its body hash."""
    region: int
    hash: bytes
    by_voter: bool
    """Whether a voter asks; otherwise a trustee."""

    @classmethod
    def of(cls, message: bytes, entry: Entry, opened: bytes) -> TokenQuery:
        """A request that was read, with the hash of its opening."""
        request, by_voter = payload_of(entry), entry.author == NOBODY
        named = opened if by_voter else NOBODY
        return cls(message, entry, request, entry.body_hash, request.region, named, by_voter)


def payload_of(entry: Entry) -> TokenRequest | ReadyRequest:
    """The payload of a request that was read."""
    if not isinstance(entry.payload, TokenRequest | ReadyRequest):
        raise TypeError(f"a {entry.payload.type_name()} asks for no tokens")
    return entry.payload


def read(issuer: Issuer, messages: Sequence[bytes]) -> tuple[dict[int, TokenQuery], dict[int, Rejection]]:
    """Requests by position, and what is wrong with the form of all others."""
    entries: dict[int, Entry] = {}
    faults: dict[int, Rejection] = {}
    for position, message in enumerate(messages):
        try:
            entries[position] = _read(issuer, message)
        except FormatError as error:
            faults[position] = Rejection("form", str(error))
    for position in _pointless(entries):
        del entries[position]
        faults[position] = Rejection("form", "a blinded element is no point, or the identity")
    shown = [_opening(payload_of(entry)) for entry in entries.values()]
    hashes = rows(hashes_of(issuer, shown), 32)
    asked = {
        position: TokenQuery.of(messages[position], entry, hashed)
        for (position, entry), hashed in zip(entries.items(), hashes, strict=True)
    }
    return asked, faults


def _opening(request: TokenRequest | ReadyRequest) -> tuple[int, RollOpening]:
    return request.region, RollOpening(request.salt, request.voter)


def _read(issuer: Issuer, message: bytes) -> Entry:
    entry = decode(message, message=True)
    request = entry.payload
    if not isinstance(request, TokenRequest | ReadyRequest):
        raise FormatError(f"a {request.type_name()} is no request for tokens")
    if entry.referendum != issuer.election:
        raise FormatError(f"{request.type_name()}: of another referendum")
    if request.region >= len(issuer.definition.regions):
        raise FormatError(f"{request.type_name()}: there is no region {request.region}")
    if request.padding.strip(b"\0"):
        raise FormatError(f"{request.type_name()}: padding of other bytes than zeros")
    if isinstance(request, ReadyRequest) or entry.author == NOBODY:
        _check_voters(issuer, entry, request)
    else:
        _check_trustees(request)
    return entry


def _check_voters(issuer: Issuer, entry: Entry, request: TokenRequest | ReadyRequest) -> None:
    if (entry.author, entry.signature) != (NOBODY, UNSIGNED):
        raise FormatError(f"{request.type_name()}: authored or signed, which no voter's is")
    decoys = issuer.definition.decoys
    if isinstance(request, TokenRequest) and len(request.decoys) != 32 * decoys:
        raise FormatError(f"token-request: {len(request.decoys)} bytes instead of {decoys} decoy elements")


def _check_trustees(request: TokenRequest) -> None:
    if request.voter or request.padding or request.salt.strip(b"\0") or request.voter_blinded != NOBODY:
        raise FormatError("token-request: a trustee asks for decoy tokens, and for them alone")
    count, rest = divmod(len(request.decoys), 32)
    if rest or not 1 <= count <= MOST_AT_ONCE:
        raise FormatError(f"token-request: not 1 to {MOST_AT_ONCE} elements of 32 bytes")


def _pointless(entries: Mapping[int, Entry]) -> set[int]:
    """The positions of requests that hold an element which is none."""
    elements = {position: blinded(entry) for position, entry in entries.items()}
    bad = check_points(b"".join(elements.values()), False)
    if not bad:
        return set()
    owner = [position for position, points in elements.items() for _ in rows(points, 32)]
    return {owner[row] for row in bad}


def blinded(entry: Entry) -> bytes:
    """The elements of a request, a voter's own first."""
    request = payload_of(entry)
    if isinstance(request, ReadyRequest):
        return b""
    return (request.voter_blinded if entry.author == NOBODY else b"") + request.decoys


def author_fault(issuer: Issuer, asked: TokenQuery) -> Rejection | None:
    """Who may ask: voters by their opening, trustees by their signature."""
    if asked.by_voter:
        return None
    if issuer.definition.trustees.index(asked.entry.author) is None or not issuer.definition.decoys:
        return Rejection("author", "neither a voter's request nor one of a trustee for decoy tokens")
    try:
        PublicKey(asked.entry.author).verify(asked.entry.signed_bytes, asked.entry.signature)
    except VerificationError:
        return Rejection("author", "the trustee's signature does not hold")
    return None
