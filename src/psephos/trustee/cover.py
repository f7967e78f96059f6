"""A trustee's cover for one batch: weightless cards, ballots by some (`spec/messages.md#cover`).

All comes from one seed: what was asked, enrolled or cast before comes out again, byte for byte, so that a
process that ended early goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psephos.crypto.card import derive_cards
from psephos.crypto.signature import SigningKey
from psephos.protocol.enrolment import group, token
from psephos.protocol.enrolment.cover import noise
from psephos.protocol.enrolment.group import GroupDraft
from psephos.protocol.enrolment.token import Request, Token
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.key_generation import Result
from psephos.protocol.voting import vote
from psephos.trustee.coins import Coins, derive

MOMENTS = 1_000_000
"""A day's window in as many parts."""
_AGAIN = 8  # after one in so many ballots the card votes again


@dataclass(frozen=True, repr=False)
class CoverBallot:
    """A ballot to cast: `card` by position, `day` from 1, `moment` of that day's window, from 0."""

    card: int
    day: int
    moment: int
    choices: tuple[int | None, ...]


class Cover:
    """What one trustee does for one batch of a region."""

    def __init__(self, definition: Definition, keys: Result, region: int, seed: bytes) -> None:
        """`seed` is 32 random bytes, kept as secret as the cards that it makes."""
        numbers = noise(definition)
        self._definition, self._keys, self._seed = definition, keys, seed
        self.region = region
        coins = Coins(derive(seed, "coins"))
        silent, voting = numbers.draw(coins.below)
        self.ballots = _ballots(definition, region, voting, coins)
        self.groups = _sizes(silent + voting, definition, coins)

    def ask(self, trustee: SigningKey) -> list[Request]:
        """Requests for a decoy token for each group."""
        seed = derive(self._seed, "tokens")
        return token.ask_decoys(self._keys.election_hash, self.region, len(self.groups), trustee, seed)

    def enrol(self, tokens: Sequence[Token]) -> tuple[list[GroupDraft], list[bytes]]:
        """The groups, and the messages that enrol them."""
        plans, first = [], 0
        for number, (size, one) in enumerate(zip(self.groups, tokens, strict=True)):
            secrets = b"".join(map(self._secret, range(first, first + size)))
            plans.append(group.Plan(one, secrets, None, derive(self._seed, f"nonce {number}")))
            first += size
        election, key = self._keys.election_hash, self._keys.key
        drafts = group.make_groups(self._definition, election, key, plans, derive(self._seed, "groups"))
        return drafts, group.sign_groups(drafts, derive(self._seed, "group signatures"))

    def _secret(self, card: int) -> bytes:
        return derive(self._seed, f"card {card}")[:16]

    def card(self, ballot: CoverBallot) -> bytes:
        """K of the card that casts a ballot."""
        return derive_cards(self._keys.election_hash, self.region, self._secret(ballot.card))[1]

    def cast(self, ballot: CoverBallot, day: int, serial: int) -> bytes:
        """The entry of a ballot that is cast on a day, with the card's next serial there."""
        seed = derive(self._seed, f"ballot {ballot.card} {day} {serial}")
        card, choices = self.card(ballot), [ballot.choices]
        election, key = self._keys.election_hash, self._keys.key
        drafts = vote.encrypt(
            self._definition, election, key, self.region, card, [day], [serial], choices, seed
        )
        secret, coins = self._secret(ballot.card), derive(seed, "signature")
        return vote.sign(election, drafts, secret, coins)[0]


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


def _sizes(cards: int, definition: Definition, coins: Coins) -> list[int]:
    """Groups of so many cards together, as large as voters' are."""
    sizes = []
    while cards > 0:
        sizes.append(min(cards, 1 + coins.below(definition.cards)))
        cards -= sizes[-1]
    return sizes
