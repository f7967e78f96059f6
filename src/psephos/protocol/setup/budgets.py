"""How much of each author an honest board logs (`spec/messages.md#budgets`)."""

from __future__ import annotations

from dataclasses import dataclass

from psephos.protocol.encoding.form import Form

MOST = 2**40
"""Bytes of any budget, at most."""
_LEAST = 65_536
"""Bytes of a budget, at least: more than an entry has."""


@dataclass(frozen=True)
class Budgets:
    """Numbers of `spec/definition.md#budgets`; a member that a definition leaves out has its default."""

    words: int = 2**20
    """Bytes of one author's entries for people, a day."""
    files: int = 2**26
    """Bytes of their attachments, a day."""
    parts: int = 2**28
    """Bytes of one author's parts whose bundles are not closed."""
    observers: int = 100
    """Keys that one party accredits."""
    requests: int = 1_000
    """Requests for accreditation, a day."""
    reserved: int = 200
    """Of these, those that are kept for countersigned ones."""
    work: int = 20
    """Leading zero bits that the body hash of a request needs."""

    @classmethod
    def read(cls, form: Form | None) -> Budgets:
        """The budgets of a definition, which may have none of its own."""
        given = {} if form is None else form.members("", " ".join(_BOUNDS))
        numbers = {name: member.integer(*_BOUNDS[name]) for name, member in given.items()}
        budgets = cls(**numbers)
        if form is not None and budgets.reserved > budgets.requests:
            raise form.refuse(f"of {budgets.requests} requests {budgets.reserved} cannot be reserved")
        return budgets


_BOUNDS = {
    "words": (_LEAST, MOST),
    "files": (0, MOST),
    "parts": (_LEAST, MOST),
    "observers": (0, 100_000),
    "requests": (0, 100_000),
    "reserved": (0, 100_000),
    "work": (0, 32),
}
