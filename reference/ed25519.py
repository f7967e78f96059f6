"""Ed25519 (RFC 8032), verified strictly and without cofactor, as OpenSSL does: spec/entries.md."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha512

from group import IDENTITY, SQRT_M1, D, L, P, Point, add, double, negate

Quarters = list[list[Point]]


def decode(data: bytes) -> Point:
    """A point from its 32 bytes (RFC 8032, section 5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if len(data) != 32 or y >= P:
        raise ValueError("key is not canonical")
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x + u) % P == 0:
        x = x * SQRT_M1 % P
    if (v * x * x - u) % P or (x == 0 and sign):
        raise ValueError("key is not on the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def proper_key(data: bytes) -> bool:
    """Whether bytes are the canonical encoding of a point not of small order: spec/definition.md#validity"""
    try:
        point = decode(data)
    except ValueError:
        return False
    for _ in range(3):
        point = double(point)
    return point[0] % P != 0 or (point[1] - point[2]) % P != 0


def encode(point: Point) -> bytes:
    """The 32 bytes of a point."""
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


@lru_cache(maxsize=1024)
def _table(public: bytes) -> Quarters:
    """Those of minus a public key."""
    return quarters(negate(decode(public)))


def quarters(point: Point) -> Quarters:
    """0 to 15 times a point, and its multiples by 2^64, 2^128 and 2^192; highest first."""
    tables = []
    for _ in range(4):
        table = [IDENTITY]
        for _ in range(15):
            table.append(add(table[-1], point))
        tables.append(table)
        for _ in range(64):
            point = double(point)
    return tables[::-1]


BASE_TABLE = quarters(BASE)


def combination(a: int, tables_a: Quarters, b: int, tables_b: Quarters) -> Point:
    """a*A + b*B, four bits of all quarters of both at a time (Straus): few doublings, as keys sign often."""
    digits = f"{a:064x}{b:064x}"
    rows = [digits[start : start + 16] for start in range(0, 128, 16)]
    result = IDENTITY
    for column in zip(*rows, strict=True):
        result = double(double(double(double(result))))
        for digit, table in zip(column, tables_a + tables_b, strict=True):
            if digit != "0":
                result = add(result, table[int(digit, 16)])
    return result


def challenge(nonce: bytes, public: bytes, message: bytes) -> int:
    """SHA512(R || A || M) mod l."""
    return int.from_bytes(sha512(nonce + public + message).digest(), "little") % L


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether S < l and R is the encoding of S*B - h*A (RFC 8032, section 5.1.7)."""
    nonce, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:
        return False
    try:
        table = _table(public)
    except ValueError:
        return False
    return encode(combination(s, BASE_TABLE, challenge(nonce, public, message), table)) == nonce


def _expand(secret: bytes) -> tuple[int, bytes]:
    digest = sha512(secret).digest()
    clamped = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    return clamped, digest[32:]


@lru_cache(maxsize=1024)
def public_key(secret: bytes) -> bytes:
    """The public key of a 32-byte secret (RFC 8032, section 5.1.5)."""
    return encode(combination(_expand(secret)[0], BASE_TABLE, 0, BASE_TABLE))


def sign(secret: bytes, message: bytes) -> bytes:
    """A signature (RFC 8032, section 5.1.6), for vectors and tests."""
    a, prefix = _expand(secret)
    r = int.from_bytes(sha512(prefix + message).digest(), "little") % L
    nonce = encode(combination(r, BASE_TABLE, 0, BASE_TABLE))
    s = (r + challenge(nonce, public_key(secret), message) * a) % L
    return nonce + s.to_bytes(32, "little")
