"""Two workers on this machine, shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psephos.executor.cluster import Cluster, connected


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with connected("local", workers=2) as cluster:
        yield cluster
