"""`python -m bench.memory DIRECTORY..`: what a verification holds in memory, from records of different sizes.

Each directory has `record` and `pin.json`, as `python -m bench.referendum VOTERS --keep DIRECTORY` leaves
them. `psephos verify` checks each in a fresh process, on one thread. A line through each two that follow one
another in size gives a fixed part and bytes a card; below some 30,000 voters runs and bundles are not full,
and the line is too steep. Linux only: peaks are those of /proc.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from bench.machine import ROOT
from bench.table import table

# The peak of this very memory: `ru_maxrss` would not be smaller than what the parent had when it forked.
_VERIFY = """
import re, sys
from pathlib import Path
from psephos.cli.main import main
code = main(["verify", *sys.argv[1:], "--json", "--workers", "1"])
print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1], file=sys.stderr)
raise SystemExit(code)
"""


class Peak(NamedTuple):
    """What there was to verify, and the most memory that it took."""

    cards: int
    ballots: int
    peak: int


def peak(directory: Path) -> Peak:
    """Verify a record; SystemExit unless it passes."""
    given = [str(directory / "record"), "--pin", str(directory / "pin.json")]
    done = subprocess.run([sys.executable, "-c", _VERIFY, *given], cwd=ROOT, capture_output=True, check=True)
    report = json.loads(done.stdout)
    if report["verdict"] != "passed":
        raise SystemExit(f"{directory}: {report['verdict']}")
    count = {check["check"]: check["count"] for check in report["checks"]}
    return Peak(count["4.3"], count["6.4"], 1024 * int(done.stderr.split()[-1]))


def lines(peaks: Sequence[Peak]) -> list[str]:
    """A table of the peaks, and lines through neighbours."""
    rows = [
        [f"{peak_of_run.cards:,}", f"{peak_of_run.ballots:,}", f"{peak_of_run.peak / 1e6:.1f}"]
        for peak_of_run in sorted(peaks)
    ]
    text = [*table(["cards", "ballots", "peak, MB"], rows), ""]
    for smaller, larger in pairwise(sorted(peaks)):
        per_card = (larger.peak - smaller.peak) / (larger.cards - smaller.cards)
        fixed = (smaller.peak - per_card * smaller.cards) / 1e6
        text.append(
            f"{smaller.cards:,} to {larger.cards:,} cards: {fixed:.1f} MB and {per_card:.0f} bytes a card"
        )
    return text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument("directories", type=Path, nargs="+")
    print("\n".join(lines([peak(directory.absolute()) for directory in parser.parse_args().directories])))
