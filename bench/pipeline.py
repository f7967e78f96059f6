"""Whole referendums of several sizes: what each stage costs a voter, and whether that grows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

from bench.machine import ROOT
from bench.table import table

Run = dict[str, Any]
Runs = dict[int, list[Run]]
STAGES = ("enrol", "vote", "weigh", "close and release", "verify")


def measure(sizes: Sequence[int], runs: int) -> Runs:
    """So many referendums of every size, in turn, each in a fresh process."""
    found: Runs = {voters: [] for voters in sizes}
    for _ in range(runs):
        for voters in sizes:
            found[voters].append(_one(voters))
    return found


def _one(voters: int) -> Run:
    command = [sys.executable, "-m", "bench.referendum", str(voters)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


def stages(found: Runs) -> list[str]:
    """Processor seconds of every stage, medians; growth: a voter of the largest over one of the smallest."""
    sizes = sorted(found)
    head = [
        "stage",
        *(f"{n:,} voters, s" for n in sizes),
        "ms a voter",
        "growth",
        "in the core",
        "elapsed / processor",
    ]
    return table(head, [_stage(found, sizes, name) for name in STAGES])


def _stage(found: Runs, sizes: Sequence[int], name: str) -> list[str]:
    seconds = {voters: median(run["stages"][name]["cpu"] for run in found[voters]) for voters in sizes}
    each = {voters: seconds[voters] / voters for voters in sizes}
    smallest, largest = sizes[0], sizes[-1]
    measured = [run["stages"][name] for run in found[largest]]
    return [
        name,
        *(f"{seconds[voters]:.2f}" for voters in sizes),
        f"{each[largest] * 1e3:.2f}",
        f"{each[largest] / each[smallest]:.2f}x",
        f"{median(one['core'] / one['cpu'] for one in measured):.0%}",
        f"{median(one['wall'] / one['cpu'] for one in measured):.2f}",
    ]


def sizes(found: Runs) -> list[str]:
    """Bytes of one of each, and of the whole log and the memory for every voter of the largest referendum."""
    voters = max(found)
    run = found[voters][0]
    bytes_: dict[str, int] = run["bytes"]
    rows = [[name, f"{bytes_[name]:,}"] for name in ("card", "ballot", "weighed row")]
    rows += [
        ["log entries, a voter", f"{bytes_['entries'] / voters:,.0f}"],
        ["published files, a voter", f"{bytes_['published files'] / voters:,.0f}"],
        ["peak memory of the process with all roles", f"{run['peak memory']:,}"],
    ]
    return table(["", "bytes"], rows)
