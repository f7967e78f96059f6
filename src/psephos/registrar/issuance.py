"""Giving out blind tokens: to each hash on the roll once, to trustees as asked (`spec/messages.md#token`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import accumulate, pairwise

from psephos.crypto.group import check_points
from psephos.crypto.signature import PublicKey
from psephos.crypto.token import evaluate_each
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.admission import Fault
from psephos.protocol.enrolment.token import DECOY, MOST_DECOYS, NOBODY, UNSIGNED, VOTER, Opening, rows
from psephos.protocol.entry import Entry, Issued, TokenRequest, TokenResponse, decode
from psephos.protocol.message import identity
from psephos.registrar import roll
from psephos.registrar.office import Office

_PUT = "INSERT INTO issued VALUES (?, ?, ?, ?)"


def issue(office: Office, requests: Sequence[bytes], seed: bytes) -> list[bytes]:
    """A response or a signed refusal to each request, in order; on disk before it is returned.

    `seed` is 32 random bytes.
    """
    asked, faults = _decode(office, requests)
    desk = _Desk(office)
    with office.store.write() as database:
        for position, one in asked.items():
            fault = desk.judge(*one)
            if fault:
                faults[position] = fault
        database.executemany(_PUT, desk.answer(seed))
    return [
        office.refuse(identity(request), faults[position])
        if position in faults
        else desk.responses[asked[position][0].body_hash]
        for position, request in enumerate(requests)
    ]


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
        del asked[position]
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
    """One call's requests: granted or refused one after the other, and answered together."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.responses: dict[bytes, bytes] = {}
        """By body hash of the request."""
        self._granted: dict[bytes, tuple[TokenRequest, bytes | None]] = {}
        """Request and hash on the roll, by body hash."""
        self._served: set[tuple[int, bytes]] = set()
        self._secrets: dict[tuple[int, int], bytes] = {}

    def judge(self, entry: Entry, request: TokenRequest) -> Fault | None:
        """Grant a request, or say why not; one that was answered before is answered as it was."""
        body = entry.body_hash
        if body in self._granted or self._answered(body):
            return None
        hashed = None
        if entry.author == NOBODY:
            hashed = Opening(request.salt, request.voter).hash(self.office.definition.hash, request.region)
        fault = self._fault(entry, request, hashed)
        if fault:
            return fault
        self._granted[body] = request, hashed
        if hashed is not None:
            self._served.add((request.region, hashed))
        return None

    def _answered(self, body: bytes) -> bool:
        if body not in self.responses:
            found = self.office.store.read("SELECT response FROM issued WHERE request = ?", body)
            self.responses.update((body, response) for (response,) in found)
        return body in self.responses

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

    def answer(self, seed: bytes) -> list[tuple[bytes, int, bytes | None, bytes]]:
        """Answer what was granted; the rows to store."""
        evaluated = self._evaluate(seed)
        stored: list[tuple[bytes, int, bytes | None, bytes]] = []
        for body, (request, hashed) in self._granted.items():
            voter = (NOBODY, UNSIGNED) if hashed is None else next(evaluated)
            decoys = next(evaluated) if request.decoys else (b"", b"")
            response = TokenResponse(request.region, hashed or NOBODY, *voter, *decoys)
            self.responses[body] = self.office.sign(response)
            stored.append((body, request.region, hashed, self.responses[body]))
        return stored

    def _evaluate(self, seed: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Evaluated elements and proof for every key that each request asks for, all made in one go."""
        asked: list[tuple[bytes, bytes]] = []
        for request, hashed in self._granted.values():
            if hashed is not None:
                asked.append((self._secret(request.region, VOTER), request.voter_blinded))
            if request.decoys:
                asked.append((self._secret(request.region, DECOY), request.decoys))
        secrets, blinded = b"".join(secret for secret, _ in asked), b"".join(points for _, points in asked)
        counts = [len(points) // 32 for _, points in asked]
        evaluated, proofs = evaluate_each(secrets, blinded, counts, seed)
        ends = list(accumulate(32 * count for count in counts))
        parts = (evaluated[start:end] for start, end in pairwise([0, *ends]))
        return zip(parts, rows(proofs, 64), strict=True)

    def _secret(self, region: int, kind: int) -> bytes:
        if (region, kind) not in self._secrets:
            self._secrets[region, kind] = self.office.token_key(region, kind)
        return self._secrets[region, kind]
