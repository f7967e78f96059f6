"""Points of the earth drawn as SVG in a frame of degrees; nothing of it is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from math import ceil, cos, floor, log10, radians

Point = tuple[float, float]
"""Latitude and longitude in degrees."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 14, 24
_WIDTH, _LOWEST, _HIGHEST = 288, 160, 360
"""Of the frame, in the units of the drawing: the width, and between which heights it is."""
_RADIUS = 10
_LEAST = 0.01
"""Degrees that the frame spans at least: about a kilometre."""


@dataclass(frozen=True)
class Frame:
    """A part of the earth, with equal scales at its middle: degrees at its edges, and height in units.

    `west` and `east` may lie beyond 180 degrees, where the date line is within it.
    """

    south: float
    north: float
    west: float
    east: float
    height: float

    def place(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where a point is drawn."""
        across = (longitude - self.west) % 360 / (self.east - self.west)
        down = (self.north - latitude) / (self.north - self.south)
        return _LEFT + across * _WIDTH, _TOP + down * self.height


@dataclass
class Spot:
    """Points that are drawn as one, for they lie too close together: the first, and which they are."""

    x: float
    y: float
    point: Point
    members: list[int] = field(default_factory=list)


def framed(points: Sequence[Point]) -> Frame:
    """The smallest part of the earth that has these points, with a margin."""
    south, north = min(north for north, _ in points), max(north for north, _ in points)
    west, wide = _around([east for _, east in points])
    shrink = max(cos(radians((south + north) / 2)), 0.05)
    high, across = max(north - south, _LEAST) * 1.2, max(wide * shrink, _LEAST) * 1.2
    degrees = max(across / _WIDTH, high / _HIGHEST)  # a unit, of latitude
    height = max(high / degrees, _LOWEST)
    middle, centre = (south + north) / 2, west + wide / 2
    up, side = degrees * height / 2, min(degrees * _WIDTH / shrink, 360) / 2
    return Frame(middle - up, middle + up, centre - side, centre + side, height)


def _around(longitudes: Sequence[float]) -> tuple[float, float]:
    """The shortest way around the earth that passes all of them: where it begins, and its length."""
    ordered = sorted(set(longitudes))
    gaps = [(after - before, after) for before, after in pairwise([*ordered, ordered[0] + 360])]
    widest, begins = max(gaps)
    return (begins if begins <= 180 else begins - 360), 360 - widest


def gathered(points: Sequence[Point], frame: Frame) -> list[Spot]:
    """Where points are drawn; those that would hide another lie with it."""
    spots: list[Spot] = []
    for index, point in enumerate(points):
        x, y = frame.place(*point)
        near = (spot for spot in spots if (spot.x - x) ** 2 + (spot.y - y) ** 2 < (2 * _RADIUS) ** 2)
        if (spot := next(near, None)) is None:
            spots.append(spot := Spot(x, y, point))
        spot.members.append(index)
    return spots


def drawing(frame: Frame, spots: Sequence[Spot], title: str) -> str:
    """The frame with lines of whole steps of degrees, and a numbered disc for each spot."""
    box = f"0 0 {_LEFT + _WIDTH + _RIGHT} {_TOP + frame.height + _BOTTOM:.0f}"
    return "".join(
        [
            f'<svg class="map" viewBox="{box}" role="img" xmlns="http://www.w3.org/2000/svg">',
            f"<title>{escape(title)}</title>",
            *_lines(frame),
            f'<rect x="{_LEFT}" y="{_TOP}" width="{_WIDTH}" height="{frame.height:.1f}"/>',
            *(_disc(number, spot) for number, spot in enumerate(spots, 1)),
            "</svg>",
        ]
    )


def _lines(frame: Frame) -> Iterator[str]:
    low, right = _TOP + frame.height, _LEFT + _WIDTH
    for latitude, label in _steps(frame.south, frame.north):
        if abs(latitude) <= 90:
            _, y = frame.place(latitude, 0)
            yield f'<line x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield f'<text x="{_LEFT - 4}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    for longitude, label in _steps(frame.west, frame.east):
        x, _ = frame.place(0, longitude)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{low:.1f}"/>'
        yield f'<text x="{x:.1f}" y="{low + 16:.1f}" text-anchor="middle">{label}</text>'


def _steps(first: float, last: float) -> Iterator[tuple[float, str]]:
    """At most five round numbers of degrees between two, with how they are written."""
    least = (last - first) / 4
    power = floor(log10(least))
    step = next(digit * 10.0**power for digit in (1, 2, 5, 10) if digit * 10.0**power >= least)
    places = max(0, -floor(log10(step)))
    for number in range(ceil(first / step), floor(last / step) + 1):
        degrees = number * step
        written = (degrees + 180) % 360 - 180 if abs(degrees) > 180 else degrees
        yield degrees, f"{written:.{places}f}°".replace("-", "\u2212")


def _disc(number: int, spot: Spot) -> str:
    return (
        f'<circle cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="{_RADIUS}"/>'
        f'<text class="number" x="{spot.x:.1f}" y="{spot.y + 4:.1f}" text-anchor="middle">{number}</text>'
    )
