"""What the core proves the reference verifies."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import ballots as reference_ballots
import batch
import entries as reference_entries
import proofs
import provers
import pytest
import token_provers
import tokens

from psephos.crypto import admission, ballot, card, column, group, schnorr, threshold, token, weighing

ROOT = Path(__file__).parents[2]
ELECTION = sha256(b"the core's election").digest()
CONTESTS = [(1, 2, 1), (4, 3, 0)]
WIDTH = 1 + 2 + 3
WEIGHTS = bytes([0, 1, 1, 0])
PLACE = (3, 2, 1, 1, 2)
"""Region, day, chunk, position, trustee."""


def seed(name: str) -> bytes:
    return sha256(name.encode()).digest()


@cache
def joint() -> tuple[bytes, bytes]:
    secret = group.random_scalars(seed("joint"), 1)
    return secret, group.base_multiples(secret)


@cache
def cards() -> tuple[bytes, bytes]:
    """Scalars and records."""
    scalars, _ = card.derive_cards(ELECTION, 3, b"".join(seed(str(at))[:16] for at in range(4)))
    return scalars, card.make_cards(ELECTION, 3, joint()[1], scalars, WEIGHTS, seed("cards"))[0]


@cache
def cast() -> tuple[list[bytes], bytes]:
    """Ballot entries, and the rows 0 of these cards."""
    scalars, records = cards()
    keys, choices = column.columns(records, 384, 0, 32), array("H", [0, 0, 1, 1, ballot.BLANK, 2, 0, 0])
    days, serials = array("H", [2] * 4), bytes([1, 2, 3, 20])
    bodies, lengths, _ = ballot.encrypt_ballots(
        ELECTION, joint()[1], 3, CONTESTS, keys, days, serials, choices, seed("ballots")
    )
    signed, sizes = ballot.sign_ballots(bodies, lengths, scalars, seed("signatures"))
    ciphertexts = ballot.ballot_ciphertexts(signed, sizes, CONTESTS)
    first = weighing.first_rows(column.columns(records, 384, 32, 96), ciphertexts, WIDTH)
    size = len(signed) // 4
    return [signed[at : at + size] for at in range(0, len(signed), size)], first


@cache
def weighed() -> bytes:
    return weighing.weigh(ELECTION, joint()[1], PLACE, cast()[1], WIDTH, seed("weighing"))


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def spoilt(data: bytes, at: int = -1) -> bytes:
    """With another byte: still a canonical scalar where it was its lowest."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def verified(check: Callable[..., Any], claims: list[tuple[Any, ...]]) -> bool:
    return batch.failures(check, claims) == {}


def test_cards_of_the_core() -> None:
    claims = [(ELECTION, joint()[1], 3, record, True) for record in pieces(cards()[1], 384)]
    assert verified(proofs.card, claims)
    for at in (32, 224, 350, 352):
        wrong = (*claims[0][:3], spoilt(claims[0][3], at), True)
        assert batch.failures(proofs.card, [wrong, *claims[1:]]).keys() == {0}


def test_plain_cards_of_the_core() -> None:
    records = card.make_plain_cards(ELECTION, 3, cards()[0], seed("plain"))
    claims = [(ELECTION, joint()[1], 3, record, False) for record in pieces(records, 96)]
    assert verified(proofs.card, claims)
    assert not verified(proofs.card, [(ELECTION, joint()[1], 4, claims[0][3], False)])


def test_card_keys_of_the_core() -> None:
    scalars, keys = card.derive_cards(ELECTION, 3, bytes(range(32)))
    secrets = [provers.card_secret(ELECTION, 3, secret) for secret in pieces(bytes(range(32)), 16)]
    assert [s.to_bytes(32, "little") for s in secrets] == pieces(scalars, 32)
    assert [provers.base(s) for s in secrets] == pieces(keys, 32)


def test_ballots_of_the_core() -> None:
    claims = []
    for data in cast()[0]:
        entry = reference_entries.parse(data)
        assert reference_entries.ballot_form(entry, 3, 2, tuple(CONTESTS))
        place = entry["region"], entry["day"], entry["serial"]
        wire = entry["votes"], entry.body_hash, entry.signature
        claims.append((ELECTION, joint()[1], place, entry.author, tuple(CONTESTS), *wire))
    assert verified(proofs.ballot, claims)
    wrong = (*claims[2][:5], spoilt(claims[2][5], -32), *claims[2][6:])
    assert batch.failures(proofs.ballot, [*claims[:2], wrong, claims[3]]).keys() == {2}


def test_rows_of_the_core() -> None:
    rows = [
        reference_ballots.cells(tuple(CONTESTS), reference_entries.parse(one)["votes"]) for one in cast()[0]
    ]
    weights = pieces(column.columns(cards()[1], 384, 32, 96), 64)
    first = [
        reference_ballots.sign_ciphertext(weight) + cells for weight, cells in zip(weights, rows, strict=True)
    ]
    assert b"".join(first) == cast()[1]


