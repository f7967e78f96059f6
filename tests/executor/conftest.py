"""Two workers on this machine, shared by the tests of a module; and a cluster as the guide sets it up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from psephos.executor.cluster import Cluster, connected
from tests.executor.remote import configure, started


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with connected("local", workers=2) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A cluster's configuration and its scheduler's address."""
    config = configure(tmp_path_factory.mktemp("cluster") / "own")
    with started(config) as address:
        yield config, address
