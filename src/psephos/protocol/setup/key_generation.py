"""The mathematics of the ceremony: Pedersen's key generation with Feldman's commitments (`spec/ceremony.md`).

Sources: Feldman 1987, Pedersen 1991. A trustee's polynomial has `t` coefficients; `points` are their
multiples of G, 32 bytes each. Trustees are evaluation points, from 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psephos.crypto import group, threshold
from psephos.crypto.schnorr import check_signatures
from psephos.crypto.transcript import transcript_hash
from psephos.errors import FormatError
from psephos.protocol.labels import CEREMONY_CONSTANT, CEREMONY_POLYNOMIAL, ELECTION, SHARE_PREFIX

IDENTITY = bytes(32)


def u16(number: int) -> bytes:
    """Two bytes, little-endian."""
    return number.to_bytes(2, "little")


@dataclass(frozen=True)
class Context:
    """What a trustee's part is bound to: definition hash, attempt and the trustee's own index."""

    definition: bytes
    attempt: int
    trustee: int

    def hash(self, protocol: str, points: bytes) -> bytes:
        """32 bytes that bind the points to this context."""
        return transcript_hash(
            protocol,
            ("definition", self.definition),
            ("attempt", u16(self.attempt)),
            ("trustee", u16(self.trustee)),
            ("points", points),
        )

    def commitment(self, points: bytes) -> bytes:
        """What is logged before the points are shown (`spec/ceremony.md#commit`)."""
        return self.hash(CEREMONY_POLYNOMIAL, points)

    def constant_message(self, points: bytes) -> bytes:
        """What the constant term signs (`spec/ceremony.md#reveal`)."""
        return self.hash(CEREMONY_CONSTANT, points)

    def share_info(self, receiver: int) -> bytes:
        """HPKE's info for a share on its way to another trustee (`spec/ceremony.md#deal`)."""
        parties = u16(self.attempt) + u16(self.trustee) + u16(receiver)
        return SHARE_PREFIX + self.definition + parties

    def check_reveal(self, commitment: bytes, points: bytes, proof: bytes, count: int) -> None:
        """Raise FormatError unless `count` points open the commitment and their constant term is known."""
        if len(points) != 32 * count:
            raise FormatError(f"{len(points)} bytes are not {count} points")
        if self.commitment(points) != commitment:
            raise FormatError("the points do not open the commitment")
        if points[:32] == IDENTITY or group.check_points(points, allow_identity=True):
            raise FormatError("a point is not canonical, or the constant term's is the identity")
        if check_signatures(CEREMONY_CONSTANT, points[:32], self.constant_message(points), proof):
            raise FormatError("the constant term is not proven")


def is_share(share: bytes, points: bytes, receiver: int) -> bool:
    """Whether a scalar is the polynomial's value for a receiver (`spec/ceremony.md#confirm`)."""
    try:
        return group.base_multiples(share) == threshold.evaluate_commitments(points, [receiver])
    except FormatError:
        return False


@dataclass(frozen=True)
class JointKey:
    """What a ceremony gives: `point` is H, `public_shares` are the X_j by trustee, ascending.

    The election hash is there once token keys are, which it holds too.
    """

    attempt: int
    point: bytes
    public_shares: Mapping[int, bytes]
    election_hash: bytes

    @classmethod
    def of(cls, attempt: int, points: Mapping[int, bytes]) -> JointKey:
        """The result of the participants' points; FormatError when a key is the identity."""
        participants: Sequence[int] = sorted(points)
        values = [threshold.evaluate_commitments(points[i], participants) for i in participants]
        publics = {
            index: group.sum_points(b"".join(value[32 * at : 32 * at + 32] for value in values))
            for at, index in enumerate(participants)
        }
        key = group.sum_points(b"".join(points[i][:32] for i in participants))
        if IDENTITY in (key, *publics.values()):
            raise FormatError("the key, or a share's public key, is the identity")
        return cls(attempt, key, publics, b"")

    @property
    def participants(self) -> tuple[int, ...]:
        """The trustees that hold a share of the key, ascending."""
        return tuple(self.public_shares)

    @property
    def joined_shares(self) -> bytes:
        """All X_j, 32 bytes each, ascending by trustee."""
        return b"".join(self.public_shares.values())


def election_hash(
    definition: bytes, attempt: int, key: bytes, publics: Mapping[int, bytes], token_keys: bytes
) -> bytes:
    """The election hash, 32 bytes, from the definition hash (`spec/proofs.md#election-hash`).

    `token_keys` are the body hashes of all registrars' entries, joined.
    """
    return transcript_hash(
        ELECTION,
        ("definition", definition),
        ("attempt", u16(attempt)),
        ("participants", b"".join(u16(index) + public for index, public in publics.items())),
        ("key", key),
        ("token-keys", token_keys),
    )
