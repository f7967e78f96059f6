"""The map of incidents: every point within its frame, none hidden, nothing loaded from elsewhere."""

from __future__ import annotations

import random
import re
from math import cos, radians

import pytest

from psephos.server.pages.incident_map import Point, drawing, framed, gathered

TOWN = [(37.938, 23.639), (37.951, 23.601), (37.94, 23.66)]


@pytest.mark.parametrize(
    "points",
    [
        TOWN,
        TOWN[:1],
        [(0.0, 0.0), (0.0, 0.0)],
        [(-17.7, 178.0), (-18.2, -179.5)],
        [(90.0, 180.0), (-90.0, -180.0)],
        [(89.9, 10.0), (89.9, -170.0)],
        [(float(lat), float(east)) for lat in range(-80, 81, 20) for east in range(-180, 181, 30)],
    ],
)
def test_all_points_are_in_the_frame_and_none_is_hidden(points: list[Point]) -> None:
    frame = framed(points)
    spots = gathered(points, frame)
    assert sorted(one for spot in spots for one in spot.members) == list(range(len(points)))
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg := drawing(frame, spots, "A <b>"))
    assert box
    width, height = map(int, box.groups())
    assert (width, 198 <= height <= 398) == (360, True)
    for spot in spots:
        assert 46 <= spot.x <= 354
        assert 4 <= spot.y <= height - 14
    for one in spots:
        assert all(one is other or (one.x - other.x) ** 2 + (one.y - other.y) ** 2 >= 400 for other in spots)
    assert svg.count("<circle") == len(spots)
    assert "A &lt;b&gt;" in svg
    assert "<b>" not in svg
    assert not re.search(r"href|url\(|<image|<script|nan|inf", svg)
    assert 1 <= svg.count('text-anchor="end"') <= 5


def test_near_the_date_line_the_frame_is_small() -> None:
    frame = framed([(-17.7, 178.0), (-18.2, -179.5)])
    assert frame.east - frame.west < 4
    across, down = (
        (frame.east - frame.west) * cos(radians(17.95)) / 288,
        (frame.north - frame.south) / frame.height,
    )
    assert across == pytest.approx(down, rel=0.01), "equal scales"


def test_whatever_is_reported_is_drawn() -> None:
    drawn = random.Random(4)
    for count in (1, 2, 5, 100):
        points = [(drawn.uniform(-90, 90), drawn.uniform(-180, 180)) for _ in range(count)]
        frame = framed(points)
        assert len(gathered(points, frame)) <= count
