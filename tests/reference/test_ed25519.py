"""Ed25519 of the core, of the reference and of OpenSSL: one verdict, also on points that nobody uses."""

from __future__ import annotations

from itertools import product

import ed25519
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from group import L, P

from psephos.crypto.signature import PublicKey
from psephos.errors import VerificationError

MESSAGES = [bytes([number]) for number in range(8)]
TORSION = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
"""Of order 8."""


def small_order() -> list[bytes]:
    """The eight points whose order divides eight."""
    points = [ed25519.decode(TORSION)]
    while len(points) < 8:
        points.append(ed25519.add(points[-1], points[0]))
    return [ed25519.encode(point) for point in points]


def unusual() -> list[bytes]:
    """Encodings that are not the one of their point, or of none."""
    high = 1 << 255
    numbers = [P, P + 1, 2**255 - 1, 1 | high, (P - 1) | high, P | high, (P + 1) | high, 2]
    return [number.to_bytes(32, "little") for number in numbers]


def core(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        PublicKey(key).verify(message, signature)
    except VerificationError:
        return False
    return True


def openssl(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def nonces() -> list[bytes]:
    """R = 5*B, and R with each point of small order."""
    nonce = ed25519.combination(5, ed25519.BASE_TABLE, 0, ed25519.BASE_TABLE)
    return [ed25519.encode(ed25519.add(nonce, ed25519.decode(point))) for point in small_order()]


@pytest.mark.parametrize("key", [*small_order(), *unusual()], ids=bytes.hex)
def test_keys_that_fit_many_messages(key: bytes) -> None:
    canonical, held = key not in unusual(), 0
    for message, nonce, s in product(MESSAGES, nonces(), (5, L + 5)):
        signature = nonce + s.to_bytes(32, "little")
        expected = ed25519.verify(key, message, signature)
        assert core(key, message, signature) == expected
        if canonical:
            assert openssl(key, message, signature) == expected
        held += expected
    assert (held > 0) == canonical


@pytest.mark.parametrize("secret", [bytes([number]) * 32 for number in range(3)], ids=bytes.hex)
def test_signatures_with_one_bit_changed(secret: bytes) -> None:
    public, message = ed25519.public_key(secret), b"psephos/1 entry\n" + bytes(200)
    signature = ed25519.sign(secret, message)
    assert core(public, message, signature)
    for bit in range(0, 512, 5):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        assert not core(public, message, bytes(changed))
        assert not openssl(public, message, bytes(changed))
    above = int.from_bytes(signature[32:], "little") + L
    assert not core(public, message, signature[:32] + above.to_bytes(32, "little"))


def test_a_key_with_a_part_of_small_order_is_judged_without_cofactor() -> None:
    """R + T in the place of R, for T of order 8, would hold with a cofactor; without, the byte decides."""
    secret, message = bytes(32), b"m"
    mixed = ed25519.encode(ed25519.add(ed25519.decode(ed25519.public_key(secret)), ed25519.decode(TORSION)))
    scalar, _ = ed25519._expand(secret)
    verdicts = set()
    for number in range(1, 33):
        nonce = ed25519.encode(ed25519.combination(number, ed25519.BASE_TABLE, 0, ed25519.BASE_TABLE))
        s = (number + ed25519.challenge(nonce, mixed, message) * scalar) % L
        signature = nonce + s.to_bytes(32, "little")
        found = {judge(mixed, message, signature) for judge in (core, openssl, ed25519.verify)}
        assert len(found) == 1
        verdicts |= found
    assert verdicts == {True, False}
