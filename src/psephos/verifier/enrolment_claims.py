"""What registrars signed outside the log, held against the log (`spec/messages.md#batches`, `#tokens`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from psephos.protocol import entry as entries
from psephos.protocol.entry import BatchAnswer, BatchQuery, CardReceipt, Entry, TokenReceipt
from psephos.protocol.message import read
from psephos.protocol.record import Record
from psephos.verifier.evidence import Exhibit, NotProven, containing
from psephos.verifier.run import Verification


@dataclass(frozen=True)
class LeftOut(Exhibit, kind="receipts"):
    """Receipts of all registrars for a card that no batch has; and what the lead asked and was answered.

    The culprit is the registrar whose answer lacks the card, or, where none is shown, the lead.
    """

    messages: tuple[bytes, ...]
    checkpoint: bytes

    def proves(self, log: Verification) -> str:
        containing(log, self.checkpoint)
        record, said = log.record, _read_all(log.record, self.messages)
        receipt = _receipted(record, said)
        if receipt.region >= len(record.rosters):
            return f"all registrars receipted a card of region {receipt.region}, which there is not"
        roster = record.rosters[receipt.region]
        latest = max(one.batch for one in _receipts(said).values())
        card = f"card {receipt.card.hex()} of region {receipt.region}"
        if not roster.complete and len(roster.batches) <= latest:
            raise NotProven(f"{card}: batch {latest + 1} is not in effect yet")
        found = roster.record(receipt.card)
        if found is not None and hashlib.sha256(found).digest() == receipt.record:
            raise NotProven(f"{card} is in effect, with the record that was receipted")
        return f"registrar {_lacking(said, receipt.record)} left out {card}, which all had receipted"

    @property
    def subject(self) -> bytes:
        return self.messages[0] if self.messages else b""


@dataclass(frozen=True)
class Unlisted(Exhibit, kind="issued"):
    """A token receipt whose hash its registrar has not listed (`spec/messages.md#tokens`)."""

    message: bytes
    checkpoint: bytes

    def proves(self, log: Verification) -> str:
        containing(log, self.checkpoint)
        record = log.record
        entry = _read_one(record, self.message)
        receipt, registrar = entry.payload, record.authors.registrar(entry.author)
        if not isinstance(receipt, TokenReceipt):
            raise NotProven(f"it is a {receipt.type_name()}, no token-receipt")
        if receipt.region >= len(record.rosters) or not record.rosters[receipt.region].opened:
            raise NotProven(f"region {receipt.region} has not opened, so the list may still grow")
        if record.rosters[receipt.region].lists(registrar, receipt.hash):
            raise NotProven("the hash is listed")
        return f"registrar {registrar} gave tokens for {receipt.hash.hex()}, and has not listed it"

    @property
    def subject(self) -> bytes:
        return self.message


def _read_one(record: Record, message: bytes) -> Entry:
    """A registrar's message in this election."""
    if record.election is None:
        raise NotProven("the ceremony is not complete: registrars have signed nothing in this election yet")
    author = entries.decode(message, message=True).author
    if not record.authors.culprit(author).startswith("registrar "):
        raise NotProven("a message of nobody who is a registrar")
    return read(message, record.election, author)


def _read_all(record: Record, messages: Sequence[bytes]) -> list[tuple[int, Entry]]:
    said = [_read_one(record, message) for message in messages]
    return [(record.authors.registrar(entry.author), entry) for entry in said]


def _receipts(said: Sequence[tuple[int, Entry]]) -> dict[int, CardReceipt]:
    return {number: entry.payload for number, entry in said if isinstance(entry.payload, CardReceipt)}


def _receipted(record: Record, said: Sequence[tuple[int, Entry]]) -> CardReceipt:
    """The card for which all registrars gave receipts."""
    receipts = _receipts(said)
    if len(receipts) < len(record.definition.registrars):
        raise NotProven("not all registrars have receipted the card")
    if len({(one.region, one.card, one.record) for one in receipts.values()}) > 1:
        raise NotProven("the receipts are for different cards")
    return receipts[1]


def _lacking(said: Sequence[tuple[int, Entry]], card_record: bytes) -> int:
    """The registrar whose answer to a query of the lead's lacks a record; the lead where there is none."""
    queries = {
        entry.body_hash: entry.payload
        for number, entry in said
        if number == 1 and isinstance(entry.payload, BatchQuery)
    }
    for number, entry in sorted(said, key=lambda one: one[0]):
        answer = entry.payload
        if number == 1 or not isinstance(answer, BatchAnswer) or answer.query not in queries:
            continue
        asked, admitted = (_hashes(words) for words in (queries[answer.query].records, answer.records))
        if card_record in asked - admitted:
            return number
    return 1


def _hashes(joined: bytes) -> set[bytes]:
    return {joined[at : at + 32] for at in range(0, len(joined), 32)}
