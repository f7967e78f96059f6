"""Refusals of ballots by the board, held against the log (`spec/messages.md#false-refusals`)."""

from __future__ import annotations

from collections.abc import Iterator

from psephos.crypto.ballot import Ballots, check_ballots, lengths
from psephos.log.tree import Tree
from psephos.protocol import entries
from psephos.protocol.entries import BALLOT_HEAD, Ballot, Entry
from psephos.protocol.record import Record
from psephos.verifier.evidence import NotProven
from psephos.verifier.run import gathered


def check_false(data: bytes, entry: Entry, reason: str, record: Record, tree: Tree) -> None:
    """NotProven unless a reason, with which the board refused a ballot, is false whenever it was given.

    The board judges in the order `form`, `closed`, `card`, `proof`, `serial`. So `card` was said while the
    ballot's day was open, when all cards of its region were in the log; and the others depend on no time.
    """
    ballot = entry.payload
    if not isinstance(ballot, Ballot) or record.election is None:
        raise NotProven("it is no ballot")
    if not _well_formed(data, ballot, record):
        raise NotProven("the ballot is not well formed")
    match reason:
        case "card":
            if not record.rosters[ballot.region].has(entry.author):
                raise NotProven("no batch of its region has the card")
        case "proof":
            if bad := check_ballots(
                data, lengths([data]), record.election, record.joint_key.point, _styles(record)
            ):
                raise NotProven(f"the ballot is wrong: {bad[0][1]}")
        case "serial":
            _check_unused(entry, ballot, record, tree)
        case "closed":
            raise NotProven("whether it was closed depends on when the ballot was refused")
        case _:
            return  # `form`, or a word that is no reason: it is well formed


def _styles(record: Record) -> list[list[tuple[int, int, int]]]:
    return [region.style.shape for region in record.definition.regions]


def _well_formed(data: bytes, ballot: Ballot, record: Record) -> bool:
    """Check 6.1."""
    ballots = Ballots.parse([data], record.election or b"", _styles(record))
    return not ballots.status[0] and 1 <= ballot.day <= len(record.definition.regions[ballot.region].days)


def _check_unused(entry: Entry, ballot: Ballot, record: Record, tree: Tree) -> None:
    """That the day is sealed, and the log has no other ballot of that card, day and serial."""
    windows = record.windows[ballot.region]
    if ballot.day > len(windows.sealed):
        raise NotProven("its day is not sealed: a ballot with that serial may still come")
    void = {one.entry for one in record.void}
    for index, other in _ballots(tree):
        if (
            index < windows.sealed[ballot.day - 1]
            and index not in void
            and _same_serial(entry, ballot, other)
        ):
            raise NotProven(f"entry {index} is a ballot of the same card, day and serial")


def _ballots(tree: Tree) -> Iterator[tuple[int, bytes]]:
    logged = (data for run in gathered(tree, 0) for data in run)
    return ((index, data) for index, data in enumerate(logged) if data.startswith(BALLOT_HEAD))


def _same_serial(entry: Entry, ballot: Ballot, data: bytes) -> bool:
    if entry.author not in data[:71]:
        return False
    other = entries.decode(data).payload
    return isinstance(other, Ballot) and (other.day, other.serial) == (ballot.day, ballot.serial)
