"""A party's post, as the server sees it."""

from __future__ import annotations

from typing import Protocol


class Mailbox(Protocol):
    """One party's post, as those see it who ask over HTTP."""

    largest: int
    """Bytes of a request, whoever sends it."""

    def longest(self, beginning: bytes) -> int:
        """Bytes that a request may have which begins so."""

    def price(self, data: bytes) -> int:
        """What a request counts for its sender, at least 1."""

    async def exchange(self, data: bytes, timeout: float, sender: bytes = b"") -> bytes | None:
        """The answer; None when there is none after so many seconds. Busy when too much waits."""

    def answered(self, name: str) -> bytes | None:
        """The answer to an earlier request, if it is kept."""

    def waits(self, name: str) -> bool:
        """Whether a request is still to be answered."""

    def withdraw(self, name: str) -> None:
        """Forget a request and its answer."""

    def sweep(self, now: float) -> None:
        """Forget what has been kept long enough; `now` in POSIX seconds."""
