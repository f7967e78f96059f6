"""Vectors of ballots as whole entries. spec/proofs.md"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import cbor
import labels
import provers
from provers import Stream
from vector import HASH, JOINT, Vector, accepted, bad_wires, context, disjunction_layout, rejected


def ballots() -> Iterator[Vector]:
    """Whole ballot entries: one contest with blanks, one without, both together."""
    random = Stream("ballot")
    styles = {"blank": [(0, 2, 1)], "options": [(4, 3, 0)], "two": [(1, 2, 1), (7, 1, 1)]}
    for name, contests in styles.items():
        secret = random.scalar()
        choices = [options + blank - 1 for _, options, blank in contests]
        entry, votes = ballot(secret, (5, 2, 3), contests, choices, random)
        inputs = {"election": HASH.hex(), "key": JOINT.hex(), "region": 5}
        good = accepted("ballot", name, **inputs, contests=[list(c) for c in contests], entry=entry.hex())
        yield good
        yield from context(good, "6.4")
        yield rejected(good, "other-contest", "6.4", contests=[[c + 1, m, b] for c, m, b in contests])
        yield from bad_ballots(good, secret, contests, entry, votes, random)


def ballot(
    secret: int,
    place: tuple[int, int, int],
    contests: list[tuple[int, int, int]],
    choices: list[int],
    random: Stream,
) -> tuple[bytes, bytes]:
    """A ballot entry and its votes."""
    card = provers.base(secret)
    votes = b"".join(
        provers.vote(HASH, JOINT, place, card, contest, choice, random)
        for contest, choice in zip(contests, choices, strict=True)
    )
    return signed(secret, [1, 17, HASH, card, *place, votes], random), votes


def signed(secret: int, body: list[cbor.Item], random: Stream) -> bytes:
    """A ballot entry from its body, well signed."""
    message = sha256(cbor.encode(body)).digest()
    return cbor.encode([*body, provers.sign(labels.BALLOT, secret, message, random)])


def bad_ballots(
    good: Vector,
    secret: int,
    contests: list[tuple[int, int, int]],
    entry: bytes,
    votes: bytes,
    random: Stream,
) -> Iterator[Vector]:
    """Ballots with wrong votes or places, all well signed, and with wrong signatures."""
    body = cbor.decode(entry)[:-1]
    _, options, blank = contests[0]
    layout = [("point", 32 * i) for i in range(2 * options)]
    layout += disjunction_layout(64 * options, options + blank)
    for name, bad in bad_wires(votes, layout):
        yield rejected(good, name, "6.4", entry=signed(secret, [*body[:-1], bad], random).hex())
    wrong: dict[str, tuple[int, cbor.Item, str]] = {
        "region": (4, 6, "6.1"),
        "day-0": (5, 0, "6.1"),
        "day": (5, 1, "6.4"),
        "serial": (6, 4, "6.4"),
        "serial-0": (6, 0, "6.1"),
        "serial-21": (6, 21, "6.1"),
        "election": (2, JOINT, "6.1"),
        "votes-short": (7, votes[:-1], "6.1"),
        "votes-long": (7, votes + b"\0", "6.1"),
    }
    for name, (offset, value, check) in wrong.items():
        changed = [*body[:offset], value, *body[offset + 1 :]]
        yield rejected(good, f"signed-{name}", check, entry=signed(secret, changed, random).hex())
    thief = signed(secret + 1, [*body[:3], provers.base(secret + 1), *body[4:]], random)
    yield rejected(good, "votes-of-another-card", "6.4", entry=thief.hex())
    for name, bad in bad_wires(entry, [("point", len(entry) - 64), ("scalar", len(entry) - 32)]):
        yield rejected(good, f"signature-{name}", "6.4", entry=bad.hex())
