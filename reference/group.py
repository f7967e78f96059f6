"""ristretto255 (RFC 9496): spec/encoding.md#group.

Points are extended twisted Edwards coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z on
-x^2 + y^2 = 1 + d*x^2*y^2 over p = 2^255 - 19. Nothing here hides secrets in its timing.
"""

from __future__ import annotations

from collections.abc import Iterable

P = 2**255 - 19
MASK = 2**255 - 1
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
D2 = 2 * D % P
SQRT_M1 = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]

IDENTITY: Point = (0, 1, 1, 0)
ZERO = bytes(32)  # the identity's encoding


class FormatError(ValueError):
    """Bytes that are not the one encoding of anything."""


def inverse_sqrt(w: int) -> tuple[bool, int]:
    """Whether `w` is a non-zero square, and the non-negative 1/sqrt(w): SQRT_RATIO_M1(1, w) of RFC 9496."""
    r = _power(w)
    check = w * r * r % P
    if check not in (1, P - 1):
        return False, 0
    if check != 1:
        r = r * SQRT_M1 % P
    return True, P - r if r & 1 else r


def _power(w: int) -> int:
    """w^((p-5)/8), by the usual chain for 2^252 - 3: nearly twice as fast as pow()."""
    w2 = w * w % P
    w9 = _squares(w2, 2) * w % P
    w_5 = w9 * w2 % P * (w9 * w2 % P) % P * w9 % P  # w_n = w^(2^n - 1)
    w_10 = _squares(w_5, 5) * w_5 % P
    w_20 = _squares(w_10, 10) * w_10 % P
    w_40 = _squares(w_20, 20) * w_20 % P
    w_50 = _squares(w_40, 10) * w_10 % P
    w_100 = _squares(w_50, 50) * w_50 % P
    w_200 = _squares(w_100, 100) * w_100 % P
    w_250 = _squares(w_200, 50) * w_50 % P
    return _squares(w_250, 2) * w % P


def _squares(x: int, times: int) -> int:
    """x squared so many times; 2^255 = 19 folds a product faster than division would."""
    mask = MASK
    for _ in range(times):
        x = x * x
        x = (x & mask) + 19 * (x >> 255)
        x = (x & mask) + 19 * (x >> 255)
    return x


def decode(data: bytes) -> Point:
    """A point from its 32 bytes (RFC 9496, section 4.3.1); refuses every encoding but the canonical one."""
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or s & 1:
        raise FormatError("point is not canonical")
    ss = s * s % P
    u1, u2 = 1 - ss, 1 + ss
    u2u2 = u2 * u2 % P
    v = (-D * (u1 * u1 % P) - u2u2) % P
    square, root = inverse_sqrt(v * u2u2 % P)
    dx = root * u2 % P
    x = 2 * s * dx % P
    if x & 1:
        x = P - x
    y = u1 * (root * dx % P * v % P) % P
    t = x * y % P
    if not square or t & 1 or y == 0:
        raise FormatError("point is not on the curve")
    return x, y, 1, t


INVSQRT_A_MINUS_D = inverse_sqrt((-1 - D) % P)[1]


def encode(point: Point) -> bytes:
    """The canonical 32 bytes of a point (RFC 9496, section 4.3.2)."""
    x, y, z, t = point
    u1 = (z + y) * (z - y) % P
    u2 = x * y % P
    _, root = inverse_sqrt(u1 * u2 % P * u2 % P)
    d1, d2 = root * u1 % P, root * u2 % P
    inverse = d1 * d2 % P * t % P
    if t * inverse % P & 1:
        x, y, d = y * SQRT_M1 % P, x * SQRT_M1 % P, d1 * INVSQRT_A_MINUS_D % P
    else:
        d = d2
    if x * inverse % P & 1:
        y = -y
    s = d * (z - y) % P
    return (P - s if s & 1 else s).to_bytes(32, "little")


def add(a: Point, b: Point) -> Point:
    """a + b, complete (Hisil-Wong-Carter-Dawson 2008)."""
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m = (y1 - x1) * (y2 - x2) % P
    n = (y1 + x1) * (y2 + x2) % P
    c = t1 * t2 % P * D2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(a: Point) -> Point:
    """a + a."""
    x, y, z, _ = a
    xx, yy = x * x % P, y * y % P
    g, h, e = yy - xx, -xx - yy, (x + y) * (x + y) - xx - yy
    f = (g - 2 * z * z) % P
    e %= P
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(a: Point) -> Point:
    """-a."""
    return -a[0] % P, a[1], a[2], -a[3] % P


def subtract(a: Point, b: Point) -> Point:
    """a - b."""
    return add(a, negate(b))


def total(points: Iterable[Point]) -> Point:
    """The sum of points."""
    result = IDENTITY
    for point in points:
        result = add(result, point)
    return result


def multiply(scalar: int, point: Point) -> Point:
    """scalar * point, four bits at a time; cheap for small scalars, also negative ones."""
    if scalar < 0:
        scalar, point = -scalar, negate(point)
    table = [IDENTITY, point]
    for _ in range(14):
        table.append(add(table[-1], point))
    result = IDENTITY
    for digit in format(scalar, "x"):
        result = double(double(double(double(result))))
        if digit != "0":
            result = add(result, table[int(digit, 16)])
    return result


def is_identity(a: Point) -> bool:
    """Whether `a` is the group's identity: any of the four points of its coset."""
    return a[0] % P == 0 or a[1] % P == 0


def equal(a: Point, b: Point) -> bool:
    """Whether two points are the same element (RFC 9496, section 4.3.3)."""
    return (a[0] * b[1] - a[1] * b[0]) % P == 0 or (a[1] * b[1] - a[0] * b[0]) % P == 0


def scalar(data: bytes) -> int:
    """A scalar from 32 little-endian bytes below l."""
    value = int.from_bytes(data, "little")
    if len(data) != 32 or value >= L:
        raise FormatError("scalar is not canonical")
    return value


def scalar_bytes(value: int) -> bytes:
    """The 32 bytes of a scalar, reduced modulo l."""
    return (value % L).to_bytes(32, "little")


# Field elements are sqrt ratios of 64 uniform bytes: RFC 9496, section 4.3.4.
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) * (D - 1) % P
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235


def hash_to_group(uniform: bytes) -> Point:
    """A point from 64 uniform bytes (RFC 9496, section 4.3.4)."""
    halves = (uniform[:32], uniform[32:])
    return total(_map(int.from_bytes(half, "little") % 2**255 % P) for half in halves)


def _map(t: int) -> Point:
    r = SQRT_M1 * t % P * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    square, inverse = inverse_sqrt(u * v % P)
    if square or u * v % P == 0:
        s, c = u * inverse % P, -1
        s = P - s if s & 1 else s
    else:
        _, inverse = inverse_sqrt(u * v % P * SQRT_M1 % P)
        # sqrt(i*u/v) from 1/sqrt(i*u*v), then s' = -|s*t| as the RFC has it.
        s = SQRT_M1 * u % P * inverse % P
        s = s * t % P
        s, c = (s if s & 1 else -s % P), r
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0, w1 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P
    w2, w3 = (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


G = decode(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
