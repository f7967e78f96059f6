"""Checks and weighing in the core against their bounds; the measuring is `crates/core/examples/bound.rs`."""

from __future__ import annotations

import json
import subprocess
from statistics import median
from typing import Any

from bench.machine import ROOT
from bench.table import table

HEAD = ("per row", "points", "µs", "bound, µs", "bound / time", "bound spent on", "two threads")
WHOLE = ("processor", "elapsed")


def measure(rows: int, runs: int, profile: str) -> dict[str, Any]:
    """Every kernel's samples: see the example."""
    command = ["cargo", "run", "--profile", profile, "--locked", "--quiet"]
    command += ["-p", "psephos-core", "--example", "bound", "--", str(rows), str(runs)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


def two_threads(kernel: dict[str, Any]) -> float:
    """How many times as fast it is on two threads: the median over rounds."""
    samples = kernel["seconds"]
    pairs = zip(samples["elapsed on one thread"], samples["elapsed on two threads"], strict=True)
    return float(median(single / two for single, two in pairs))


def bound(kernel: dict[str, Any]) -> float:
    """Bound over processor time on one thread: the median over rounds."""
    pairs = zip(kernel["seconds"]["processor"], *_parts(kernel).values(), strict=True)
    return float(median(sum(parts) / whole for whole, *parts in pairs))


def _parts(kernel: dict[str, Any]) -> dict[str, list[float]]:
    """The samples of every part of the bound."""
    return {
        name: seconds for name, seconds in kernel["seconds"].items() if name.partition(" ")[0] not in WHOLE
    }


def lines(measured: dict[str, Any]) -> list[str]:
    """One line a kernel, all medians over rounds."""
    return table(HEAD, [_line(kernel, measured["rows"]) for kernel in measured["kernels"]])


def _line(kernel: dict[str, Any], rows: int) -> list[str]:
    parts = {name: median(seconds) for name, seconds in _parts(kernel).items()}
    whole = sum(parts.values())
    return [
        kernel["name"],
        str(kernel["points"]),
        f"{median(kernel['seconds']['processor']) / rows * 1e6:.1f}",
        f"{whole / rows * 1e6:.1f}",
        f"{bound(kernel):.0%}",
        ", ".join(f"{name} {spent / whole:.0%}" for name, spent in parts.items()),
        f"{two_threads(kernel):.2f}x",
    ]
