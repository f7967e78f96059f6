"""Admissions to refuse: a decoy token never admits a card that counts (spec/proofs.md#admission).

The forger knows the equations, has decoy tokens for any cards and chooses what it proves; the core judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import provers
import pytest
import token_provers
import tokens
from group import L, decode, encode, multiply, scalar_bytes, total
from provers import Stream

from psephos.crypto.admission import check_admissions, make_admissions
from psephos.crypto.card import check_cards, derive_cards, make_cards

ELECTION, OTHER = sha256(b"an election").digest(), sha256(b"another").digest()
PLACE = (5, 2)
"""Region and registrar."""
V, D = (Stream(name).scalar() for name in ("voter key", "decoy key"))
SECRETS = scalar_bytes(V) + scalar_bytes(D)
PUBLICS = provers.base(V) + provers.base(D)
JOINT = provers.base(Stream("trustees").scalar())
REFUSED = [(0, "admission proof does not hold")]


class Forger:
    """A device that holds one card, which weighs what it likes, with the randomness of its ciphertext."""

    def __init__(self, weight: int = 1, name: str = "forger") -> None:
        self.random, self.weight = Stream(name), weight
        secret = provers.card_secret(ELECTION, PLACE[0], self.random.bytes(16))
        self.r = self.random.scalar()
        bit = weight if weight in (0, 1) else 1
        record = provers.card(ELECTION, JOINT, PLACE[0], secret, bit, self.r, self.random)
        ciphertext = record[32:96] if bit == weight else provers.encrypt(JOINT, weight, self.r)
        self.record = record[:32] + ciphertext + record[96:]
        self.input = tokens.card_input(ELECTION, PLACE[0], self.record[:32])

    def token(self, *multiples: int) -> bytes:
        """The sum of these multiples of T."""
        return encode(multiply(sum(multiples) % L, tokens.element(self.input)))

    def admit(
        self, token: bytes, weight: int | None = None, place: tuple[int, int] = PLACE
    ) -> tuple[bytes, bytes]:
        """What is shown, and its proof, for a token; the weight that is said is the card's own or another."""
        said = self.weight if weight is None else weight
        where = (ELECTION, place, JOINT, PUBLICS, self.record)
        return token_provers.admit(*where, (said, self.r), token, self.random)


def judge(
    record: bytes,
    shown: bytes,
    proof: bytes,
    election: bytes = ELECTION,
    place: tuple[int, int] = PLACE,
    secrets: bytes = SECRETS,
) -> list[tuple[int, str]]:
    return check_admissions(election, place, JOINT, secrets, record, shown, proof)


@pytest.mark.parametrize("weight", [0, 1])
def test_a_card_with_the_token_of_its_weight_is_admitted(weight: int) -> None:
    forger = Forger(weight)
    assert judge(forger.record, *forger.admit(forger.token(V if weight else D))) == []
    assert check_cards(ELECTION, PLACE[0], JOINT, forger.record, False) == []


DECOYS: dict[str, tuple[int, ...]] = {
    "as it is": (D,),
    "a multiple": (2 * D,),
    "a sum": (D, D, D),
    "negated": (-D,),
    "with the public keys' logarithms at one": (D, 1),
    "nothing": (),
}


@pytest.mark.parametrize("multiples", DECOYS.values(), ids=DECOYS)
@pytest.mark.parametrize("said", [0, 1])
def test_a_decoy_token_never_admits_a_card_that_counts(multiples: tuple[int, ...], said: int) -> None:
    forger = Forger()
    assert judge(forger.record, *forger.admit(forger.token(*multiples), said)) == REFUSED


def test_another_cards_voter_token_admits_nothing() -> None:
    forger, victim = Forger(), Forger(name="victim")
    assert judge(forger.record, *forger.admit(victim.token(V))) == REFUSED
    added = encode(total([decode(victim.token(V)), decode(forger.token(D))]))
    assert judge(forger.record, *forger.admit(added)) == REFUSED