def test_weighings_of_the_core() -> None:
    before, after = pieces(cast()[1], 64 * WIDTH), pieces(weighed(), 64 * WIDTH + 224)
    claims = [
        (ELECTION, joint()[1], (*PLACE, row), old, new)
        for row, (old, new) in enumerate(zip(before, after, strict=True))
    ]
    assert verified(proofs.weighing, claims)
    swapped = [(*claims[0][:3], before[0], after[1]), *claims[1:]]
    assert batch.failures(proofs.weighing, swapped).keys() == {0}
    moved = [(*claims[3][:2], (*PLACE, 4), *claims[3][3:])]
    assert not verified(proofs.weighing, moved)


@pytest.mark.parametrize("stage", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_shares_of_the_core(stage: int, count: int) -> None:
    inputs = column.columns(column.columns(cast()[1], 64 * WIDTH, 0, 64), 64, 0, 32)[: 32 * count]
    place, secret = (stage, 2, 3, 2, 1), joint()[0]
    wire = threshold.make_shares(ELECTION, [place], [count], inputs, secret, seed("shares"))
    claim = (ELECTION, place, joint()[1], inputs, wire)
    assert verified(proofs.shares, [claim])
    assert not verified(proofs.shares, [(*claim[:4], spoilt(wire, -32))])
    assert not verified(proofs.shares, [(ELECTION, (stage, 1, 3, 2, 1), *claim[2:])])


@pytest.mark.parametrize("purpose", ["card-entry", "ballot", "admission", "ceremony-constant"])
def test_signatures_of_the_core(purpose: str) -> None:
    messages = b"".join(seed(f"message {at}") for at in range(4))
    wires = schnorr.sign(purpose, messages, cards()[0], seed("sign"))
    keys = pieces(column.columns(cards()[1], 384, 0, 32), 32)
    claims = [(purpose, *one) for one in zip(keys, pieces(messages, 32), pieces(wires, 64), strict=True)]
    assert verified(proofs.signature, claims)
    other = "admission" if purpose == "ballot" else "ballot"
    assert not verified(proofs.signature, [(other, *claims[0][1:])])


def test_polynomials_of_the_core() -> None:
    coefficients = threshold.polynomial(seed("polynomial"), 3)
    terms = [int.from_bytes(piece, "little") for piece in pieces(coefficients, 32)]
    shares = pieces(threshold.evaluate_polynomial(coefficients, [1, 2, 64]), 32)
    assert [int.from_bytes(share, "little") for share in shares] == [
        provers.polynomial(terms, index) for index in (1, 2, 64)
    ]
    assert group.base_multiples(coefficients) == provers.commitments(terms)


@pytest.mark.parametrize("count", [1, 3])
def test_tokens_of_the_core(count: int) -> None:
    secret, public = token.token_key(seed("token"))
    keys = column.columns(cards()[1], 384, 0, 32)[: 32 * count]
    inputs = token.token_inputs(ELECTION, 3, keys)
    assert pieces(inputs, 32) == [tokens.card_input(ELECTION, 3, key) for key in pieces(keys, 32)]
    blinds, blinded = token.blind(inputs, seed("blind"))
    asked = ELECTION, [(3, 1, 0)], [count]
    evaluated, proof = token.evaluate(*asked, secret, blinded, seed("evaluate"))
    claim = (ELECTION, (3, 1, 0), public, blinded, evaluated)
    assert verified(proofs.token, [(*claim, proof)])
    assert not verified(proofs.token, [(*claim, spoilt(proof, 32))])
    points = token.unblind(*asked, public, blinds, blinded, evaluated, proof)
    scalar = int.from_bytes(secret, "little")
    assert pieces(points, 32) == [token_provers.token(scalar, one) for one in pieces(inputs, 32)]
    answer = public, inputs, blinds, blinded, evaluated, proof
    outputs = pieces(token.finalize(*asked, *answer), 64)
    both = zip(pieces(inputs, 32), pieces(points, 32), strict=True)
    assert outputs == [token_provers.finalize(*pair) for pair in both]
    assert outputs == pieces(token.token_outputs(secret, inputs), 64)


def test_admissions_of_the_core() -> None:
    scalars, records = cards()
    records, randomness = card.make_cards(ELECTION, 3, joint()[1], scalars, WEIGHTS, seed("admitted"))
    secrets = group.random_scalars(seed("registrar"), 2)
    v, d = (int.from_bytes(secret, "little") for secret in pieces(secrets, 32))
    inputs = pieces(token.token_inputs(ELECTION, 3, column.columns(records, 384, 0, 32)), 32)
    right = [
        token_provers.token(v if weight else d, one) for weight, one in zip(WEIGHTS, inputs, strict=True)
    ]
    where = ELECTION, (3, 2), joint()[1]
    common = (*where, group.base_multiples(secrets), records, WEIGHTS, randomness, b"".join(right))
    shown, proof = admission.make_admissions(*common, seed("admit"))
    assert admission.check_admissions(*where, secrets, records, shown, proof) == []
    rows = zip(
        pieces(records, 384), pieces(shown, admission.SHOWN), pieces(proof, admission.PROOF), strict=True
    )
    for record, one, wire in rows:
        claim = (*where, (v, d), record, one)
        assert verified(tokens.admission, [(*claim, wire)])
        assert not verified(tokens.admission, [(*claim, spoilt(wire, 256))])
