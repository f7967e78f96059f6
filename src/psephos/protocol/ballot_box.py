"""Ballots as they are logged, and the rows that a seal makes of them (`spec/phases.md#rows`; checks 6)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from psephos.crypto.ballot import ballot_ciphertexts, check_ballots, parse_ballots
from psephos.crypto.column import last_ballots, match_keys, take
from psephos.errors import VerificationError
from psephos.protocol.definition import Definition
from psephos.protocol.enrolment import Roster

_FORM = {
    1: "not well formed",
    2: "of another referendum",
    3: "of a region that does not exist",
    4: "votes of a length that its region's style does not have",
    5: "day is 0 or serial not in 1..20",
}
_ABSENT = 0xFFFFFFFF


@dataclass
class Rows:
    """Ballots of one region and day, column by column; after the seal one row a card, in log order."""

    cards: array[int] = field(default_factory=lambda: array("I"))
    """Each row's place in the roster."""
    serials: bytearray = field(default_factory=bytearray)
    hashes: bytearray = field(default_factory=bytearray)
    ciphertexts: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.cards)

    def hash(self, row: int) -> bytes:
        """The body hash of a row's ballot."""
        return bytes(self.hashes[32 * row : 32 * row + 32])

    def chosen(self) -> Rows:
        """Of each card the ballot with the highest serial, then the lowest hash."""
        if not self.cards:
            return Rows()
        order = array("I", last_ballots(self.cards.tobytes(), bytes(self.serials), bytes(self.hashes)))
        width = len(self.ciphertexts) // len(self.cards)
        return Rows(
            array("I", [self.cards[row] for row in order]),
            bytearray(self.serials[row] for row in order),
            bytearray(take(self.hashes, 32, order)),
            bytearray(take(self.ciphertexts, width, order)),
        )


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
    days: dict[tuple[int, int], Rows] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)

    def add(
        self, entries: Sequence[bytes], window: Callable[[int], int | None]
    ) -> Iterator[tuple[int, VerificationError]]:
        """Take consecutive ballots; yield what is void, by place in `entries`.

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
        bad = self._unproven([entries[row] for row in standing], styles)
        for place, row in enumerate(standing):
            if run.hash(row) in self.seen:
                refused[row] = _void("6.5", run, row, "logged before")
            elif place in bad:
                refused[row] = _void("6.4", run, row, bad[place])
            else:
                self.seen.add(run.hash(row))
        self._keep(run, [row for row in standing if row not in refused], cards)
        yield from sorted(refused.items())

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

    def _unproven(self, entries: Sequence[bytes], styles: list[list[tuple[int, int, int]]]) -> dict[int, str]:
        """Check 6.4, all at once."""
        if not entries:
            return {}
        joined = b"".join(entries)
        return dict(check_ballots(joined, lengths(entries), self.election, self.key, styles))

    def _keep(self, run: _Run, accepted: Sequence[int], cards: array[int]) -> None:
        by_day: dict[tuple[int, int], list[int]] = {}
        for row in accepted:
            by_day.setdefault((run.regions[row], run.days[row]), []).append(row)
        for (region, day), rows in by_day.items():
            kept = self.days.setdefault((region, day), Rows())
            entries = [run.entries[row] for row in rows]
            shape = self.definition.regions[region].style.shape
            kept.cards.extend(cards[row] for row in rows)
            kept.serials.extend(run.serials[row] for row in rows)
            kept.hashes.extend(take(run.hashes, 32, array("I", rows)))
            kept.ciphertexts.extend(ballot_ciphertexts(b"".join(entries), lengths(entries), shape))

    def seal(self, region: int, day: int) -> Rows:
        """The rows of a day that is over."""
        rows = self.days.get((region, day), Rows()).chosen()
        self.days[region, day] = rows
        return rows


def _void(check: str, run: _Run, row: int, message: str) -> VerificationError:
    return VerificationError(check, f"card {run.author(row).hex()}", message)
