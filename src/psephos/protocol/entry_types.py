"""One type per log entry (`spec/entries.md`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from psephos.protocol.payload import OF_32, OF_64, Payload


@dataclass(frozen=True)
class DefinitionEntry(Payload, number=1, scope="definition"):
    document: bytes


@dataclass(frozen=True)
class Part(Payload, number=2, scope="definition"):
    digest: bytes = field(metadata=OF_32)
    index: int
    count: int
    data: bytes


@dataclass(frozen=True)
class CheckpointEntry(Payload, number=3, scope="definition"):
    note: bytes


@dataclass(frozen=True)
class Roll(Payload, number=4, scope="definition"):
    region: int
    size: int
    digest: bytes = field(metadata=OF_32)


@dataclass(frozen=True)
class CeremonyCommit(Payload, number=5, scope="definition"):
    attempt: int
    hpke_key: bytes = field(metadata=OF_32)
    commitment: bytes = field(metadata=OF_32)


@dataclass(frozen=True)
class CeremonyReveal(Payload, number=6, scope="definition"):
    attempt: int
    points: bytes
    proof: bytes = field(metadata=OF_64)


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
    share: bytes = field(metadata=OF_32)


@dataclass(frozen=True)
class CeremonyDeadline(Payload, number=11, scope="definition"):
    attempt: int
    round: int
    time: int


@dataclass(frozen=True)
class CeremonySign(Payload, number=12, scope="definition"):
    attempt: int
    key: bytes = field(metadata=OF_32)
    publics: bytes
    size: int
    root: bytes = field(metadata=OF_32)


@dataclass(frozen=True)
class Batch(Payload, number=13, scope="election"):
    region: int
    batch: int
    cards: int
    last: int
    digest: bytes = field(metadata=OF_32)


@dataclass(frozen=True)
class Issued(Payload, number=14, scope="election"):
    region: int
    secrets: bytes
    size: int
    digest: bytes = field(metadata=OF_32)


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
    previous: bytes = field(metadata=OF_32)
    rows: bytes


@dataclass(frozen=True)
class Close(Payload, number=19, scope="election"):
    size: int
    root: bytes = field(metadata=OF_32)
    counting: bytes = field(metadata=OF_32)


@dataclass(frozen=True)
class Shares(Payload, number=20, scope="election"):
    stage: int
    digest: bytes = field(metadata=OF_32)


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
    key: bytes = field(metadata=OF_32)
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

    entry: bytes = field(metadata=OF_32)
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
    hpke_key: bytes = field(metadata=OF_32)
    address: str
    digest: bytes = field(metadata=OF_32)


@dataclass(frozen=True)
class Given(Payload, number=41, scope="election"):
    count: int
    digest: bytes = field(metadata=OF_32)


@dataclass(frozen=True)
class Endorse(Payload, number=42, scope="election"):
    region: int
    batch: int
    entry: bytes = field(metadata=OF_32)
