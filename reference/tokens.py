"""Tokens, and how cards are admitted with them.

spec/proofs.md#tokens, spec/proofs.md#admission. The check returns equations for Batch, as those of
proofs.py do, but the registrar's secrets enter it.
"""

from __future__ import annotations

from hashlib import sha512

import labels
from batch import Equation
from group import FormatError, L, Point, add, decode, encode, hash_to_group, multiply, scalar, subtract
from proofs import GENERATOR, split
from transcript import Transcript, digest, u8, u16

VOTER, DECOY = 1, 0
CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"  # RFC 9497, mode VOPRF
ADMISSION = 288


def expand(message: bytes, tag: bytes, size: int = 64) -> bytes:
    """expand_message_xmd of RFC 9380, section 5.3.1, with SHA-512, for at most 64 bytes."""
    tag += len(tag).to_bytes(1, "big")
    first = sha512(bytes(128) + message + size.to_bytes(2, "big") + b"\0" + tag).digest()
    return sha512(first + b"\x01" + tag).digest()[:size]


def element(message: bytes) -> Point:
    """HashToGroup of RFC 9497, section 4.1."""
    return hash_to_group(expand(message, b"HashToGroup-" + CONTEXT))


def card_input(election: bytes, region: int, card: bytes) -> bytes:
    """The input of a card's tokens, the same for all registrars."""
    return digest(labels.TOKEN, ("election", election), ("region", u16(region)), ("card", card))


def admission_statement(
    election: bytes,
    position: tuple[int, int],
    joint: bytes,
    publics: bytes,
    record: bytes,
    token: bytes,
    points: bytes,
) -> Transcript:
    """`position` is region, registrar; `publics` V || D; `token` F || E; `points` T || F || Q."""
    region, registrar = position
    transcript = Transcript(labels.ADMISSION).append("election", election)
    transcript.append("position", u16(region) + u8(registrar)).append("card", record[:32])
    transcript.append("key", joint).append("public", publics)
    return transcript.append("ciphertexts", record[32:96] + token[32:]).append("points", points)


def admission(
    election: bytes,
    position: tuple[int, int],
    joint: bytes,
    secrets: tuple[int, int],
    record: bytes,
    token: bytes,
    wire: bytes,
) -> list[Equation]:
    """The five equations, as the registrar with `secrets` v, d checks them; the record is checked before."""
    if len(token) != 96 or len(wire) != ADMISSION:
        raise FormatError("token or proof has a wrong length")
    voter, decoy = secrets
    publics = encode(multiply(voter, decode(GENERATOR))) + encode(multiply(decoy, decode(GENERATOR)))
    base = element(card_input(election, position[0], record[:32]))
    f, encrypted = token[:32], split(token[32:])
    difference = (voter - decoy) % L
    blinded = subtract(add(multiply(decoy, base), multiply(difference, decode(f))), decode(encrypted[1]))
    t, q, y = encode(base), encode(blinded), encode(multiply(difference, decode(GENERATOR)))
    transcript = admission_statement(election, position, joint, publics, record, token, t + f + q)
    a = split(wire[:160])
    w, z, r, rho = (scalar(piece) for piece in split(wire[160:]))
    e = transcript.append("commitments", wire[:160]).challenge("challenge")
    first, second = split(record[32:96])
    return [
        [(1, a[0]), (e, f), (-w, t), (-z, GENERATOR)],
        [(1, a[1]), (e, first), (-r, GENERATOR)],
        [(1, a[2]), (e, second), (-w, GENERATOR), (-r, joint)],
        [(1, a[3]), (e, encrypted[0]), (-rho, GENERATOR)],
        [(1, a[4]), (e, q), (-z, y), (rho, joint)],
    ]
