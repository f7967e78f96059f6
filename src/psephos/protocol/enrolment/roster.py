"""Rolls, batches and issued hashes: who may vote, and the cards that stand for them (`spec/checks.md`, 4)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from psephos.crypto.card import PLAIN_RECORD, RECORD
from psephos.crypto.column import ABSENT, KeyIndex, columns, match_keys, sort_records
from psephos.errors import VerificationError
from psephos.protocol.bundle import Bundle, Excerpt
from psephos.protocol.checks import out_of_phase
from psephos.protocol.entry import Batch, Issued, Roll
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.definition import Definition
from psephos.protocol.shelf import Column, Shelf

HASH = 32
UNWEIGHTED = bytes(32)


@dataclass
class Roster:
    """A region's roll and cards, as far as the log has them."""

    region: int
    shelf: Shelf = field(repr=False)
    index: KeyIndex = field(repr=False)
    """Of the cards of all regions."""
    roll: Bundle | None = None
    batches: list[Batch] = field(default_factory=list)
    commitments: list[Column] = field(default_factory=list)
    """Of every batch, those of its groups, ascending."""
    issued: int | None = None
    out: bool = False
    """Whether it cannot open any more, for its enrolment was not over in time."""

    def __post_init__(self) -> None:
        self._weights = Column(self.shelf, 64)

    @property
    def listed(self) -> int:
        """Voters on the roll."""
        return len(self.roll or b"") // HASH

    def places(self, keys: bytes) -> array[int]:
        """The place of each card, which is how many this region had before it; ABSENT where it has none."""
        return array("I", self.index.places(self.region, keys))

    def has(self, key: bytes) -> bool:
        """Whether a card is in a batch."""
        return self.places(key)[0] != ABSENT

    def weights(self, places: array[int]) -> bytes:
        """C of the cards at these places, 64 bytes each."""
        return self._weights.take(places)

    def commits(self, batch: int, commitment: bytes) -> bool:
        """Whether a batch, counted from 1, names a group by this commitment."""
        runs = self.commitments[batch - 1].runs()
        return any(array("I", match_keys(run, commitment)) != array("I", [ABSENT]) for run in runs)

    @property
    def weighted(self) -> bool:
        """Whether cards have weights: not without decoys."""
        return len(self._weights) > 0

    def join(self, batch: Batch, keys: bytes, weights: Column, groups: Iterator[Excerpt]) -> None:
        """Add a batch: cards, ascending by K, none of which is here; without decoys they have no weights."""
        self.batches.append(batch)
        self.commitments.append(Column(self.shelf, HASH))
        for run in groups:
            self.commitments[-1].append(run.data)
        self.index.add(self.region, keys)
        self._weights.extend(weights)

    @property
    def voters(self) -> int:
        """Voters enrolled in all batches."""
        return sum(batch.voters for batch in self.batches)

    @property
    def cards(self) -> int:
        """Cards in all batches."""
        return sum(batch.cards for batch in self.batches)

    @property
    def votes(self) -> bool:
        """Whether its region has voters, and can open or has opened."""
        return bool(self.batches) and not self.out

    @property
    def complete(self) -> bool:
        """Whether the last batch is logged."""
        return bool(self.batches) and self.batches[-1].last == 1

    def refuse(self, check: str, message: str) -> VerificationError:
        """The error of a check that this region's registrar fails."""
        return VerificationError(check, "registrar", f"region {self.region}: {message}")


def ascending(runs: Iterator[Excerpt], width: int) -> bool:
    """Whether records of `width` bytes are strictly ascending by their first 32 bytes."""
    last = b""
    for run in runs:
        ordered, twice = sort_records(run.data, width)
        if twice or ordered != run.data or run.data[:32] <= last:
            return False
        last = run.data[-width:][:32]
    return True


Content = Callable[[], Bundle]
"""Reads the bundle that an entry closes; asked for once the entry is known to come in its phase."""


