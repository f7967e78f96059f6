"""The tools of others, built once, and a log of ours that they read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from psephos.log.store import LogStore
from tests.interop import strangers

SIZE = 700


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the programs."""
    directory = tmp_path_factory.mktemp("tools")
    strangers.build(directory)
    return directory


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    with LogStore(tmp_path / "log.db", strangers.ORIGIN) as opened:
        opened.append([b"entry %d" % n for n in range(SIZE)]).result()
        yield opened
