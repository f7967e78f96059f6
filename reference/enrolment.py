"""Rolls, batches and issued tokens: checks 4.1 to 4.6 of spec/checks.md."""

from __future__ import annotations

import count
import entries
import proofs
from ceremony import FatalError
from entries import Entry
from group import G, decode, equal, multiply, scalar, subtract, total
from state import Region, State


def _pieces(state: State, check: str, entry: Entry, sizes: list[tuple[int, int]]) -> list[list[bytes]]:
    """The bundle that an entry closes, as runs of (count, size) pieces, each strictly ascending."""
    try:
        bundle = state.parts.bundle(entry.author, entry["digest"])
    except ValueError as error:
        raise FatalError(check, str(error), "registrar") from error
    expected = sum(count * size for count, size in sizes)
    state.must(check, len(bundle) == expected, "bundle has a wrong length", "registrar")
    runs, at = [], 0
    for number, size in sizes:
        runs.append(proofs.split(bundle[at : at + number * size], size))
        state.must(check, entries.ascending([piece[:32] for piece in runs[-1]]), "out of order", "registrar")
        at += number * size
    return runs


def _placed(state: State, region: Region, entry: Entry) -> None:
    """Behind the parts of its bundle, and before its region is out."""
    state.in_phase(not region.out, "the region is out")
    state.in_phase(state.parts.whole(entry.author, entry["digest"]), "before the parts of its bundle")


def take_roll(state: State, index: int, entry: Entry) -> None:
    """Check 4.1."""
    region = state.region("4.1", entry)
    state.in_phase(region.roll is None and not state.voting_over(), "a roll out of its phase")
    _placed(state, region, entry)
    region.roll = set(_pieces(state, "4.1", entry, [(entry["size"], 32)])[0])


def take_batch(state: State, index: int, entry: Entry) -> None:
    """Checks 4.2 to 4.5."""
    region = state.region("4.2", entry)
    in_phase = region.roll is not None and not region.last and entry["batch"] == region.batches + 1
    state.in_phase(in_phase and not state.voting_over(), "a batch out of its phase")
    _placed(state, region, entry)
    state.must("4.2", _counts(state, entry), "a batch's numbers are not allowed", "registrar")
    size = 384 if state.definition.cards > 1 else 96
    records, _ = _pieces(state, "4.2", entry, [(entry["cards"], size), (entry["groups"], 32)])
    _records(state, entry["region"], records)
    if state.definition.cards > 1:
        _weights(state, entry, records)
    for record in records:
        known = record[:32] in state.cards
        state.must("4.5", not known, f"card {record[:32].hex()} is in two batches", "registrar")
    state.cards |= {record[:32] for record in records}
    region.cards |= {record[:32]: record[32:96] for record in records}
    region.batches, region.last = region.batches + 1, entry["last"] == 1
    region.voters += entry["voters"]


def _counts(state: State, entry: Entry) -> bool:
    """The numbers of check 4.2."""
    voters, last, small = entry["voters"], entry["last"], entry["small"]
    if voters < 1 or last > 1 or small > 1 or not voters <= entry["groups"] <= entry["cards"]:
        return False
    if state.definition.cards == 1:
        same = entry["cards"] == entry["groups"] == voters
        return same and not small and entry["randomness"] == bytes(32)
    too_few = voters < state.definition.min_batch
    return bool(small == too_few and (not small or (last and entry["batch"] == 1)))


def _records(state: State, region: int, records: list[bytes]) -> None:
    """Check 4.3."""
    election, joint = state.ceremony.election, state.ceremony.joint
    weighted = state.definition.cards > 1
    claims = [(election, joint, region, record, weighted) for record in records]
    for at, why in state.batch.failures(proofs.card, claims).items():
        raise FatalError("4.3", f"card {records[at][:32].hex()}: {why}", "registrar")


def _weights(state: State, entry: Entry, records: list[bytes]) -> None:
    """Check 4.4."""
    try:
        r = scalar(entry["randomness"])
    except ValueError as error:
        raise FatalError("4.4", str(error), "registrar") from error
    pairs = [count.pair(record[32:96]) for record in records]
    second = subtract(total(p[1] for p in pairs), multiply(entry["voters"], G))
    joint = decode(state.ceremony.joint)
    right = equal(total(p[0] for p in pairs), multiply(r, G)) and equal(second, multiply(r, joint))
    state.must("4.4", right, "weights do not sum to the voters", "registrar")


def take_issued(state: State, index: int, entry: Entry) -> None:
    """Check 4.6."""
    region = state.region("4.6", entry)
    state.in_phase(region.last and region.issued is None, "comes once, after the last batch")
    _placed(state, region, entry)
    state.must("4.6", entry["size"] >= region.voters, "fewer than voters", "registrar")
    (hashes,) = _pieces(state, "4.6", entry, [(entry["size"], 32)])
    state.must("4.6", set(hashes) <= (region.roll or set()), "not all on the roll", "registrar")
    region.issued = len(hashes)