def add_roll(roster: Roster, roll: Roll, read: Content) -> None:
    """Check 4.1."""
    if roster.roll is not None:
        raise out_of_phase(f"roll: region {roster.region} has one")
    content = read()
    if len(content) != HASH * roll.size:
        raise roster.refuse("4.1", f"{len(content)} bytes are not {roll.size} hashes")
    if not ascending(content.runs(HASH, 0, len(content)), HASH):
        raise roster.refuse("4.1", "hashes are not strictly ascending")
    roster.roll = content


def _check_form(definition: Definition, roster: Roster, batch: Batch) -> None:
    if roster.roll is None:
        raise out_of_phase(f"batch: region {roster.region} has no roll yet")
    if roster.complete:
        raise out_of_phase(f"batch: region {roster.region} has its last one")
    if batch.batch != len(roster.batches) + 1:
        raise out_of_phase(f"batch {batch.batch} of region {roster.region} follows {len(roster.batches)}")
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
    roster: Roster,
    batch: Batch,
    read: Content,
    proofs: Proofs,
) -> None:
    """Checks 4.2 to 4.5; the cards join the region's roster."""
    _check_form(definition, roster, batch)
    plain = definition.cards == 1
    width = PLAIN_RECORD if plain else RECORD
    end, content = width * batch.cards, read()
    if len(content) != end + HASH * batch.groups:
        raise roster.refuse(
            "4.2", f"{len(content)} bytes are not {batch.cards} cards and {batch.groups} groups"
        )
    groups = content.runs(HASH, end, len(content))
    if not ascending(content.runs(width, 0, end), width) or not ascending(groups, HASH):
        raise roster.refuse("4.2", "cards or commitments are not strictly ascending")
    bad, right = proofs.check_cards(election, batch, key, content.runs(width, 0, end), plain)
    for row, reason in bad:
        card = content.excerpt(row * width, row * width + 32).data.hex()
        raise roster.refuse("4.3", f"card {card}: {reason}")
    if not right:
        raise roster.refuse("4.4", f"batch {batch.batch}: its cards do not weigh {batch.voters}")
    keys, weights = b"", Column(roster.shelf, 64)
    for run in content.runs(width, 0, end):
        keys += columns(run.data, width, 0, 32)
        weights.append(b"" if plain else columns(run.data, width, 32, 96))
    other = roster.index.region(keys)
    if other is not None:
        raise roster.refuse("4.5", f"batch {batch.batch}: a card stands in a batch of region {other} too")
    roster.join(batch, keys, weights, content.runs(HASH, end, len(content)))


def add_issued(roster: Roster, issued: Issued, read: Content) -> None:
    """Check 4.6."""
    if not roster.complete or roster.issued is not None:
        raise out_of_phase(f"issued: comes once, after the last batch of region {roster.region}")
    if issued.size < roster.voters:
        raise roster.refuse("4.6", f"{issued.size} tokens issued for {roster.voters} voters")
    content = read()
    if len(content) != HASH * issued.size or not ascending(content.runs(HASH, 0, len(content)), HASH):
        raise roster.refuse("4.6", f"not {issued.size} strictly ascending hashes")
    if roster.roll is None or _common(roster.roll, content) != issued.size:
        raise roster.refuse("4.6", "a hash is not on the roll")
    roster.issued = issued.size


def _common(one: Bundle, other: Bundle) -> int:
    """How many hashes two bundles have in common; both are strictly ascending."""
    count, others = 0, other.runs(HASH, 0, len(other))
    run = next(others, None)
    for known in one.runs(HASH, 0, len(one)):
        while run is not None:
            places = array("I", match_keys(known.data, run.data))
            count += len(places) - places.count(ABSENT)
            if run.data[-HASH:] > known.data[-HASH:]:
                break  # its end may stand in the next run of `one`
            run = next(others, None)
    return count
