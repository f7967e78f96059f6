"""Audit or enrol: cards opened to a second device, which sees that the named card counts and no other.

A device shows its commitment first, and only then hears which it is to be (`spec/messages.md#commitment`).
"""

from __future__ import annotations

from psephos.crypto.card import check_sums, derive_cards
from psephos.crypto.column import columns, rows
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.cards import CardsDraft, commitment, pairs
from psephos.protocol.enrolment.draft import OPENED, settle
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import CardsOpening


def open_cards(setting: Setting, draft: CardsDraft) -> CardsOpening:
    """Open cards, which are then never enrolled; PhaseError once tokens were asked for."""
    settle([draft], OPENED)
    return CardsOpening(
        draft.region,
        draft.nonce,
        pairs(setting, draft.records),
        draft.secrets,
        draft.weights,
        draft.randomness,
    )


def check_cards_opening(setting: Setting, opening: CardsOpening, recorded: bytes, named: bytes) -> None:
    """Check an opening against the recorded commitment and the K said to count.

    VerificationError `audit` through the device unless the commitment is to these cards, their keys come from
    their secrets, and exactly the named card weighs one.
    """
    if commitment(opening.nonce, opening.pairs) != recorded:
        raise _refuse("the commitment is to other cards")
    width = 96 if setting.weighted else 32
    try:
        _, keys = derive_cards(setting.election, opening.region, opening.secrets)
        shown = columns(opening.pairs, width, 0, 32)
        wrong = setting.weighted and check_sums(
            setting.key,
            columns(opening.pairs, width, 32, 96),
            [1] * len(opening.weights),
            opening.randomness,
            list(opening.weights),
        )
    except FormatError as error:
        raise _refuse(str(error)) from error
    if keys != shown:
        raise _refuse("a card has another key than its secret gives")
    if wrong:
        raise _refuse(f"card {shown[32 * wrong[0] :][:32].hex()} does not weigh what the device says")
    if opening.weights != bytes(card == named for card in rows(shown, 32)) or sum(opening.weights) != 1:
        raise _refuse("not exactly the named card counts")


def _refuse(message: str) -> VerificationError:
    return VerificationError("audit", "device", message)
