"""Intermediate values of a counted record (`vectors/README.md#intermediate-values`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from psephos.errors import PhaseError
from psephos.protocol.record import Record
from psephos.protocol.tally.closing import CountedRows, counting_hash
from psephos.protocol.tally.count import SIGNS, SUMS, Counting
from psephos.protocol.tally.tally import Tally

Totals = Mapping[tuple[int, int], Tally]


def values(record: Record) -> dict[str, Any]:
    """Everything, in the order in which a verifier comes to it; PhaseError unless it is counted."""
    keys, count, closing = record.joint_key, record.count, record.closing
    if count is None or count.totals is None or closing.right is None or closing.sets is None:
        raise PhaseError("the record is not counted")
    stages = (SUMS,) if count.sums.plain else (SIGNS, SUMS)
    return {
        "election": (record.election or b"").hex(),
        "key": keys.point.hex(),
        "publics": [[index, public.hex()] for index, public in sorted(keys.public_shares.items())],
        "regions": [_region(record, count, counting) for counting in closing.sets],
        "counting": counting_hash(closing.sets, count.days).hex(),
        "close": {"size": closing.right.size, "root": closing.right.root.hex(), "closed": closing.closed},
        "inputs": {str(stage): list(_inputs(count, stage)) for stage in stages},
        "weights": list(_weights(count)),
        "signs": _signs(count),
        "sums": list(_sums(count, count.totals)),
    }


def _region(record: Record, count: Counting, counting: CountedRows) -> dict[str, Any]:
    days = range(1, len(record.windows[counting.region].sealed) + 1)
    rows = [[day, row] for day, day_rows in counting.days.items() for row in day_rows]
    return {
        "region": counting.region,
        "days": [_day(count, counting.region, day) for day in days],
        "counting": rows,
    }


def _day(count: Counting, region: int, day: int) -> dict[str, Any]:
    rows, chains = count.days[region, day], sorted(count.chains.items())
    chunks = [
        {"first": sha256(chain.first).hexdigest(), "last": chain.head.hex()}
        for (region_of_chain, when, _), chain in chains
        if (region_of_chain, when) == (region, day)
    ]
    return {"rows": [rows.hash(row).hex() for row in range(len(rows))], "chunks": chunks}


def _inputs(count: Counting, stage: int) -> Iterator[dict[str, Any]]:
    """Of every chunk of a stage's shares its position, and number and hash of its inputs."""
    for due in count.due(stage, 0):
        inputs, offset = due.inputs, 0
        for (_, _, *chunk), number in zip(due.places, due.counts, strict=True):
            hashed = sha256(inputs[offset : offset + 32 * number]).hexdigest()
            yield {"chunk": chunk, "count": number, "hash": hashed}
            offset += 32 * number


def _weights(count: Counting) -> Iterator[dict[str, Any]]:
    """What the cards of every area of enough enrolled weigh; with decoys also the sum that says so."""
    sums, offset = count.sums.area_weights(), 0
    for contest, area in count.sums.enrolled_areas():
        opened = {} if count.sums.plain else {"ciphertext": sums[offset : offset + 64].hex()}
        yield {
            "contest": contest,
            "area": area.region,
            **opened,
            "weight": count.weights[contest, area.region],
        }
        offset += 64


def _signs(count: Counting) -> list[list[Any]]:
    """Of every counted region the signs of its counting rows."""
    region_signs: dict[int, list[int]] = (
        {} if count.sums.plain else {region.region: [] for region in count.sets}
    )
    for (region, _, _), signs in sorted(count.signs.items()):
        region_signs[region] += [1 if sign == 1 else -1 for sign in signs]
    return [[region, signs] for region, signs in sorted(region_signs.items())]


def _sums(count: Counting, totals: Totals) -> Iterator[dict[str, Any]]:
    """The ciphertexts of every counted area, and what they open to: twice the votes, and who voted."""
    ciphertexts, offset = count.sums.ciphertexts(), 0
    for contest, area in count.sums.areas():
        tally = totals[contest, area.region]
        weighted = [*(2 * votes for votes in tally.votes), tally.voted]
        opened = list(tally.votes) if count.sums.plain else weighted
        cut = [ciphertexts[offset + 64 * i : offset + 64 * i + 64].hex() for i in range(len(opened))]
        yield {"contest": contest, "area": area.region, "ciphertexts": cut, "opened": opened}
        offset += 64 * len(opened)
