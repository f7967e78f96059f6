"""The two independent verifiers, asked about one record."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from psephos.errors import PsephosError
from psephos.executor.logged import Followed
from psephos.executor.speculative_fold import folded
from psephos.log.client import Client
from psephos.protocol.setup.pin import Pin
from psephos.scratch import Scratch
from psephos.verifier.report import Report
from psephos.verifier.run import Verification

REFERENCE = Path(__file__).resolve().parents[3] / "reference" / "verify.py"
"""The reference verifier, where this runs from a checkout."""
PACKED = Path(str(files("psephos"))) / "server" / "verifier.pyz"
"""The same, packed, where this was installed."""


@dataclass(frozen=True)
class Verdict:
    """What one verifier says of a record."""

    judge: str
    report: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Whether everything passed, to the end."""
        return bool(self.report["verdict"] == "passed")

    @property
    def findings(self) -> list[tuple[str, str, str]]:
        """What it found wrong, (check, culprit, message): void entries in log order, then what ended it."""
        void = [(entry["check"], entry["culprit"], entry["message"]) for entry in self.report["void"]]
        ended = [check for check in self.report["checks"] if check["status"] in ("failed", "missing")]
        return void + [(check["check"], check.get("culprit", ""), check["message"]) for check in ended]


def rust(record: Path, pin: Path) -> Verdict:
    """`psephos verify`: Python over the Rust core."""
    known = Pin.parse(pin.read_bytes())
    with Client(record) as log:
        followed = Followed(log, str(record))

        def follow(verification: Verification) -> Report:
            verification.follow(followed)
            return verification.report()

        report = folded(partial(Verification, known, Scratch()), None, followed.log, follow)
        return Verdict("psephos verify", report.document())


def reference(record: Path, pin: Path) -> Verdict:
    """`reference/verify.py`: the standard library alone, in a process of its own."""
    verifier = REFERENCE if REFERENCE.exists() else PACKED
    command = [sys.executable, str(verifier), str(record), "--pin", str(pin), "--json"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    try:
        return Verdict("reference/verify.py", json.loads(done.stdout))
    except ValueError as error:
        message = f"{verifier.name} ended with {done.returncode}: {done.stderr.decode()}"
        raise PsephosError(message) from error


def verifiers(record: Path, pin: Path) -> list[Verdict]:
    """Both verdicts; only the first where the reference is not there."""
    has_reference = REFERENCE.exists() or PACKED.exists()
    return [rust(record, pin), *([reference(record, pin)] if has_reference else [])]
