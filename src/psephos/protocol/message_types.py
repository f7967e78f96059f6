"""One type per message (`spec/messages.md`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from psephos.protocol.payload import OF_16, OF_32, OF_96, Payload


@dataclass(frozen=True)
class TokenRequest(Payload, number=64, scope="election"):
    region: int
    salt: bytes = field(metadata=OF_16, repr=False)
    voter: str
    voter_blinded: bytes = field(metadata=OF_32)
    decoys: bytes
    padding: bytes


@dataclass(frozen=True)
class TokenResponse(Payload, number=65, scope="election"):
    region: int
    request: bytes = field(metadata=OF_32)
    hash: bytes = field(metadata=OF_32)
    voter_evaluated: bytes = field(metadata=OF_32)
    voter_proof: bytes = field(metadata=OF_96)
    decoys: bytes
    decoy_proof: bytes
    receipt: bytes


@dataclass(frozen=True)
class Admission(Payload, number=66, scope="election"):
    region: int
    registrar: int
    record: bytes
    token: bytes
    proof: bytes


@dataclass(frozen=True)
class CardReceipt(Payload, number=67, scope="election"):
    region: int
    card: bytes = field(metadata=OF_32)
    record: bytes = field(metadata=OF_32)
    batch: int


@dataclass(frozen=True)
class Refusal(Payload, number=68, scope="election"):
    request: bytes = field(metadata=OF_32)
    reason: str
    detail: str
    evidence: bytes


@dataclass(frozen=True)
class Promise(Payload, number=69, scope="election"):
    ballot: bytes = field(metadata=OF_32)
    leaf: bytes = field(metadata=OF_32)
    region: int
    day: int
    deadline: int


@dataclass(frozen=True)
class Accepted(Payload, number=70, scope="election"):
    entry: bytes = field(metadata=OF_32)
    index: int


@dataclass(frozen=True, repr=False)
class CardsOpening(Payload, number=71, scope="election"):
    """All of a voter's cards, before any token was asked for; columns of them, ascending by K.

    The commitment is to `pairs`; a card has 16 bytes of `secrets`, 1 of `weights`, 32 of `randomness`.
    """

    region: int
    nonce: bytes = field(metadata=OF_32)
    pairs: bytes
    secrets: bytes
    weights: bytes
    randomness: bytes


@dataclass(frozen=True, repr=False)
class BallotOpening(Payload, number=72, scope="election"):
    """A ballot's body, a u16 of `choices` a contest, 32 bytes of `randomness` a ciphertext."""

    body: bytes
    choices: bytes
    randomness: bytes


@dataclass(frozen=True)
class ReadyRequest(Payload, number=73, scope="election"):
    region: int
    salt: bytes = field(metadata=OF_16, repr=False)
    voter: str
    padding: bytes


@dataclass(frozen=True)
class Ready(Payload, number=74, scope="election"):
    request: bytes = field(metadata=OF_32)
    region: int
    hash: bytes = field(metadata=OF_32)
    wait: int


@dataclass(frozen=True)
class TokenReceipt(Payload, number=75, scope="election"):
    region: int
    hash: bytes = field(metadata=OF_32)


@dataclass(frozen=True)
class DecoyRequest(Payload, number=76, scope="election"):
    region: int
    registrar: int
    decoys: bytes


@dataclass(frozen=True)
class BatchQuery(Payload, number=77, scope="election"):
    region: int
    batch: int
    last: int
    records: bytes


@dataclass(frozen=True)
class BatchAnswer(Payload, number=78, scope="election"):
    query: bytes = field(metadata=OF_32)
    region: int
    batch: int
    records: bytes
