"""Refusals of what had to be logged or admitted (`spec/messages.md#false-refusals`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psephos.crypto.signature import check_signing_keys
from psephos.log.merkle import leaf_hash
from psephos.log.tree import Tree
from psephos.protocol import entries
from psephos.protocol.entries import Ballot, Entry, Grant, Refusal, Request
from psephos.protocol.message import read
from psephos.protocol.record import Record
from psephos.protocol.request import wrong_request
from psephos.protocol.sayings import SPOKEN, wrong_form
from psephos.protocol.words import attached
from psephos.verifier.admission_refusals import falsely_refused
from psephos.verifier.ballot_refusals import check_false
from psephos.verifier.budget_refusals import check_not_spent
from psephos.verifier.evidence import Exhibit, NotProven, containing
from psephos.verifier.run import Verification, gathered

_QUOTED = re.compile(r"\b([0-9]{1,15}) ([0-9a-f]{64})\b")
_ACCREDITATION = b"\x88\x01\x17"  # how one begins: eight elements, version 1, type 23
_OTHER_REASONS = ("order", "definition", "2.1")
"""About what came before the entry, or about a log without a definition: right at its time, perhaps."""


@dataclass(frozen=True)
class UnjustRefusal(Exhibit, kind="refusal"):
    """An entry that the board refused though it is valid, or for a false reason, and is not in the log.

    Or an admission that a registrar refused for a false reason: see `admission_refusals`, and
    `ballot_refusals` of ballots. Statements and accreditations stay valid once they are. But an
    observer's statement may have been sent before its author was accredited. A refusal for its author (1.5)
    proves something only where the text quotes, as `<size> <root in hex>`, the log as it was after the
    accreditation: nobody knew that root before.
    """

    entry: bytes
    message: bytes
    checkpoint: bytes

    def proves(self, log: Verification) -> str:
        tree, record = containing(log, self.checkpoint), log.record
        author = entries.decode(self.message, message=True).author
        if record.authors.culprit(author).startswith("registrar "):
            return falsely_refused(record, self.entry, self.message)
        entry = entries.decode(self.entry)
        of_ballot = isinstance(entry.payload, Ballot)
        if of_ballot and record.election is None:
            raise NotProven("the ceremony is not complete: nobody could cast a ballot yet")
        scope = record.election if of_ballot and record.election else record.definition.hash
        refusal = read(self.message, scope, record.definition.board.key).payload
        if not isinstance(refusal, Refusal) or refusal.request != entry.body_hash:
            raise NotProven("the board's message does not refuse this entry")
        if refusal.reason in _OTHER_REASONS:
            raise NotProven(f"refused with {refusal.reason}, which is not about this entry")
        if log.find(leaf_hash(self.entry)) is not None:
            raise NotProven("the entry is in the log")
        if of_ballot:
            check_false(self.entry, entry, refusal.reason, record, tree)
            return (
                f"board refused a ballot of card {entry.author.hex()} with {refusal.reason}, which is false"
            )
        record.authors.check(entry, record.definition.hash)
        _check_valid(entry, refusal, record)
        if refusal.reason == "budget":
            check_not_spent(len(self.entry), entry, refusal, record, tree)
        if refusal.reason == "1.5" and record.authors.culprit(entry.author).startswith("observer"):
            _check_written_later(entry, log.record, tree)
        who, what = record.authors.culprit(entry.author), entry.payload.type_name()
        return f"board refused, with {refusal.reason}, a valid {what} by {who}"

    @property
    def subject(self) -> bytes:
        return self.entry


def _check_valid(entry: Entry, refusal: Refusal, record: Record) -> None:
    """What `spec/phases.md#order` asks of these two types, and of nothing that other entries change."""
    match entry.payload:
        case payload if isinstance(payload, SPOKEN):
            if wrong := wrong_form(payload, record.definition):
                raise NotProven(f"the {payload.type_name()} is wrong: {wrong}")
            if attached(payload) and refusal.reason == "blob":
                raise NotProven("whether its attachment came with it cannot be seen")
        case Request() as request:
            if wrong := wrong_request(request, entry, record.definition.budgets.work, record.authors):
                raise NotProven(f"the request is wrong: {wrong}")
            if record.authors.known(entry.author):
                raise NotProven("its author is accredited, perhaps since before it was refused")
        case Grant(key, name, role):
            if record.authors.known(key) or not (name and role) or check_signing_keys(key):
                raise NotProven("the key is known already or is none, or name or role is empty")
        case other:
            raise NotProven(f"whether a {other.type_name()} was valid depends on when it was refused")


def _check_written_later(entry: Entry, record: Record, tree: Tree) -> None:
    """That an observer's statement quotes the log as it was after its author's accreditation."""
    since = _accredited(entry.author, record, tree)
    text = getattr(entry.payload, "text", "")
    for size, root in _QUOTED.findall(text):
        if since < int(size) <= tree.checkpoint.size and tree.root(int(size)).hex() == root:
            return
    raise NotProven("it quotes no root of the log: it may have been refused before its author was accredited")


def _accredited(author: bytes, record: Record, tree: Tree) -> int:
    """The index of the valid entry that accredits an observer."""
    void = {one.entry for one in record.void}
    logged = (data for run in gathered(tree, 0) for data in run)
    for index, data in enumerate(logged):
        if data.startswith(_ACCREDITATION) and index not in void:
            payload = entries.decode(data).payload
            if isinstance(payload, Grant) and payload.key == author:
                return index
    raise NotProven("no entry accredits the statement's author")
