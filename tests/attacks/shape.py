"""What is left of a log when only its cryptography is blanked: order, size, time, form, every open number.

Points, scalars, hashes and signatures are replaced piece by piece by what they are ("point", "identity", ..);
all else stays: types, authors, counts, places, times, names, and the bytes that hold none of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from psephos.crypto.group import check_points
from psephos.log import checkpoints
from psephos.protocol import entries
from psephos.protocol.entries import Entry, Payload
from psephos.simulation.referendum import Referendum

ORDER = 2**252 + 27742317777372353535851937790883648493
Shape = tuple[object, ...]

HASHES = {
    (entries.Part, "digest"),
    (entries.Batch, "digest"),
    (entries.Weighing, "previous"),
    (entries.Close, "root"),
    (entries.Close, "counting"),
    (entries.Shares, "digest"),
    (entries.Endorse, "entry"),
    (entries.CeremonySign, "root"),
}


def shape(referendum: Referendum) -> list[Shape]:
    """The log, entry by entry."""
    decoded = [entries.decode(data) for data in referendum.logged]
    kinds = {getattr(e.payload, "digest", b""): type(e.payload) for e in decoded if not _is_part(e.payload)}
    return [
        (len(data), *_entry(referendum, entry, kinds))
        for data, entry in zip(referendum.logged, decoded, strict=True)
    ]


def _is_part(payload: Payload) -> bool:
    return isinstance(payload, entries.Part)


def _entry(referendum: Referendum, entry: Entry, kinds: dict[bytes, type[Payload]]) -> Iterator[object]:
    payload = entry.payload
    yield from (payload.type_name(), entry.referendum, entry.author, _signature(entry))
    for column in fields(payload):
        value = getattr(payload, column.name)
        match payload, column.name:
            case entries.Part(), "data":
                yield _bundle(referendum, kinds[payload.digest], value)
            case entries.CheckpointEntry(), "note":
                yield _note(value)
            case entries.Ballot(), "votes":
                yield tuple(_votes(referendum, payload.region, value))
            case entries.Weighing(), "rows":
                yield tuple(_weighed(referendum, payload.region, value))
            case entries.CeremonyDeal(), "sealed":
                yield f"{len(value)} sealed bytes"  # the library draws the ephemeral key, whatever the coins
            case _:
                yield "hash" if (type(payload), column.name) in HASHES else value


def _signature(entry: Entry) -> object:
    if isinstance(entry.payload, entries.Ballot):
        return point(entry.signature[:32]), scalar(entry.signature[32:])
    return f"{len(entry.signature)} bytes of Ed25519"


def point(data: bytes) -> str:
    """What 32 bytes are as a point."""
    if check_points(data, True):
        raise ValueError("not a point")
    return "point" if any(data) else "identity"


def scalar(data: bytes) -> str:
    """What 32 bytes are as a scalar."""
    value = int.from_bytes(data, "little")
    if value >= ORDER:
        raise ValueError("not a scalar")
    return "scalar" if value > 2**200 else f"scalar {value}"


def points(data: bytes) -> tuple[str, ...]:
    return tuple(point(data[at : at + 32]) for at in range(0, len(data), 32))


def scalars(data: bytes) -> tuple[str, ...]:
    return tuple(scalar(data[at : at + 32]) for at in range(0, len(data), 32))


def proof(data: bytes) -> tuple[str, ...]:
    """A zero disjunction: commitments, challenges, responses."""
    branches = (len(data) + 32) // 128
    return points(data[: 64 * branches]) + scalars(data[64 * branches :])


def _note(data: bytes) -> Shape:
    checkpoint, note = checkpoints.read(data)
    lines = tuple((line.name, line.key_id, line.value[:-64], len(line.value)) for line in note.signatures)
    return checkpoint.origin, checkpoint.size, "hash", lines


def _bundle(referendum: Referendum, kind: type[Payload], data: bytes) -> object:
    if kind is entries.Batch:
        return tuple(_cards(data))
    if kind is entries.Shares:
        return tuple(_shares(referendum, data))
    return data  # rolls and issued hashes say nothing of cards


def _cards(data: bytes) -> Iterator[Shape]:
    """Records K || C || bit proof || signature."""
    for at in range(0, len(data), 384):
        record = data[at : at + 384]
        yield (
            record[:32],  # K stays: the coercer knows it, and its place among the others must not tell either
            points(record[32:96]),
            proof(record[96:320]),
            (point(record[320:352]), scalar(record[352:])),
        )


def _votes(referendum: Referendum, region: int, votes: bytes) -> Iterator[Shape]:
    at = 0
    for _, options, blank in referendum.definition.regions[region].style.shape:
        middle, end = at + 64 * options, at + 64 * options + 128 * (options + blank) - 32
        yield points(votes[at:middle]), proof(votes[middle:end])
        at = end


def _weighed(referendum: Referendum, region: int, rows: bytes) -> Iterator[Shape]:
    width = 64 * referendum.definition.regions[region].style.width
    for at in range(0, len(rows), width + 224):
        yield points(rows[at : at + width]), proof(rows[at + width : at + width + 224])


def _shares(referendum: Referendum, data: bytes) -> Iterator[Shape]:
    """One chunk of shares, or several: each ends in two points and the one scalar."""
    count = referendum.record.count
    assert count is not None
    chunks = [len(count.sums.area_weights()) // 64, *(len(selected) for _, selected in count.selections())]
    if sum(32 * count + 96 for count in chunks) != len(data):
        chunks = [(len(data) - 96) // 32]
    at = 0
    for count in chunks:
        end = at + 32 * count + 96
        yield points(data[at : end - 32]), scalar(data[end - 32 : end])
        at = end
