"""The cards of a voter before any token is asked for: made, then audited or enrolled.

They are committed to first, and only then does a device hear which of both it is to be
(`spec/messages.md#commitment`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psephos.crypto.card import derive_cards, make_cards, make_plain_cards
from psephos.crypto.column import columns, rows
from psephos.crypto.transcript import transcript_hashes
from psephos.errors import FormatError
from psephos.protocol.enrolment.draft import Draft
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.labels import CARDS_COMMITMENT


@dataclass(frozen=True, repr=False)
class GroupPlan:
    """Cards to make: their 16-byte secrets, and the position of the one that counts (None: all are decoys).

    `nonce`, 32 random bytes, hides the cards behind their commitment.
    """

    region: int
    secrets: bytes
    counts: int | None
    nonce: bytes

    @property
    def weights(self) -> bytes:
        """A byte for each card, 1 for the one that counts."""
        return bytes(position == self.counts for position in range(len(self.secrets) // 16))


@dataclass(repr=False, eq=False)
class CardsDraft(Draft):
    """Cards until all their messages are made; columns of them, ascending by K.

    A card has 16 bytes of `secrets`, 1 of `weights`, 32 of `randomness` (zero without weights).
    """

    region: int
    nonce: bytes
    secrets: bytes
    weights: bytes
    randomness: bytes
    records: bytes
    commitment: bytes

    @property
    def keys(self) -> bytes:
        """K of each card."""
        return columns(self.records, len(self.records) // len(self.weights), 0, 32)

    @property
    def counting(self) -> bytes | None:
        """K of the card that counts; None where all are decoys."""
        position = self.weights.find(1)
        return None if position < 0 else self.keys[32 * position :][:32]


def commitment(nonce: bytes, pairs: bytes) -> bytes:
    """What a device shows before it enrols or opens.

    `pairs` are K || C of each card, ascending by K, or K alone where cards have no weights.
    """
    return transcript_hashes(CARDS_COMMITMENT, ["nonce", "cards"], [(nonce, pairs)])


def pairs(setting: Setting, records: bytes) -> bytes:
    """What a commitment is to, of records in their order."""
    return columns(records, setting.width, 0, 96 if setting.weighted else 32)


def make_drafts(setting: Setting, plans: Sequence[GroupPlan], seed: bytes) -> list[CardsDraft]:
    """The cards that were planned, all of one region; `seed` is 32 random bytes.

    FormatError for a number of cards that nobody gets tokens for.
    """
    regions = {plan.region for plan in plans}
    if len(regions) != 1 or any(plan.region >= len(setting.definition.regions) for plan in plans):
        raise FormatError("cards are made for one region that there is")
    for plan in plans:
        _check_number(setting, plan)
    return list(_make(setting, regions.pop(), plans, seed))


def _check_number(setting: Setting, plan: GroupPlan) -> None:
    most, count = 1 + setting.definition.decoys, len(plan.secrets) // 16
    if plan.counts is not None and not (1 <= count <= most and 0 <= plan.counts < count):
        raise FormatError(f"{count} cards: a voter has 1 to {most}, and one of them counts")
    if plan.counts is None and not (count and setting.weighted):
        raise FormatError("no cards, or cards that weigh nothing where every card counts")


def _make(setting: Setting, region: int, plans: Sequence[GroupPlan], seed: bytes) -> Iterator[CardsDraft]:
    scalars, _ = derive_cards(setting.election, region, b"".join(plan.secrets for plan in plans))
    weights = b"".join(plan.weights for plan in plans)
    if setting.weighted:
        records, randomness = make_cards(setting.election, region, setting.key, scalars, weights, seed)
    else:
        records, randomness = (
            make_plain_cards(setting.election, region, scalars, seed),
            bytes(32 * len(weights)),
        )
    all_records, all_randomness = rows(records, setting.width), rows(randomness, 32)
    end = 0
    for plan in plans:
        start, end = end, end + len(plan.secrets) // 16
        yield _draft(setting, plan, all_records[start:end], all_randomness[start:end])


def _draft(setting: Setting, plan: GroupPlan, records: list[bytes], randomness: list[bytes]) -> CardsDraft:
    order = sorted(range(len(records)), key=records.__getitem__)
    secrets, weights = rows(plan.secrets, 16), plan.weights
    sorted_records = b"".join(records[position] for position in order)
    return CardsDraft(
        plan.region,
        plan.nonce,
        b"".join(secrets[position] for position in order),
        bytes(weights[position] for position in order),
        b"".join(randomness[position] for position in order),
        sorted_records,
        commitment(plan.nonce, pairs(setting, sorted_records)),
    )
