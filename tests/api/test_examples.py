"""The examples run as they stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def example(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(ROOT / "examples" / name), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=300)


def test_verify(published: Path, tmp_path: Path) -> None:
    done = example("verify.py", published / "demo/record", published / "demo/pin.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "harbour {'no': 2, 'yes': 4} carried",
        "temple {'athena': 0, 'hermes': 6, 'hestia': 0} not carried",
        "passed",
    ]
    missing = example("verify.py", tmp_path, published / "demo/pin.json")
    assert (missing.returncode, missing.stdout) == (1, "missing\n")


def test_watch(published: Path) -> None:
    done = example("watch.py", published / "demo/record", published / "demo/pin.json", "0.1")
    assert (done.returncode, done.stderr) == (0, "")
    first, *votes = done.stdout.splitlines()
    assert first.endswith("phase counted, 0 void: passed")
    assert len(votes) == 2


def test_count_my_csv(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("region,roll,yes,no\nNorth,4,2,1\nSouth,3,1,1\n")
    done = example("count_my_csv.py", tmp_path / "mine.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-4:] == [
        "north: {'no': 1, 'yes': 2}, 3 of 4 voted",
        "south: {'no': 1, 'yes': 1}, 2 of 3 voted",
        "together: {'no': 2, 'yes': 3}",
        "passed",
    ]


def test_the_readme_quotes_the_first_of_them() -> None:
    assert (ROOT / "examples/verify.py").read_text() in (ROOT / "README.md").read_text()
