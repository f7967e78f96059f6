"""Groups: cards that are enrolled together and weigh one, or nothing (`spec/messages.md#group`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from psephos.crypto.card import (
    PLAIN_RECORD,
    RECORD,
    check_cards,
    check_sums,
    derive_cards,
    make_cards,
    make_plain_cards,
)
from psephos.crypto.column import columns
from psephos.crypto.group import sum_scalars
from psephos.crypto.schnorr import check_signatures, sign
from psephos.crypto.transcript import transcript_hash
from psephos.errors import FormatError
from psephos.protocol.definition import Definition
from psephos.protocol.draft import SIGNED, Draft, settle
from psephos.protocol.entry import Entry, Group, decode, encode_body, seal
from psephos.protocol.token import VOTER, Token, rows

PURPOSE = "group"
UNWEIGHTED = bytes(32)


@dataclass(frozen=True, repr=False)
class Plan:
    """A group to make: its cards' 16-byte secrets, and the place of the one that counts (None: decoys).

    `nonce`, 32 random bytes, hides the group behind its commitment.
    """

    token: Token
    secrets: bytes
    counts: int | None
    nonce: bytes

    @property
    def weights(self) -> bytes:
        """A byte for each card, 1 for the one that counts."""
        return bytes(place == self.counts for place in range(len(self.secrets) // 16))


@dataclass(repr=False, eq=False)
class GroupDraft(Draft):
    """A group before its token signs it; columns of its cards, ascending by K.

    A card has 16 bytes of `secrets`, 1 of `weights`, 32 of `randomness` (zero without weights).
    """

    token: Token
    nonce: bytes
    secrets: bytes
    weights: bytes
    randomness: bytes
    records: bytes
    body: bytes
    commitment: bytes

    @property
    def keys(self) -> bytes:
        """K of each card."""
        return columns(self.records, len(self.records) // len(self.weights), 0, 32)


class Fault(NamedTuple):
    """Why something is refused: a word of `spec/messages.md`, and what is wrong."""

    reason: str
    detail: str


def width(definition: Definition) -> int:
    """Bytes of a card record (`spec/proofs.md#card-record`)."""
    return RECORD if definition.coercion_resistant else PLAIN_RECORD


def commitment(nonce: bytes, token: bytes, pairs: bytes) -> bytes:
    """What a device shows before it enrols (`spec/messages.md#commitment`).

    `pairs` are K || C of each card, ascending by K, or K alone where cards have no weights.
    """
    return transcript_hash("group-commitment", ("nonce", nonce), ("token", token), ("cards", pairs))


def pairs(definition: Definition, records: bytes) -> bytes:
    """What a commitment is to: K || C, or K alone, of records in their order."""
    return columns(records, width(definition), 0, 96 if definition.coercion_resistant else 32)


def make_groups(
    definition: Definition, election: bytes, key: bytes, plans: Sequence[Plan], seed: bytes
) -> list[GroupDraft]:
    """The groups that were planned, unsigned; `seed` is 32 random bytes."""
    made: dict[int, GroupDraft] = {}
    for region in {plan.token.region for plan in plans}:
        places = [place for place, plan in enumerate(plans) if plan.token.region == region]
        some = [plans[place] for place in places]
        made.update(zip(places, _make(definition, election, key, region, some, seed), strict=True))
    return [made[place] for place in range(len(plans))]


def _make(
    definition: Definition, election: bytes, key: bytes, region: int, plans: Sequence[Plan], seed: bytes
) -> Iterator[GroupDraft]:
    scalars, _ = derive_cards(election, region, b"".join(plan.secrets for plan in plans))
    weights = b"".join(plan.weights for plan in plans)
    if definition.coercion_resistant:
        records, randomness = make_cards(election, region, key, scalars, weights, seed)
    else:
        records, randomness = make_plain_cards(election, region, scalars, seed), bytes(32 * len(weights))
    all_records, all_randomness = rows(records, width(definition)), rows(randomness, 32)
    end = 0
    for plan in plans:
        start, end = end, end + len(plan.secrets) // 16
        yield _draft(definition, election, plan, all_records[start:end], all_randomness[start:end])


def _draft(
    definition: Definition, election: bytes, plan: Plan, records: list[bytes], randomness: list[bytes]
) -> GroupDraft:
    token = plan.token
    if (plan.counts is None) == (token.kind == VOTER) or not _right_size(
        definition, token.kind, len(records)
    ):
        raise FormatError(f"{len(records)} cards are no group of this kind")
    order = sorted(range(len(records)), key=records.__getitem__)
    secrets, weights = rows(plan.secrets, 16), plan.weights
    cards = b"".join(records[place] for place in order)
    payload = Group(
        token.region, token.kind, token.output, cards, sum_scalars(b"".join(randomness)), plan.nonce
    )
    return GroupDraft(
        token,
        plan.nonce,
        b"".join(secrets[place] for place in order),
        bytes(weights[place] for place in order),
        b"".join(randomness[place] for place in order),
        cards,
        encode_body(payload, election, token.key),
        commitment(plan.nonce, token.key, pairs(definition, cards)),
    )


def _right_size(definition: Definition, kind: int, cards: int) -> bool:
    if not definition.coercion_resistant:
        return kind == VOTER and cards == 1
    return (2 if kind == VOTER else 1) <= cards <= definition.cards


def sign_groups(drafts: Sequence[GroupDraft], seed: bytes) -> list[bytes]:
    """The messages that enrol groups; PhaseError when one was opened. `seed` is 32 random bytes."""
    settle(drafts, SIGNED)
    hashes = b"".join(sha256(draft.body).digest() for draft in drafts)
    signatures = sign(PURPOSE, hashes, b"".join(draft.token.secret for draft in drafts), seed)
    return [seal(draft.body, one) for draft, one in zip(drafts, rows(signatures, 64), strict=True)]


def decode_groups(
    definition: Definition, election: bytes, messages: Sequence[bytes]
) -> tuple[dict[int, Entry], dict[int, Fault]]:
    """Groups of this referendum by their position in `messages`, and what is wrong with all others."""
    groups: dict[int, Entry] = {}
    faults: dict[int, Fault] = {}
    for position, message in enumerate(messages):
        try:
            groups[position] = _decode(definition, election, message)
        except FormatError as error:
            faults[position] = Fault("form", str(error))
    return groups, faults


def _decode(definition: Definition, election: bytes, message: bytes) -> Entry:
    entry = decode(message, message=True)
    group = entry.payload
    if not isinstance(group, Group):
        raise FormatError(f"a {group.type_name()} is no group")
    if entry.referendum != election:
        raise FormatError("group: of another referendum")
    if group.region >= len(definition.regions):
        raise FormatError(f"group: there is no region {group.region}")
    records = rows(group.cards, width(definition))
    if group.kind > VOTER or not _right_size(definition, group.kind, len(records)):
        raise FormatError(f"group: {len(records)} cards are not of kind {group.kind}")
    if len(group.cards) % width(definition) or len({record[:32] for record in records}) < len(records):
        raise FormatError("group: a card is cut short, or stands in it twice")
    if not definition.coercion_resistant and group.randomness != UNWEIGHTED:
        raise FormatError("group: randomness without weights")
    return entry


def check_groups(
    definition: Definition, election: bytes, key: bytes, groups: Mapping[int, Entry]
) -> dict[int, Fault]:
    """What is wrong with decoded groups, by position: signature, records, sum of weights.

    All that a group shows by itself; whether its token is right and its cards are new, the registrar knows.
    """
    faults = {
        position: Fault("proof", "its cards do not weigh its kind")
        for position in _sums(definition, key, groups)
    }
    for region in {_group(entry).region for entry in groups.values()}:
        faults.update(_records(definition, election, key, region, groups))
    keys = b"".join(entry.author for entry in groups.values())
    hashes = b"".join(entry.body_hash for entry in groups.values())
    signatures = b"".join(entry.signature for entry in groups.values())
    positions = list(groups)
    for row in check_signatures(PURPOSE, keys, hashes, signatures):
        faults[positions[row]] = Fault("token", "the token's signature does not hold")
    return faults


def _group(entry: Entry) -> Group:
    if not isinstance(entry.payload, Group):
        raise TypeError(f"a {entry.payload.type_name()} is no group")
    return entry.payload


def _sums(definition: Definition, key: bytes, groups: Mapping[int, Entry]) -> list[int]:
    """The positions of groups whose ciphertexts do not add up."""
    if not definition.coercion_resistant:
        return []
    payloads = [_group(entry) for entry in groups.values()]
    weights = columns(b"".join(group.cards for group in payloads), RECORD, 32, 96)
    counts = [len(group.cards) // RECORD for group in payloads]
    randomness = b"".join(group.randomness for group in payloads)
    positions = list(groups)
    return [
        positions[row]
        for row in check_sums(key, weights, counts, randomness, [group.kind for group in payloads])
    ]


def _records(
    definition: Definition, election: bytes, key: bytes, region: int, groups: Mapping[int, Entry]
) -> Iterator[tuple[int, Fault]]:
    """Check 4.3 of all cards of a region."""
    some = {place: _group(entry).cards for place, entry in groups.items() if _group(entry).region == region}
    owner = [place for place, cards in some.items() for _ in range(len(cards) // width(definition))]
    plain = not definition.coercion_resistant
    records = b"".join(some.values())
    for row, reason in check_cards(election, region, key, records, plain):
        card = records[row * width(definition) :][:32].hex()
        yield owner[row], Fault("proof", f"card {card}: {reason}")
