"""Weighing, the counting set and the close: spec/phases.md#weighing, spec/phases.md#close."""

from __future__ import annotations

from hashlib import sha256

import ballots
import labels
import proofs
from ceremony import VoidError
from entries import Entry
from state import State
from transcript import u16, u32


def take_weighing(state: State, index: int, entry: Entry) -> None:
    """Checks 7.1 and 7.2."""
    over = state.cancelled or state.closed_at >= 0
    if over:
        raise VoidError("7.1", "cancelled or closed", "board")
    trustee = state.trustee("7.1", entry)
    place, position = (entry["region"], entry["day"], entry["chunk"]), entry["position"]
    chunk = _chunk(state, *place)
    if chunk is None or position != len(chunk.authors) + 1 or position > state.definition.threshold:
        raise VoidError("7.1", "not the next position of a chunk", "board")
    if trustee in chunk.authors or (position, trustee) in chunk.failed:
        raise VoidError("7.1", "a second try", "board")
    state.need("7.1", entry["previous"] == chunk.previous, "does not start from the chunk's head")
    width = state.definition.width(entry["region"])
    right = len(entry["rows"]) == len(chunk.rows) * (64 * width + ballots.PROOF)
    state.need("7.1", right, "wrong length")
    election, joint = state.ceremony.election, state.ceremony.joint
    claims = chunk.claims(election, joint, place, trustee, entry["rows"])
    for row, why in state.batch.failures(proofs.weighing, claims).items():
        chunk.failed.add((position, trustee))
        raise VoidError("7.2", f"row {row}: {why}")
    chunk.rows = [claim[4][: 64 * width] for claim in claims]
    chunk.authors.append(trustee)
    if len(chunk.authors) == state.definition.threshold:
        chunk.complete_at = index


def _chunk(state: State, region: int, day: int, chunk: int) -> ballots.Chunk | None:
    if region >= len(state.regions) or not 1 <= day <= len(state.regions[region].chunks):
        return None
    chunks = state.regions[region].chunks[day - 1]
    return chunks[chunk] if chunk < len(chunks) else None


def counting(state: State, number: int) -> list[tuple[int, int]]:
    """Of each card of a region the row (day, position) of its latest day, in order."""
    latest: dict[bytes, tuple[int, int]] = {}
    for day, rows in enumerate(state.regions[number].rows, 1):
        latest |= {row.card: (day, index) for index, row in enumerate(rows)}
    return sorted(latest.values())


def counting_chunks(state: State, number: int) -> dict[tuple[int, int], list[int]]:
    """(day, chunk): positions in it of the counting rows."""
    in_chunks: dict[tuple[int, int], list[int]] = {}
    size = ballots.chunk_size(state.definition.width(number))
    for day, position in counting(state, number):
        chunk, row = divmod(position, size)
        in_chunks.setdefault((day, chunk), []).append(row)
    return in_chunks


def right_close(state: State) -> tuple[int, bytes, bytes] | None:
    """Size, root and counting hash of the only right close, once there is one: spec/phases.md#close"""
    if state.right is None and state.voting_over():
        points = [max([region.out_at, *region.sealed]) for region in state.regions]
        if state.definition.decoys:
            for number in state.counted_regions():
                chunks = state.regions[number].chunks
                points += [
                    chunks[day - 1][chunk].complete_at for day, chunk in counting_chunks(state, number)
                ]
        checkpoint = None if -1 in points else state.witnessed(max(points))
        if checkpoint:
            state.right = checkpoint.size, checkpoint.root, counting_hash(state)
    return state.right


def counting_hash(state: State) -> bytes:
    """spec/entries.md#close"""
    hashed = sha256(labels.COUNTING_SET)
    for number in state.opened():
        rows = counting(state, number)
        hashed.update(u16(number) + u32(len(rows)))
        for day, position in rows:
            hashed.update(state.regions[number].rows[day - 1][position].body_hash)
    return hashed.digest()


def take_close(state: State, index: int, entry: Entry) -> None:
    """Checks 8.2 and 8.1."""
    trustee = state.trustee("8.1", entry)
    said, right = (entry["size"], entry["root"], entry["counting"]), right_close(state)
    size, root, _ = said
    if right is None and size <= index and root == state.root(size):
        raise VoidError("8.1", "before the close checkpoint", "board")
    if said != right:
        signers = state.wrong.setdefault(said, set())
        signers.add(trustee)
        enough = len(signers) >= state.definition.close
        state.must("8.2", not enough, "a wrong close has all its signatures", "trustees")
        raise VoidError("8.1", "not the right close")
    if trustee in state.closes:
        raise VoidError("8.1", "signed already", "board")
    state.closes[trustee] = entry["counting"]
    if len(state.closes) == state.definition.close:
        state.closed_at = index
