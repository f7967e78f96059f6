"""A voting card as a voter keeps it: a secret of 16 bytes and where it votes (`spec/cards.md`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows
from psephos.errors import VerificationError
from psephos.protocol.enrolment.card_face import Face, face
from psephos.protocol.enrolment.card_text import CardText
from psephos.protocol.enrolment.cards import CardsDraft
from psephos.protocol.enrolment.words import from_words, to_words


@dataclass(frozen=True)
class Card:
    """One card; nothing in it tells whether it counts. `key` is its K."""

    election: bytes
    region: int
    key: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def derive(cls, election: bytes, region: int, secret: bytes) -> Card:
        """The card of an election and a region with a secret of 16 bytes; FormatError if there is none."""
        _, key = derive_cards(election, region, secret)
        return cls(election, region, key, secret)

    @classmethod
    def scan(cls, text: str) -> Card:
        """The card whose QR code holds an address or a text; FormatError for what no card has."""
        parsed = CardText.read(text)
        return cls.derive(parsed.election, parsed.region, parsed.secret)

    @classmethod
    def recall(cls, election: bytes, region: int, words: str) -> Card:
        """The card with twelve words, which do not tell where it votes; FormatError for other words."""
        return cls.derive(election, region, from_words(words))

    @property
    def text(self) -> str:
        """What its QR code holds where no site is known."""
        return self._text.encode()

    def code(self, site: str = "") -> str:
        """What its QR code holds: an address of the site, which ends with `/`; a text where there is none."""
        return self._text.address(site) if site else self.text

    @property
    def _text(self) -> CardText:
        return CardText(self.election, self.region, self.secret)

    @property
    def words(self) -> str:
        """Its secret as twelve words."""
        return to_words(self.secret)

    @property
    def face(self) -> Face:
        """Its name and picture."""
        return face(self.key)


def save(election: bytes, drafts: Sequence[CardsDraft]) -> list[list[Card]]:
    """The cards of each draft, ascending by K: each to be kept apart from the others.

    VerificationError `card` through the device when a secret does not give the K that is enrolled.
    """
    saved = [
        [
            Card(election, draft.region, key, secret)
            for key, secret in zip(rows(draft.keys, 32), rows(draft.secrets, 16), strict=True)
        ]
        for draft in drafts
    ]
    check([card for cards in saved for card in cards])
    return saved


def check(cards: Sequence[Card]) -> None:
    """Derive each card's K again from its secret; VerificationError `card` for another."""
    for election, region in {(card.election, card.region) for card in cards}:
        group = [card for card in cards if (card.election, card.region) == (election, region)]
        _, keys = derive_cards(election, region, b"".join(card.secret for card in group))
        for card, key in zip(group, rows(keys, 32), strict=True):
            if card.key != key:
                raise VerificationError("card", "device", f"the secret of card {card.key.hex()} is another's")
