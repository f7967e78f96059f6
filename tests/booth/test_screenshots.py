"""The pictures of the documents are made by a script, which still finds its way through the pages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.needs("node"), pytest.mark.needs("chromium")]
ROOT = Path(__file__).parents[2]


def test_pictures_are_made_of_a_whole_referendum(pages: Path, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tools.screenshots", str(tmp_path)]
    subprocess.run(program, cwd=ROOT, check=True, capture_output=True, timeout=600)
    made = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert sorted(made) == ["booth.png", "card.png", "recorded.png", "result.png", "verify.svg"]
    assert sum(made.values()) < 400_000
    assert "Passed" in (tmp_path / "verify.svg").read_text()
