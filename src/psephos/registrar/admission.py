"""Admitting cards: one message a card, once for all regions (`spec/messages.md#admission`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from psephos.protocol.enrolment.admission import (
    Rejection,
    admission_of,
    check_admissions,
    check_authors,
    decode_admissions,
    known,
)
from psephos.protocol.entries import CardReceipt, Entry
from psephos.protocol.message import refused_as
from psephos.registrar.cards import open_batch
from psephos.registrar.issuer import Issuer

_PUT = "INSERT INTO new_cards VALUES (?, ?, ?, ?, ?)"


class Admitted(NamedTuple):
    """A card that was admitted; `digest` is SHA-256 of the record."""

    card: bytes
    region: int
    digest: bytes
    record: bytes
    receipt: bytes


def admit(issuer: Issuer, messages: Sequence[bytes]) -> list[bytes]:
    """A card-receipt or a signed refusal for each message, in order; on disk before it is returned.

    Records and tokens of all messages are checked together.
    """
    entries, faults = decode_admissions(issuer.setting, issuer.number, messages)
    unsigned = check_authors(entries)
    faults |= unsigned
    signed = {place: entry for place, entry in entries.items() if place not in unsigned}
    with issuer.store.lock:  # until what is known is what is on disk
        admitted = _admitted(issuer, [entry.author for entry in signed.values()])
        fresh = {place: entry for place, entry in signed.items() if entry.author not in admitted}
        faults |= _closed(issuer, fresh)
        left = {place: entry for place, entry in fresh.items() if place not in faults}
        faults |= check_admissions(issuer.setting, issuer.number, issuer.secrets.of_region, left)
        return _Answers(issuer, admitted).write(messages, signed, faults)


def _admitted(issuer: Issuer, cards: Sequence[bytes]) -> dict[bytes, Admitted]:
    """Those of these cards that were admitted, in any region."""
    statement = "SELECT card, region, digest, record, receipt FROM admitted WHERE card IN (*)"
    return {row[0]: Admitted(*row) for row in issuer.store.read_in(statement, values=set(cards))}


def _closed(issuer: Issuer, entries: Mapping[int, Entry]) -> dict[int, Rejection]:
    """The messages for regions that take no cards any more."""
    regions = {place: admission_of(entry).region for place, entry in entries.items()}
    closed = {region for region in set(regions.values()) if not issuer.admits(region)}
    return {
        place: Rejection("closed", f"no cards are admitted to region {region} any more")
        for place, region in regions.items()
        if region in closed
    }


class _Answers:
    """Answers one message after the other; what is admitted is written down together."""

    def __init__(self, issuer: Issuer, admitted: dict[bytes, Admitted]) -> None:
        self._issuer = issuer
        self._admitted = admitted
        self._batches: dict[int, int] = {}

    def write(
        self, messages: Sequence[bytes], signed: Mapping[int, Entry], faults: Mapping[int, Rejection]
    ) -> list[bytes]:
        """The answers, in order; cards join those that were admitted."""
        before = len(self._admitted)
        answers = [
            self._issuer.refuse(refused_as(message, message=True), faults[place])
            if place in faults and not self._is_known(signed.get(place))
            else self._receipt(signed[place])
            for place, message in enumerate(messages)
        ]
        with self._issuer.store.write() as database:
            database.executemany(_PUT, list(self._admitted.values())[before:])
        return answers

    def _is_known(self, entry: Entry | None) -> bool:
        return entry is not None and entry.author in self._admitted

    def _receipt(self, entry: Entry) -> bytes:
        if self._is_known(entry):
            return self._again(entry, self._admitted[entry.author])
        self._admitted[entry.author] = self._admit(entry)
        return self._admitted[entry.author].receipt

    def _again(self, entry: Entry, admitted: Admitted) -> bytes:
        """The same receipt for the same record; for another, what shows that the card signed the first."""
        payload, first = admission_of(entry), (admitted.region, admitted.record)
        if (payload.region, payload.record) == first:
            return admitted.receipt
        return self._issuer.refuse(entry.body_hash, known(self._issuer.setting, *first))

    def _admit(self, entry: Entry) -> Admitted:
        payload = admission_of(entry)
        digest = sha256(payload.record).digest()
        receipt = CardReceipt(payload.region, entry.author, digest, self._batch(payload.region))
        return Admitted(entry.author, payload.region, digest, payload.record, self._issuer.sign(receipt))

    def _batch(self, region: int) -> int:
        if region not in self._batches:
            self._batches[region] = open_batch(self._issuer, region)
        return self._batches[region]
