"""On what was measured, and with what."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from psephos import _core

ROOT = Path(__file__).resolve().parents[1]


def header(load: tuple[float, float], arithmetic: str = "") -> list[str]:
    """Machine, versions and the processor's load (one minute's mean) before and after, as Markdown lines."""
    points = f"; points with {arithmetic}" if arithmetic else ""
    return [
        f"- Machine: {processor()}, {os.cpu_count()} logical processors, {memory():.0f} GiB of memory; "
        f"{platform.system()} {platform.release()} {platform.machine()}{points}",
        f"- Versions: psephos {_core.VERSION} at {commit()}, "
        f"Python {platform.python_version()}, {said('rustc', '--version')}",
        f"- {datetime.now(UTC):%Y-%m-%d}; load, mean of a minute: "
        f"{load[0]:.1f} when it began, {load[1]:.1f} at the end",
    ]


def commit() -> str:
    """Which state of the project this is."""
    return said("git", "describe", "--always", "--dirty") or "no commit"


def said(*command: str) -> str:
    """What a command prints on one line; empty if it fails, as git does outside a checkout."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def processor() -> str:
    """The processor's name, where the system tells it."""
    lines = Path("/proc/cpuinfo")
    if lines.exists():
        for line in lines.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory() -> float:
    """The machine's memory in GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
