"""Checks and weighing in the core against their bounds; the measuring is `crates/core/examples/bound.rs`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from statistics import median
from typing import Any

from bench.machine import ROOT
from bench.table import table

Seconds = dict[str, list[float]]
HEAD = ("per row", "points", "µs", "bound, µs", "time / bound", "bound spent on", "two threads")


def measure(rows: int, runs: int) -> dict[str, Any]:
    """Every kernel's samples: see the example."""
    command = ["cargo", "run", "--release", "--locked", "--quiet", "-p", "psephos-core", "--example", "bound"]
    command += ["--", str(rows), str(runs)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


def lines(measured: dict[str, Any]) -> list[str]:
    """One line a kernel."""
    return table(HEAD, [_line(kernel, measured["rows"]) for kernel in measured["kernels"]])


def _line(kernel: dict[str, Any], rows: int) -> list[str]:
    seconds: Seconds = kernel["seconds"]
    one, two = seconds["one thread"], seconds["two threads"]
    parts = {name: all_ for name, all_ in seconds.items() if not name.endswith(("thread", "threads"))}
    bounds = [sum(run) for run in zip(*parts.values(), strict=True)]
    shares = {name: median(all_) / median(bounds) for name, all_ in parts.items()}
    return [
        kernel["name"],
        str(kernel["points"]),
        _micro(median(one) / rows),
        _micro(median(bounds) / rows),
        f"{median(_ratios(one, bounds)):.2f}",
        ", ".join(f"{name} {share:.0%}" for name, share in shares.items()),
        f"{min(one) / min(two):.2f}x",
    ]


def _ratios(above: Iterable[float], below: Iterable[float]) -> list[float]:
    return [a / b for a, b in zip(above, below, strict=True)]


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:.1f}"
