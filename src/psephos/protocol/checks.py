"""The numbered checks and what follows when one fails (`spec/checks.md`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psephos.errors import CheckNumber, VerificationError

Severity = Literal["fatal", "void", "notice"]


@dataclass(frozen=True)
class Check:
    """A row of the table: what must hold, and what its failure does."""

    number: CheckNumber
    title: str
    severity: Severity


def _table(*rows: tuple[CheckNumber, str, Severity]) -> dict[str, Check]:
    return {number: Check(number, title, severity) for number, title, severity in rows}


CHECKS = _table(
    ("1.1", "checkpoint signed by the log", "fatal"),
    ("1.2", "checkpoint cosigned by the quorum of witnesses", "fatal"),
    ("1.3", "entries hash to the checkpoint's root", "fatal"),
    ("1.4", "entries are well formed", "fatal"),
    ("1.5", "authors and signatures", "void"),
    ("1.6", "entries in their phase", "void"),
    ("1.7", "logged checkpoints are of this log", "fatal"),
    ("1.8", "logged checkpoints cosigned", "void"),
    ("1.9", "what is said, asked and granted, in form", "void"),
    ("2.1", "definition is the pinned one", "fatal"),
    ("2.2", "definition is valid", "fatal"),
    ("2.3", "amendments and cancellation", "void"),
    ("3.1", "ceremony entries in their round", "void"),
    ("3.2", "ceremony commitments, deals and answers", "void"),
    ("3.3", "ceremony result signed", "void"),
    ("3.4", "ceremony can be completed", "fatal"),
    ("4.1", "rolls", "void"),
    ("4.2", "batches in form and size", "void"),
    ("4.3", "cards' proofs and signatures", "void"),
    ("4.4", "token keys", "void"),
    ("4.5", "no card twice", "void"),
    ("4.6", "issued hashes and secrets", "void"),
    ("4.7", "regions open, with what was counted", "notice"),
    ("4.8", "no more tokens than people on the rolls", "void"),
    ("5.1", "openings", "void"),
    ("5.2", "seals", "void"),
    ("5.3", "days opened and sealed on time, as witnesses saw", "notice"),
    ("6.1", "ballots in form", "void"),
    ("6.2", "ballots in their window", "void"),
    ("6.3", "ballots by cards of their region", "void"),
    ("6.4", "ballots' proofs and signatures", "void"),
    ("6.5", "ballots not repeated", "void"),
    ("7.1", "weighings in their place", "void"),
    ("7.2", "weighings' proofs", "void"),
    ("8.1", "closes are right", "void"),
    ("8.2", "no wrong close by enough trustees", "fatal"),
    ("9.1", "shares in their stage", "void"),
    ("9.2", "shares' proofs", "void"),
    ("9.3", "signs are +1 or -1, weights numbers of cards", "fatal"),
    ("9.4", "no area weighs more than was issued", "fatal"),
    ("10.1", "totals are possible", "fatal"),
    ("10.2", "the logged result follows", "void"),
)


@dataclass(frozen=True, order=True)
class Void:
    """An entry that counts for nothing: where, which check, through whom, why."""

    entry: int
    check: CheckNumber
    culprit: str
    message: str


@dataclass(frozen=True, order=True)
class Notice:
    """Something to be known that breaks no rule: where, which check, what."""

    entry: int
    check: CheckNumber
    message: str


def out_of_phase(message: str) -> VerificationError:
    """Check 1.6, through the board: it chose the entry's position."""
    return VerificationError("1.6", "board", message)
