"""Rolls, batches and issued hashes: who may vote, and the cards that stand for them (`spec/checks.md`, 4)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from psephos.crypto.card import PLAIN_RECORD, RECORD
from psephos.crypto.column import ABSENT, KeyIndex, columns, match_keys, sort_records
from psephos.crypto.threshold import sum_columns
from psephos.errors import CheckNumber, VerificationError
from psephos.protocol.checks import out_of_phase
from psephos.protocol.entries import Batch, Endorse, Entry, Issued, Roll
from psephos.protocol.multipart import Excerpt, Multipart
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.definition import Definition
from psephos.protocol.storage import ByteStore, Column

HASH = 32
LEAD = 1
"""The registrar that cuts batches."""


@dataclass
class PendingBatch:
    """A batch until it is in effect, or another takes its place (`spec/phases.md#batches`)."""

    entry: bytes
    """Body hash."""
    batch: Batch
    keys: bytes = field(repr=False)
    weights: Column = field(repr=False)
    content: Multipart = field(repr=False)
    endorsed: set[int] = field(default_factory=set)
    objected: set[int] = field(default_factory=set)
    """The registrars that have logged an objection to it."""

    def holds(self, keys: bytes) -> bool:
        """Whether one of these cards is in it."""
        places = array("I", match_keys(self.keys, keys))
        return places.count(ABSENT) < len(places)


@dataclass
class Roster:
    """A region's rolls and cards, as far as the log has them."""

    region: int
    registrars: int
    """How many there are."""
    storage: ByteStore = field(repr=False)
    index: KeyIndex = field(repr=False)
    """Of the cards in effect of all regions."""
    rolls: dict[int, Multipart] = field(default_factory=dict)
    """By registrar, as is `issued`."""
    batches: list[Batch] = field(default_factory=list)
    """In effect."""
    contents: list[Multipart] = field(default_factory=list)
    """Of each, its card records."""
    standing: PendingBatch | None = None
    stood: set[bytes] = field(default_factory=set)
    """Body hashes of all valid batch entries."""
    led: int = -1
    """Index of the lead's roll, or of its latest valid batch."""
    issued: dict[int, Multipart] = field(default_factory=dict)
    issued_at: int | None = None
    """Index of the entry with which every registrar has issued."""
    opened: bool = False
    out: bool = False
    """Whether it cannot open any more, for it had not when its first window was over."""
    missed: tuple[int, ...] = ()
    """The registrars that it had waited for when it was out."""

    def __post_init__(self) -> None:
        self._weights = Column(self.storage, 64)

    @property
    def listed(self) -> int:
        """Voters on the lead's roll."""
        return self.listed_by(LEAD)

    def listed_by(self, registrar: int) -> int:
        """Voters on a registrar's roll."""
        return len(self.rolls[registrar]) // HASH if registrar in self.rolls else 0

    def issued_by(self, registrar: int) -> int:
        """How many voters a registrar has listed as having got tokens."""
        return len(self.issued[registrar]) // HASH if registrar in self.issued else 0

    @property
    def enrolled(self) -> int:
        """The smallest number that a registrar issued; 0 while the region has not opened."""
        return min(map(self.issued_by, range(1, self.registrars + 1))) if self.opened else 0

    def places(self, keys: bytes) -> array[int]:
        """The place of each card, which is how many this region had before it; ABSENT where it has none."""
        return array("I", self.index.places(self.region, keys))

    def has(self, key: bytes) -> bool:
        """Whether a card is in a batch in effect."""
        return self.places(key)[0] != ABSENT

    def record(self, key: bytes) -> bytes | None:
        """The record of a card in effect."""
        row, width = self.places(key)[0], RECORD if self.weighted else PLAIN_RECORD
        if row == ABSENT:
            return None
        for batch, content in zip(self.batches, self.contents, strict=True):
            if row < batch.cards:
                return content.excerpt(row * width, (row + 1) * width).data
            row -= batch.cards
        raise ValueError("a card beyond all batches")

    def enters(self, registrar: int, name: bytes) -> bool:
        """Whether a hash is on a registrar's roll."""
        return _holds(self.rolls.get(registrar), name)

    def lists(self, registrar: int, name: bytes) -> bool:
        """Whether a registrar has listed a hash as having got tokens."""
        return _holds(self.issued.get(registrar), name)

    def weights(self, places: array[int]) -> bytes:
        """C of the cards at these places, 64 bytes each."""
        return self._weights.take(places)

    def total_weight(self) -> bytes:
        """The sum of C over all cards, 64 bytes."""
        sums = b"".join(sum_columns(run, 1) for run in self._weights.runs())
        return sum_columns(sums, 1) if sums else bytes(64)

    @property
    def weighted(self) -> bool:
        """Whether cards have weights: not without decoys."""
        return len(self._weights) > 0

    @property
    def cards(self) -> int:
        """Cards in all batches in effect."""
        return sum(batch.cards for batch in self.batches)

    @property
    def complete(self) -> bool:
        """Whether the last batch is in effect."""
        return bool(self.batches) and self.batches[-1].last == 1

    @property
    def enrolling(self) -> bool:
        """Whether enrolment is open (`spec/phases.md#order`)."""
        return not self.complete and not self.out

    def take_effect(self) -> None:
        """Make the batch that stands the region's, once every other registrar has endorsed it."""
        standing = self.standing
        if standing is None or len(standing.endorsed) < self.registrars - 1:
            return
        self.batches.append(standing.batch)
        self.contents.append(standing.content)
        self.index.add(self.region, standing.keys)
        self._weights.extend(standing.weights)
        self.standing = None

    def object(self, registrar: int, entry: bytes) -> None:
        """Take note of a registrar's objection to the entry of that body hash."""
        if self.standing is not None and self.standing.entry == entry:
            self.standing.objected.add(registrar)

    def waited_for(self) -> list[int]:
        """The registrars that have not done their part.

        Beside one that objects to the batch that stands, the lead: the record does not show who is right.
        """
        if self.out:
            return list(self.missed)
        if LEAD not in self.rolls:
            return [LEAD]  # the others' rolls come behind its own
        if len(self.rolls) < self.registrars:
            done = set(self.rolls)
        elif self.complete:
            done = set(self.issued)
        elif self.standing is None:
            done = set(range(LEAD + 1, self.registrars + 1))
        else:
            endorsed, objected = self.standing.endorsed, self.standing.objected
            done = endorsed if objected - endorsed else {LEAD, *endorsed}
        return [number for number in range(1, self.registrars + 1) if number not in done]

    def refuse(self, check: CheckNumber, message: str, registrar: int = LEAD) -> VerificationError:
        """The error of a check that a registrar of this region fails."""
        return VerificationError(check, f"registrar {registrar}", f"region {self.region}: {message}")


