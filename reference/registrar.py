"""What a registrar does with requests: spec/messages.md#tokens, spec/messages.md#admission.

A model for rehearsals and tests: nothing is written down, nothing is constant-time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

import batch
import cbor
import labels
import proofs
import provers
import token_provers
import tokens
from group import FormatError, L, decode, scalar
from provers import Stream
from transcript import digest, u16

ADMISSION = 66


@dataclass(frozen=True)
class Response:
    """Evaluated elements and their proofs: message 65 without what only names it."""

    voter: bytes
    voter_proof: bytes
    decoys: bytes
    decoy_proof: bytes


@dataclass(frozen=True)
class Receipt:
    """Message 67: the card, SHA256 of its record, the next batch."""

    card: bytes
    record: bytes
    batch: int


class RefusedError(Exception):
    """A refusal: its word, and the evidence that comes with it."""

    def __init__(self, word: str, evidence: bytes = b"") -> None:
        super().__init__(word)
        self.word, self.evidence = word, evidence


@dataclass
class Registrar:
    """Its keys of each region, whom it has given tokens, and what it has admitted."""

    number: int
    decoys: int
    secrets: list[tuple[int, int]]  # v, d of each region
    rolls: list[set[bytes]]
    election: bytes = b""
    joint: bytes = b""
    random: Stream = field(default_factory=lambda: Stream("registrar"))
    given: dict[tuple[int, bytes], tuple[bytes, Response]] = field(default_factory=dict)
    admitted: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)  # K: region, record
    closed: set[int] = field(default_factory=set)
    batches: Callable[[int], int] = lambda region: 0  # in effect, by region

    def public(self, region: int) -> bytes:
        """V || D, or V alone without decoys."""
        kinds = self.secrets[region][: 2 if self.decoys else 1]
        return b"".join(provers.base(secret) for secret in kinds)

    def give(self, region: int, name: bytes, voter: bytes, decoys: bytes) -> Response:
        """One voter token and `decoys` decoy tokens for a hash of the roll, blinded; the same again, once."""
        try:
            points = [decode(point) for point in proofs.split(voter + decoys)]
        except FormatError as error:
            raise RefusedError("form") from error
        if len(points) != 1 + self.decoys or bytes(32) in proofs.split(voter + decoys):
            raise RefusedError("form")
        if region in self.closed:
            raise RefusedError("closed")
        if name not in self.rolls[region]:
            raise RefusedError("roll")
        request, response = self.given.get((region, name), (voter + decoys, None))
        if request != voter + decoys:
            raise RefusedError("issued", request)
        response = response or self.evaluate(region, voter, decoys)
        self.given[region, name] = (request, response)
        return response

    def evaluate(self, region: int, voter: bytes, decoys: bytes) -> Response:
        """Both kinds, each with one proof."""
        v, d = self.secrets[region]
        statement = self.election, (region, self.number, tokens.VOTER), v, voter
        first = token_provers.evaluate_blind(*statement, self.random)
        if not self.decoys:
            return Response(*first, b"", b"")
        statement = self.election, (region, self.number, tokens.DECOY), d, decoys
        return Response(*first, *token_provers.evaluate_blind(*statement, self.random))

    def digest(self, salt: bytes) -> tuple[int, bytes]:
        """What a `given` entry says of the table: spec/entries.md#given"""
        rows = b"".join(sorted(u16(region) + name for region, name in self.given))
        return len(self.given), digest(labels.GIVEN, ("salt", salt), ("hashes", rows))

    def admit(self, message: bytes) -> Receipt:
        """A card, once for all regions; refused with the first thing that is wrong."""
        region, record, token, proof, signed = self.parse(message)
        card = record[:32]
        if not signed:
            raise RefusedError("refused")
        if card in self.admitted:
            return self._known(region, record)
        if region in self.closed:
            raise RefusedError("closed")
        if batch.failures(proofs.card, [(self.election, self.joint, region, record, self.decoys > 0)]):
            raise RefusedError("refused")
        if not self._token_holds(region, record, token, proof):
            raise RefusedError("refused")
        self.admitted[card] = (region, record)
        return self._receipt(region, record)

    def parse(self, message: bytes) -> tuple[int, bytes, bytes, bytes, bool]:
        """Region, record, token, proof, and whether the card has signed; refused where it has no form."""
        sizes = (32, 384, 96, tokens.ADMISSION, 64) if self.decoys else (32, 96, 64, 0, 64)
        try:
            items = cbor.decode(message)
            if len(items) != 10 or items[:3] != [1, ADMISSION, self.election] or items[5] != self.number:
                raise FormatError("not an admission to this registrar")
            region, wires = items[4], [items[index] for index in (3, 6, 7, 8, 9)]
            card, record, token, proof, signature = (
                wire if isinstance(wire, bytes) else b"" for wire in wires
            )
            if tuple(map(len, (card, record, token, proof, signature))) != sizes:
                raise FormatError("an admission of other lengths")
            if not isinstance(region, int) or region >= len(self.secrets):
                raise FormatError("no such region")
            if record[:32] != card or card == bytes(32):
                raise FormatError("not the author's card")
            _check_encodings(record, token, proof)
        except ValueError as error:
            raise RefusedError("form") from error
        claim = (labels.ADMISSION, card, sha256(cbor.encode(items[:-1])).digest(), signature)
        return region, record, token, proof, not batch.failures(proofs.signature, [claim])

    def _known(self, region: int, record: bytes) -> Receipt:
        known_region, known = self.admitted[record[:32]]
        if (known_region, known) == (region, record):
            return self._receipt(region, record)
        raise RefusedError("known", self.signed_by_card(known_region, known))

    def signed_by_card(self, region: int, record: bytes) -> bytes:
        """What a card has signed of its record, and its signature: the evidence of `known`."""
        ciphertext, proof = (record[32:96], record[96:320]) if self.decoys else (b"", b"")
        message = proofs.card_message(self.election, region, record[:32], ciphertext, proof)
        return message + record[-64:]

    def _token_holds(self, region: int, record: bytes, token: bytes, proof: bytes) -> bool:
        """Whether the card has a token of its kind; Q stays here."""
        v, d = self.secrets[region]
        if not self.decoys:
            card_input = tokens.card_input(self.election, region, record[:32])
            return token == token_provers.finalize(card_input, token_provers.token(v, card_input))
        position = (region, self.number)
        claim = (self.election, position, self.joint, (v % L, d % L), record, token, proof)
        return not batch.failures(tokens.admission, [claim])

    def _receipt(self, region: int, record: bytes) -> Receipt:
        return Receipt(record[:32], sha256(record).digest(), self.batches(region) + 1)


def _check_encodings(record: bytes, token: bytes, proof: bytes) -> None:
    """Canonical points and scalars: check `form` of spec/messages.md#admission"""
    weighted = len(record) > 96
    points = record[:32] + record[-64:-32] + (record[32:224] + token + proof[:160] if weighted else b"")
    for point in proofs.split(points):
        decode(point)
    for value in proofs.split(record[-32:] + (record[224:320] + proof[160:] if weighted else b"")):
        scalar(value)
