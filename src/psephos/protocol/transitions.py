"""What each type of entry does to a record, or which check it fails (`spec/phases.md#order`)."""

from __future__ import annotations

from functools import singledispatch

from psephos.crypto.signature import check_signing_keys
from psephos.errors import CheckNumber, FormatError, LogError, VerificationError
from psephos.protocol import entries
from psephos.protocol.checks import Notice, out_of_phase
from psephos.protocol.enrolment.transitions import BY_REGISTRARS
from psephos.protocol.entries import Entry, Payload
from psephos.protocol.opening import leave_out, may_open, note_opened
from psephos.protocol.request import wrong_request
from psephos.protocol.sayings import SAYINGS, wrong_form
from psephos.protocol.setup.pin import policy_text
from psephos.protocol.state import State
from psephos.protocol.tally import result
from psephos.protocol.tally.count import SIGNS, Counting
from psephos.protocol.tally.sums import add_up
from psephos.protocol.tally.weighing import chains
from psephos.protocol.voting.window import too_late
from psephos.protocol.witnessed import Witnessed

_CEREMONY: tuple[CheckNumber, ...] = ("3.1", "3.4")
EXAMINED: dict[type[Payload], tuple[CheckNumber, ...]] = {
    entries.CheckpointEntry: ("1.7", "1.8"),
    **dict.fromkeys((*SAYINGS, entries.Request, entries.Grant), ("1.9",)),
    entries.Amend: ("2.3",),
    entries.Cancel: ("2.3",),
    entries.CeremonyCommit: _CEREMONY,
    entries.CeremonyReveal: ("3.1", "3.2", "3.4"),
    entries.CeremonyDeal: ("3.1", "3.2", "3.4"),
    entries.CeremonyConfirm: _CEREMONY,
    entries.CeremonyComplain: _CEREMONY,
    entries.CeremonyAnswer: ("3.1", "3.2", "3.4"),
    entries.CeremonyDeadline: _CEREMONY,
    entries.CeremonySign: ("3.1", "3.3", "3.4"),
    entries.Roll: ("4.1",),
    entries.TokenKeys: ("4.4",),
    entries.Given: ("4.8",),
    entries.Batch: ("4.2", "4.3", "4.5"),
    entries.Issued: ("4.6",),
    entries.Open: ("5.1", "5.3"),
    entries.Seal: ("5.2", "5.3"),
    entries.Close: ("8.2", "8.1"),
    entries.Shares: ("9.1", "9.2"),
    entries.Result: ("10.2",),
}
"""The checks of an entry behind 1.6, in the order in which they are made (`spec/judgement.md#counts`)."""


@singledispatch
def apply(payload: Payload, record: State, index: int, entry: Entry) -> None:
    """Apply an entry whose author and signature hold; raises the check that it fails, and then did nothing.

    Ballots and weighings come in runs, through `Record.extend`.
    """
    raise TypeError(f"{payload.type_name()} at {index} by {entry.author.hex()} does not apply to {record}")


for _type, _apply in BY_REGISTRARS.items():
    apply.register(_type, _apply)


@apply.register(entries.DefinitionEntry)
def _definition(_payload: entries.DefinitionEntry, _record: State, _index: int, _entry: Entry) -> None:
    raise out_of_phase("definition: only entry 0 is one")


@apply.register(entries.Part)
def _part(part: entries.Part, record: State, index: int, entry: Entry) -> None:
    record.bundles.add(entry.author, index, part)


@apply.register(entries.CheckpointEntry)
def _checkpoint(payload: entries.CheckpointEntry, record: State, index: int, _entry: Entry) -> None:
    try:
        size, root, times = record.log.checkpoint(payload.note, policy_text(record.definition))
    except (LogError, FormatError) as error:
        raise VerificationError("1.7", "board", f"entry {index}: {error}") from error
    if size > index or root != record.log.root(size):
        raise VerificationError("1.7", "board", f"entry {index}: size {size} with a root the log never had")
    if times is None:
        raise VerificationError("1.8", "board", f"size {size}: no quorum of witnesses")
    witnessed = Witnessed.of(index, size, root, times)
    record.checkpoints.append(witnessed)
    record.time = max(record.time, witnessed.passed)
    record.ceremony.checkpoint(witnessed)
    record.start_voting()
    leave_out(record, index)
    if record.concluded is not None and record.concluded < size and record.stands is None:
        record.stands = index