def _holds(hashes: Multipart | None, name: bytes) -> bool:
    """Whether a hash is among strictly ascending ones."""
    runs = hashes.runs(HASH, 0, len(hashes)) if hashes else iter(())
    return any(array("I", match_keys(run.data, name))[0] != ABSENT for run in runs)


def ascending(runs: Iterator[Excerpt], width: int) -> bool:
    """Whether records of `width` bytes are strictly ascending by their first 32 bytes."""
    last = b""
    for run in runs:
        ordered, twice = sort_records(run.data, width)
        if twice or ordered != run.data or run.data[:32] <= last:
            return False
        last = run.data[-width:][:32]
    return True


Content = Callable[[], Multipart]
"""Reads the bundle that an entry closes; asked for once the entry is known to come in its phase."""


def add_roll(roster: Roster, registrar: int, roll: Roll, read: Content) -> None:
    """Check 4.1."""
    if not roster.enrolling or registrar in roster.rolls:
        raise out_of_phase(f"roll: region {roster.region} has one of registrar {registrar}, or takes none")
    if registrar != LEAD and LEAD not in roster.rolls:
        raise out_of_phase(f"roll: region {roster.region} has none of registrar {LEAD} yet")
    if registrar != LEAD and roll.size != roster.listed:
        raise roster.refuse("4.1", f"{roll.size} on the roll and {roster.listed} on the lead's", registrar)
    content = read()
    if len(content) != HASH * roll.size:
        raise roster.refuse("4.1", f"{len(content)} bytes are not {roll.size} hashes", registrar)
    if not ascending(content.runs(HASH, 0, len(content)), HASH):
        raise roster.refuse("4.1", "hashes are not strictly ascending", registrar)
    roster.rolls[registrar] = content


def check_phase(roster: Roster, batch: Batch, entry: Entry, closed: bool) -> None:
    """Check 1.6 of a batch; `closed`: whether witnesses have seen enrolment close."""
    if not roster.enrolling:
        raise out_of_phase(f"batch: enrolment in region {roster.region} is over")
    if len(roster.rolls) < roster.registrars:
        raise out_of_phase(f"batch: region {roster.region} has not all rolls yet")
    if batch.batch != len(roster.batches) + 1:
        raise out_of_phase(f"batch {batch.batch} of region {roster.region} follows {len(roster.batches)}")
    if entry.body_hash in roster.stood:
        raise out_of_phase(f"batch {batch.batch} of region {roster.region} was logged before")
    if batch.last == 1 and not closed:
        raise out_of_phase(f"batch: enrolment in region {roster.region} was not seen to close")


