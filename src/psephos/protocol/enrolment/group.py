"""Groups: cards that are enrolled together and weigh one, or nothing (`spec/messages.md#group`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from psephos.crypto.card import PLAIN_RECORD, RECORD, derive_cards, make_cards, make_plain_cards
from psephos.crypto.column import columns
from psephos.crypto.group import sum_scalars
from psephos.crypto.schnorr import sign
from psephos.crypto.transcript import transcript_hashes
from psephos.errors import FormatError
from psephos.protocol.enrolment.draft import SIGNED, Draft, settle
from psephos.protocol.enrolment.token import VOTER, Token, rows
from psephos.protocol.entry import Group, encode_body, seal
from psephos.protocol.setup.definition import Definition

PURPOSE = "group"


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

    @property
    def counting(self) -> bytes | None:
        """K of the card that counts; None in a decoys' group."""
        place = self.weights.find(1)
        return None if place < 0 else self.keys[32 * place :][:32]


def width(definition: Definition) -> int:
    """Bytes of a card record (`spec/proofs.md#card-record`)."""
    return RECORD if definition.coercion_resistant else PLAIN_RECORD


def commitment(nonce: bytes, token: bytes, pairs: bytes) -> bytes:
    """What a device shows before it enrols (`spec/messages.md#commitment`).

    `pairs` are K || C of each card, ascending by K, or K alone where cards have no weights.
    """
    return commitments([(nonce, token, pairs)])


def commitments(shown: Sequence[tuple[bytes, bytes, bytes]]) -> bytes:
    """The commitments, 32 bytes each, to nonce, token and pairs of each of several groups."""
    return transcript_hashes("group-commitment", ["nonce", "token", "cards"], shown)


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
    if (plan.counts is None) == (token.kind == VOTER) or not right_size(definition, token.kind, len(records)):
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


def right_size(definition: Definition, kind: int, cards: int) -> bool:
    """Whether a group of that kind may have so many cards."""
    if not definition.coercion_resistant:
        return kind == VOTER and cards == 1
    return (2 if kind == VOTER else 1) <= cards <= definition.cards


def sign_groups(drafts: Sequence[GroupDraft], seed: bytes) -> list[bytes]:
    """The messages that enrol groups; PhaseError when one was opened. `seed` is 32 random bytes."""
    settle(drafts, SIGNED)
    hashes = b"".join(sha256(draft.body).digest() for draft in drafts)
    signatures = sign(PURPOSE, hashes, b"".join(draft.token.secret for draft in drafts), seed)
    return [seal(draft.body, one) for draft, one in zip(drafts, rows(signatures, 64), strict=True)]
