"""Intermediate values of a counted record, for whoever seeks where another implementation differs.

What they are is said in vectors/README.md#intermediate-values; none is needed to verify.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import ballots
import count
from closing import counting, counting_hash, right_close
from group import encode
from release import counting_rows, share_chunks
from state import State


def values(state: State) -> dict[str, Any]:
    """Everything, in the order in which a verifier comes to it."""
    ceremony, close = state.ceremony, right_close(state)
    assert close is not None, "nothing is closed"
    size, root, _ = close
    weighted = state.definition.decoys > 0
    return {
        "election": ceremony.election.hex(),
        "key": ceremony.joint.hex(),
        "publics": [[index, public.hex()] for index, public in sorted(ceremony.publics.items())],
        "regions": [_region(state, number) for number in state.opened()],
        "counting": counting_hash(state).hex(),
        "close": {"size": size, "root": root.hex(), "closed": state.closed_at},
        "inputs": {str(stage): _inputs(state, stage) for stage in ((1, 2) if weighted else (2,))},
        "weights": [_weight(weighted, contest, area) for contest, area in _enrolled(state)],
        "signs": _signs(state) if weighted else [],
        "sums": [_sums(state, contest, area) for contest, area in _areas(state)],
    }


def _region(state: State, number: int) -> dict[str, Any]:
    region = state.regions[number]
    days = zip(region.rows, region.chunks, strict=True)
    return {
        "region": number,
        "days": [
            {
                "rows": [row.body_hash.hex() for row in rows],
                "chunks": [_chunk(state, number, rows, index, chunk) for index, chunk in enumerate(chunks)],
            }
            for rows, chunks in days
        ],
        "counting": [list(row) for row in counting(state, number)],
    }


def _chunk(
    state: State, number: int, rows: list[ballots.Row], index: int, chunk: ballots.Chunk
) -> dict[str, str]:
    """Hashes of rows 0 and of the rows of the last position."""
    cards, width = state.regions[number].cards, state.definition.width(number)
    first = ballots.chunks(rows, cards, width)[index]
    return {"first": first.previous.hex(), "last": chunk.previous.hex()}


def _inputs(state: State, stage: int) -> list[dict[str, Any]]:
    """Of every chunk of a stage's shares its position and the hash of its inputs."""
    return [
        {"chunk": list(position), "count": len(inputs) // 32, "hash": sha256(inputs).hexdigest()}
        for position, inputs in share_chunks(state, stage)
    ]


def _signs(state: State) -> list[list[Any]]:
    """Of every counted region the signs of its counting rows."""
    numbers = sorted(state.counted_regions())
    rows = {number: counting_rows(state, number) for number in numbers}
    everything = [row for number in numbers for row in rows[number]]
    given = {trustee: shares[32 * len(_enrolled(state)) :] for trustee, shares in state.shares[1].items()}
    all_signs = iter(count.signs(everything, given) if everything else [])
    return [[number, [next(all_signs) for _ in rows[number]]] for number in numbers]


def _enrolled(state: State) -> list[tuple[int, count.Area]]:
    """The areas of enough enrolled."""
    every = [(contest, area) for contest, areas in enumerate(state.areas) for area in areas]
    return [(contest, area) for contest, area in every if area.place.counted]


def _weight(weighted: bool, contest: int, area: count.Area) -> dict[str, Any]:
    """What the cards of an area weigh; with decoys also the sum that says so."""
    weight: dict[str, Any] = {"contest": contest, "area": area.place.region}
    if weighted:
        weight["ciphertext"] = b"".join(map(encode, area.sum_of_cards)).hex()
    return weight | {"weight": area.weight}


def _areas(state: State) -> list[tuple[int, count.Area]]:
    return [(contest, area) for contest, areas in enumerate(state.areas) for area in areas if area.counted]


def _sums(state: State, contest: int, area: count.Area) -> dict[str, Any]:
    """The ciphertexts of an area and what they open to: twice the votes, and who voted."""
    weighted = state.definition.decoys > 0
    opened = [2 * votes for votes in area.votes] + [area.voted] if weighted else list(area.votes)
    return {
        "contest": contest,
        "area": area.place.region,
        "ciphertexts": [(encode(a) + encode(b)).hex() for a, b in area.sums],
        "opened": opened,
    }
