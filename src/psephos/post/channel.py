"""How a party is asked, whatever lies between: files, or HTTP (`spec/messages.md#post`)."""

from __future__ import annotations

from typing import Protocol


class Channel(Protocol):
    """A way to one party: `psephos.post.post.Post`, or `psephos.post.web.WebPost`."""

    def send(self, data: bytes) -> str:
        """Leave a request, unless it is answered or waits already; returns its id."""

    def exchange(self, data: bytes, timeout: float = 0.0) -> bytes | None:
        """Send, and wait so many seconds for the answer; None while there is none."""

    def withdraw(self, name: str) -> None:
        """Take back a request or its answer: the same bytes may be asked again, and are judged anew."""
