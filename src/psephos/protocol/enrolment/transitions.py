"""What registrars' entries do to a record, or which check they fail (`spec/phases.md#order`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from psephos.errors import CheckNumber, FormatError, VerificationError
from psephos.protocol import entries
from psephos.protocol.checks import out_of_phase
from psephos.protocol.enrolment.roster import (
    LEAD,
    Roster,
    add_batch,
    add_endorse,
    add_issued,
    add_roll,
    check_issued_phase,
    check_phase,
)
from psephos.protocol.entries import Entry, Payload
from psephos.protocol.state import State


def _token_keys(keys: entries.TokenKeys, record: State, index: int, entry: Entry) -> None:
    if record.ceremony.complete:
        raise out_of_phase("token-keys: the ceremony is complete")
    _behind_parts(record, entry, keys.digest)
    known = record.registrar_keys
    read = partial(record.bundle, entry, keys.digest, "4.4")
    known.add(record.authors.registrar(entry.author), keys, entry, read)
    if known.complete:
        record.ceremony.take_token_keys(index, known.joined_entries)


def _enrolling(record: State, entry: Entry, region: int, check: CheckNumber, digest: bytes) -> Roster:
    """The roster of a registrar's entry behind its parts."""
    roster = record.roster(region, check, record.authors.culprit(entry.author))
    _behind_parts(record, entry, digest)
    return roster


def _behind_parts(record: State, entry: Entry, digest: bytes) -> None:
    """Check 1.6 of an entry that closes a bundle."""
    if not record.bundles.whole(entry.author, digest):
        what = entry.payload.type_name()
        raise out_of_phase(f"{what}: parts of its bundle {digest.hex()} are not logged before it")


def _roll(roll: entries.Roll, record: State, index: int, entry: Entry) -> None:
    roster = _enrolling(record, entry, roll.region, "4.1", roll.digest)
    read = partial(record.bundle, entry, roll.digest, "4.1")
    registrar = record.authors.registrar(entry.author)
    add_roll(roster, registrar, roll, read)
    if registrar == LEAD:
        roster.led = index


def _given(given: entries.Given, record: State, index: int, entry: Entry) -> None:
    if record.voting_over:
        raise out_of_phase("given: voting is over")
    registrar = record.authors.registrar(entry.author)
    listed = sum(roster.listed_by(registrar) for roster in record.rosters)
    if given.count > listed and not all(registrar in roster.rolls for roster in record.rosters):
        raise out_of_phase(f"given: {given.count} tokens, and the rolls so far list {listed} people")
    record.registrar_keys.add_given(registrar, given, listed, index)


def _batch(batch: entries.Batch, record: State, index: int, entry: Entry) -> None:
    roster = _enrolling(record, entry, batch.region, "4.2", batch.digest)
    shut = record.definition.shut(record.definition.regions[batch.region])
    check_phase(roster, batch, entry, record.time >= shut)
    done, read = record.joint_key, partial(record.bundle, entry, batch.digest, "4.2")
    known = record.definition, done.election_hash, done.point, record.rosters
    add_batch(*known, entry, batch, read, record.proofs)
    roster.led = index


def _endorse(endorse: entries.Endorse, record: State, _index: int, entry: Entry) -> None:
    roster = record.roster(endorse.region, "1.6", "board")
    add_endorse(roster, record.authors.registrar(entry.author), endorse)


def _issued(issued: entries.Issued, record: State, index: int, entry: Entry) -> None:
    roster = _enrolling(record, entry, issued.region, "4.6", issued.digest)
    culprit, registrar = record.authors.culprit(entry.author), record.authors.registrar(entry.author)
    check_issued_phase(roster, registrar, issued)
    try:
        record.registrar_keys.check_secrets(registrar, issued.region, issued.secrets)
    except FormatError as error:
        raise VerificationError("4.6", culprit, f"region {issued.region}: {error}") from error
    read = partial(record.bundle, entry, issued.digest, "4.6")
    add_issued(roster, registrar, index, issued, not record.definition.coercion_resistant, read)
    record.registrar_keys.secrets[registrar, issued.region] = issued.secrets


Act = Callable[[Any, "State", int, Entry], None]
BY_REGISTRARS: dict[type[Payload], Act] = {
    entries.TokenKeys: _token_keys,
    entries.Roll: _roll,
    entries.Given: _given,
    entries.Batch: _batch,
    entries.Endorse: _endorse,
    entries.Issued: _issued,
}
