"""Giving blind tokens: to each hash on the roll once, to trustees as asked (`spec/messages.md#tokens`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from psephos.crypto.column import rows
from psephos.crypto.token import evaluate
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.enrolment.response import PROOF
from psephos.protocol.enrolment.token import DECOY, VOTER
from psephos.protocol.entries import Ready, ReadyRequest, TokenReceipt, TokenRequest, TokenResponse
from psephos.protocol.message import refused_as
from psephos.registrar import roll
from psephos.registrar.asking import TokenQuery, author_fault, read
from psephos.registrar.issuer import Issuer

MOST_OF_A_TRUSTEE = 65_536
"""Decoy tokens that one trustee gets in a region: its cover, and what it passes on of others."""
WAIT = 60
"""Seconds within which a token request is answered, if the board's rounds are short."""
_PUT = """INSERT INTO given (number, region, hash, body, request, response)
    VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM given), ?, ?, ?, ?, ?)"""


def answer(issuer: Issuer, messages: Sequence[bytes], seed: bytes) -> list[bytes | None]:
    """What may leave now for each ready-request or token-request; None waits for the log to count it.

    What was granted is on disk when this returns. `seed` is 32 random bytes.
    """
    asked, faults = read(issuer, messages)
    with issuer.store.write() as database:
        grants = _Grants(issuer, asked.values())
        for position, request in asked.items():
            fault = grants.judge(request)
            if fault:
                faults[position] = fault
        grants.put(database, seed)
        return [
            issuer.refuse(refused_as(message, message=True), faults[position])
            if position in faults
            else grants.leaving(asked[position])
            for position, message in enumerate(messages)
        ]