def add_batch(
    definition: Definition,
    election: bytes,
    key: bytes,
    rosters: Sequence[Roster],
    entry: Entry,
    batch: Batch,
    read: Content,
    proofs: Proofs,
) -> None:
    """Checks 4.2, 4.3 and 4.5 of a batch in its phase, which then stands."""
    roster, plain = rosters[batch.region], not definition.decoys
    if batch.last > 1 or batch.cards < 1 - batch.last:
        raise roster.refuse("4.2", f"{batch.cards} cards, and last is {batch.last}")
    width = PLAIN_RECORD if plain else RECORD
    end, content = width * batch.cards, read()
    if len(content) != end:
        raise roster.refuse("4.2", f"{len(content)} bytes are not {batch.cards} cards")
    if not ascending(content.runs(width, 0, end), width):
        raise roster.refuse("4.2", "cards are not strictly ascending")
    for row, reason in proofs.check_cards(election, batch.region, key, content.runs(width, 0, end), plain):
        card = content.excerpt(row * width, row * width + 32).data.hex()
        raise roster.refuse("4.3", f"card {card}: {reason}")
    keys, weights = b"", Column(roster.storage, 64)
    for run in content.runs(width, 0, end):
        keys += columns(run.data, width, 0, 32)
        weights.append(b"" if plain else columns(run.data, width, 32, 96))
    _check_new(rosters, roster, keys)
    roster.stood.add(entry.body_hash)
    roster.standing = PendingBatch(entry.body_hash, batch, keys, weights, content)
    roster.take_effect()


def _check_new(rosters: Sequence[Roster], roster: Roster, keys: bytes) -> None:
    """Check 4.5."""
    other = roster.index.region(keys) if keys else None
    if other is not None:
        raise roster.refuse("4.5", f"a card stands in a batch of region {other} too")
    for one in rosters:
        if one is not roster and keys and one.standing is not None and one.standing.holds(keys):
            raise roster.refuse("4.5", f"a card stands in a batch of region {one.region} too")


def add_endorse(roster: Roster, registrar: int, endorse: Endorse) -> None:
    """Another registrar agrees to the batch that stands."""
    standing = roster.standing
    if standing is None or (endorse.batch, endorse.entry) != (len(roster.batches) + 1, standing.entry):
        raise out_of_phase(f"endorse: batch {endorse.batch} of region {roster.region} does not stand so")
    if registrar in standing.endorsed:
        raise out_of_phase(f"endorse: registrar {registrar} has endorsed it")
    standing.endorsed.add(registrar)
    roster.take_effect()


def check_issued_phase(roster: Roster, registrar: int, issued: Issued) -> None:
    """Check 1.6 of issued hashes."""
    if not roster.complete or roster.opened or roster.out:
        raise out_of_phase(f"issued: comes after the last batch of region {roster.region}, before it opens")
    if registrar in roster.issued and issued.size <= roster.issued_by(registrar):
        raise out_of_phase(f"issued: registrar {registrar} has listed as many in region {roster.region}")


def add_issued(
    roster: Roster, registrar: int, index: int, issued: Issued, plain: bool, read: Content
) -> None:
    """Check 4.6 of issued hashes in their phase, whose secrets are right."""
    if plain and issued.size < roster.cards:
        raise roster.refuse("4.6", f"{issued.size} tokens for {roster.cards} cards", registrar)
    content, before = read(), roster.issued.get(registrar)
    if len(content) != HASH * issued.size or not ascending(content.runs(HASH, 0, len(content)), HASH):
        raise roster.refuse("4.6", f"not {issued.size} strictly ascending hashes", registrar)
    if _common(roster.rolls[registrar], content) != issued.size:
        raise roster.refuse("4.6", "a hash is not on the roll", registrar)
    if before is not None and _common(content, before) != len(before) // HASH:
        raise roster.refuse("4.6", "a hash that was listed before is missing", registrar)
    roster.issued[registrar] = content
    if len(roster.issued) == roster.registrars and roster.issued_at is None:
        roster.issued_at = index


def _common(one: Multipart, other: Multipart) -> int:
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