@pytest.mark.parametrize("weight", [0, 1])
def test_both_kinds_of_token_for_one_card_admit_another_weight_only_without_the_bit_proof(
    weight: int,
) -> None:
    """With v*T and d*T whoever holds both makes that of any weight w: (d + w*(v - d))*T."""
    forger = Forger(weight)
    assert judge(forger.record, *forger.admit(forger.token(D if weight else V))) == REFUSED
    for heavy in (2, -1):
        device = Forger(heavy)
        shown, proof = device.admit(device.token(D, heavy * (V - D)))
        assert judge(device.record, shown, proof) == []
        assert check_cards(ELECTION, PLACE[0], JOINT, device.record, False) == [(0, "bit proof")]


def test_an_encrypted_identity_in_place_of_a_token_is_refused() -> None:
    forger = Forger()
    shown, proof = forger.admit(forger.token(V))
    assert judge(forger.record, shown, proof) == []
    assert judge(forger.record, shown[:32] + bytes(64), proof) == REFUSED
    assert judge(forger.record, bytes(96), bytes(288)) == REFUSED


def changed(wire: bytes, size: int) -> Iterator[bytes]:
    """Each 32-byte piece put in another's place: points for points, scalars for scalars."""
    for at in range(0, len(wire), 32):
        other = provers.base(at + 2) if at < size else scalar_bytes(at + 2)
        yield wire[:at] + other + wire[at + 32 :]


def test_another_f_e_commitment_w_z_r_or_rho_is_refused() -> None:
    forger = Forger()
    shown, proof = forger.admit(forger.token(V))
    for other in changed(shown, 96):
        assert judge(forger.record, other, proof) == REFUSED
    for other in changed(proof, 160):
        assert judge(forger.record, shown, other) == REFUSED


def test_an_admission_is_for_one_card_region_registrar_and_election() -> None:
    forger, other = Forger(), Forger(name="another card")
    shown, proof = forger.admit(forger.token(V))
    assert judge(other.record, shown, proof) == REFUSED
    assert judge(forger.record, shown, proof, place=(6, 2)) == REFUSED
    assert judge(forger.record, shown, proof, place=(5, 1)) == REFUSED
    assert judge(forger.record, shown, proof, election=OTHER) == REFUSED
    assert judge(forger.record, shown, proof, secrets=SECRETS[32:] + SECRETS[:32]) == REFUSED


def test_the_ciphertext_of_another_card_under_ones_own_key_is_refused() -> None:
    """The weight is that of the record shown: a decoy's `C` does not go with a voter token."""
    forger, decoy = Forger(), Forger(0, "decoy")
    shown, proof = forger.admit(forger.token(V))
    moved = forger.record[:32] + decoy.record[32:]
    assert judge(moved, shown, proof) == REFUSED


def test_many_admissions_are_judged_each_by_itself() -> None:
    scalars, keys = derive_cards(ELECTION, PLACE[0], bytes(range(112)))
    weights = bytes([0, 1, 0, 0, 1, 0, 1])
    records, randomness = make_cards(ELECTION, PLACE[0], JOINT, scalars, weights, bytes(32))
    inputs = [tokens.card_input(ELECTION, PLACE[0], keys[at : at + 32]) for at in range(0, len(keys), 32)]
    right = [
        token_provers.token(V if weight else D, one) for weight, one in zip(weights, inputs, strict=True)
    ]
    wrong = [*right[:2], token_provers.token(V, inputs[2]), *right[3:6], token_provers.token(D, inputs[6])]
    for made, culprits in ((right, []), (wrong, [2, 6])):
        common = (ELECTION, PLACE, JOINT, PUBLICS, records, weights, randomness, b"".join(made))
        shown, proofs = make_admissions(*common, bytes(32))
        found = check_admissions(ELECTION, PLACE, JOINT, SECRETS, records, shown, proofs)
        assert [row for row, _ in found] == culprits
