"""Sums of many multiples: Pippenger's method with signed windows (Bernstein et al. 2012, section 4)."""

from __future__ import annotations

from collections.abc import Sequence

from group import D2, IDENTITY, MASK, L, P, Point, add, double

Cached = tuple[int, int, int]  # (y - x, y + x, 2dxy) of an affine point


def multiscalar(scalars: Sequence[int], points: Sequence[Point]) -> Point:
    """The sum of scalar*point, for 0 <= scalar < l and affine points (Z = 1)."""
    width = _width(len(scalars))
    windows = _windows(scalars, points, width)
    result = IDENTITY
    for window in reversed(windows):
        for _ in range(width):
            result = double(result)
        result = add(result, _collapse(_fill(window, 1 << (width - 1))))
    return result


def _width(count: int) -> int:
    """The window that costs least: half the scalars are short, buckets cost two additions each."""
    return min(range(3, 15), key=lambda c: (190 * count + 253 * 2**c) / c)


def _windows(scalars: Sequence[int], points: Sequence[Point], width: int) -> list[list[tuple[int, Cached]]]:
    """Per window, lowest first, the non-zero digits in 1..2^(width-1) with the point, negated if need be."""
    windows: list[list[tuple[int, Cached]]] = [[] for _ in range(L.bit_length() // width + 2)]
    half, full = 1 << (width - 1), 1 << width
    for scalar, (x, y, _, t) in zip(scalars, points, strict=True):
        plus = (y - x, y + x, D2 * t % P)
        minus = (plus[1], plus[0], -plus[2])
        position = 0
        while scalar:
            digit = scalar & (full - 1)
            scalar >>= width
            if digit > half:
                windows[position].append((full - digit, minus))
                scalar += 1
            elif digit:
                windows[position].append((digit, plus))
            position += 1
    return windows


def _fill(window: list[tuple[int, Cached]], size: int) -> list[Point | None]:
    """Bucket d holds the sum of the points whose digit is d.

    The inner loop of all verification, so it folds (2^255 = 19 modulo p) where division would be slower:
    once inside, where the factors of a product may have 265 bits, twice for what goes on to the next."""
    buckets: list[Point | None] = [None] * (size + 1)
    mask = MASK
    for digit, (minus, plus, t2d) in window:
        bucket = buckets[digit]
        x1, y1, z1, t1 = bucket if bucket is not None else IDENTITY
        a = (y1 - x1) * minus
        b = (y1 + x1) * plus
        c = t1 * t2d
        e, h = b - a, b + a
        c = (c & mask) + 19 * (c >> 255)
        e = (e & mask) + 19 * (e >> 255)
        h = (h & mask) + 19 * (h >> 255)
        f, g = z1 + z1 - c, z1 + z1 + c
        x, y, z, t = e * f, g * h, f * g, e * h
        x = (x & mask) + 19 * (x >> 255)
        y = (y & mask) + 19 * (y >> 255)
        z = (z & mask) + 19 * (z >> 255)
        t = (t & mask) + 19 * (t >> 255)
        buckets[digit] = (
            (x & mask) + 19 * (x >> 255),
            (y & mask) + 19 * (y >> 255),
            (z & mask) + 19 * (z >> 255),
            (t & mask) + 19 * (t >> 255),
        )
    return buckets


def _collapse(buckets: list[Point | None]) -> Point:
    """The sum of d times bucket d, by running sums from the top."""
    running = result = IDENTITY
    for bucket in reversed(buckets[1:]):
        if bucket is not None:
            running = add(running, bucket)
        if running is not IDENTITY:
            result = add(result, running)
    return result