@apply.register(entries.CeremonyCommit)
@apply.register(entries.CeremonyReveal)
@apply.register(entries.CeremonyDeal)
@apply.register(entries.CeremonyConfirm)
@apply.register(entries.CeremonyComplain)
@apply.register(entries.CeremonyAnswer)
@apply.register(entries.CeremonyDeadline)
@apply.register(entries.CeremonySign)
def _ceremony(_payload: Payload, record: State, index: int, entry: Entry) -> None:
    try:
        record.ceremony.apply(index, entry)
    finally:
        record.start_voting()


@apply.register(entries.Open)
def _open(payload: entries.Open, record: State, index: int, _entry: Entry) -> None:
    roster = record.roster(payload.region, "5.1", "board")
    windows = record.windows[payload.region]
    if not windows.opened and not may_open(record, roster):
        raise VerificationError(
            "5.1", "board", f"region {payload.region}: enrolment or its review is not over"
        )
    turn = windows.open(index, payload.day, record.latest_plan)
    _note(record, too_late(turn, record.time, record.definition.tolerance))
    if not roster.opened:
        roster.opened = True
        note_opened(record, index, roster)


@apply.register(entries.Seal)
def _seal(payload: entries.Seal, record: State, index: int, _entry: Entry) -> None:
    roster = record.roster(payload.region, "5.2", "board")
    windows = record.windows[payload.region]
    turn = windows.seal(index, payload.day, record.latest_plan)
    if record.box is None or record.weighing_chains is None:
        raise TypeError("a day is open, so the ceremony is complete")
    _note(record, too_late(turn, record.time, record.definition.tolerance))
    if all(checkpoint.size <= windows.opened[-1] for checkpoint in record.checkpoints):
        _note(record, Notice(index, "5.3", f"{turn.name} with no witnessed checkpoint since its open"))
    rows = record.box.seal(payload.region, payload.day)
    record.sealed[payload.region, payload.day] = add_up(roster, rows)
    if record.definition.coercion_resistant:
        found = chains(record.definition, roster, payload.day, rows, record.storage)
        record.weighing_chains.chains.update({chain.chunk: chain for chain in found})


def _note(record: State, notice: Notice | None) -> None:
    if notice is not None:
        record.notices.append(notice)


@apply.register(entries.Close)
def _close(close: entries.Close, record: State, index: int, entry: Entry) -> None:
    trustee = record.trustee(entry.author)
    if trustee not in record.joint_key.participants:
        raise VerificationError("8.1", f"trustee {trustee}", "no participant of the ceremony")
    known = close.size <= index and close.root == record.log.root(close.size)
    record.closing.add(index, trustee, close, known)
    if record.count is None and record.closing.closed is not None and record.box and record.weighing_chains:
        done, sets = record.joint_key, record.closing.counted
        record.count = Counting(
            record.definition,
            record.box.election,
            done.public_shares,
            record.rosters,
            record.box.days,
            record.weighing_chains.chains,
            sets,
            record.sealed,
            record.proofs,
        )


@apply.register(entries.Shares)
def _shares(shares: entries.Shares, record: State, index: int, entry: Entry) -> None:
    trustee = record.trustee(entry.author)
    if record.count is None or not record.released:
        raise VerificationError("9.1", "board", "shares: no witnessed checkpoint contains a close yet")
    if trustee not in record.joint_key.participants:
        raise VerificationError("9.1", f"trustee {trustee}", "no participant of the ceremony")
    record.count.check_due(trustee, shares.stage, shares.digest)
    if not record.bundles.whole(entry.author, shares.digest):
        raise VerificationError("9.1", "board", "shares: parts of their bundle are not logged before them")
    try:
        content = record.bundle(entry, shares.digest, "9.1")
    except VerificationError:
        record.count.refused.add((shares.stage, trustee, shares.digest))
        raise
    waited = record.count.stage
    try:
        record.count.add_shares(trustee, shares.stage, content)
    finally:
        if record.count.opened(shares.stage):
            record.examined["9.3" if waited == SIGNS else "10.1"] += 1
            record.examined["9.4"] += waited == SIGNS and record.count.weighed
    if record.count.totals is not None:
        record.concluded = index


