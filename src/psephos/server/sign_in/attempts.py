"""People on their way to the identity provider and back: nothing of them is kept here.

What belongs to an attempt follows from its state, the browser's secret and a key of this process: however
many begin, nobody takes another's place (RFC 9700, 4.7).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest

LONGEST = 600.0
"""Seconds in which somebody must be back."""
_SECRET = 32
_RANDOM = 16
_MARK = 16
_TIME = 8


@dataclass(frozen=True, repr=False)
class SignInAttempt:
    """The nonce of one ID token, the PKCE verifier of one code, and the language of the pages."""

    language: str
    nonce: str
    verifier: str


class SignInAttempts:
    """Draws states, each good for its browser alone, and knows them again until they are too old."""

    def __init__(self, clock: Callable[[], float], random: Callable[[int], bytes]) -> None:
        """`clock` in seconds, monotonic."""
        self._clock, self._random = clock, random
        self._key = random(_SECRET)

    def browser(self, known: str) -> str:
        """The secret of a browser: the one that it has, else a fresh one."""
        return known if len(_decoded(known)) == _SECRET else _encoded(self._random(_SECRET))

    def begin(self, language: str, browser: str) -> tuple[str, SignInAttempt]:
        """A fresh state and what belongs to it."""
        head = int(self._clock()).to_bytes(_TIME, "big") + self._random(_RANDOM) + language.encode()
        return _encoded(head + self._derived(b"state", browser, head)[:_MARK]), self._attempt(browser, head)

    def resume(self, state: str, browser: str) -> SignInAttempt | None:
        """What belongs to a state; None for one that is old, another browser's, or never given out."""
        data = _decoded(state)
        head, mark = data[:-_MARK], data[-_MARK:]
        if len(head) < _TIME + _RANDOM or len(_decoded(browser)) != _SECRET:
            return None
        if not compare_digest(mark, self._derived(b"state", browser, head)[:_MARK]):
            return None
        age = self._clock() - int.from_bytes(head[:_TIME], "big")
        return self._attempt(browser, head) if age < LONGEST else None

    def _attempt(self, browser: str, head: bytes) -> SignInAttempt:
        nonce, verifier = (_encoded(self._derived(name, browser, head)) for name in (b"nonce", b"verifier"))
        return SignInAttempt(head[_TIME + _RANDOM :].decode(), nonce, verifier)

    def _derived(self, name: bytes, browser: str, head: bytes) -> bytes:
        return blake2b(head + browser.encode(), key=self._key, person=name, digest_size=_SECRET).digest()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """The bytes of unpadded base64url; empty for anything else."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""
    return data if _encoded(data) == text else b""
