"""What a verification found: every check, every void entry, the verdict (`spec/checks.md#verdicts`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psephos.errors import CheckNumber, EvidenceMissing, VerificationError
from psephos.log.checkpoints import TreeHead
from psephos.protocol.checks import CHECKS, Check, Notice, Void
from psephos.verifier.contests import ContestResult, contest_results

Status = Literal["passed", "notice", "void", "failed", "missing", "not reached"]
Verdict = Literal["passed", "passed-with-notices", "open", "failed", "missing"]

EXIT_CODES: dict[Verdict, int] = {"passed": 0, "passed-with-notices": 4, "open": 3, "failed": 1, "missing": 1}


@dataclass(frozen=True)
class CheckResult:
    """How one check went: of how many entries and, where it failed, through whom and why."""

    check: CheckNumber
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
    """A verification, as `spec/schemas/report.json` has it; `result` is the document that follows, if any.

    >>> report = psephos.verify("demo/record", "demo/pin.json")
    >>> report.passed, report.phase, report.failed_check
    (True, 'counted', None)
    >>> report.checks[0]
    CheckResult(check='1.1', title='checkpoint signed by the log', status='passed', count=1, ...)
    """

    phase: str
    checkpoint: TreeHead | None
    checks: tuple[CheckResult, ...]
    void: tuple[Void, ...]
    notices: tuple[Notice, ...]
    afterwards: tuple[Void, ...]
    """What would have been fatal, had the result not stood already."""
    clocks: tuple[str, ...]
    """Cosignatures of a time that has not come, by the reader's clock: they decide nothing."""
    result: bytes | None

    @property
    def stopped(self) -> CheckResult | None:
        """The check that failed or lacks its evidence, at which verification stopped."""
        return next((check for check in self.checks if check.status in ("failed", "missing")), None)

    @property
    def passed(self) -> bool:
        """Whether everything was checked to the end: nothing failed, is missing or is to be noticed."""
        return self.verdict == "passed"

    @property
    def failed_check(self) -> CheckResult | None:
        """The check that failed, with whom it failed through and why; None where none did."""
        return self.stopped if self.verdict == "failed" else None

    @property
    def results(self) -> tuple[ContestResult, ...]:
        """The votes of each contest; none unless the record was verified to the end."""
        return contest_results(self.result) if self.result is not None else ()

    @property
    def verdict(self) -> Verdict:
        """`passed` only with nothing failed, nothing missing, nothing to notice, and a result."""
        if self.stopped is not None:
            return "failed" if self.stopped.status == "failed" else "missing"
        if self.result is None:
            return "open"
        return "passed-with-notices" if self.notices else "passed"

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
            "notices": [vars(notice) for notice in self.notices],
            "afterwards": [vars(void) for void in self.afterwards],
            "clocks": list(self.clocks),
            "result": self.result and json.loads(self.result),
        }

    def encode(self) -> bytes:
        """The report as JSON, in one line."""
        return json.dumps(self.document(), ensure_ascii=False, separators=(",", ":")).encode()


def outcomes(
    examined: Counter[CheckNumber],
    void: Sequence[Void],
    notices: Sequence[Notice],
    stopped: VerificationError | EvidenceMissing | None,
) -> tuple[CheckResult, ...]:
    """Every check of the table: of how many entries it was made, and what it found."""
    voided = {entry.check for entry in void}
    noticed = {notice.check for notice in notices}
    found = []
    for number, check in CHECKS.items():
        count = examined[check.number]
        if stopped is not None and stopped.check == number:
            found.append(_stopped_at(check, count, stopped))
            continue
        status: Status = "passed" if count else "not reached"
        if number in voided:
            status = "void"
        elif number in noticed:
            status = "notice"
        found.append(CheckResult(check.number, check.title, status, count))
    return tuple(found)


def _stopped_at(check: Check, count: int, stopped: VerificationError | EvidenceMissing) -> CheckResult:
    if isinstance(stopped, VerificationError):
        return CheckResult(check.number, check.title, "failed", count, stopped.culprit, stopped.message)
    return CheckResult(check.number, check.title, "missing", count, message=str(stopped))
