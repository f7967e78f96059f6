"""What each type of entry does to a record, or which check it fails (`spec/phases.md#order`)."""

from __future__ import annotations

from functools import partial, singledispatch
from typing import TYPE_CHECKING

from psephos.crypto.signature import check_signing_keys
from psephos.errors import EvidenceMissing, FormatError, LogError, VerificationError
from psephos.protocol import entry as entries
from psephos.protocol.bundle import Bundle
from psephos.protocol.enrolment.roster import Roster, add_batch, add_issued, add_roll
from psephos.protocol.entry import Entry, Payload
from psephos.protocol.setup.pin import policy_text
from psephos.protocol.tally.count import Count
from psephos.protocol.tally.sums import add_up
from psephos.protocol.tally.weighing import chains
from psephos.protocol.voting.window import Witnessed

if TYPE_CHECKING:
    from psephos.protocol.record import Record


@singledispatch
def act(payload: Payload, record: Record, index: int, entry: Entry) -> None:
    """Apply an entry whose author and signature hold; raises the check that it fails, and then did nothing.

    Ballots and weighings come in runs, through `Record.extend`.
    """
    raise TypeError(f"{payload.type_name()} at {index} by {entry.author.hex()} does not act on {record}")


@act.register(entries.Definition)
def _definition(_payload: entries.Definition, record: Record, _index: int, entry: Entry) -> None:
    raise record.out_of_phase(entry, "only entry 0 is one")


@act.register(entries.Part)
def _part(part: entries.Part, record: Record, index: int, entry: Entry) -> None:
    record.bundles.add(entry.author, index, part)


