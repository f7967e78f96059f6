"""The ways in which Psephos says no."""

from __future__ import annotations


class PsephosError(Exception):
    """Whatever Psephos refuses; the message names what, where and why, and never holds a secret."""


class Fault(Exception):
    """This program or this machine is at fault, and what was asked is neither right nor wrong.

    No PsephosError: whoever expects a refusal is not told that it is.
    """


class FormatError(PsephosError):
    """Bytes or text that are not the one encoding of anything (`spec/encoding.md`)."""


class PhaseError(PsephosError):
    """Something asked for before, or after, its time in the referendum's phase order (`spec/phases.md`)."""


class LogError(PsephosError):
    """The log contradicts itself, its signatures or its history."""


class EvidenceMissing(LogError):
    """A tile, part or blob that `check` needs is not there: neither passed nor failed."""

    def __init__(self, message: str, check: str = "1.3") -> None:
        super().__init__(message)
        self.check = check


class NotThere(EvidenceMissing):
    """Evidence of which its source says that it does not have it: more than no answer."""


class DatabaseError(PsephosError):
    """A database cannot be reached, or refuses; what was to be kept is not."""


class DatabaseHeld(DatabaseError):
    """Another program holds the database; nothing was done, and later it can be."""


class ExecutorError(PsephosError):
    """Work given to other machines did not come back: it says nothing about the record."""


class VerificationError(PsephosError):
    """A numbered check of `spec/checks.md` failed, through `culprit`."""

    def __init__(self, check: str, culprit: str, message: str) -> None:
        super().__init__(f"check {check} failed through {culprit}: {message}")
        self.check = check
        self.culprit = culprit
        self.message = message
