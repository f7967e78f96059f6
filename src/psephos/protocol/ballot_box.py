"""Ballots as they are logged, and the rows that a seal makes of them (`spec/phases.md#rows`; checks 6)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from psephos.crypto.ballot import ballot_ciphertexts, parse_ballots
from psephos.crypto.column import last_ballots, match_keys, take
from psephos.errors import VerificationError
from psephos.protocol.definition import Definition
from psephos.protocol.enrolment import Roster
from psephos.protocol.proofs import Proofs
from psephos.protocol.shelf import RUN, Column, Shelf

_FORM = {
    1: "not well formed",
    2: "of another referendum",
    3: "of a region that does not exist",
    4: "votes of a length that its region's style does not have",
    5: "day is 0 or serial not in 1..20",
}
_ABSENT = 0xFFFFFFFF


class Rows:
    """Ballots of one region and day, column by column; after the seal one row a card, in log order."""

    def __init__(self, shelf: Shelf, options: int) -> None:
        """`options` are those of the region's style, all contests together."""
        self._shelf, self._options = shelf, options
        self.cards: array[int] = array("I")
        """Each row's place in the roster."""
        self.serials = bytearray()
        self.hashes = Column(shelf, 32)
        self.ciphertexts = Column(shelf, 64 * options)

    def __len__(self) -> int:
        return len(self.cards)

    def hash(self, row: int) -> bytes:
        """The body hash of a row's ballot."""
        return self.hashes.read(row, row + 1)

    def chosen(self) -> Rows:
        """Of each card the ballot with the highest serial, then the lowest hash."""
        order = array("I", last_ballots(self.cards, self.serials, self.hashes.read()))
        rows = Rows(self._shelf, self._options)
        rows.cards.frombytes(take(self.cards, 4, order))
        rows.serials += take(self.serials, 1, order)
        rows.hashes.append(self.hashes.take(order))
        step = max(1, RUN // self.ciphertexts.width)
        for start in range(0, len(order), step):
            rows.ciphertexts.append(self.ciphertexts.take(order[start : start + step]))
        return rows


@dataclass
class _Run:
    """Consecutive ballot entries of the log, parsed into columns."""

    entries: Sequence[bytes]
    status: bytes
    regions: array[int]
    days: array[int]
    serials: bytes
    keys: bytes
    hashes: bytes

    def key(self, row: int) -> bytes:
        return self.keys[32 * row : 32 * row + 32]

    def hash(self, row: int) -> bytes:
        return self.hashes[32 * row : 32 * row + 32]

    def author(self, row: int) -> bytes:
        """K, even where the rest is malformed: every ballot has it at one place."""
        return self.entries[row][39:71]


def lengths(entries: Sequence[bytes]) -> bytes:
    """Lengths of entries as the core takes them, u32 each."""
    return array("I", map(len, entries)).tobytes()


@dataclass
class BallotBox:
    """All valid ballots, by region and day."""

    definition: Definition
    election: bytes
    key: bytes
    rosters: Sequence[Roster]
    shelf: Shelf
    proofs: Proofs
    days: dict[tuple[int, int], Rows] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)

    def add(
        self, first: int, entries: Sequence[bytes], window: Callable[[int], int | None]
    ) -> Iterator[tuple[int, VerificationError]]:
        """Take consecutive ballots, of which the first has log index `first`; yield what is void, by index.

        `window` gives the day that a region has open.
        """
        styles = [region.style.shape for region in self.definition.regions]
        parsed = parse_ballots(b"".join(entries), lengths(entries), self.election, styles)
        status, regions, days, serials, keys, hashes = parsed
        run = _Run(entries, status, array("H", regions), array("H", days), serials, keys, hashes)
        cards = self._cards(run)
        refused = {
            row: error for row in range(len(entries)) if (error := self._misplaced(run, row, cards, window))
        }
        standing = [row for row in range(len(entries)) if row not in refused]
        bad = self._unproven(run, first, standing, styles)
        for place, row in enumerate(standing):
            if run.hash(row) in self.seen:
                refused[row] = _void("6.5", run, row, "logged before")
            elif place in bad:
                refused[row] = _void("6.4", run, row, bad[place])
            else:
                self.seen.add(run.hash(row))
        self._keep(run, [row for row in standing if row not in refused], cards)
        for row, error in sorted(refused.items()):
            yield first + row, error

    def _cards(self, run: _Run) -> array[int]:
        """Each ballot's place in its region's roster."""
        places = array("I", [_ABSENT]) * len(run.entries)
        for region in set(run.regions):
            rows = [row for row, value in enumerate(run.regions) if value == region]
            found = match_keys(self.rosters[region].keys, take(run.keys, 32, array("I", rows)))
            for row, place in zip(rows, array("I", found), strict=True):
                places[row] = place
        return places

    def _misplaced(
        self, run: _Run, row: int, cards: array[int], window: Callable[[int], int | None]
    ) -> VerificationError | None:
        """Checks 6.1 to 6.3."""
        if run.status[row]:
            return _void("6.1", run, row, _FORM[run.status[row]])
        region, day = run.regions[row], run.days[row]
        if day > len(self.definition.regions[region].days):
            return _void("6.1", run, row, f"region {region} has no day {day}")
        if window(region) != day:
            return _void("6.2", run, row, f"day {day} of region {region} is not open")
        if cards[row] == _ABSENT:
            return _void("6.3", run, row, f"no batch of region {region} has this card")
        return None

    def _unproven(
        self, run: _Run, first: int, rows: Sequence[int], styles: list[list[tuple[int, int, int]]]
    ) -> dict[int, str]:
        """Check 6.4, all at once."""
        if not rows:
            return {}
        entries, indices = [run.entries[row] for row in rows], array("Q", [first + row for row in rows])
        joined, sizes = b"".join(entries), lengths(entries)
        return dict(self.proofs.check_ballots(self.election, self.key, styles, indices, joined, sizes))

    def _keep(self, run: _Run, accepted: Sequence[int], cards: array[int]) -> None:
        by_day: dict[tuple[int, int], list[int]] = {}
        for row in accepted:
            by_day.setdefault((run.regions[row], run.days[row]), []).append(row)
        for (region, day), rows in by_day.items():
            kept = self.days.get((region, day)) or self._begin(region, day)
            entries = [run.entries[row] for row in rows]
            shape = self.definition.regions[region].style.shape
            kept.cards.extend(cards[row] for row in rows)
            kept.serials.extend(run.serials[row] for row in rows)
            kept.hashes.append(take(run.hashes, 32, array("I", rows)))
            kept.ciphertexts.append(ballot_ciphertexts(b"".join(entries), lengths(entries), shape))

    def _begin(self, region: int, day: int) -> Rows:
        """No ballots of a day so far."""
        options = sum(options for _, options, _ in self.definition.regions[region].style.shape)
        return self.days.setdefault((region, day), Rows(self.shelf, options))

    def seal(self, region: int, day: int) -> Rows:
        """The rows of a day that is over."""
        rows = (self.days.get((region, day)) or self._begin(region, day)).chosen()
        self.days[region, day] = rows
        return rows


def _void(check: str, run: _Run, row: int, message: str) -> VerificationError:
    return VerificationError(check, f"card {run.author(row).hex()}", message)
