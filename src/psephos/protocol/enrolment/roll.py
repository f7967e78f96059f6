"""Salted hashes of voters, of which each registrar's rolls consist (`spec/messages.md#roll`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psephos.crypto.transcript import transcript_hashes
from psephos.protocol.labels import ROLL


@dataclass(frozen=True, repr=False)
class RollOpening:
    """What shows that a hash on a roll is a certain voter's: 16 random bytes, and the name."""

    salt: bytes
    voter: str

    def hash(self, definition: bytes, registrar: int, region: int) -> bytes:
        """The salted hash on a registrar's roll of a region."""
        return roll_hashes(definition, registrar, [(region, self)])


def roll_hashes(definition: bytes, registrar: int, openings: Sequence[tuple[int, RollOpening]]) -> bytes:
    """The salted hashes, 32 bytes each, of openings with the regions on whose rolls they are.

    `registrar` counts from 1: no hash of one registrar is another's.
    """
    labels = ["definition", "registrar", "region", "salt", "voter"]
    number = registrar.to_bytes(1, "little")
    named = [
        (definition, number, region.to_bytes(2, "little"), one.salt, one.voter.encode())
        for region, one in openings
    ]
    return transcript_hashes(ROLL, labels, named)
