"""What registrars and devices compute for tokens, for vectors and tests only, as in provers.py."""

from __future__ import annotations

from hashlib import sha512

import labels
import proofs
import tokens
from group import L, add, decode, encode, multiply, scalar_bytes, subtract
from provers import Stream, base, evaluate, prove_equality
from tokens import CONTEXT, element, expand
from transcript import digest


def blind(message: bytes, r: int) -> bytes:
    """The blinded element of an input."""
    return encode(multiply(r, element(message)))


def unblind(evaluated: bytes, r: int) -> bytes:
    """A token from the evaluated element."""
    return encode(multiply(pow(r, -1, L), decode(evaluated)))


def evaluate_blind(
    election: bytes, position: tuple[int, int, int], secret: int, blinded: bytes, random: Stream
) -> tuple[bytes, bytes]:
    """BlindEvaluate of RFC 9497, section 3.3.2, with the proof of spec/proofs.md#evaluation: P || Q || z."""
    evaluated = b"".join(encode(multiply(secret, decode(b))) for b in proofs.split(blinded))
    transcript = proofs.token_statement(election, position, base(secret), blinded, evaluated)
    return evaluated, prove_equality(transcript, secret, blinded, random)


def admit(
    election: bytes,
    position: tuple[int, int],
    joint: bytes,
    publics: bytes,
    record: bytes,
    opening: tuple[int, int],
    token: bytes,
    random: Stream,
) -> tuple[bytes, bytes]:
    """F || E and the proof that they fit the record, whose `opening` is w, r: spec/proofs.md#admission"""
    w, r = opening
    z, rho = random.scalar(), random.scalar()
    t = element(tokens.card_input(election, position[0], record[:32]))
    f = encode(add(multiply(w, t), multiply(z, decode(proofs.GENERATOR))))
    e_0, e_1 = base(rho), encode(add(decode(token), multiply(rho, decode(joint))))
    y = subtract(decode(publics[:32]), decode(publics[32:]))
    q = encode(subtract(multiply(z, y), multiply(rho, decode(joint))))
    shown = f + e_0 + e_1
    points = encode(t) + f + q
    transcript = tokens.admission_statement(election, position, joint, publics, record, shown, points)
    secrets = (w, z, r, rho)
    nonces = [random.scalar() for _ in secrets]
    a_w, a_z, a_r, a_rho = nonces
    commitments = [
        add(multiply(a_w, t), multiply(a_z, decode(proofs.GENERATOR))),
        decode(base(a_r)),
        evaluate([(a_w, proofs.GENERATOR), (a_r, joint)]),
        decode(base(a_rho)),
        subtract(multiply(a_z, y), multiply(a_rho, decode(joint))),
    ]
    wire = b"".join(map(encode, commitments))
    e = transcript.append("commitments", wire).challenge("challenge")
    return shown, wire + b"".join(scalar_bytes(a + e * s) for a, s in zip(nonces, secrets, strict=True))


def cards_commitment(nonce: bytes, cards: bytes) -> bytes:
    """spec/messages.md#commitment; `cards` is K || C of each card, ascending by K."""
    return digest(labels.CARDS_COMMITMENT, ("nonce", nonce), ("cards", cards))


def derive_key(seed: bytes, info: bytes) -> int:
    """DeriveKeyPair of RFC 9497, section 3.2.1."""
    message = seed + len(info).to_bytes(2, "big") + info
    for counter in range(256):
        tag = b"DeriveKeyPair" + CONTEXT
        secret = int.from_bytes(expand(message + bytes([counter]), tag), "little") % L
        if secret:
            return secret
    raise ValueError("no key")


def _prefixed(*pieces: bytes) -> bytes:
    return b"".join(len(piece).to_bytes(2, "big") + piece for piece in pieces)


def finalize(message: bytes, token: bytes) -> bytes:
    """The output of a token, from the unblinded element: RFC 9497, section 3.3.1."""
    return sha512(_prefixed(message, token) + b"Finalize").digest()


def token(secret: int, message: bytes) -> bytes:
    """The token of an input, as the key's holder computes it."""
    return encode(multiply(secret, element(message)))
