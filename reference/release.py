"""Shares, totals and the result: spec/phases.md#release, spec/phases.md#totals."""

from __future__ import annotations

from hashlib import sha256

import ballots
import count
import jcs
import proofs
from ceremony import VoidError
from closing import counting, counting_chunks
from entries import Entry
from state import State


def begin_count(state: State) -> None:
    """The weights that stage 1 opens, or, without decoys, the sums."""
    state.areas = count.areas(state.definition, [region.enrolled for region in state.regions])
    if state.definition.decoys:
        count.add_weights(state.areas, [list(region.cards.values()) for region in state.regions])
        return
    count.count_cards(state.definition, state.areas, [len(region.cards) for region in state.regions])
    rows = {number: counting_rows(state, number) for number in state.counted_regions()}
    count.add_up(state.definition, state.areas, rows, {n: [1] * len(rows[n]) for n in rows})


def counting_rows(state: State, number: int) -> list[count.CountingRow]:
    region, rows = state.regions[number], []
    size = ballots.chunk_size(state.definition.width(number))
    for day, position in counting(state, number):
        row = region.rows[day - 1][position]
        weighed = b""
        if state.definition.decoys:
            chunk, row_in_chunk = divmod(position, size)
            weighed = region.chunks[day - 1][chunk].rows[row_in_chunk]
        rows.append(count.CountingRow(region.cards[row.card], row.cells, weighed))
    return rows


def share_chunks(state: State, stage: int) -> list[tuple[tuple[int, int, int], bytes]]:
    """Place and inputs of every chunk of a stage's shares, found once: spec/entries.md#bundles"""
    if stage not in state.due:
        state.due[stage] = _sums(state) if stage == 2 else _weights_and_signs(state)
    return state.due[stage]


def _sums(state: State) -> list[tuple[tuple[int, int, int], bytes]]:
    return [((0, 0, 0), count.inputs(state.areas))]


def _weights_and_signs(state: State) -> list[tuple[tuple[int, int, int], bytes]]:
    if not state.counted_regions():
        return []
    chunks = [((0, 0, 0), count.weight_inputs(state.areas))]
    for number in sorted(state.counted_regions()):
        for (day, chunk), positions in counting_chunks(state, number).items():
            rows = state.regions[number].chunks[day - 1][chunk].rows
            chunks.append(((number, day, chunk), b"".join(rows[row][:32] for row in positions)))
    return chunks


def _counting(state: State) -> bool:
    """Whether a valid checkpoint contains the close."""
    return state.closed_at >= 0 and state.witnessed(state.closed_at) is not None


def _stage(state: State) -> int:
    """The stage whose shares are wanted, 0 for none."""
    if not _counting(state):
        return 0
    threshold = state.definition.threshold
    if state.definition.decoys and len(state.shares[1]) < threshold and state.counted_regions():
        return 1
    return 2 if len(state.shares[2]) < threshold else 0


def take_shares(state: State, index: int, entry: Entry) -> None:
    """Checks 9.1 to 9.3 and 10.1."""
    stage, known = _stage(state), ("9.1", "these shares are not wanted now", "board")
    if not _counting(state):
        raise VoidError(*known)
    trustee = state.trustee("9.1", entry)
    again = (entry["stage"], trustee, entry["digest"]) in state.refused
    if not stage or entry["stage"] != stage or trustee in state.shares[stage] or again:
        raise VoidError(*known)
    if not state.parts.whole(entry.author, entry["digest"]):
        raise VoidError("9.1", "before the parts of its bundle", "board")
    state.refused.add((stage, trustee, entry["digest"]))
    try:
        bundle = state.parts.bundle(entry.author, entry["digest"])
    except ValueError as error:
        raise VoidError("9.1", str(error)) from error
    chunks = share_chunks(state, stage)
    right = len(bundle) == sum(len(given) + 96 for _, given in chunks)
    state.need("9.1", right, "wrong length")
    state.shares[stage][trustee] = _proven_shares(state, stage, trustee, chunks, bundle)
    if len(state.shares[stage]) == state.definition.threshold:
        _sum_up(state) if stage == 1 else _finish(state)
    if state.result is not None:
        state.concluded = index


