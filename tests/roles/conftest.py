"""Fixtures for tests of roles."""

from collections.abc import Iterator

import pytest

from tests.databases import Backend
from tests.roles.station import Station, enrolled


@pytest.fixture
def station(backend: Backend) -> Iterator[Station]:
    """A board whose region 0 has its first day open, on either kind of database."""
    one = Station(backend.directory, enrolled(), backend.url)
    one.board.open(0, 1)
    yield one
    one.close()
