"""Giving out blind tokens: to each hash on the roll once, to trustees as asked (`spec/messages.md#token`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from psephos.crypto.group import check_points
from psephos.crypto.signature import PublicKey
from psephos.crypto.token import evaluate
from psephos.errors import FormatError, VerificationError
from psephos.protocol.admission import Fault
from psephos.protocol.entry import Entry, Issued, TokenRequest, TokenResponse, decode
from psephos.protocol.message import identity
from psephos.protocol.token import DECOY, MOST_DECOYS, NOBODY, UNSIGNED, VOTER, Opening, rows
from psephos.registrar import roll
from psephos.registrar.office import Office

_PUT = "INSERT INTO issued VALUES (?, ?, ?, ?)"


def issue(office: Office, requests: Sequence[bytes], seed: bytes) -> list[bytes]:
    """A response or a signed refusal to each request, in order; on disk before it is returned.

    `seed` is 32 random bytes.
    """
    desk = _Desk(office, seed)
    asked, faults = _decode(office, requests)
    answers = []
    with office.store.write() as database:
        for position, request in enumerate(requests):
            fault = faults.get(position)
            answers.append(office.refuse(identity(request), fault) if fault else desk.answer(asked[position]))
        database.executemany(_PUT, desk.fresh)
    return answers


def entries(office: Office, region: int) -> list[bytes]:
    """The entries that log which hashes of a closed region got a token."""
    found = office.store.read(
        "SELECT hash FROM issued WHERE region = ? AND hash IS NOT NULL ORDER BY hash", region
    )
    content = b"".join(one for (one,) in found)
    return [*office.bundle(content), office.sign(Issued(region, len(found), sha256(content).digest()))]


def _decode(
    office: Office, requests: Sequence[bytes]
) -> tuple[dict[int, tuple[Entry, TokenRequest]], dict[int, Fault]]:
    """Requests by position, and what is wrong with the form of all others."""
    asked: dict[int, tuple[Entry, TokenRequest]] = {}
    faults: dict[int, Fault] = {}
    for position, request in enumerate(requests):
        try:
            asked[position] = _decode_one(office, request)
        except FormatError as error:
            faults[position] = Fault("form", str(error))
    for position in _pointless(asked):
        faults[position] = Fault("form", "a blinded key is no point, or the identity")
    return asked, faults


def _decode_one(office: Office, message: bytes) -> tuple[Entry, TokenRequest]:
    entry = decode(message, message=True)
    request = entry.payload
    if not isinstance(request, TokenRequest):
        raise FormatError(f"a {request.type_name()} is no token-request")
    if entry.referendum != office.election:
        raise FormatError("token-request: of another referendum")
    if request.region >= len(office.definition.regions):
        raise FormatError(f"token-request: there is no region {request.region}")
    if len(request.decoys) % 32 or (request.decoys and not office.definition.coercion_resistant):
        raise FormatError("token-request: decoys are not 32 bytes each, or not with one card")
    if entry.author == NOBODY:
        if entry.signature != UNSIGNED or len(request.decoys) > 32 * MOST_DECOYS:
            raise FormatError(f"token-request: signed by nobody, or for more than {MOST_DECOYS} decoys")
    elif request.voter or request.salt.strip(b"\0") or request.voter_blinded != NOBODY or not request.decoys:
        raise FormatError("token-request: a trustee asks for decoys, and for them alone")
    return entry, request


def _pointless(asked: Mapping[int, tuple[Entry, TokenRequest]]) -> set[int]:
    """The positions of requests that hold a blinded key which is none."""
    blinded = {
        position: (request.voter_blinded if entry.author == NOBODY else b"") + request.decoys
        for position, (entry, request) in asked.items()
    }
    owner = [position for position, points in blinded.items() for _ in rows(points, 32)]
    return {owner[row] for row in check_points(b"".join(blinded.values()), False)}


class _Desk:
    """One call's answers; `fresh` are the rows to store."""

    def __init__(self, office: Office, seed: bytes) -> None:
        self.office = office
        self.seed = seed
        self.fresh: list[tuple[bytes, int, bytes | None, bytes]] = []
        self._responses: dict[bytes, bytes] = {}
        self._served: set[tuple[int, bytes]] = set()
        self._secrets: dict[tuple[int, int], bytes] = {}

    def answer(self, asked: tuple[Entry, TokenRequest]) -> bytes:
        entry, request = asked
        body = entry.body_hash
        before = self._response(body)
        if before is not None:
            return before
        hashed = None
        if entry.author == NOBODY:
            hashed = Opening(request.salt, request.voter).hash(self.office.definition.hash, request.region)
        fault = self._fault(entry, request, hashed)
        if fault:
            return self.office.refuse(body, fault)
        response = self.office.sign(self._evaluate(request, hashed))
        self._responses[body] = response
        self.fresh.append((body, request.region, hashed, response))
        if hashed is not None:
            self._served.add((request.region, hashed))
        return response

    def _response(self, body: bytes) -> bytes | None:
        if body in self._responses:
            return self._responses[body]
        found = self.office.store.read("SELECT response FROM issued WHERE request = ?", body)
        return found[0][0] if found else None

    def _fault(self, entry: Entry, request: TokenRequest, hashed: bytes | None) -> Fault | None:
        if self.office.closed(request.region):
            return Fault("closed", f"enrolment of region {request.region} is over")
        if hashed is None:
            return self._trustee_fault(entry)
        if not roll.lists(self.office, request.region, hashed):
            return Fault("roll", f"no such opening on the roll of region {request.region}")
        issued = "SELECT 1 FROM issued WHERE region = ? AND hash = ?"
        if (request.region, hashed) in self._served or self.office.store.read(issued, request.region, hashed):
            return Fault("issued", "this voter has got a token for another request")
        return None

    def _trustee_fault(self, entry: Entry) -> Fault | None:
        if self.office.definition.trustees.index(entry.author) is None:
            return Fault("author", "neither a voter's request nor a trustee's")
        try:
            PublicKey(entry.author).verify(entry.signed_bytes, entry.signature)
        except VerificationError:
            return Fault("author", "the trustee's signature does not hold")
        return None

    def _evaluate(self, request: TokenRequest, hashed: bytes | None) -> TokenResponse:
        voter = (NOBODY, UNSIGNED)
        if hashed is not None:
            voter = evaluate(self._secret(request.region, VOTER), request.voter_blinded, self.seed)
        decoys = (b"", b"")
        if request.decoys:
            decoys = evaluate(self._secret(request.region, DECOY), request.decoys, self.seed)
        return TokenResponse(request.region, hashed or NOBODY, *voter, *decoys)

    def _secret(self, region: int, kind: int) -> bytes:
        if (region, kind) not in self._secrets:
            self._secrets[region, kind] = self.office.token_key(region, kind)
        return self._secrets[region, kind]
