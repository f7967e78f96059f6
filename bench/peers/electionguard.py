"""ElectionGuard-python, from PyPI, in an environment of its own; it needs Python 3.10."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.machine import ROOT

NAME = "ElectionGuard-python"
PACKAGE = "electionguard==1.4.0"
_SCRIPT = Path(__file__).with_name("electionguard_ballots.py")
_HOME = ROOT / "target/electionguard"


def missing(python: str) -> str | None:
    """Why it cannot be measured with a Python of that name, or None; installs it the first time."""
    if not _is_right(python):
        return f"{python} is not there, or no Python 3.10"
    if not (_HOME / "done").exists():
        subprocess.run([python, "-m", "venv", _HOME], check=True)
        install = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install", PACKAGE]
        subprocess.run([str(_HOME / "bin/python"), *install], check=True)
        (_HOME / "done").touch()
    return None


def _is_right(python: str) -> bool:
    if shutil.which(python) is None:
        return False
    answered = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    return answered.stdout.startswith("Python 3.10.")


def measure(ballots: int) -> dict[str, Any]:
    """Processor seconds a ballot to make, check and verify it, and its bytes."""
    command = [str(_HOME / "bin/python"), "-I", str(_SCRIPT), str(ballots)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return {"peer": NAME, **json.loads(done.stdout)}
