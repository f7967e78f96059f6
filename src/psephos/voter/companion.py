"""The second device: it notes what the first one shows before that knows whether it will be audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psephos.errors import VerificationError
from psephos.protocol.enrolment.audit import check_group_opening
from psephos.protocol.enrolment.card_face import face
from psephos.protocol.entry import GroupOpening, GroupReceipt
from psephos.protocol.message import read
from psephos.protocol.setup.definition import Definition
from psephos.voter import card
from psephos.voter.card import Card

NONE = "none"
"""In place of a name: no card counts."""


def resolve(named: str, keys: Sequence[bytes]) -> bytes | None:
    """K of the card that a name, or K in hex, says, of cards with these K; None for no card.

    VerificationError `audit` unless just one of them has the name.
    """
    if named == NONE:
        return None
    found = [key for key in keys if named in (key.hex(), face(key).name)]
    if len(found) != 1:
        raise VerificationError("audit", "device", f"{len(found)} cards are called {named!r}")
    return found[0]


@dataclass(frozen=True)
class Companion:
    """Has recorded the commitment to a group, and K of the card that is said to count (None: decoys)."""

    definition: Definition
    election: bytes
    key: bytes
    commitment: bytes
    named: bytes | None = field(repr=False)

    def audit(self, opening: GroupOpening) -> None:
        """VerificationError `audit` unless exactly the named card of the recorded group counts."""
        check_group_opening(self.definition, self.election, self.key, opening, self.commitment, self.named)

    def check_receipt(self, message: bytes) -> GroupReceipt:
        """The registrar's receipt; VerificationError unless it is for what was recorded."""
        payload = read(message, self.election, self.definition.registrar.key).payload
        if not isinstance(payload, GroupReceipt) or payload.commitment != self.commitment:
            raise VerificationError("receipt", "device", "no receipt for the group that was shown")
        return payload

    def check_cards(self, cards: Sequence[Card]) -> None:
        """VerificationError `card` unless each saved card's K is its own, and the named one is there."""
        card.check(cards)
        if self.named is not None and self.named not in {one.key for one in cards}:
            raise VerificationError("card", "device", "the card that counts was not saved")
