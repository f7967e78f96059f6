"""Voting with cards: ballots prepared, then challenged or cast, and again (`spec/messages.md#ballots`)."""

from __future__ import annotations

from collections.abc import Sequence

from psephos.crypto.ballot import MAX_SERIAL
from psephos.errors import FormatError, PhaseError
from psephos.protocol.setup.definition import Definition
from psephos.protocol.voting import vote
from psephos.protocol.voting.vote import BallotDraft, Choices
from psephos.voter.card import Card


class Booth:
    """Votes for cards of any number of voters, and remembers the serials that it used."""

    def __init__(self, definition: Definition, election: bytes, key: bytes) -> None:
        self.definition = definition
        self.election = election
        self.key = key
        self._used: dict[tuple[bytes, int], int] = {}

    def note_used(self, card: bytes, day: int, serial: int) -> None:
        """Take note of the highest serial that the board has of a card on a day."""
        self._used[card, day] = max(serial, self._used.get((card, day), 0))

    def prepare(
        self, cards: Sequence[Card], day: int, choices: Sequence[Choices], seed: bytes
    ) -> list[BallotDraft]:
        """A ballot by each card, all of one region, with its next serial. `seed` is 32 random bytes.

        PhaseError for a card that has used all its serials of the day; FormatError for cards of elsewhere.
        """
        keys = [card.key for card in cards]
        regions = range(len(self.definition.regions))
        if any(card.election != self.election or card.region not in regions for card in cards):
            raise FormatError("card: of another election, or of a region that this one does not have")
        if len({card.region for card in cards}) != 1 or len(set(keys)) < len(keys):
            raise FormatError("ballots are prepared for different cards of one region")
        serials = [self._used.get((key, day), 0) + 1 for key in keys]
        if max(serials) > MAX_SERIAL:
            raise PhaseError(f"a card votes at most {MAX_SERIAL} times a day")
        region, days = cards[0].region, [day] * len(cards)
        return vote.encrypt(
            self.definition, self.election, self.key, region, b"".join(keys), days, serials, choices, seed
        )

    def cast(self, drafts: Sequence[BallotDraft], cards: Sequence[Card], seed: bytes) -> list[bytes]:
        """The entries for the board: each ballot signed by its card. `seed` is 32 random bytes.

        PhaseError for a ballot that was challenged, or whose serial was used since it was prepared.
        """
        for draft in drafts:
            if draft.serial <= self._used.get((draft.card, draft.day), 0):
                raise PhaseError(f"serial {draft.serial} of this card was used: prepare the ballot again")
        entries = vote.sign(self.election, drafts, b"".join(card.secret for card in cards), seed)
        for draft in drafts:
            self.note_used(draft.card, draft.day, draft.serial)
        return entries
