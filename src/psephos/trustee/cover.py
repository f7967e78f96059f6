"""A trustee's cover for a region: weightless cards, ballots by some (`spec/messages.md#cover`).

All comes from one seed: what was asked, made or cast before comes out again, byte for byte, so that a
process that ended early goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import shake_256

from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows
from psephos.crypto.signature import SigningKey
from psephos.protocol.enrolment.cards import CardsDraft, GroupPlan, make_drafts
from psephos.protocol.enrolment.cover import noise
from psephos.protocol.enrolment.presentation import present
from psephos.protocol.enrolment.response import tokens
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import MOST_AT_ONCE, PendingTokens, ask_decoys
from psephos.protocol.entries import TokenResponse
from psephos.protocol.setup.definition import Definition
from psephos.protocol.voting import vote
from psephos.trustee.coins import Coins, derive

MOMENTS = 1_000_000
"""A window, or what was left of enrolment, in as many parts."""
LARGEST = 4
"""Times as many tokens as the shifts say, and so at most as many cards: what is drawn beyond it, with a
chance below delta^3, is cut off."""
_AGAIN = 8  # after one in so many ballots the card votes again


@dataclass(frozen=True, repr=False)
class CoverBallot:
    """A ballot to cast: `card` by number, `day` from 1, `moment` of that day's window, from 0."""

    card: int
    day: int
    moment: int
    choices: tuple[int | None, ...]


class Cover:
    """What one trustee does for a region; cards go by numbers from 0, those that vote first."""

    def __init__(self, setting: Setting, region: int, seed: bytes) -> None:
        """`seed` is 32 random bytes, kept as secret as the cards that it makes."""
        definition, coins = setting.definition, Coins(derive(seed, "coins"))
        numbers = noise(definition)
        most = LARGEST * numbers.silent.shift, LARGEST * numbers.voting.shift
        self._setting, self._seed = setting, seed
        self.region = region
        self.silent, self.voting = map(min, numbers.draw(coins.below), most)
        self.tokens = sum(most)
        """Elements of each registrar that are asked for, whatever was drawn."""
        self.ballots = _ballots(definition, region, self.voting, coins)
        self.moments = tuple(coins.below(MOMENTS) for _ in range(self.silent + self.voting))
        """When each card is enrolled."""

    # -- enrolling

    def ask(self, registrar: int, trustee: SigningKey) -> list[PendingTokens]:
        """Requests to a registrar: always for as many tokens."""
        left = [min(MOST_AT_ONCE, self.tokens - MOST_AT_ONCE * number) for number in range(len(self._drafts))]
        return [
            ask_decoys(
                self._setting,
                registrar,
                draft,
                elements,
                trustee,
                self._derive(f"tokens {registrar} {number}"),
            )
            for number, (draft, elements) in enumerate(zip(self._drafts, left, strict=True))
        ]

    def admissions(
        self, asked: Sequence[PendingTokens], responses: Sequence[TokenResponse]
    ) -> list[tuple[bytes, ...]]:
        """Of each card its message for each registrar, in order, from all responses of all registrars.

        VerificationError names the registrars whose proofs do not hold.
        """
        given = list(zip(asked, tokens(self._setting, asked, responses), strict=True))
        columns = []
        for registrar in self._setting.registrars:
            own = [some for one, some in given if one.registrar == registrar]
            columns.append(self._presented(registrar, own))
        return list(zip(*columns, strict=True))

    def _presented(self, registrar: int, given: Sequence[Mapping[int, bytes]]) -> list[bytes]:
        """The messages of all cards to a registrar, by their numbers."""
        seed = shake_256(self._derive(f"admissions {registrar}")).digest(64)
        made = present(self._setting, registrar, self._drafts, given, seed)
        by_secret = {
            secret: message
            for draft, messages in zip(self._drafts, made, strict=True)
            for secret, message in zip(rows(draft.secrets, 16), messages, strict=True)
        }
        return [by_secret[self._secret(card)] for card in range(len(self.moments))]

    @cached_property
    def _drafts(self) -> list[CardsDraft]:
        """The cards, in as many drafts as there are requests; a draft without any has one not used."""
        count = -(-self.tokens // MOST_AT_ONCE)
        return [self._draft(number, range(number, len(self.moments), count)) for number in range(count)]

    def _draft(self, number: int, cards: Sequence[int]) -> CardsDraft:
        secrets = b"".join(map(self._secret, cards)) or self._derive(f"spare card {number}")[:16]
        plan = GroupPlan(self.region, secrets, None, self._derive(f"nonce {number}"))
        return make_drafts(self._setting, [plan], self._derive(f"cards {number}"))[0]

    def _secret(self, card: int) -> bytes:
        return self._derive(f"card {card}")[:16]

    def _derive(self, purpose: str) -> bytes:
        return derive(self._seed, purpose)

    # -- voting

    def card(self, ballot: CoverBallot) -> bytes:
        """K of the card that casts a ballot."""
        return derive_cards(self._setting.election, self.region, self._secret(ballot.card))[1]

    def cast(self, ballot: CoverBallot, day: int, serial: int) -> bytes:
        """The entry of a ballot that is cast on a day, with the card's next serial there."""
        seed, setting = self._derive(f"ballot {ballot.card} {day} {serial}"), self._setting
        card, choices = self.card(ballot), [ballot.choices]
        drafts = vote.encrypt(
            setting.definition,
            setting.election,
            setting.key,
            self.region,
            card,
            [day],
            [serial],
            choices,
            seed,
        )
        return vote.sign(setting.election, drafts, self._secret(ballot.card), derive(seed, "signature"))[0]


def _ballots(definition: Definition, region: int, voting: int, coins: Coins) -> list[CoverBallot]:
    """Ballots of the first cards, as people cast them: each at least one, a few again."""
    return [
        _ballot(definition, region, card, coins)
        for card in range(voting)
        for _ in range(_ballots_of_a_card(coins))
    ]


def _ballots_of_a_card(coins: Coins) -> int:
    count = 1
    while coins.below(_AGAIN) == 0:
        count += 1
    return count


def _ballot(definition: Definition, region: int, card: int, coins: Coins) -> CoverBallot:
    """On any day, rather at midday than at its ends."""
    day = 1 + coins.below(len(definition.regions[region].days))
    moment = (coins.below(MOMENTS) + coins.below(MOMENTS)) // 2
    return CoverBallot(card, day, moment, _choices(definition, region, coins))


def _choices(definition: Definition, region: int, coins: Coins) -> tuple[int | None, ...]:
    """Any allowed pattern of each contest; the number of options stands for a blank vote."""
    chosen = []
    for _, options, blank in definition.regions[region].style.shape:
        option = coins.below(options + blank)
        chosen.append(None if option == options else option)
    return tuple(chosen)
