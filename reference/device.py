"""What a voter's device does at enrolment: spec/messages.md#enrolment-on-a-device.

A model for rehearsals and tests. The stream stands for the operating system's randomness.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

import batch
import cbor
import labels
import proofs
import provers
import token_provers
import tokens
from provers import Stream
from registrar import ADMISSION, Response


class WrongResponseError(Exception):
    """A registrar's proof does not hold: nothing of any response is used."""


@dataclass
class Card:
    """A card while it is made; what is kept of it is secret and record."""

    secret: int
    weight: int
    r: int
    record: bytes

    @property
    def key(self) -> bytes:
        """K."""
        return self.record[:32]


@dataclass
class Asked:
    """What the device must hold until a registrar has answered."""

    cards: list[int | None]  # which card each decoy element is for, if any
    inputs: list[bytes]
    blinds: list[int]
    voter: bytes
    decoys: bytes


@dataclass
class Device:
    """The enrolment of one voter in one region."""

    election: bytes
    joint: bytes
    region: int
    decoys: int
    random: Stream
    cards: list[Card] = field(default_factory=list)
    asked: dict[int, Asked] = field(default_factory=dict)  # by registrar

    def make_cards(self, count: int, counts: int = 0) -> None:
        """`count` cards of which one counts; without decoys there is one."""
        for number in range(count):
            secret = provers.card_secret(self.election, self.region, self.random.bytes(16))
            self.cards.append(self._card(secret, int(number == counts)))

    def _card(self, secret: int, weight: int) -> Card:
        if not self.decoys:
            return Card(secret, 1, 0, provers.plain_card(self.election, self.region, secret, self.random))
        r = self.random.scalar()
        statement = (self.election, self.joint, self.region)
        return Card(secret, weight, r, provers.card(*statement, secret, weight, r, self.random))

    def request(self, registrar: int) -> tuple[bytes, bytes]:
        """Blinded elements: of the card that counts; of the others and random inputs, in a random order."""
        slots: list[int | None] = [number for number, card in enumerate(self.cards) if not card.weight]
        slots += [None] * (self.decoys - len(slots))
        slots = self._shuffled(slots)
        counting = next(number for number, card in enumerate(self.cards) if card.weight)
        inputs = [self._input(counting), *map(self._input, slots)]
        blinds = [self.random.scalar() for _ in inputs]
        blinded = [token_provers.blind(name, r) for name, r in zip(inputs, blinds, strict=True)]
        asked = Asked([counting, *slots], inputs, blinds, blinded[0], b"".join(blinded[1:]))
        self.asked[registrar] = asked
        return asked.voter, asked.decoys

    def _input(self, number: int | None) -> bytes:
        if number is None:
            return self.random.bytes(32)
        return tokens.card_input(self.election, self.region, self.cards[number].key)

    def _shuffled(self, slots: list[int | None]) -> list[int | None]:
        order = [(self.random.bytes(16), slot) for slot in slots]
        return [slot for _, slot in sorted(order, key=lambda drawn: drawn[0])]

    def make(self, publics: dict[int, bytes], responses: dict[int, Response]) -> list[bytes]:
        """All admissions, once all proofs of all registrars hold; then everything secret is forgotten."""
        for registrar, response in responses.items():
            self._check(registrar, publics[registrar], response)
        messages = []
        for registrar, response in responses.items():
            for number, token in self._tokens(registrar, response).items():
                messages.append(self._admission(registrar, publics[registrar], self.cards[number], token))
        self.asked.clear()
        for card in self.cards:
            card.weight = card.r = -1
        return messages

    def _check(self, registrar: int, public: bytes, response: Response) -> None:
        asked = self.asked[registrar]
        issuer = (self.region, registrar)
        voter = (asked.voter, response.voter, response.voter_proof)
        claims = [(self.election, (*issuer, tokens.VOTER), public[:32], *voter)]
        if self.decoys:
            decoys = (asked.decoys, response.decoys, response.decoy_proof)
            claims.append((self.election, (*issuer, tokens.DECOY), public[32:], *decoys))
        if batch.failures(proofs.token, claims):
            raise WrongResponseError(f"registrar {registrar}")

    def _tokens(self, registrar: int, response: Response) -> dict[int, bytes]:
        """The tokens of the cards; those of random inputs are thrown away."""
        asked, received = self.asked[registrar], dict[int, bytes]()
        evaluated = [response.voter, *proofs.split(response.decoys)]
        for number, name, r, given in zip(asked.cards, asked.inputs, asked.blinds, evaluated, strict=True):
            if number is not None:
                token = token_provers.unblind(given, r)
                received[number] = token if self.decoys else token_provers.finalize(name, token)
        return received

    def _admission(self, registrar: int, public: bytes, card: Card, token: bytes) -> bytes:
        """One message for one registrar: spec/messages.md#admission"""
        shown, proof = token, b""
        if self.decoys:
            position, opening = (self.region, registrar), (card.weight, card.r)
            statement = (self.election, position, self.joint, public)
            shown, proof = token_provers.admit(*statement, card.record, opening, token, self.random)
        head: list[cbor.Item] = [1, ADMISSION, self.election, card.key, self.region, registrar]
        items = [*head, card.record, shown, proof]
        message = sha256(cbor.encode(items)).digest()
        return cbor.encode([*items, provers.sign(labels.ADMISSION, card.secret, message, self.random)])


def is_ready(wait: int, round_: int) -> bool:
    """Whether a `ready` may promise an answer within so many seconds: spec/messages.md#ready"""
    return wait <= max(600, 4 * round_)
