"""Giving out blind tokens: to each hash on the roll once, to trustees as asked (`spec/messages.md#token`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, pairwise

from psephos.crypto.group import check_points
from psephos.crypto.signature import PublicKey
from psephos.crypto.token import evaluate
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.admission import Fault
from psephos.protocol.enrolment.token import (
    DECOY,
    MOST_DECOYS,
    NOBODY,
    REGISTRAR,
    UNPROVEN,
    UNSIGNED,
    VOTER,
    Opening,
    roll_hashes,
    rows,
)
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
    with office.store.write() as database:
        desk = _Desk(office, asked.values())
        for position, one in asked.items():
            fault = desk.judge(one)
            if fault:
                faults[position] = fault
        database.executemany(_PUT, desk.answer(seed))
    return [
        office.refuse(identity(request), faults[position])
        if position in faults
        else desk.responses[asked[position].body]
        for position, request in enumerate(requests)
    ]


def entries(office: Office, region: int) -> list[bytes]:
    """The entries that log which hashes of a closed region got a token."""
    found = office.store.read(
        "SELECT hash FROM issued WHERE region = ? AND hash IS NOT NULL ORDER BY hash", region
    )
    content = b"".join(one for (one,) in found)
    return [*office.bundle(content), office.sign(Issued(region, len(found), sha256(content).digest()))]


@dataclass(frozen=True)
class _Asked:
    """A well-formed request, its body hash, and the hash on the roll that it opens; none in a trustee's."""

    entry: Entry
    request: TokenRequest
    body: bytes
    hash: bytes | None


def _decode(office: Office, requests: Sequence[bytes]) -> tuple[dict[int, _Asked], dict[int, Fault]]:
    """Requests by position, and what is wrong with the form of all others."""
    found: dict[int, tuple[Entry, TokenRequest]] = {}
    faults: dict[int, Fault] = {}
    for position, message in enumerate(requests):
        try:
            found[position] = _decode_one(office, message)
        except FormatError as error:
            faults[position] = Fault("form", str(error))
    for position in _pointless(found):
        del found[position]
        faults[position] = Fault("form", "a blinded key is no point, or the identity")
    openings = [(request.region, Opening(request.salt, request.voter)) for _, request in found.values()]
    hashes = rows(roll_hashes(office.definition.hash, openings), 32)
    asked = {
        position: _Asked(entry, request, entry.body_hash, hashed if entry.author == NOBODY else None)
        for (position, (entry, request)), hashed in zip(found.items(), hashes, strict=True)
    }
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
    bad = check_points(b"".join(blinded.values()), False)
    if not bad:
        return set()
    owner = [position for position, points in blinded.items() for _ in rows(points, 32)]
    return {owner[row] for row in bad}


class _Desk:
    """One call's requests: granted or refused one after the other, and answered together."""

    def __init__(self, office: Office, asked: Iterable[_Asked]) -> None:
        """Look up, inside a transaction, what is known of those who ask."""
        self.office = office
        self._granted: dict[bytes, _Asked] = {}
        """By body hash."""
        self._secrets: dict[tuple[int, int], bytes] = {}
        bodies, hashes = list[bytes](), dict[int, list[bytes]]()
        for one in asked:
            bodies.append(one.body)
            of_region = hashes.setdefault(one.request.region, [])
            if one.hash is not None:
                of_region.append(one.hash)
        read_in = office.store.read_in
        answered = "SELECT request, response FROM issued WHERE request IN (*)"
        self.responses: dict[bytes, bytes] = dict(read_in(answered, values=bodies))
        """By body hash of the request."""
        self._closed = {region for region in hashes if office.closed(region)}
        self._listed = {place for region in hashes for place in roll.listed(office, region, hashes[region])}
        served = "SELECT region, hash FROM issued WHERE region = ? AND hash IN (*)"
        self._served = {
            place for region in hashes for place in read_in(served, region, values=hashes[region])
        }

    def judge(self, one: _Asked) -> Fault | None:
        """Grant a request, or say why not; one that was answered before is answered as it was."""
        if one.body in self._granted or one.body in self.responses:
            return None
        fault = self._fault(one)
        if fault:
            return fault
        self._granted[one.body] = one
        if one.hash is not None:
            self._served.add((one.request.region, one.hash))
        return None

    def _fault(self, one: _Asked) -> Fault | None:
        region = one.request.region
        if region in self._closed:
            return Fault("closed", f"enrolment of region {region} is over")
        if one.hash is None:
            return self._trustee_fault(one.entry)
        if (region, one.hash) not in self._listed:
            return Fault("roll", f"no such opening on the roll of region {region}")
        if (region, one.hash) in self._served:
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
        for body, one in self._granted.items():
            region = one.request.region
            voter = (NOBODY, UNPROVEN) if one.hash is None else next(evaluated)
            decoys = next(evaluated) if one.request.decoys else (b"", b"")
            response = self.office.sign(TokenResponse(region, one.hash or NOBODY, *voter, *decoys))
            self.responses[body] = response
            stored.append((body, region, one.hash, response))
        return stored

    def _evaluate(self, seed: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Evaluated elements and proof of each kind that each request asks for, all made in one go."""
        asked: list[tuple[int, int, bytes]] = []
        for one in self._granted.values():
            region = one.request.region
            if one.hash is not None:
                asked.append((region, VOTER, one.request.voter_blinded))
            if one.request.decoys:
                asked.append((region, DECOY, one.request.decoys))
        places = [(region, REGISTRAR, kind) for region, kind, _ in asked]
        secrets = b"".join(self._secret(region, kind) for region, kind, _ in asked)
        blinded = b"".join(points for _, _, points in asked)
        counts = [len(points) // 32 for _, _, points in asked]
        evaluated, proofs = evaluate(self.office.election, places, counts, secrets, blinded, seed)
        ends = list(accumulate(32 * count for count in counts))
        parts = (evaluated[start:end] for start, end in pairwise([0, *ends]))
        return zip(parts, rows(proofs, len(UNPROVEN)), strict=True)

    def _secret(self, region: int, kind: int) -> bytes:
        if (region, kind) not in self._secrets:
            self._secrets[region, kind] = self.office.token_key(region, kind)
        return self._secrets[region, kind]
