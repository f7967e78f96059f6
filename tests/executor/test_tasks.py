"""The measurement of what a job costs runs, and tells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.executor.remote import ENOUGH

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "bench.tasks", "--voters", "4", "--rounds", "1", "--empty", "20"]


def test_every_kind_of_work_is_measured() -> None:
    done = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, check=False, timeout=ENOUGH)
    assert done.returncode == 0, done.stderr
    for work in (
        "nothing",
        "weighing, rows read",
        "weighing, rows sent",
        "release",
        "verification",
        "imagined workers",
    ):
        assert f"| {work} |" in done.stdout
    assert "The coordinator's own part is" in done.stdout
