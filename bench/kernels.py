"""Checks and weighing in the core against their bounds; the measuring is `crates/core/examples/bound.rs`."""

from __future__ import annotations

import json
import subprocess
from statistics import median
from typing import Any

from bench.machine import ROOT
from bench.table import table

Seconds = dict[str, list[float]]
HEAD = ("per row", "points", "µs", "bound, µs", "time / bound", "median", "bound spent on", "two threads")


def measure(rows: int, runs: int) -> dict[str, Any]:
    """Every kernel's samples: see the example."""
    command = ["cargo", "run", "--release", "--locked", "--quiet", "-p", "psephos-core", "--example", "bound"]
    command += ["--", str(rows), str(runs)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


def lines(measured: dict[str, Any]) -> list[str]:
    """One line a kernel: the fastest runs, and the median over rounds of time to bound."""
    return table(HEAD, [_line(kernel, measured["rows"]) for kernel in measured["kernels"]])


def _line(kernel: dict[str, Any], rows: int) -> list[str]:
    seconds: Seconds = kernel["seconds"]
    one, two = seconds["one thread"], seconds["two threads"]
    parts = {name: all_ for name, all_ in seconds.items() if not name.endswith(("thread", "threads"))}
    bound = sum(map(min, parts.values()))
    neighbours = [a / sum(b) for a, *b in zip(one, *parts.values(), strict=True)]
    return [
        kernel["name"],
        str(kernel["points"]),
        f"{min(one) / rows * 1e6:.1f}",
        f"{bound / rows * 1e6:.1f}",
        f"{min(one) / bound:.2f}",
        f"{median(neighbours):.2f}",
        ", ".join(f"{name} {min(all_) / bound:.0%}" for name, all_ in parts.items()),
        f"{min(one) / min(two):.2f}x",
    ]
