"""What a device must remember until its answer is there, sealed, and no longer (`spec/messages.md#group`)."""

from __future__ import annotations

from dataclasses import astuple, fields
from typing import TypeVar

from psephos.crypto import cbor
from psephos.crypto.cbor import Item
from psephos.errors import FormatError
from psephos.keystore.store import KeyStore
from psephos.protocol.enrolment.token import Request, Token

REQUEST, TOKENS, GROUP, BALLOT = "token-request", "tokens", "group", "ballot"
"""Under which names things are kept."""

Kept = TypeVar("Kept", Request, Token)


class Memory:
    """A device's key store: a token-request, tokens, a group, a ballot, each until its answer is there."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    @property
    def request(self) -> Request | None:
        """The request for tokens that is not answered yet."""
        items = self._read(REQUEST)
        return _make(Request, items) if items else None

    @property
    def tokens(self) -> list[Token]:
        """Tokens that are not spent."""
        items, width = self._read(TOKENS), len(fields(Token))
        return [_make(Token, items[at : at + width]) for at in range(0, len(items), width)]

    @property
    def group(self) -> tuple[bytes, bytes] | None:
        """The group that has no receipt yet, signed, and the 16-byte secrets of its cards, ascending by K."""
        return _two(self._read(GROUP))

    @property
    def ballot(self) -> bytes | None:
        """The ballot's entry that is not promised yet."""
        return self._keys.read(BALLOT)

    def keep_request(self, request: Request) -> None:
        """Before it is sent."""
        self._write(REQUEST, list(astuple(request)))

    def keep_tokens(self, tokens: list[Token]) -> None:
        """All that are not spent; nothing is kept of others."""
        if tokens:
            self._write(TOKENS, [item for token in tokens for item in astuple(token)])
        else:
            self._keys.erase(TOKENS)

    def keep_group(self, message: bytes, secrets: bytes) -> None:
        """Before it is sent."""
        self._write(GROUP, [message, secrets])

    def keep_ballot(self, entry: bytes) -> None:
        """Before it is sent."""
        self._keys.write(BALLOT, entry)

    def forget(self, name: str) -> None:
        """Once the answer is there."""
        self._keys.erase(name)

    def _read(self, name: str) -> list[Item]:
        data = self._keys.read(name)
        return [] if data is None else cbor.decode(data)

    def _write(self, name: str, items: list[Item]) -> None:
        self._keys.write(name, cbor.encode(items))


def _make(kind: type[Kept], items: list[Item]) -> Kept:
    if [type(item).__name__ for item in items] != [column.type for column in fields(kind)]:
        raise FormatError(f"key store: no {kind.__name__.lower()}")
    return kind(*items)  # type: ignore[arg-type]


def _two(items: list[Item]) -> tuple[bytes, bytes] | None:
    match items:
        case []:
            return None
        case [bytes(first), bytes(second)]:
            return first, second
    raise FormatError("key store: no group")
