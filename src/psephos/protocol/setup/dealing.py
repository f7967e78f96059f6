"""A trustee's side of the ceremony: from its state and own secret to what comes next (`spec/ceremony.md`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from psephos.crypto import cbor, group, hpke, schnorr, threshold
from psephos.errors import FormatError, PhaseError
from psephos.protocol.entries import (
    CeremonyAnswer,
    CeremonyCommit,
    CeremonyComplain,
    CeremonyConfirm,
    CeremonyDeal,
    CeremonyReveal,
    Payload,
)
from psephos.protocol.labels import CEREMONY_CONSTANT
from psephos.protocol.setup.attempt import CONFIRM, SEALED_SHARE
from psephos.protocol.setup.ceremony import Ceremony
from psephos.protocol.setup.key_generation import is_share

SEED = 64


@dataclass(frozen=True, repr=False)
class Secret:
    """What a trustee must keep for an attempt, each part empty before its time and after.

    `coefficients` of the polynomial, 32 bytes each; `hpke_key`, which opens what others dealt; `share`, the
    x_j that remains for good.
    """

    attempt: int
    coefficients: bytes = b""
    hpke_key: bytes = b""
    share: bytes = b""

    def encode(self) -> bytes:
        """The bytes to store, where nobody else reads them."""
        return cbor.encode([self.attempt, self.coefficients, self.hpke_key, self.share])

    @classmethod
    def decode(cls, data: bytes) -> Secret:
        """From its stored bytes."""
        match cbor.decode(data):
            case [int(attempt), bytes(coefficients), bytes(hpke_key), bytes(share)]:
                return cls(attempt, coefficients, hpke_key, share)
        raise FormatError("ceremony secret: not attempt, coefficients, key and share")

    @property
    def points(self) -> bytes:
        """The commitments to the coefficients."""
        return group.base_multiples(self.coefficients)


def advance(
    ceremony: Ceremony, trustee: int, secret: Secret | None, seed: bytes
) -> tuple[Secret | None, list[Payload]]:
    """What a trustee, from 1, does next: the secret to store, *then* the payloads to log, in order.

    `seed` is 64 fresh random bytes. With no payloads there is nothing to do before somebody else acts. Called
    again with the stored secret, and a ceremony that lacks what was to be logged, it goes on where it was.
    PhaseError when the secret that the log's commitment stands for is not there.
    """
    if trustee not in ceremony.participants:
        return None, []
    if secret is None or secret.attempt != ceremony.attempt:
        secret = draw(ceremony, seed)
    dealer = Dealer(ceremony, trustee, secret)
    dealer.check_secret()
    if ceremony.round == CONFIRM:
        return dealer.confirm()
    if ceremony.round > CONFIRM:
        secret = replace(secret, coefficients=b"")
    if trustee in ceremony.current.done():
        return secret, []
    match ceremony.round:
        case 1:
            return secret, [dealer.commit()]
        case 2:
            return secret, [dealer.reveal(seed[:32])]
        case 3:
            return secret, [dealer.deal()]
        case _:
            return secret, dealer.sign()


def draw(ceremony: Ceremony, seed: bytes) -> Secret:
    """A fresh polynomial and HPKE key for the attempt, from 64 random bytes."""
    if len(seed) != SEED:
        raise FormatError(f"seed of {len(seed)} bytes instead of {SEED}")
    coefficients = threshold.polynomial(seed[:32], ceremony.definition.trustees.threshold)
    return Secret(ceremony.attempt, coefficients, seed[32:])


@dataclass(frozen=True, repr=False)
class Dealer:
    """A participant in the round at hand, with its secret."""

    ceremony: Ceremony
    trustee: int
    secret: Secret

    @property
    def others(self) -> list[int]:
        """The other participants, ascending: the order of sealed shares."""
        return self.ceremony.current.others(self.trustee)

    def check_secret(self) -> None:
        """Raise PhaseError when the log holds a commitment of ours to something else."""
        logged = self.ceremony.current.commits.get(self.trustee)
        if logged is not None and self.secret.coefficients and self.commitment() != logged.commitment:
            raise PhaseError(f"the secret of attempt {self.ceremony.attempt} is not the one committed to")
        if self.ceremony.round > CONFIRM and not self.secret.share:
            raise PhaseError(f"the share of attempt {self.ceremony.attempt} is lost")

    def commitment(self) -> bytes:
        """The hash that round 1 logs."""
        return self.ceremony.context(self.trustee).commitment(self.secret.points)

    def commit(self) -> CeremonyCommit:
        """Round 1."""
        hpke_key = hpke.public_key(self.secret.hpke_key)
        return CeremonyCommit(self.ceremony.attempt, hpke_key, self.commitment())

    def reveal(self, seed: bytes) -> CeremonyReveal:
        """Round 2; `seed` is 32 random bytes."""
        points = self.secret.points
        message = self.ceremony.context(self.trustee).constant_message(points)
        proof = schnorr.sign(CEREMONY_CONSTANT, message, self.secret.coefficients[:32], seed)
        return CeremonyReveal(self.ceremony.attempt, points, proof)

    def deal(self) -> CeremonyDeal:
        """Round 3."""
        return CeremonyDeal(self.ceremony.attempt, b"".join(map(self._sealed, self.others)))

    def _sealed(self, receiver: int) -> bytes:
        """A share for another; zeros for one whose key is none, who must then complain to get it."""
        context = self.ceremony.context(self.trustee)
        key = self.ceremony.current.commits[receiver].hpke_key
        try:
            return hpke.seal(self._share_of(receiver), key, context.share_info(receiver))
        except FormatError:
            return bytes(SEALED_SHARE)

    def _share_of(self, receiver: int) -> bytes:
        return threshold.evaluate_polynomial(self.secret.coefficients, [receiver])

    def confirm(self) -> tuple[Secret, list[Payload]]:
        """Round 4: answers, then complaints, or the confirmation once every share is there."""
        secret, payloads = self.secret, self._answers()
        if self.trustee in self.ceremony.current.confirmed:
            return secret, payloads
        if not secret.share:
            shares = {dealer: self._received(dealer) for dealer in self.others}
            bad = [dealer for dealer, share in shares.items() if share is None]
            if bad:
                return secret, payloads + self._complaints(bad)
            parts = [self._share_of(self.trustee), *(share for share in shares.values() if share)]
            secret = replace(secret, share=group.sum_scalars(b"".join(parts)), hpke_key=b"")
        return secret, [*payloads, CeremonyConfirm(self.ceremony.attempt)]

    def _answers(self) -> list[Payload]:
        """The shares of those who complain of us, in the clear."""
        waiting = [
            complainant
            for (complainant, accused), share in self.ceremony.current.complaints.items()
            if accused == self.trustee and share is None
        ]
        return [CeremonyAnswer(self.ceremony.attempt, one, self._share_of(one)) for one in sorted(waiting)]

    def _complaints(self, bad: list[int]) -> list[Payload]:
        lodged = self.ceremony.current.complaints
        return [
            CeremonyComplain(self.ceremony.attempt, dealer)
            for dealer in bad
            if (self.trustee, dealer) not in lodged
        ]

    def _received(self, dealer: int) -> bytes | None:
        """The share that another dealt us, or answered our complaint with; None when it is bad."""
        current = self.ceremony.current
        answer = current.complaints.get((self.trustee, dealer))
        if answer is not None:
            return answer
        info = self.ceremony.context(dealer).share_info(self.trustee)
        try:
            share = hpke.open_sealed(current.sealed(dealer, self.trustee), self.secret.hpke_key, info)
        except FormatError:
            return None
        return share if is_share(share, current.points[dealer], self.trustee) else None

    def sign(self) -> list[Payload]:
        """Round 5: nothing before the checkpoint is there."""
        statement, result = self.ceremony.statement(), self.ceremony.current.result
        if statement is None or result is None:
            return []
        if group.base_multiples(self.secret.share) != result.public_shares[self.trustee]:
            raise PhaseError(f"the share of attempt {self.ceremony.attempt} is not that of the result")
        return [statement]
