"""One type per log entry and per message, each with its codec (`spec/entries.md`, `spec/messages.md`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from typing import Any, ClassVar, Literal

from psephos.crypto import cbor
from psephos.errors import FormatError

VERSION = 1
LONGEST = 65_535
"""Bytes of an entry."""
LONGEST_MESSAGE = 131_070
"""Bytes of a message: a ballot's opening holds the ballot, and more."""
PIECE = 65_000
SIGNING_PREFIX = b"psephos/1 entry\n"
BALLOT_HEAD = b"\x89\x01\x11"  # how every ballot begins: nine elements, version 1, type 17

_types: dict[int, type[Payload]] = {}


# The number of bytes of a byte string that has just one length.
_OF_16, _OF_32, _OF_64, _OF_96 = ({"size": size} for size in (16, 32, 64, 96))


@dataclass(frozen=True)
class Payload:
    """What stands between author and signature; a subclass names its number and its scope."""

    number: ClassVar[int]
    scope: ClassVar[Literal["definition", "election"]]

    def __init_subclass__(cls, number: int, scope: Literal["definition", "election"], **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.number, cls.scope = number, scope
        _types[number] = cls

    @classmethod
    @cache
    def type_name(cls) -> str:
        """The type as `spec/entries.md` writes it: CeremonyCommit is ceremony-commit."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__)[1:]


@dataclass(frozen=True)
class Definition(Payload, number=1, scope="definition"):
    document: bytes


@dataclass(frozen=True)
class Part(Payload, number=2, scope="definition"):
    digest: bytes = field(metadata=_OF_32)
    index: int
    count: int
    data: bytes


@dataclass(frozen=True)
class Checkpoint(Payload, number=3, scope="definition"):
    note: bytes


@dataclass(frozen=True)
class Roll(Payload, number=4, scope="definition"):
    region: int
    size: int
    digest: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class CeremonyCommit(Payload, number=5, scope="definition"):
    attempt: int
    hpke_key: bytes = field(metadata=_OF_32)
    commitment: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class CeremonyReveal(Payload, number=6, scope="definition"):
    attempt: int
    points: bytes
    proof: bytes = field(metadata=_OF_64)


@dataclass(frozen=True)
class CeremonyDeal(Payload, number=7, scope="definition"):
    attempt: int
    sealed: bytes


@dataclass(frozen=True)
class CeremonyConfirm(Payload, number=8, scope="definition"):
    attempt: int


@dataclass(frozen=True)
class CeremonyComplain(Payload, number=9, scope="definition"):
    attempt: int
    accused: int


@dataclass(frozen=True)
class CeremonyAnswer(Payload, number=10, scope="definition"):
    attempt: int
    complainant: int
    share: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class CeremonyDeadline(Payload, number=11, scope="definition"):
    attempt: int
    round: int
    time: int


@dataclass(frozen=True)
class CeremonySign(Payload, number=12, scope="definition"):
    attempt: int
    key: bytes = field(metadata=_OF_32)
    publics: bytes
    size: int
    root: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class Batch(Payload, number=13, scope="election"):
    region: int
    batch: int
    cards: int
    last: int
    digest: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class Issued(Payload, number=14, scope="election"):
    region: int
    secrets: bytes
    size: int
    digest: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class Open(Payload, number=15, scope="election"):
    region: int
    day: int


@dataclass(frozen=True)
class Seal(Payload, number=16, scope="election"):
    region: int
    day: int


@dataclass(frozen=True)
class Ballot(Payload, number=17, scope="election"):
    region: int
    day: int
    serial: int
    votes: bytes


@dataclass(frozen=True)
class Weighing(Payload, number=18, scope="election"):
    region: int
    day: int
    chunk: int
    position: int
    previous: bytes = field(metadata=_OF_32)
    rows: bytes


@dataclass(frozen=True)
class Close(Payload, number=19, scope="election"):
    size: int
    root: bytes = field(metadata=_OF_32)
    counting: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class Shares(Payload, number=20, scope="election"):
    stage: int
    digest: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class Result(Payload, number=21, scope="election"):
    document: bytes


@dataclass(frozen=True)
class Statement(Payload, number=22, scope="definition"):
    subject: str
    language: str
    text: str
    attachment: bytes


@dataclass(frozen=True)
class Grant(Payload, number=23, scope="definition"):
    key: bytes = field(metadata=_OF_32)
    name: str
    role: str


@dataclass(frozen=True)
class Amend(Payload, number=24, scope="definition"):
    region: int
    day: int
    open: int
    seal: int
    reason: str


@dataclass(frozen=True)
class Cancel(Payload, number=25, scope="definition"):
    reason: str


@dataclass(frozen=True)
class BoothManifest(Payload, number=26, scope="definition"):
    document: bytes


@dataclass(frozen=True)
class Declaration(Payload, number=27, scope="definition"):
    """What its author declares of a provision: a row of a profile, as `venice-2022/V37`."""

    provision: str
    language: str
    text: str
    attachment: bytes


@dataclass(frozen=True)
class Incident(Payload, number=28, scope="definition"):
    """What was observed, from when to when (UTC seconds); `point` is empty or latitude and longitude."""

    kind: str
    place: str
    point: bytes
    region: int
    observed_from: int
    observed_to: int
    language: str
    text: str
    attachment: bytes


@dataclass(frozen=True)
class Objection(Payload, number=29, scope="definition"):
    """`entry` is the body hash of what it is against, or empty."""

    entry: bytes
    subject: str
    language: str
    text: str
    attachment: bytes


@dataclass(frozen=True)
class Answer(Payload, number=30, scope="definition"):
    """`entry` is the body hash of what it answers."""

    entry: bytes = field(metadata=_OF_32)
    language: str
    text: str
    attachment: bytes


@dataclass(frozen=True)
class Annulment(Payload, number=31, scope="definition"):
    """An area of a contest, by the region where it stands."""

    contest: int
    area: int
    language: str
    text: str
    attachment: bytes


@dataclass(frozen=True)
class Request(Payload, number=32, scope="definition"):
    """For accreditation, by whoever asks; its sponsor and `work` are `spec/messages.md#requests`'."""

    name: str
    role: str
    language: str
    text: str
    sponsor: bytes
    countersignature: bytes
    work: bytes = field(metadata={"size": 8})


@dataclass(frozen=True)
class TokenKeys(Payload, number=40, scope="definition"):
    hpke_key: bytes = field(metadata=_OF_32)
    address: str
    digest: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class Given(Payload, number=41, scope="election"):
    count: int
    digest: bytes = field(metadata=_OF_32)


@dataclass(frozen=True)
class Endorse(Payload, number=42, scope="election"):
    region: int
    batch: int
    entry: bytes = field(metadata=_OF_32)


FIRST_MESSAGE = 64


@dataclass(frozen=True)
class TokenRequest(Payload, number=64, scope="election"):
    region: int
    salt: bytes = field(metadata=_OF_16, repr=False)
    voter: str
    voter_blinded: bytes = field(metadata=_OF_32)
    decoys: bytes
    padding: bytes


@dataclass(frozen=True)
class TokenResponse(Payload, number=65, scope="election"):
    region: int
    request: bytes = field(metadata=_OF_32)
    hash: bytes = field(metadata=_OF_32)
    voter_evaluated: bytes = field(metadata=_OF_32)
    voter_proof: bytes = field(metadata=_OF_96)
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
    card: bytes = field(metadata=_OF_32)
    record: bytes = field(metadata=_OF_32)
    batch: int


@dataclass(frozen=True)
class Refusal(Payload, number=68, scope="election"):
    request: bytes = field(metadata=_OF_32)
    reason: str
    detail: str
    evidence: bytes


@dataclass(frozen=True)
class Promise(Payload, number=69, scope="election"):
    ballot: bytes = field(metadata=_OF_32)
    leaf: bytes = field(metadata=_OF_32)
    region: int
    day: int
    deadline: int


@dataclass(frozen=True)
class Accepted(Payload, number=70, scope="election"):
    entry: bytes = field(metadata=_OF_32)
    index: int


@dataclass(frozen=True, repr=False)
class CardsOpening(Payload, number=71, scope="election"):
    """All of a voter's cards, before any token was asked for; columns of them, ascending by K.

    The commitment is to `pairs`; a card has 16 bytes of `secrets`, 1 of `weights`, 32 of `randomness`.
    """

    region: int
    nonce: bytes = field(metadata=_OF_32)
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
    salt: bytes = field(metadata=_OF_16, repr=False)
    voter: str
    padding: bytes


@dataclass(frozen=True)
class Ready(Payload, number=74, scope="election"):
    request: bytes = field(metadata=_OF_32)
    region: int
    hash: bytes = field(metadata=_OF_32)
    wait: int


@dataclass(frozen=True)
class TokenReceipt(Payload, number=75, scope="election"):
    region: int
    hash: bytes = field(metadata=_OF_32)


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
    query: bytes = field(metadata=_OF_32)
    region: int
    batch: int
    records: bytes


@dataclass(frozen=True)
class Entry:
    """A decoded entry or message: who says what in which referendum."""

    payload: Payload
    referendum: bytes
    author: bytes
    signature: bytes
    body: bytes = field(repr=False)

    @property
    def signed_bytes(self) -> bytes:
        """What the author's Ed25519 signature is over."""
        return SIGNING_PREFIX + self.body

    @cached_property
    def body_hash(self) -> bytes:
        """SHA-256 of the body: a ballot's hash, tracker and identity."""
        return hashlib.sha256(self.body).digest()


def encode_body(payload: Payload, referendum: bytes, author: bytes) -> bytes:
    """The bytes that a signature is made over (after `SIGNING_PREFIX`, for Ed25519)."""
    return cbor.encode([VERSION, payload.number, referendum, author, *vars(payload).values()])


def seal(body: bytes, signature: bytes, longest: int = LONGEST) -> bytes:
    """The entry, or message, that `signature` makes of a body; FormatError when it is too long."""
    whole = bytes([body[0] + 1]) + body[1:] + b"\x58\x40" + signature
    _check_length(whole, longest)
    return whole


def body_of(data: bytes) -> bytes:
    """The body of a well-formed entry or message: what `seal` made it from."""
    return bytes([data[0] - 1]) + data[1:-66]


def _check_length(data: bytes, longest: int) -> None:
    if len(data) > longest:
        raise FormatError(f"entry or message of {len(data)} bytes is longer than {longest}")


def encode(payload: Payload, referendum: bytes, author: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """An entry or message; `sign` makes the Ed25519 signature over the bytes it is given."""
    body = encode_body(payload, referendum, author)
    longest = LONGEST_MESSAGE if payload.number >= FIRST_MESSAGE else LONGEST
    return seal(body, sign(SIGNING_PREFIX + body), longest)


def decode(data: bytes, *, message: bool = False) -> Entry:
    """The entry (or, if asked, the message) that `data` is; FormatError names what is wrong with it.

    Signatures are not looked at here.
    """
    _check_length(data, LONGEST_MESSAGE if message else LONGEST)
    items = cbor.decode(data)
    if len(items) < 5 or items[0] != VERSION:
        raise FormatError("not an entry of version 1")
    _, number, referendum, author, *content, signature = items
    payload_type = _types.get(number) if isinstance(number, int) else None
    if payload_type is None or (payload_type.number >= FIRST_MESSAGE) != message:
        raise FormatError(f"unknown {'message' if message else 'entry'} type {number!r:.20}")
    columns = _columns(payload_type.number)
    if len(items) != 2 + len(columns):
        name, wanted = payload_type.type_name(), len(columns) - 3
        raise FormatError(f"{name}: {len(content)} payload elements instead of {wanted}")
    for (column, kind, size), value in zip(columns, items[2:], strict=True):
        if type(value) is not kind or (size is not None and len(value) != size):  # type: ignore[arg-type]
            what = kind.__name__ if size is None else f"{size} bytes"
            raise FormatError(f"{payload_type.type_name()}: {column} is not {what}")
    payload = payload_type(*content)
    return Entry(payload, referendum, author, signature, body_of(data))  # type: ignore[arg-type]


@cache
def _columns(number: int) -> list[tuple[str, type, int | None]]:
    """Name, type and, where there is just one, length of each element behind the number of a type."""
    kinds = {"int": int, "bytes": bytes, "str": str}
    own = [(one.name, kinds[str(one.type)], one.metadata.get("size")) for one in fields(_types[number])]
    return [("referendum", bytes, 32), ("author", bytes, 32), *own, ("signature", bytes, 64)]
