"""People on their way to the identity provider and back: a few minutes, in memory alone."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from psephos.server.problem import Busy

LONGEST = 600.0
"""Seconds in which somebody must be back."""
MOST = 100_000
_SECRET = 32


@dataclass(frozen=True, repr=False)
class Attempt:
    """The nonce of one ID token, the PKCE verifier of one code, and the language of the pages."""

    language: str
    nonce: str
    verifier: str


class Attempts:
    """Attempts by their state, each good for one way back.

    No cookie binds them to a browser: a page shows whose the invitation is that it brings.
    """

    def __init__(self, clock: Callable[[], float], random: Callable[[int], bytes]) -> None:
        """`clock` in seconds, monotonic."""
        self._clock, self._random = clock, random
        self._begun: dict[str, tuple[float, Attempt]] = {}

    def begin(self, language: str) -> tuple[str, Attempt]:
        """A fresh state and what belongs to it; Busy while too many are on their way."""
        self._forget()
        if len(self._begun) >= MOST:
            raise Busy("too many people are signing in", 60)
        state, nonce, verifier = (self._draw() for _ in range(3))
        attempt = Attempt(language, nonce, verifier)
        self._begun[state] = self._clock() + LONGEST, attempt
        return state, attempt

    def end(self, state: str) -> Attempt | None:
        """What belongs to a state, once; None for one that was used, is too old, or was never given out."""
        self._forget()
        _, attempt = self._begun.pop(state, (0.0, None))
        return attempt

    def _forget(self) -> None:
        """Drop what is too old; the oldest come first."""
        now = self._clock()
        while self._begun and next(iter(self._begun.values()))[0] <= now:
            del self._begun[next(iter(self._begun))]

    def _draw(self) -> str:
        return base64.urlsafe_b64encode(self._random(_SECRET)).rstrip(b"=").decode()
