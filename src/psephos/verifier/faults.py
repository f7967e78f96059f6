"""What a verification of the log itself finds wrong, fatal or not (`spec/checks.md`)."""

from __future__ import annotations

from dataclasses import dataclass

from psephos.errors import VerificationError
from psephos.protocol.encoding.form import LONGEST_TEXT
from psephos.verifier.evidence import WITHOUT_LOG, Exhibit, NotProven, containing
from psephos.verifier.run import Verification

_BEFORE_READING = ("1.1", "1.2", "1.3")


@dataclass(frozen=True)
class Failed(Exhibit, kind="failed"):
    """A fatal check that fails, and the checkpoint under which it did, or as which it was published."""

    check: str
    culprit: str
    message: str
    checkpoint: bytes

    @classmethod
    def of(cls, error: VerificationError, checkpoint: bytes) -> Failed:
        """What stopped a verification at a checkpoint."""
        return cls(error.check, error.culprit, error.message[:LONGEST_TEXT], checkpoint)

    def proves(self, log: Verification) -> str:
        if self.check not in _BEFORE_READING:
            containing(log, self.checkpoint)
        if (found := log.stopped) is None and log.tree is None:
            raise NotProven(WITHOUT_LOG)
        if not isinstance(found, VerificationError):
            raise NotProven(f"the log passes check {self.check}, or does not come to it")
        if (found.check, found.culprit) != (self.check, self.culprit):
            raise NotProven(f"the log fails otherwise: {found}")
        return str(found)

    @property
    def subject(self) -> bytes:
        return f"{self.check} {self.culprit} {self.message}".encode()


@dataclass(frozen=True)
class Noticed(Exhibit, kind="notice"):
    """A notice that the log gives (4.7, 5.3), and a checkpoint under which that shows."""

    notice: str
    checkpoint: bytes

    def proves(self, log: Verification) -> str:
        containing(log, self.checkpoint)
        checks = [notice.check for notice in log.record.notices if notice.message == self.notice]
        if not checks:
            raise NotProven("the log gives no such notice")
        through = "board, " if checks[0] == "5.3" else ""
        return f"{through}check {checks[0]}: {self.notice}"

    @property
    def subject(self) -> bytes:
        return self.notice.encode()
