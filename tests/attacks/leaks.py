"""Finds secrets in bytes, however they were written down."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator

_WINDOW = 16


def encodings(secret: bytes) -> Iterator[bytes]:
    """Raw, as Python shows bytes, hexadecimal, as a number, and base64, also in the middle of something."""
    yield secret
    yield repr(secret)[2:-1].encode()
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for order in ("little", "big"):
        yield str(int.from_bytes(secret, order)).encode()
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(bytes(before) + secret).rstrip(b"=")
            yield encoded[before and before + 1 : len(encoded) - 1]


class Search:
    """Looks for many secrets in one pass; each must have at least 16 bytes."""

    def __init__(self, secrets: Iterable[tuple[str, bytes]]) -> None:
        self._by_start: dict[bytes, list[tuple[str, bytes]]] = {}
        for name, secret in secrets:
            assert len(secret) >= _WINDOW, f"{name} is too short to be told from chance"
            for encoded in encodings(secret):
                self._by_start.setdefault(encoded[:_WINDOW], []).append((name, encoded))

    def find(self, haystack: bytes) -> set[str]:
        """The names of the secrets that are in there."""
        return {
            name
            for at in range(len(haystack) - _WINDOW + 1)
            for name, encoded in self._by_start.get(haystack[at : at + _WINDOW], ())
            if haystack.startswith(encoded, at)
        }
