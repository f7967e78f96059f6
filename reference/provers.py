"""Provers, for vectors and tests only: all randomness comes from a seeded stream, in the order of drawing,
and nothing is constant-time. The statements are those of proofs.py."""

from __future__ import annotations

from hashlib import shake_128

import labels
import proofs
from group import G, L, Point, decode, encode, multiply, scalar_bytes
from multiscalar import multiscalar
from transcript import Transcript, u16

Place6 = tuple[int, int, int, int, int, int]


class Stream:
    """Reproducible randomness: consecutive bytes of SHAKE128(seed)."""

    def __init__(self, seed: str) -> None:
        self.seed, self.taken = seed.encode(), 0

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        self.taken += count
        return shake_128(self.seed).digest(self.taken)[-count:]

    def scalar(self) -> int:
        """The next 64 bytes modulo l."""
        return int.from_bytes(self.bytes(64), "little") % L


def evaluate(terms: proofs.Sum) -> Point:
    """The point that a linear combination stands for."""
    return multiscalar([value % L for value, _ in terms], [decode(encoded) for _, encoded in terms])


def base(value: int) -> bytes:
    """value*G, encoded."""
    return encode(multiply(value % L, G))


def encrypt(joint: bytes, message: int, r: int) -> bytes:
    """Enc_H(message; r) = (r*G, message*G + r*H)."""
    return base(r) + encode(evaluate([(message, proofs.GENERATOR), (r, joint)]))


def sign(purpose: str, secret: int, message: bytes, random: Stream) -> bytes:
    """A Schnorr signature: spec/proofs.md#signature"""
    k = random.scalar()
    nonce = base(k)
    e = proofs.signature_transcript(purpose, base(secret), nonce, message).challenge("challenge")
    return nonce + scalar_bytes(k + e * secret)


def prove_zero(
    transcript: Transcript,
    joint: bytes,
    branches: list[list[proofs.Pair]],
    true: int,
    randomness: list[int],
    random: Stream,
) -> bytes:
    """One of the branches encrypts only zeros, with this randomness: spec/proofs.md#zero-disjunction"""
    n = len(branches)
    c = transcript.coefficients("combination", len(randomness))
    es, zs = [random.scalar() for _ in range(n)], [random.scalar() for _ in range(n)]
    commitments = []
    for i, branch in enumerate(branches):
        for half, key in ((0, proofs.GENERATOR), (1, joint)):
            sum_ = proofs.combine([y[half] for y in branch], [-es[i] * c_ for c_ in c])
            terms = [(zs[i], key)] if i == true else [(zs[i], key), *sum_]
            commitments.append(encode(evaluate(terms)))
    wire = b"".join(commitments)
    e = transcript.append("commitments", wire).challenge("challenge")
    es[true] = (e - sum(es[:true]) - sum(es[true + 1 :])) % L
    zs[true] += es[true] * sum(a * r for a, r in zip(c, randomness, strict=True))
    return wire + b"".join(map(scalar_bytes, es[: n - 1] + zs))


def card_secret(election: bytes, region: int, secret: bytes) -> int:
    """The scalar of a card's 16 bytes: spec/proofs.md#card"""
    transcript = Transcript(labels.CARD).append("election", election).append("region", u16(region))
    return transcript.append("secret", secret).challenge("scalar")


def card(
    election: bytes, joint: bytes, region: int, secret: int, weight: int, r: int, random: Stream
) -> bytes:
    """A card record with a weight: spec/proofs.md#card-record"""
    public, ciphertext = base(secret), encrypt(joint, weight, r)
    transcript, branches = proofs.bit_statement(election, joint, region, public, ciphertext)
    proof = prove_zero(transcript, joint, branches, weight, [r], random)
    message = proofs.card_message(election, region, public, ciphertext, proof)
    return public + ciphertext + proof + sign(labels.CARD_ENTRY, secret, message, random)


def plain_card(election: bytes, region: int, secret: int, random: Stream) -> bytes:
    """A card record of a referendum without decoys: spec/proofs.md#card-record"""
    public = base(secret)
    message = proofs.card_message(election, region, public, b"", b"")
    return public + sign(labels.CARD_ENTRY, secret, message, random)


def vote(
    election: bytes,
    joint: bytes,
    place: tuple[int, int, int],
    card: bytes,
    contest: proofs.Contest,
    choice: int,
    random: Stream,
) -> bytes:
    """One contest's vote; `choice` is an option's position, or their number for blank.

    spec/proofs.md#ballot
    """
    rs = [random.scalar() for _ in range(contest[1])]
    ys = b"".join(encrypt(joint, int(j == choice), r) for j, r in enumerate(rs))
    transcript, branches = proofs.ballot_statement(election, joint, place, card, contest, ys)
    return ys + prove_zero(transcript, joint, branches, choice, rs, random)


def weigh(election: bytes, joint: bytes, place: Place6, before: bytes, sign: int, random: Stream) -> bytes:
    """A row times +1 or -1, encrypted anew, and its proof: spec/proofs.md#weighing"""
    points = proofs.split(before)
    rs = [random.scalar() for _ in range(len(points) // 2)]
    after = b""
    for column, r in enumerate(rs):
        for half, key in ((0, proofs.GENERATOR), (1, joint)):
            after += encode(evaluate([(sign, points[2 * column + half]), (r, key)]))
    transcript, branches = proofs.weighing_statement(election, joint, place, before, after)
    return after + prove_zero(transcript, joint, branches, 0 if sign == 1 else 1, rs, random)


def shares(
    election: bytes, place: tuple[int, int, int, int, int], secret: int, inputs: bytes, random: Stream
) -> bytes:
    """A chunk of decryption shares: spec/proofs.md#shares"""
    given = b"".join(encode(multiply(secret, decode(a))) for a in proofs.split(inputs))
    transcript = proofs.shares_statement(election, place, base(secret), inputs, given)
    return given + prove_equality(transcript, secret, inputs, random)


def prove_equality(transcript: Transcript, secret: int, inputs: bytes, random: Stream) -> bytes:
    """P || Q || z: what is given are multiples of the inputs by the secret: spec/proofs.md#shares"""
    coefficients = transcript.coefficients("combination", len(inputs) // 32)
    k = random.scalar()
    combined = [(k * c, a) for c, a in zip(coefficients, proofs.split(inputs), strict=True)]
    commitments = base(k) + encode(evaluate(combined))
    e = transcript.append("commitments", commitments).challenge("challenge")
    return commitments + scalar_bytes(k + e * secret)


def polynomial(secrets: list[int], x: int) -> int:
    """f(x) of the polynomial with these coefficients, constant term first."""
    value = 0
    for a in reversed(secrets):
        value = (value * x + a) % L
    return value


def commitments(secrets: list[int]) -> bytes:
    """The Feldman commitments to a polynomial: spec/ceremony.md#commit"""
    return b"".join(map(base, secrets))