class _Grants:
    """The requests of one call: granted or refused one after the other, and answered together."""

    def __init__(self, issuer: Issuer, asked: Iterable[TokenQuery]) -> None:
        """Look up, inside a transaction, what is known of those who ask."""
        self._issuer = issuer
        self._fresh: dict[bytes, TokenQuery] = {}
        hashes: dict[int, set[bytes]] = {}
        bodies = list[bytes]()
        for request in asked:
            bodies.append(request.body)
            hashes.setdefault(request.region, set())
            if request.by_voter:
                hashes[request.region].add(request.hash)
        self._gives = {region for region in hashes if issuer.gives(region)}
        self._listed = {
            place for region in hashes for place in roll.listed(issuer, region, list(hashes[region]))
        }
        self._served = _served(issuer, hashes)
        self._responses = _responses(issuer, bodies)
        self._elements: dict[tuple[int, int], int] = {}

    def judge(self, asked: TokenQuery) -> Rejection | None:
        """Grant a request, or say why not; the same one again is answered as it was."""
        if asked.body in self._fresh or asked.body in self._responses:
            return None
        fault = author_fault(self._issuer, asked) or self._fault(asked)
        if fault is None and isinstance(asked.request, TokenRequest):
            self._fresh[asked.body] = asked
            if asked.by_voter:
                self._served[asked.region, asked.hash] = asked.message
        return fault

    def _fault(self, asked: TokenQuery) -> Rejection | None:
        region = asked.region
        if region not in self._gives:
            return Rejection("closed", f"no tokens are given for region {region} any more")
        if not asked.by_voter:
            return self._limit(asked)
        if (region, asked.hash) not in self._listed:
            return Rejection("roll", f"no such opening on the roll of region {region}")
        if (region, asked.hash) in self._served:
            other = self._served[region, asked.hash] or b""
            return Rejection("issued", "this voter has got tokens for another request", other)
        return None

    def _limit(self, asked: TokenQuery) -> Rejection | None:
        """A trustee's requests of a region, all together."""
        trustee = self._issuer.definition.trustees.index(asked.entry.author) or 0
        place = asked.region, trustee
        if place not in self._elements:
            statement = "SELECT COALESCE(SUM(elements), 0) FROM decoys WHERE region = ? AND trustee = ?"
            self._elements[place] = self._issuer.store.read(statement, *place)[0][0]
        elements = self._elements[place] + _elements(asked)
        if elements > MOST_OF_A_TRUSTEE:
            return Rejection("limit", f"more than {MOST_OF_A_TRUSTEE} decoy tokens of a trustee in a region")
        self._elements[place] = elements
        return None

    def put(self, database: sqlite3.Connection, seed: bytes) -> None:
        """Evaluate what was granted, and keep it."""
        evaluated = self._evaluate(seed)
        voters, trustees = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
        for body, asked in self._fresh.items():
            response = self._issuer.sign(self._response(asked, evaluated))
            self._responses[body] = response, not asked.by_voter
            if asked.by_voter:
                voters.append((asked.region, asked.hash, body, asked.message, response))
            else:
                trustee = self._issuer.definition.trustees.index(asked.entry.author)
                trustees.append((body, asked.region, trustee, _elements(asked), response))
        database.executemany(_PUT, voters)
        database.executemany("INSERT INTO decoys VALUES (?, ?, ?, ?, ?)", trustees)

    def _response(self, asked: TokenQuery, evaluated: Iterator[tuple[bytes, bytes]]) -> TokenResponse:
        voter, receipt = (bytes(32), bytes(PROOF)), b""
        if asked.by_voter:
            voter, receipt = next(evaluated), self._issuer.sign(TokenReceipt(asked.region, asked.hash))
        decoys = next(evaluated) if _elements(asked) else (b"", b"")
        return TokenResponse(asked.region, asked.body, asked.hash, *voter, *decoys, receipt)

    def _evaluate(self, seed: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Evaluated elements and proof of each kind that each request asks for, all made in one call."""
        parts: list[tuple[int, int, bytes]] = []
        for asked in self._fresh.values():
            request = asked.request
            if asked.by_voter and isinstance(request, TokenRequest):
                parts.append((asked.region, VOTER, request.voter_blinded))
            if isinstance(request, TokenRequest) and request.decoys:
                parts.append((asked.region, DECOY, request.decoys))
        places = [(region, self._issuer.number, kind) for region, kind, _ in parts]
        secrets = b"".join(self._issuer.secrets.of_kind(region, kind) for region, kind, _ in parts)
        counts = [len(points) // 32 for _, _, points in parts]
        blinded = b"".join(points for _, _, points in parts)
        evaluated, proofs = evaluate(self._issuer.election, places, counts, secrets, blinded, seed)
        ends = list(accumulate(32 * count for count in counts))
        pieces = (evaluated[start:end] for start, end in pairwise([0, *ends]))
        return zip(pieces, rows(proofs, PROOF), strict=True)

    def leaving(self, asked: TokenQuery) -> bytes | None:
        """What may leave now; None for a response that the log does not count yet."""
        if isinstance(asked.request, ReadyRequest):
            wait = max(WAIT, 2 * self._issuer.definition.round)
            return self._issuer.sign(Ready(asked.body, asked.region, asked.hash, wait))
        response, leaves = self._responses[asked.body]
        return response if leaves else None


def _elements(asked: TokenQuery) -> int:
    """How many decoy tokens are asked for."""
    return len(asked.request.decoys) // 32 if isinstance(asked.request, TokenRequest) else 0


def _served(issuer: Issuer, hashes: dict[int, set[bytes]]) -> dict[tuple[int, bytes], bytes | None]:
    """The hashes that have tokens, with the request for them where it is known."""
    statement = "SELECT region, hash, request FROM given WHERE region = ? AND hash IN (*)"
    return {
        (region, hashed): request
        for region in hashes
        for region, hashed, request in issuer.store.read_in(statement, region, values=hashes[region])
    }


def _responses(issuer: Issuer, bodies: Sequence[bytes]) -> dict[bytes, tuple[bytes, bool]]:
    """The responses to requests, by body hash, and whether each may leave."""
    statement = "SELECT body, response, number FROM given WHERE body IN (*)"
    voters = {
        body: (response, number <= issuer.covered)
        for body, response, number in issuer.store.read_in(statement, values=bodies)
    }
    trustees = issuer.store.read_in("SELECT body, response FROM decoys WHERE body IN (*)", values=bodies)
    return voters | {body: (response, True) for body, response in trustees}
