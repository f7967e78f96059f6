"""Fixtures for tests of roles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.roles.station import Station, enrolled


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """A board whose region 0 has its first day open."""
    one = Station(tmp_path, enrolled())
    one.board.open(0, 1)
    yield one
    one.close()
