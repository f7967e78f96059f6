"""What a device must remember until it is answered, sealed, and no longer.

An enrolment is one file at a time: ASKED, with every secret, until all responses are in; then MADE, which
does not tell which card counts. The second is on disk before the first is erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any, TypeVar

from psephos.crypto import cbor
from psephos.crypto.cbor import Item
from psephos.errors import FormatError
from psephos.keystore.store import KeyStore
from psephos.post.leaving import SealedEnvelope
from psephos.protocol.enrolment.cards import CardsDraft
from psephos.protocol.enrolment.draft import ENROLLED, settle
from psephos.protocol.enrolment.token import NO_CARD, PendingTokens

ASKED, MADE, RECEIPTS, BALLOT = "asked", "admissions", "token-receipts", "ballot"
"""Under which names things are kept."""


@dataclass(frozen=True, repr=False)
class Asking:
    """Cards whose tokens were asked for, of each registrar, in order; at what time, UTC seconds.

    `waits` is within how many seconds each registrar said that it would answer.
    """

    draft: CardsDraft
    asked: tuple[PendingTokens, ...]
    waits: tuple[int, ...]
    at: int

    @property
    def passed_on(self) -> bool:
        """Whether a trustee asks in its own name: for decoys alone."""
        return not all(pending.named for pending in self.asked)


@dataclass(frozen=True, repr=False)
class Made:
    """Cards whose messages are made: nothing here tells which counts.

    `messages` and `answers` are of each registrar, in order, of each card, ascending by K; an answer is empty
    until it is there. `due` is when the window of what relays have ends, UTC seconds; `relay` has brought an
    answer, and is kept to; empty where none has.
    """

    region: int
    secrets: bytes
    messages: tuple[tuple[bytes, ...], ...]
    answers: tuple[tuple[bytes, ...], ...]
    envelopes: tuple[SealedEnvelope, ...] = ()
    due: int = 0
    relay: str = ""


class Memory:
    """A device's key store."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    @property
    def asking(self) -> Asking | None:
        """The enrolment whose responses are not all in; not once its messages are made."""
        items = [] if self.made else self._read(ASKED)
        if not items:
            return None
        draft, asked, waits, at = _shaped(items, (bytes, bytes, bytes, int))
        return Asking(_draft(_list(draft)), tuple(map(_asked, _lists(asked))), tuple(_list(waits)), at)

    @property
    def made(self) -> Made | None:
        """The enrolment whose cards are not all in the log."""
        items = self._read(MADE)
        if not items:
            return None
        region, secrets, messages, answers, envelopes, due, relay = _shaped(
            items, (int, bytes, bytes, bytes, bytes, int, str)
        )
        sent = tuple(map(_envelope, _lists(envelopes)))
        return Made(region, secrets, _table(messages), _table(answers), sent, due, relay)

    @property
    def receipts(self) -> list[bytes]:
        """Token receipts, which say of nobody's cards anything."""
        return list(self._read(RECEIPTS))  # type: ignore[arg-type]

    @property
    def ballot(self) -> bytes | None:
        """The ballot's entry that is not promised yet."""
        return self._keys.read(BALLOT)

    def keep_asking(self, asking: Asking) -> None:
        """Before anything is asked."""
        draft = asking.draft
        columns = draft.region, draft.nonce, draft.secrets, draft.weights, draft.randomness, draft.records
        asked = [
            _bytes([*astuple(pending)[:5], _numbers(pending.cards), *astuple(pending)[6:]])
            for pending in asking.asked
        ]
        kept = _bytes([*columns, draft.commitment]), _bytes(asked), _bytes(asking.waits)
        self._write(ASKED, [*kept, asking.at])

    def keep_made(self, made: Made) -> None:
        """Before anything is sent; with it all secrets of before go."""
        envelopes = [_bytes(_sent(envelope)) for envelope in made.envelopes]
        tables = [_bytes([_bytes(row) for row in table]) for table in (made.messages, made.answers)]
        self._write(MADE, [made.region, made.secrets, *tables, _bytes(envelopes), made.due, made.relay])
        self.forget(ASKED)

    def keep_receipts(self, receipts: Sequence[bytes]) -> None:
        """Token receipts, as many as there are."""
        self._write(RECEIPTS, list(receipts))

    def keep_ballot(self, entry: bytes) -> None:
        """Before it is sent."""
        self._keys.write(BALLOT, entry)

    def forget(self, name: str) -> None:
        """Once the answer is there."""
        self._keys.erase(name)

    def _read(self, name: str) -> list[Item]:
        data = self._keys.read(name)
        return [] if data is None else cbor.decode(data)

    def _write(self, name: str, items: Sequence[Item]) -> None:
        self._keys.write(name, cbor.encode(items))


Kept = TypeVar("Kept")


def _bytes(items: Sequence[Item]) -> bytes:
    return cbor.encode(items)


def _numbers(cards: Sequence[int]) -> bytes:
    return _bytes([card - NO_CARD for card in cards])


def _list(data: Any) -> list[Any]:
    return cbor.decode(data)


def _lists(data: Any) -> list[list[Any]]:
    return [_list(row) for row in _list(data)]


def _table(data: Any) -> tuple[tuple[bytes, ...], ...]:
    return tuple(map(tuple, _lists(data)))


def _shaped(items: Sequence[Any], kinds: Sequence[type]) -> list[Any]:
    if [type(item) for item in items] != list(kinds):
        raise FormatError("key store: no enrolment of this version of Psephos")
    return list(items)


def _draft(items: list[Any]) -> CardsDraft:
    draft = CardsDraft(*_shaped(items, (int, *[bytes] * 6)))
    settle([draft], ENROLLED)
    return draft


def _asked(items: list[Any]) -> PendingTokens:
    message, registrar, region, name, named, cards, *rest = _shaped(
        items, (bytes, int, int, *[bytes] * (len(fields(PendingTokens)) - 3))
    )
    numbers = tuple(number + NO_CARD for number in _list(cards))
    return PendingTokens(message, registrar, region, name, named, numbers, *rest)


def _envelope(items: list[Any]) -> SealedEnvelope:
    registrar, card, message, opener, relay, taken = _shaped(items, (int, int, bytes, bytes, str, int))
    return SealedEnvelope(registrar, card + NO_CARD, message, opener, relay, bool(taken))


def _sent(envelope: SealedEnvelope) -> list[Item]:
    *items, taken = astuple(envelope)
    return [items[0], items[1] - NO_CARD, *items[2:], int(taken)]