@apply.register(entries.Result)
def _result(payload: entries.Result, record: State, _index: int, _entry: Entry) -> None:
    if record.count is None or record.count.totals is None:
        raise out_of_phase("result: the totals are not known yet")
    document = record.result_document()
    if payload.document != result.logged(document):
        raise VerificationError("10.2", "organiser", "the logged result is not the one that follows")
    record.result = document


@apply.register(entries.Statement)
@apply.register(entries.Declaration)
@apply.register(entries.Incident)
@apply.register(entries.Answer)
def _log_once(payload: Payload, record: State, index: int, entry: Entry) -> None:
    _not_again(record, entry)
    _in_form(record, entry, wrong_form(payload, record.definition))
    _note_said(record.statements, record, index, entry)


def _not_again(record: State, entry: Entry) -> None:
    """Check 1.6 of what is logged once: by logging it again a board would use up its author's budget."""
    if entry.body_hash in record.said:
        raise out_of_phase(f"{entry.payload.type_name()}: it was logged before")


def _note_said(listed: list[tuple[int, Entry]], record: State, index: int, entry: Entry) -> None:
    record.said.add(entry.body_hash)
    listed.append((index, entry))


@apply.register(entries.Objection)
def _objection(payload: entries.Objection, record: State, index: int, entry: Entry) -> None:
    _log_once(payload, record, index, entry)
    if record.authors.culprit(entry.author).startswith("registrar "):
        for roster in record.rosters:
            roster.object(record.authors.registrar(entry.author), payload.entry)


@apply.register(entries.Annulment)
def _annulment(payload: entries.Annulment, record: State, index: int, entry: Entry) -> None:
    if record.count is None or record.count.totals is None:
        raise out_of_phase("annulment: the totals are not known yet")
    counted = (payload.contest, payload.area) in record.count.totals
    _in_form(record, entry, "" if counted else "no such area is counted")
    _log_once(payload, record, index, entry)


@apply.register(entries.Request)
def _request(payload: entries.Request, record: State, index: int, entry: Entry) -> None:
    _not_again(record, entry)
    if record.authors.known(entry.author):
        raise VerificationError("1.9", "board", "request: its author is a party or accredited")
    if wrong := wrong_request(payload, entry, record.definition.budgets.work, record.authors):
        raise VerificationError("1.9", "board", f"request: {wrong}")
    _note_said(record.statements, record, index, entry)


def _in_form(record: State, entry: Entry, wrong: str) -> None:
    """Check 1.9."""
    if wrong:
        culprit = record.authors.culprit(entry.author)
        raise VerificationError("1.9", culprit, f"{entry.payload.type_name()}: {wrong}")


@apply.register(entries.Grant)
def _grant(payload: entries.Grant, record: State, index: int, entry: Entry) -> None:
    wrong = ""
    if record.authors.role(payload.key) == "observer":
        raise VerificationError("1.9", "board", "grant: the key has one already")
    if record.authors.known(payload.key) or not (payload.name and payload.role):
        wrong = "the key is known already, or name or role is empty"
    elif check_signing_keys(payload.key):
        wrong = "not a canonical Ed25519 key, or one of small order"
    _in_form(record, entry, wrong)
    record.authors.accredit(payload.key)
    record.decisions.append((index, entry))


@apply.register(entries.Amend)
def _amend(amend: entries.Amend, record: State, index: int, entry: Entry) -> None:
    if amend.region >= len(record.windows):
        raise VerificationError("2.3", "organiser", f"there is no region {amend.region}")
    windows = record.windows[amend.region]
    windows.check_amend(amend)
    if windows.out is not None:
        raise out_of_phase(f"amend: region {amend.region} is out")
    _not_again(record, entry)
    windows.amend(amend)
    _note_said(record.decisions, record, index, entry)


@apply.register(entries.Cancel)
def _cancel(_cancel: entries.Cancel, record: State, index: int, entry: Entry) -> None:
    record.cancelled = record.concluded = index
    record.decisions.append((index, entry))


@apply.register(entries.BoothManifest)
def _booth_manifest(_payload: entries.BoothManifest, record: State, _index: int, _entry: Entry) -> None:
    """Nothing depends on it: it is evidence of what the booth was."""