@act.register(entries.Checkpoint)
def _checkpoint(payload: entries.Checkpoint, record: Record, index: int, _entry: Entry) -> None:
    record.looked_at.update(["1.7", "1.8"])
    try:
        size, root, times = record.log.checkpoint(payload.note, policy_text(record.definition))
    except (LogError, FormatError) as error:
        raise VerificationError("1.7", "board", f"entry {index}: {error}") from error
    if size > index or root != record.log.root(size):
        raise VerificationError("1.7", "board", f"entry {index}: size {size} with a root the log never had")
    if times is None:
        raise VerificationError("1.8", "witnesses", f"size {size}: no quorum of witnesses")
    time = sorted(times)[(len(times) - 1) // 2]
    record.checkpoints.append(Witnessed(index, size, root, time))
    record.ceremony.checkpoint(index, size, root)
    record.settle_ceremony()


@act.register(entries.CeremonyCommit)
@act.register(entries.CeremonyReveal)
@act.register(entries.CeremonyDeal)
@act.register(entries.CeremonyConfirm)
@act.register(entries.CeremonyComplain)
@act.register(entries.CeremonyAnswer)
@act.register(entries.CeremonyDeadline)
@act.register(entries.CeremonySign)
def _ceremony(_payload: Payload, record: Record, index: int, entry: Entry) -> None:
    record.looked_at.update(["3.1", "3.2", "3.3", "3.4"])
    try:
        record.ceremony.apply(index, entry)
    finally:
        record.settle_ceremony()


def _roster(record: Record, region: int, check: str, culprit: str) -> Roster:
    if region >= len(record.rosters):
        raise VerificationError(check, culprit, f"there is no region {region}")
    return record.rosters[region]


def _bundle(record: Record, entry: Entry, digest: bytes, check: str) -> Bundle:
    try:
        return record.bundles.read(entry.author, digest, check)
    except FormatError as error:
        raise VerificationError(check, record.authors.culprit(entry.author), str(error)) from error


@act.register(entries.Roll)
def _roll(roll: entries.Roll, record: Record, _index: int, entry: Entry) -> None:
    record.looked_at["4.1"] += 1
    roster = _roster(record, roll.region, "4.1", "registrar")
    if record.voting_over:
        raise roster.refuse("4.1", "a roll after voting is over")
    add_roll(roster, roll, partial(_bundle, record, entry, roll.digest, "4.1"))


@act.register(entries.Batch)
def _batch(batch: entries.Batch, record: Record, _index: int, entry: Entry) -> None:
    roster = _roster(record, batch.region, "4.2", "registrar")
    record.looked_at["4.2"] += 1
    record.looked_at["4.3"] += batch.cards
    record.looked_at.update(["4.4", "4.5"])
    if record.voting_over:
        raise roster.refuse("4.2", "a batch after voting is over")
    done, read = record.keys, partial(_bundle, record, entry, batch.digest, "4.2")
    add_batch(record.definition, done.election_hash, done.key, roster, batch, read, record.proofs)


@act.register(entries.Issued)
def _issued(issued: entries.Issued, record: Record, _index: int, entry: Entry) -> None:
    record.looked_at["4.6"] += 1
    roster = _roster(record, issued.region, "4.6", "registrar")
    add_issued(roster, issued, partial(_bundle, record, entry, issued.digest, "4.6"))


@act.register(entries.Open)
def _open(payload: entries.Open, record: Record, index: int, _entry: Entry) -> None:
    record.looked_at.update(["5.1", "5.3"])
    roster = _roster(record, payload.region, "5.1", "board")
    if roster.issued is None or record.closed:
        raise VerificationError(
            "5.1", "board", f"region {payload.region}: enrolment is not over, or voting is"
        )
    record.windows[payload.region].open(index, payload.day)


@act.register(entries.Seal)
def _seal(payload: entries.Seal, record: Record, index: int, _entry: Entry) -> None:
    record.looked_at.update(["5.2", "5.3"])
    roster = _roster(record, payload.region, "5.2", "board")
    record.windows[payload.region].seal(index, payload.day)
    if record.box is None or record.scales is None:
        raise VerificationError("5.2", "board", "nothing is open")
    rows = record.box.seal(payload.region, payload.day)
    record.sealed[payload.region, payload.day] = add_up(roster, rows)
    if record.definition.coercion_resistant:
        found = chains(record.definition, roster, payload.day, rows, record.shelf)
        record.scales.chains.update({chain.place: chain for chain in found})


@act.register(entries.Close)
def _close(close: entries.Close, record: Record, index: int, entry: Entry) -> None:
    record.looked_at["8.1"] += 1
    trustee = record.trustee(entry.author)
    if trustee not in record.keys.participants:
        raise VerificationError("8.1", f"trustee {trustee}", "no participant of the ceremony")
    record.looked_at["8.2"] += 1
    record.closing.add(index, trustee, close)
    if record.count is None and record.closing.closed is not None and record.box and record.scales:
        done, sets = record.keys, record.closing.sets or []
        record.count = Count(
            record.definition,
            record.box.election,
            done.publics,
            record.rosters,
            record.box.days,
            record.scales.chains,
            sets,
            record.sealed,
            record.proofs,
        )


@act.register(entries.Shares)
def _shares(shares: entries.Shares, record: Record, _index: int, entry: Entry) -> None:
    record.looked_at.update(["9.1", "9.2", "9.3"])
    trustee = record.trustee(entry.author)
    if record.count is None or not record.released or trustee not in record.keys.participants:
        raise VerificationError("9.1", f"trustee {trustee}", "no witnessed checkpoint contains a close yet")
    record.count.check_due(trustee, shares.stage)
    try:
        content = _bundle(record, entry, shares.digest, "9.1")
    except EvidenceMissing as error:
        raise VerificationError("9.1", f"trustee {trustee}", str(error)) from error
    record.count.add_shares(trustee, shares.stage, content)
    if record.count.totals is not None:
        record.looked_at["10.1"] += len(record.count.totals)


@act.register(entries.Result)
def _result(payload: entries.Result, record: Record, _index: int, entry: Entry) -> None:
    if record.count is None or record.count.totals is None:
        raise record.out_of_phase(entry, "the totals are not known yet")
    record.looked_at["10.2"] += 1
    if payload.document != record.result_document():
        raise VerificationError("10.2", "organiser", "the logged result is not the one that follows")
    record.result = payload.document


@act.register(entries.Statement)
def _statement(statement: entries.Statement, record: Record, index: int, entry: Entry) -> None:
    if not (statement.subject and statement.language and statement.text):
        raise record.out_of_phase(entry, "subject, language or text is empty")
    if len(statement.attachment) not in (0, 32):
        raise record.out_of_phase(entry, "an attachment is named by 32 bytes")
    record.statements.append((index, entry))


@act.register(entries.Accreditation)
def _accreditation(payload: entries.Accreditation, record: Record, index: int, entry: Entry) -> None:
    if record.authors.known(payload.key) or not (payload.name and payload.role):
        raise record.out_of_phase(entry, "the key is known already, or name or role is empty")
    if check_signing_keys(payload.key):
        raise record.out_of_phase(entry, "not a canonical Ed25519 key, or one of small order")
    record.authors.accredit(payload.key)
    record.decisions.append((index, entry))


@act.register(entries.Amend)
def _amend(amend: entries.Amend, record: Record, index: int, entry: Entry) -> None:
    record.looked_at["2.3"] += 1
    if amend.region >= len(record.windows):
        raise VerificationError("2.3", "organiser", f"there is no region {amend.region}")
    if record.closed or record.windows[amend.region].over:
        raise VerificationError("2.3", "organiser", f"region {amend.region}: voting is over")
    record.windows[amend.region].amend(amend)
    record.decisions.append((index, entry))


@act.register(entries.Cancel)
def _cancel(_cancel: entries.Cancel, record: Record, index: int, entry: Entry) -> None:
    record.looked_at["2.3"] += 1
    if record.closed:
        raise VerificationError("2.3", "organiser", "the referendum is closed")
    record.cancelled = index
    record.decisions.append((index, entry))


@act.register(entries.BoothManifest)
def _booth_manifest(_payload: entries.BoothManifest, record: Record, _index: int, _entry: Entry) -> None:
    """Nothing depends on it: it is evidence of what the booth was."""
