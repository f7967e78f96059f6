"""A voter's look at the log: what a card has cast today, where a ballot is, whether a promise was kept."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.log.proof import LogProof
from psephos.log.tree import Tree
from psephos.protocol.enrolment.evidence import left_out
from psephos.protocol.entries import BALLOT_HEAD, CardReceipt, Promise, TokenReceipt
from psephos.protocol.record import Record
from psephos.protocol.voting.window import overdue

_SIGNATURE = 66
"""Bytes that follow an entry's body."""


def highest_serial(record: Record, region: int, key: bytes, day: int) -> int:
    """The highest serial that the log has of a card on a day; 0 where it has none."""
    box = record.box
    if box is None or (region, day) not in box.days:
        return 0
    [place] = record.rosters[region].places(key)
    rows = box.days[region, day]
    used = (serial for card, serial in zip(rows.cards, rows.serials, strict=True) if card == place)
    return max(used, default=0)


def find_ballot(tree: Tree, tracker: bytes) -> tuple[int, bytes] | None:
    """Index and entry of the first ballot of that hash; None where the log has none."""
    for start, entries in tree.entries():
        for index, entry in enumerate(entries, start):
            if entry[:3] == BALLOT_HEAD and _body_hash(entry) == tracker:
                return index, entry
    return None


def _body_hash(entry: bytes) -> bytes:
    """That of a ballot's entry, without decoding all of it."""
    return sha256(bytes([entry[0] - 1]) + entry[1:-_SIGNATURE]).digest()


def make_receipt(tree: Tree, note: bytes, index: int, entry: bytes) -> bytes:
    """A tlog-proof of an entry under the tree's checkpoint, whose signed note this is."""
    return LogProof(index, tuple(tree.inclusion_proof(index)), note, entry).encode()


def is_kept(promise: Promise, index: int | None, record: Record, now: int) -> bool | None:
    """Whether a ballot that the log has at `index`, or lacks, is there as promised; None: not due yet.

    `now`, in UTC seconds, is the time of the log's latest checkpoint. Witnesses' clocks may be ahead of the
    board's by the definition's `tolerance`, in seconds.
    """
    tolerance = record.definition.tolerance
    due = overdue(promise, record.windows, record.checkpoints, tolerance)
    if index is not None:
        return due is None or index < due
    waiting = due is None and now <= promise.deadline + tolerance
    return None if waiting else False


def is_logged(record: Record, region: int, card_record: bytes) -> bool:
    """Whether the log has a card with exactly this record, in a batch in effect of its region."""
    roster = record.rosters[region]
    return roster.has(card_record[:32]) and roster.record(card_record[:32]) == card_record


def check_enrolled(record: Record, receipts: Mapping[int, CardReceipt]) -> None:
    """Whether the log has the card of these receipts, by registrar, with the record that they name.

    PhaseError while it is not due; VerificationError `receipt` through the registrar that left it out, once
    the receipts of all registrars show that (`spec/messages.md#batches`).
    """
    receipt = next(iter(receipts.values()))
    if receipt.region >= len(record.rosters):
        raise FormatError(f"there is no region {receipt.region}")
    if (
        len(
            {
                (each_receipt.region, each_receipt.card, each_receipt.record)
                for each_receipt in receipts.values()
            }
        )
        > 1
    ):
        raise FormatError("the receipts are of several cards, or of several records of one card")
    roster, name = record.rosters[receipt.region], receipt.card.hex()
    if roster.has(receipt.card) and sha256(roster.record(receipt.card) or b"").digest() == receipt.record:
        return
    culprit = left_out(roster, receipts, {})
    if culprit is not None:
        raise VerificationError("receipt", f"registrar {culprit}", f"card {name} was left out of all batches")
    lacking = len(record.definition.registrars) - len(receipts)
    if roster.complete and lacking:
        raise VerificationError("receipt", "device", f"card {name} has no receipt of {lacking} registrars")
    raise PhaseError(f"card {name} is in no batch in effect yet")


def is_issued(record: Record, registrar: int, receipt: TokenReceipt) -> bool | None:
    """Whether a registrar lists the hash of a token receipt among those that got tokens; None: not yet.

    Not listed once the region has opened: receipt and log together are evidence against the registrar.
    """
    if receipt.region >= len(record.rosters):
        raise FormatError(f"there is no region {receipt.region}")
    roster = record.rosters[receipt.region]
    if roster.lists(registrar, receipt.hash):
        return True
    return False if roster.opened else None
