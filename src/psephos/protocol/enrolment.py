"""Rolls, batches and issued hashes: who may vote, and the cards that stand for them (`spec/checks.md`, 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from psephos.crypto.card import PLAIN_RECORD, RECORD, check_cards, check_sums
from psephos.crypto.column import columns, match_keys, sort_records
from psephos.errors import VerificationError
from psephos.protocol.definition import Definition
from psephos.protocol.entry import Batch, Issued, Roll

HASH = 32
UNWEIGHTED = bytes(32)


@dataclass
class Roster:
    """A region's roll and cards, as far as the log has them."""

    region: int
    roll: bytes | None = None
    batches: list[Batch] = field(default_factory=list)
    commitments: list[bytes] = field(default_factory=list)
    keys: bytes = b""
    """K of every card, 32 bytes each, ascending."""
    weights: bytes = b""
    """C of every card, 64 bytes each, in the order of `keys`."""
    issued: int | None = None

    @property
    def voters(self) -> int:
        """Voters enrolled in all batches."""
        return sum(batch.voters for batch in self.batches)

    @property
    def cards(self) -> int:
        """Cards in all batches."""
        return len(self.keys) // 32

    @property
    def complete(self) -> bool:
        """Whether the last batch is logged."""
        return bool(self.batches) and self.batches[-1].last == 1

    def has(self, key: bytes) -> bool:
        """Whether a card is in a batch."""
        return match_keys(self.keys, key) != b"\xff\xff\xff\xff"

    def refuse(self, check: str, message: str) -> VerificationError:
        """The error of a check that this region's registrar fails."""
        return VerificationError(check, "registrar", f"region {self.region}: {message}")


def ascending(records: bytes, width: int) -> bool:
    """Whether records of `width` bytes are strictly ascending by their first 32 bytes."""
    ordered, twice = sort_records(records, width)
    return not twice and ordered == records


Content = Callable[[], bytes]
"""Reads the bundle that an entry closes; asked for once the entry is known to come in its phase."""


def add_roll(roster: Roster, roll: Roll, read: Content) -> None:
    """Check 4.1."""
    if roster.roll is not None:
        raise roster.refuse("4.1", "a second roll")
    if roster.batches:
        raise roster.refuse("4.1", "a roll after the first batch")
    content = read()
    if len(content) != HASH * roll.size:
        raise roster.refuse("4.1", f"{len(content)} bytes are not {roll.size} hashes")
    if not ascending(content, HASH):
        raise roster.refuse("4.1", "hashes are not strictly ascending")
    roster.roll = content


def _check_form(definition: Definition, roster: Roster, batch: Batch) -> None:
    if roster.roll is None:
        raise roster.refuse("4.2", "a batch before the roll")
    if roster.complete:
        raise roster.refuse("4.2", "a batch after the last one")
    if batch.batch != len(roster.batches) + 1:
        raise roster.refuse("4.2", f"batch {batch.batch} follows batch {len(roster.batches)}")
    if batch.last > 1 or batch.small > 1:
        raise roster.refuse("4.2", "last and small are 0 or 1")
    if batch.voters < 1:
        raise roster.refuse("4.2", "a batch without voters")
    if definition.cards == 1:
        if batch.small or not batch.cards == batch.groups == batch.voters or batch.randomness != UNWEIGHTED:
            raise roster.refuse("4.2", "without decoys cards, groups and voters are as many")
        return
    if batch.groups < batch.voters or batch.cards < batch.groups:
        raise roster.refuse("4.2", f"{batch.voters} voters, {batch.groups} groups, {batch.cards} cards")
    small = batch.voters < definition.min_batch
    if batch.small != small:
        raise roster.refuse("4.2", f"{batch.voters} voters, and small is {batch.small}")
    if small and not (batch.batch == 1 and batch.last):
        raise roster.refuse("4.2", f"{batch.voters} voters are fewer than {definition.min_batch}")


def add_batch(
    definition: Definition,
    election: bytes,
    key: bytes,
    rosters: Sequence[Roster],
    batch: Batch,
    read: Content,
) -> None:
    """Checks 4.2 to 4.5; the cards join the region's roster."""
    roster = rosters[batch.region]
    _check_form(definition, roster, batch)
    plain = definition.cards == 1
    width = PLAIN_RECORD if plain else RECORD
    end, content = width * batch.cards, read()
    records, commitments = content[:end], content[end:]
    if len(records) != end or len(commitments) != HASH * batch.groups:
        raise roster.refuse(
            "4.2", f"{len(content)} bytes are not {batch.cards} cards and {batch.groups} groups"
        )
    if not ascending(records, width) or not ascending(commitments, HASH):
        raise roster.refuse("4.2", "cards or commitments are not strictly ascending")
    for row, reason in check_cards(election, batch.region, key, records, plain):
        raise roster.refuse("4.3", f"card {records[row * width : row * width + 32].hex()}: {reason}")
    keys = columns(records, width, 0, 32)
    weights = b"" if plain else columns(records, width, 32, 96)
    if not plain and check_sums(key, weights, [batch.cards], batch.randomness, [batch.voters]):
        raise roster.refuse("4.4", f"batch {batch.batch}: its cards do not weigh {batch.voters}")
    for other in rosters:
        if match_keys(other.keys, keys).strip(b"\xff"):
            raise roster.refuse(
                "4.5", f"batch {batch.batch}: a card stands in a batch of region {other.region} too"
            )
    _join(roster, keys, weights)
    roster.batches.append(batch)
    roster.commitments.append(commitments)


def _join(roster: Roster, keys: bytes, weights: bytes) -> None:
    """Merge a batch's cards into the roster, ascending by K."""
    old, new = roster.keys, keys
    if not weights:
        roster.keys, _ = sort_records(old + new, 32)
        return
    pairs = _pairs(old, roster.weights) + _pairs(new, weights)
    pairs, _ = sort_records(pairs, 96)
    roster.keys, roster.weights = columns(pairs, 96, 0, 32), columns(pairs, 96, 32, 96)


def _pairs(keys: bytes, weights: bytes) -> bytes:
    return b"".join(
        keys[32 * row : 32 * row + 32] + weights[64 * row : 64 * row + 64] for row in range(len(keys) // 32)
    )


def add_issued(roster: Roster, issued: Issued, read: Content) -> None:
    """Check 4.6."""
    if not roster.complete or roster.issued is not None:
        raise roster.refuse("4.6", "issued hashes come once, after the last batch")
    content = read()
    if len(content) != HASH * issued.size or not ascending(content, HASH):
        raise roster.refuse("4.6", f"not {issued.size} strictly ascending hashes")
    found = match_keys(roster.roll or b"", content)
    if any(found[at : at + 4] == b"\xff\xff\xff\xff" for at in range(0, len(found), 4)):
        raise roster.refuse("4.6", "a hash is not on the roll")
    if issued.size < roster.voters:
        raise roster.refuse("4.6", f"{issued.size} tokens issued for {roster.voters} voters")
    roster.issued = issued.size
