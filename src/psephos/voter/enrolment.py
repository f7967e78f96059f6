"""Enrolling: groups planned, and what the registrar answers checked (`spec/messages.md#group`)."""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence
from hashlib import sha256

from psephos.crypto.column import ABSENT, match_keys
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.protocol.enrolment.admission import group_of
from psephos.protocol.enrolment.group import GroupDraft, Plan, commitment, pairs
from psephos.protocol.enrolment.roster import HASH, Roster
from psephos.protocol.enrolment.token import VOTER, Opening, Token
from psephos.protocol.entry import GroupReceipt, Refusal, decode
from psephos.protocol.message import answer
from psephos.protocol.setup.definition import Definition
from psephos.voter.card import Card


def propose(definition: Definition, kind: int, rng: random.Random) -> int:
    """How many cards a group might have, at random: for a voter 2 to `cards`, for decoys 1 to `cards`."""
    if not definition.coercion_resistant:
        return 1
    return rng.randint(2 if kind == VOTER else 1, definition.cards)


def plan(
    definition: Definition,
    token: Token,
    rng: random.Random,
    cards: int | None = None,
    counts: int | None = None,
) -> Plan:
    """A group to make: `cards` as proposed and any card to count, unless the voter chooses.

    `rng` is a `random.SystemRandom` wherever the cards are real.
    """
    number = propose(definition, token.kind, rng) if cards is None else cards
    if token.kind != VOTER:
        counts = None
    elif counts is None:
        counts = rng.randrange(number)
    elif not 0 <= counts < number:
        raise FormatError(f"card {counts} of {number} cannot count")
    return Plan(token, rng.randbytes(16 * number), counts, rng.randbytes(32))


def draw(election: bytes, region: int, number: int, rng: random.Random) -> list[Card]:
    """New cards, ascending by K, to be shown before it is chosen which counts; `rng` as for `plan`.

    No two have one name: people tell them apart by it.
    """
    cards: dict[str, Card] = {}
    while len(cards) < number:
        card = Card.derive(election, region, rng.randbytes(16))
        cards[card.face.name] = card
    return sorted(cards.values(), key=lambda card: card.key)


def plan_of(token: Token, cards: Sequence[Card], counts: int | None, rng: random.Random) -> Plan:
    """The group of cards that were drawn; `counts` is the place of the one that counts (None: decoys)."""
    return Plan(token, b"".join(card.secret for card in cards), counts, rng.randbytes(32))


def check_receipts(
    definition: Definition, election: bytes, drafts: Sequence[GroupDraft], answers: Sequence[bytes]
) -> list[GroupReceipt | Refusal]:
    """The registrar's receipt, or signed refusal, for each group.

    VerificationError through the registrar for an answer that is not its, or not about this group.
    """
    return [
        _check(definition, election, one, draft.token.region, draft.body, draft.commitment)
        for draft, one in zip(drafts, answers, strict=True)
    ]


def check_receipt(
    definition: Definition, election: bytes, group: bytes, message: bytes
) -> GroupReceipt | Refusal:
    """The same of one group as it was sent, by a device that has nothing else of it any more."""
    entry = decode(group, message=True)
    sent = group_of(entry)
    committed = commitment(sent.nonce, entry.author, pairs(definition, sent.cards))
    return _check(definition, election, message, sent.region, entry.body, committed)


def _check(
    definition: Definition, election: bytes, message: bytes, region: int, body: bytes, committed: bytes
) -> GroupReceipt | Refusal:
    group = sha256(body).digest()
    payload = answer(message, election, definition.registrar.key, group).payload
    if isinstance(payload, Refusal):
        return payload
    if not isinstance(payload, GroupReceipt) or (payload.region, payload.group, payload.commitment) != (
        region,
        group,
        committed,
    ):
        raise VerificationError("receipt", "registrar", "the receipt is for another group")
    return payload


def check_invited(roster: Roster, definition: bytes, opening: Opening) -> None:
    """Whether an invitation can still buy a token, as far as the log tells; `definition` is its hash.

    PhaseError once enrolment in the region is over; FormatError for somebody who is not on its roll.
    """
    if roster.complete:
        raise PhaseError("enrolment in this region is over: its last batch of cards is in the log")
    if (roll := roster.roll) is None:
        return
    hashed = opening.hash(definition, roster.region)
    places = (match_keys(run.data, hashed) for run in roll.runs(HASH, 0, len(roll)))
    if all(array("I", found)[0] == ABSENT for found in places):
        raise FormatError(
            "the roll has no such voter: was the invitation changed? Take it again from where it came, "
            "or ask the registrar today"
        )


def is_kept(roster: Roster, receipt: GroupReceipt) -> bool | None:
    """Whether the batch that a receipt names has the group, None while there is no such batch yet.

    Not kept: receipt and batch together are evidence against the registrar (`spec/messages.md#receipts`).
    """
    if receipt.batch > len(roster.batches) and not roster.complete:
        return None
    number = min(receipt.batch, len(roster.batches))
    return roster.commits(number, receipt.commitment)
