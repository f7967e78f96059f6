"""What a verification found: every check, every void entry, the verdict (`spec/checks.md#verdicts`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psephos.errors import EvidenceMissing, VerificationError
from psephos.log.checkpoint import Checkpoint
from psephos.protocol.checks import CHECKS, Void

Status = Literal["passed", "void", "failed", "missing", "not reached"]
Verdict = Literal["passed", "open", "failed", "missing"]

EXIT_CODES: dict[Verdict, int] = {"passed": 0, "open": 3, "failed": 1, "missing": 1}


@dataclass(frozen=True)
class Outcome:
    """How one check went: over how many objects and, where it failed, through whom and why."""

    check: str
    title: str
    status: Status
    count: int
    culprit: str = ""
    message: str = ""

    def document(self) -> dict[str, Any]:
        """As the report's schema has it: without culprit and message where there are none."""
        return {name: value for name, value in vars(self).items() if value != ""}


@dataclass(frozen=True)
class Report:
    """A verification, as `spec/schemas/report.json` has it; `result` is the document that follows, if any."""

    phase: str
    checkpoint: Checkpoint | None
    checks: tuple[Outcome, ...]
    void: tuple[Void, ...]
    notices: tuple[str, ...]
    result: bytes | None

    @property
    def stopped(self) -> Outcome | None:
        """The check that failed or lacks its evidence, at which verification stopped."""
        return next((one for one in self.checks if one.status in ("failed", "missing")), None)

    @property
    def verdict(self) -> Verdict:
        """`passed` only with nothing failed, nothing missing and a result."""
        if self.stopped is not None:
            return "failed" if self.stopped.status == "failed" else "missing"
        return "open" if self.result is None else "passed"

    @property
    def exit_code(self) -> int:
        """What `psephos verify` exits with."""
        return EXIT_CODES[self.verdict]

    def document(self) -> dict[str, Any]:
        """The report as its schema has it."""
        at = self.checkpoint
        return {
            "version": 1,
            "verdict": self.verdict,
            "phase": self.phase,
            "checkpoint": at and {"size": at.size, "root": at.root.hex()},
            "checks": [outcome.document() for outcome in self.checks],
            "void": [vars(void) for void in self.void],
            "notices": list(self.notices),
            "result": self.result and json.loads(self.result),
        }

    def encode(self) -> bytes:
        """The report as JSON, in one line."""
        return json.dumps(self.document(), ensure_ascii=False, separators=(",", ":")).encode()


def outcomes(
    looked_at: Counter[str], void: Sequence[Void], stopped: VerificationError | EvidenceMissing | None
) -> tuple[Outcome, ...]:
    """Every check of the table, given what was looked at, what was void and what ended the verification."""
    voided = Counter(one.check for one in void)
    found = []
    for number, check in CHECKS.items():
        count = max(looked_at[number], voided[number])
        if stopped is not None and stopped.check == number:
            found.append(_stopped_at(check.title, max(count, 1), stopped))
        else:
            status: Status = "void" if voided[number] else "passed" if count else "not reached"
            found.append(Outcome(number, check.title, status, count))
    return tuple(found)


def _stopped_at(title: str, count: int, stopped: VerificationError | EvidenceMissing) -> Outcome:
    if isinstance(stopped, VerificationError):
        return Outcome(stopped.check, title, "failed", count, stopped.culprit, stopped.message)
    return Outcome(stopped.check, title, "missing", count, message=str(stopped))
