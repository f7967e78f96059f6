"""A log, its witnesses, and what they sign: the stuff of vectors (`spec/log.md`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from psephos.crypto.signature import SigningKey
from psephos.log import checkpoints, cosignature
from psephos.log.checkpoints import TreeHead
from psephos.log.note import COSIGNATURE_V1, ED25519, Note, Signature, VerifierKey
from vector_generator.vector import Vector, rejected

ORIGIN = "log.psephos.example/vectors"
TIME = 1_900_000_000
LEAVES = [f"entry {index}".encode() for index in range(7)]


def signer(name: str) -> SigningKey:
    """A key from its name."""
    return SigningKey(hashlib.sha256(name.encode()).digest())


def vkey(name: str, algorithm: int = COSIGNATURE_V1, key: str = "") -> str:
    """A verifier key under a name, of the key of that name or of another."""
    return str(VerifierKey(name, algorithm, signer(key or name).public))


LOG = vkey(ORIGIN, ED25519)
WITNESSES = [f"witness-{index}.example" for index in (1, 2, 3)]
POLICY = "\n".join(
    [
        f"log {LOG}",
        *(f"witness w{number} {vkey(name)}" for number, name in enumerate(WITNESSES, 1)),
        "group quorum 2 w1 w2 w3",
        "quorum quorum",
        "",
    ]
)


def edited(
    good: Vector, member: str, edits: Mapping[str, tuple[str, str]], check: str | None
) -> Iterator[Vector]:
    """For each name the vector with the first of two strings replaced, once, by the second."""
    for name, (old, new) in edits.items():
        yield rejected(good, name, check, **{member: good[member].replace(old, new, 1)})


def sign(checkpoint: TreeHead) -> Note:
    """A checkpoint signed by the log alone."""
    return Note.parse(checkpoints.sign(checkpoint, signer(ORIGIN)))


def cosign(signed: Note, witness: int, time: int = TIME, key: str = "") -> Signature:
    """The cosignature line of a witness, by its position."""
    return cosignature.sign(signed.text, time, WITNESSES[witness], signer(key or WITNESSES[witness]))


def joined(signed: Note, *lines: Signature) -> str:
    """The note with more lines."""
    return signed.with_signatures(lines).encode().decode()
