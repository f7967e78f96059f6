"""Refusals for a budget, held against the log (`spec/messages.md#false-refusals`)."""

from __future__ import annotations

from collections.abc import Iterator

from psephos.log.tree import Tree
from psephos.protocol import entries
from psephos.protocol.entries import BALLOT_HEAD, Entry, Grant, Refusal, Request
from psephos.protocol.record import WEIGHING_HEAD, Record
from psephos.protocol.words import DAY, WORDS, attached, request_budget
from psephos.verifier.evidence import NotProven
from psephos.verifier.run import gathered

NAMED = 16
"""Bytes of the refusal's evidence: two log indices, little-endian."""


def check_not_spent(size: int, entry: Entry, refusal: Refusal, record: Record, tree: Tree) -> None:
    """NotProven unless the author of a refused entry of `size` bytes had room for it in its budget."""
    budgets = record.definition.budgets
    if isinstance(entry.payload, Grant) and not refusal.evidence:
        given = sum(isinstance(one.payload, Grant) for _, one in _by(entry.author, 0, record, tree))
        if given >= budgets.observers:
            raise NotProven(f"its author has accredited {given} keys")
        return
    if attached(entry.payload):
        raise NotProven("how long attachments are cannot be seen in the log")
    most = budgets.words - size
    if isinstance(entry.payload, Request):
        most = request_budget(entry.payload, record.definition) - 1
    if len(refusal.evidence) != NAMED:
        return
    start, stop = (int.from_bytes(refusal.evidence[at : at + 8], "little") for at in (0, 8))
    if stop > tree.checkpoint.size:
        raise NotProven(f"this log ends at {tree.checkpoint.size}, before entry {stop}")
    if start < stop and _longer_than_a_day(start, stop, record):
        return
    if isinstance(entry.payload, Request):
        spent = sum(_same_part(one, entry.payload) for _, one in _logged(start, record, tree, stop))
    else:
        spent = sum(length for length, _ in _by(entry.author, start, record, tree, stop))
    if spent > most:
        raise NotProven(f"the entries that it names use {spent} of the budget, and {most} would leave room")


def _longer_than_a_day(start: int, stop: int, record: Record) -> bool:
    """Whether witnesses say that more than a day passed from entry `start` to a log of `stop` entries."""
    there = next((checkpoint.seen for checkpoint in record.checkpoints if checkpoint.size > start), None)
    passed = [checkpoint.passed for checkpoint in record.checkpoints if checkpoint.index < stop]
    if there is None or not passed:
        return False
    return passed[-1] - there > DAY + record.definition.tolerance


def _by(
    author: bytes, start: int, record: Record, tree: Tree, stop: int | None = None
) -> Iterator[tuple[int, Entry]]:
    """An author's valid entries for people in a part of the log, with their lengths."""
    for length, entry in _logged(start, record, tree, stop):
        if entry.author == author and isinstance(entry.payload, WORDS):
            yield length, entry


def _same_part(entry: Entry, request: Request) -> bool:
    """Whether an entry is a request of the same part of the budget."""
    return isinstance(entry.payload, Request) and entry.payload.sponsor == request.sponsor


def _logged(start: int, record: Record, tree: Tree, stop: int | None = None) -> Iterator[tuple[int, Entry]]:
    """The valid entries of a part of the log but for ballots and weighings, with their lengths."""
    void = {one.entry for one in record.void}
    logged = (data for run in gathered(tree, 0) for data in run)
    for index, data in enumerate(logged):
        if index < start or data[:3] in (BALLOT_HEAD, WEIGHING_HEAD) or index in void:
            continue
        if stop is not None and index >= stop:
            return
        yield len(data), entries.decode(data)
