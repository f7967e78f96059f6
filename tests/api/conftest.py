"""A record to look at: `demo/record` and `demo/pin.json` in a directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.testing.definitions import sample
from psephos.testing.referendum import held
from tests.board.station import DAYS, GROUPS


@pytest.fixture(scope="package")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory in which `demo` is."""
    folder = tmp_path_factory.mktemp("published")
    document, keys = sample(windows=DAYS)
    votes = [(region, card, 1, 1, (card % 2, 1)) for region in GROUPS for card in range(5)]
    pin = held(document, keys, GROUPS, votes).export(folder / "demo")
    (folder / "demo/pin.json").write_bytes(pin.encode())
    return folder