def _proven_shares(
    state: State, stage: int, trustee: int, chunks: list[tuple[count.Place, bytes]], bundle: bytes
) -> bytes:
    """The shares without their proofs, which hold (check 9.2)."""
    claims, offset, given = [], 0, b""
    for place, inputs in chunks:
        wire = bundle[offset : offset + len(inputs) + 96]
        public = state.ceremony.publics[trustee]
        claims.append((state.ceremony.election, (stage, trustee, *place), public, inputs, wire))
        given += wire[: len(inputs)]
        offset += len(wire)
    for failed, why in state.batch.failures(proofs.shares, claims).items():
        raise VoidError("9.2", f"chunk {failed}: {why}")
    return given


def _sum_up(state: State) -> None:
    """The weights and signs that the first t shares of stage 1 give, and the sums that follow."""
    state.examine(["9.3"])
    offset = count.weights(state.areas, state.shares[1])
    signs_ = {trustee: given[offset:] for trustee, given in state.shares[1].items()}
    rows = {number: counting_rows(state, number) for number in sorted(state.counted_regions())}
    everything = [row for number in rows for row in rows[number]]
    all_signs = iter(count.signs(everything, signs_))
    state.examine(["9.4"])
    _check_weights(state)
    signs = {number: [next(all_signs) for _ in rows[number]] for number in rows}
    count.add_up(state.definition, state.areas, rows, signs)


def _check_weights(state: State) -> None:
    """Check 9.4; areas that weigh too little are not counted."""
    guilty: set[int] = set()
    for area in (area for areas in state.areas for area in areas if area.counted):
        for registrar in range(1, len(state.definition.registrars) + 1):
            issued = sum(len(state.regions[number].issued[registrar]) for number in area.regions)
            guilty |= {registrar} if (area.weight or 0) > issued else set()
        area.light = (area.weight or 0) < state.definition.min_region
    named = ", ".join(f"registrar {registrar}" for registrar in sorted(guilty))
    state.must("9.4", not guilty, "an area weighs more than was issued", named)


def _finish(state: State) -> None:
    """Totals and result."""
    state.examine(["10.1"])
    count.totals(state.definition, state.areas, state.shares[2])
    state.result = document(state, "counted")


def take_result(state: State, index: int, entry: Entry) -> None:
    """Check 10.2."""
    state.in_phase(state.result is not None, "the totals are not known")
    right = state.result or b""
    named = right if len(right) <= 60_000 else sha256(right).digest()
    state.need("10.2", entry["document"] == named, "another result than follows")


def document(state: State, status: str) -> bytes:
    """The result document: spec/phases.md#totals"""
    counted = status == "counted"
    regions = list(zip(state.definition.regions, state.regions, strict=True))
    roll = [len(region.rolls.get(1, ())) for region in state.regions]
    registrars = range(1, len(state.definition.registrars) + 1)
    areas = state.areas if counted else []
    most = [
        (region.enrolled, len(counting(state, n)) if counted else 0) for n, region in enumerate(state.regions)
    ]
    return jcs.encode(
        {
            "version": 1,
            "definition": state.pinned.hex(),
            "election": state.ceremony.election.hex(),
            "status": status,
            **({"rehearsal": 1} if state.definition.about.rehearsal else {}),
            "coercion_resistant": int(state.definition.decoys > 0),
            "regions": [
                {
                    "id": described.id,
                    "roll": roll[number],
                    "issued": [len(region.issued.get(registrar, ())) for registrar in registrars],
                    "enrolled": region.enrolled,
                    "cards": len(region.cards),
                    "ballots": [len(rows) for rows in region.rows],
                    "counting": len(counting(state, number)),
                }
                for number, (described, region) in enumerate(regions)
                if counted
            ],
            "contests": count.contest_results(state.definition, areas, roll, most),
        }
    )
