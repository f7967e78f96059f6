"""The cards that a registrar has admitted: those that wait for a batch, and those that are in one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import sha256

from psephos.crypto.column import rows
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.entries import CardReceipt
from psephos.protocol.multipart import Multipart
from psephos.registrar.issuer import Issuer

COUNT = """SELECT (SELECT COUNT(*) FROM cards WHERE region = ?1)
    + (SELECT COUNT(*) FROM new_cards WHERE region = ?1)"""
"""All cards of a region: by their indices alone, which the view does not count by."""
_IN_EFFECT = "INSERT INTO regions (region, batches) VALUES (?, ?) ON CONFLICT DO UPDATE SET batches = ?"
_MOVED = "INSERT INTO cards SELECT *, ? FROM new_cards WHERE card = ? AND digest = ?"
_LEFT = "DELETE FROM new_cards WHERE card = ?"
_BATCHED = "UPDATE cards SET batch = ? WHERE card = ? AND digest = ?"
"""Of a state from before `new_cards`: there cards in no batch lie among the others."""
_RESTORED = "INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?, ?, ?)"


def open_batch(issuer: Issuer, region: int) -> int:
    """The number of the region's next batch."""
    known_region = issuer.store.read("SELECT batches FROM regions WHERE region = ?", region)
    return (known_region[0][0] if known_region else 0) + 1


def waiting(issuer: Issuer, region: int) -> list[bytes]:
    """The digests of the records that are in no batch, ascending."""
    statement = "SELECT digest FROM admitted WHERE region = ? AND batch IS NULL ORDER BY digest"
    return [digest for (digest,) in issuer.store.read(statement, region)]


def is_waiting(issuer: Issuer, region: int, least: int) -> bool:
    """Whether so many records at least are in no batch."""
    statement = "SELECT 1 FROM admitted WHERE region = ? AND batch IS NULL LIMIT 1 OFFSET ?"
    return bool(issuer.store.read(statement, region, least - 1))


def count(issuer: Issuer, region: int) -> int:
    """How many cards were admitted to a region."""
    return int(issuer.store.read(COUNT, region)[0][0])


def admitted(issuer: Issuer, region: int, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    """Those of these records that were admitted to a region, by digest."""
    statement = "SELECT digest, record FROM admitted WHERE region = ? AND digest IN (*)"
    return dict(issuer.store.read_in(statement, region, values=digests))


def lacking(issuer: Issuer, region: int, content: Multipart) -> int:
    """How many cards of a batch were not admitted here with exactly these records."""
    count = 0
    for run in content.runs(issuer.setting.width, 0, len(content)):
        digests = {sha256(record).digest() for record in rows(run.data, issuer.setting.width)}
        statement = "SELECT digest FROM admitted WHERE region = ? AND digest IN (*)"
        count += len(digests) - len(issuer.store.read_in(statement, region, values=digests))
    return count


def adopt(issuer: Issuer, roster: Roster) -> None:
    """Take note of a region's batches in effect; cards of them that an older state lacks are known again."""
    numbers = range(open_batch(issuer, roster.region), len(roster.batches) + 1)
    for number in numbers:
        content = roster.contents[number - 1]
        with issuer.store.write() as database:
            for run in content.runs(issuer.setting.width, 0, len(content)):
                _adopt(issuer, database, (roster.region, number), rows(run.data, issuer.setting.width))
            database.execute(_IN_EFFECT, [roster.region, number, number])


def _adopt(
    issuer: Issuer, database: sqlite3.Connection, place: tuple[int, int], records: Sequence[bytes]
) -> None:
    region, number = place
    digests = {record[:32]: sha256(record).digest() for record in records}
    batched = [(number, card, digest) for card, digest in digests.items()]
    database.executemany(_BATCHED, batched)
    database.executemany(_MOVED, batched)
    database.executemany(_LEFT, [(card,) for card in digests])
    statement = "SELECT card FROM cards WHERE batch = ? AND card IN (*)"
    here = {card for (card,) in issuer.store.read_in(statement, number, values=digests)}
    for record in records:
        card, digest = record[:32], digests[record[:32]]
        if card not in here:
            receipt = issuer.sign(CardReceipt(region, card, digest, number))
            database.execute(_RESTORED, [card, region, digest, record, receipt, number])
