"""A voter's look at the log: what a card has cast today, where a ballot is, whether a promise was kept."""

from __future__ import annotations

from hashlib import sha256

from psephos.errors import PhaseError, VerificationError
from psephos.log.proof import LogProof
from psephos.log.tree import Tree
from psephos.protocol.entry import BALLOT_HEAD, GroupReceipt, Promise
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


def enrolled_in(record: Record, receipt: GroupReceipt) -> int:
    """The batch that a receipt's group is in: the one it names, or the last (`spec/messages.md#receipts`).

    PhaseError while the log does not have that batch; VerificationError `receipt` if it lacks the group.
    """
    if receipt.region >= len(record.rosters):
        raise VerificationError("receipt", "registrar", f"there is no region {receipt.region}")
    roster = record.rosters[receipt.region]
    number = receipt.batch if 1 <= receipt.batch <= len(roster.batches) else len(roster.batches)
    if number != receipt.batch and not roster.complete:
        raise PhaseError(f"batch {receipt.batch} of region {receipt.region} is not in the log yet")
    if not roster.commits(number, receipt.commitment):
        where = f"batch {number} of region {receipt.region}"
        raise VerificationError("receipt", "registrar", f"{where} lacks the group that was receipted")
    return number
