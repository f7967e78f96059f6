"""A worker of another release is refused by name, and does nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from psephos.errors import ExecutorError
from psephos.executor.cluster import RELEASE, connected
from tests.executor.jobs import Refusing, Square
from tests.executor.remote import ENOUGH, configure, configured, started

OLDER = Path(__file__).with_name("older.py")


@pytest.mark.parametrize("job", [Square(3), Refusing()])
def test_a_worker_of_another_release_is_refused_by_name(job: Square | Refusing, tmp_path: Path) -> None:
    config = configure(tmp_path / "older")
    with (
        started(config, f"--preload {OLDER}") as address,
        configured(config),
        connected(address, timeout=ENOUGH) as cluster,
        pytest.raises(ExecutorError) as refused,
    ):
        list(cluster.map([job]))
    assert re.fullmatch(
        rf"worker tls://[\w.]+:[0-9]+ has psephos 0\.0\.1 with core 0\.0\.1, not {re.escape(RELEASE)}",
        str(refused.value),
    )
