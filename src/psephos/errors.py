"""The ways in which Psephos says no."""

from __future__ import annotations

from typing import Literal

CheckNumber = Literal[
    "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9",
    "2.1", "2.2", "2.3",
    "3.1", "3.2", "3.3", "3.4",
    "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8",
    "5.1", "5.2", "5.3",
    "6.1", "6.2", "6.3", "6.4", "6.5",
    "7.1", "7.2",
    "8.1", "8.2",
    "9.1", "9.2", "9.3", "9.4",
    "10.1", "10.2",
]  # fmt: skip
"""A check of records, as `spec/checks.md` numbers it."""

ExchangeCheck = Literal[
    "audit", "batch", "card", "challenge", "promise", "ready", "receipt", "signature", "token",
]  # fmt: skip
"""A check that a device makes of an answer, which is in no record."""


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

    def __init__(self, message: str, check: CheckNumber = "1.3") -> None:
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
    """A check failed, through `culprit`."""

    def __init__(self, check: CheckNumber | ExchangeCheck, culprit: str, message: str) -> None:
        super().__init__(f"check {check} failed through {culprit}: {message}")
        self.check = check
        self.culprit = culprit
        self.message = message
