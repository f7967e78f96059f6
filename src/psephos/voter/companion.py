"""The second device: it notes what the first one shows before that knows whether it will be audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.audit import check_cards_opening
from psephos.protocol.enrolment.card_face import face
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import CardsOpening
from psephos.voter import card
from psephos.voter.card import Card


def resolve(named: str, keys: Sequence[bytes]) -> bytes:
    """K of the card that a name, or K in hex, says, of cards with these K.

    VerificationError `audit` unless just one of them has the name.
    """
    matches = [key for key in keys if named in (key.hex(), face(key).name)]
    if len(matches) != 1:
        raise VerificationError("audit", "device", f"{len(matches)} cards are called {named!r}")
    return matches[0]


@dataclass(frozen=True)
class Companion:
    """Has recorded the commitment to cards, and which of them is said to count: its name, or K in hex."""

    setting: Setting
    commitment: bytes
    named: str = field(repr=False)

    def audit(self, opening: CardsOpening) -> None:
        """VerificationError `audit` unless exactly the named card of those committed to counts."""
        width = 96 if self.setting.weighted else 32
        keys = [opening.pairs[offset : offset + 32] for offset in range(0, len(opening.pairs), width)]
        counting = resolve(self.named, keys)
        check_cards_opening(self.setting, opening, self.commitment, counting)

    def enrol(self, keys: Sequence[bytes]) -> EnrolledKeys:
        """What is kept once the voter chooses to enrol: K of each card, and not which one counts.

        FormatError for a list that no device shows.
        """
        if list(keys) != sorted(set(keys)) or not 1 <= len(keys) <= 1 + self.setting.definition.decoys:
            raise FormatError("keys: expected each once, ascending, at most as many as a group may have")
        resolve(self.named, keys)
        return EnrolledKeys(tuple(keys))


@dataclass(frozen=True)
class EnrolledKeys:
    """K of all cards that a voter enrolled, ascending; nothing of what they weigh."""

    keys: tuple[bytes, ...]

    def check_cards(self, cards: Sequence[Card]) -> None:
        """VerificationError `card` unless exactly these cards were saved, each with a secret of its own K."""
        card.check(cards)
        if sorted(saved.key for saved in cards) != list(self.keys):
            raise VerificationError("card", "device", "other cards were saved than were shown")
