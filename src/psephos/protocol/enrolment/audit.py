"""Audit or enrol: a group opened to a second device, which sees that the named card counts and no other.

A device shows its commitment first, and only then hears which it is to be (`spec/messages.md#commitment`).
"""

from __future__ import annotations

from psephos.crypto.card import check_sums, derive_cards
from psephos.crypto.column import columns
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.draft import OPENED, settle
from psephos.protocol.enrolment.group import GroupDraft, commitment, pairs
from psephos.protocol.enrolment.token import rows
from psephos.protocol.entry import GroupOpening
from psephos.protocol.setup.definition import Definition


def open_group(definition: Definition, draft: GroupDraft) -> GroupOpening:
    """Open a group, which is then never enrolled; PhaseError when it was signed before."""
    settle([draft], OPENED)
    return GroupOpening(
        draft.token.region,
        draft.nonce,
        draft.token.key,
        pairs(definition, draft.records),
        draft.secrets,
        draft.weights,
        draft.randomness,
    )


def check_group_opening(
    definition: Definition,
    election: bytes,
    key: bytes,
    opening: GroupOpening,
    recorded: bytes,
    named: bytes | None,
) -> None:
    """Check an opening against the recorded commitment and the K said to count (None: decoys).

    VerificationError `audit` through the device unless the commitment is to these cards, their keys come from
    their secrets, and exactly the named card weighs one.
    """
    if commitment(opening.nonce, opening.token, opening.pairs) != recorded:
        raise _refuse("the commitment is to another group")
    weighted = definition.coercion_resistant
    width = 96 if weighted else 32
    try:
        _, keys = derive_cards(election, opening.region, opening.secrets)
        shown = columns(opening.pairs, width, 0, 32)
        wrong = weighted and check_sums(
            key,
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
    if opening.weights != bytes(card == named for card in rows(shown, 32)) or (
        named and named not in rows(shown, 32)
    ):
        raise _refuse("not exactly the named card counts")


def _refuse(message: str) -> VerificationError:
    return VerificationError("audit", "device", message)
