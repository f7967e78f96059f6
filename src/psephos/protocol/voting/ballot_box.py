"""Ballots as they are logged, and the rows that a seal makes of them (`spec/phases.md#rows`; checks 6)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from psephos.crypto.ballot import MAX_SERIAL, Ballots, ballot_ciphertexts
from psephos.crypto.column import ABSENT, KeySet, rows_where, take
from psephos.errors import CheckNumber, VerificationError
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.definition import Definition
from psephos.protocol.storage import ByteStore
from psephos.protocol.voting.rows import BallotRows

_FORM = {
    1: "not well formed",
    2: "of another referendum",
    3: "of a region that does not exist",
    4: "votes of a length that its region's style does not have",
    5: f"day is 0 or serial not in 1..{MAX_SERIAL}",
}
_ABSENT = ABSENT.to_bytes(4, "little")
_AGAIN = "logged before"
_PLACED = ("6.2", "6.5")
"""Checks of where a ballot stands, which the board chose."""


@dataclass
class _Run:
    """Consecutive ballots of the log, and which of them are void."""

    ballots: Ballots
    refused: dict[int, VerificationError] = field(default_factory=dict)
    """By row, what is void."""

    def refuse(self, check: CheckNumber, rows: Iterable[int], message: str) -> None:
        """These rows fail a check, through the board where they came out of their day, or again.

        Else through the card: K names it, where the rest is malformed too.
        """
        for row in rows:
            culprit = "board" if check in _PLACED else f"card {self.ballots.entries[row][39:71].hex()}"
            self.refused[row] = VerificationError(check, culprit, message)

    def left(self, rows: array[int]) -> array[int]:
        """Those of these rows that are not refused."""
        return array("I", [row for row in rows if row not in self.refused]) if self.refused else rows


@dataclass
class _Group:
    """Ballots of a run that are of one region and day, and stand so far; `rows` ascend."""

    region: int
    day: int
    rows: array[int]
    cards: array[int]
    """Each one's place in the roster."""


@dataclass
class BallotBox:
    """All valid ballots, by region and day."""

    definition: Definition
    election: bytes
    key: bytes
    rosters: Sequence[Roster]
    storage: ByteStore
    proofs: Proofs
    days: dict[tuple[int, int], BallotRows] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._styles = [region.style.shape for region in self.definition.regions]

    def add(
        self, first: int, entries: Sequence[bytes], window: Callable[[int], int | None]
    ) -> Iterator[tuple[int, VerificationError]]:
        """Take consecutive ballots, of which the first has log index `first`; yield what is void, by index.

        `window` gives the day that a region has open.
        """
        ballots = Ballots.parse(entries, self.election, self._styles)
        run = _Run(ballots)
        for status in set(ballots.status) - {0}:
            run.refuse("6.1", _where(ballots.status, 1, bytes([status])), _FORM[status])
        groups = [group for group in _groups(ballots) if self._in_place(run, group, window)]
        standing = _merged(groups)
        bad = self._unproven(array("Q", [first + row for row in standing]), *ballots.select(standing))
        wrong = {standing[place]: reason for place, reason in bad}
        for group in groups:
            self._keep(run, group, wrong)
        for row, error in sorted(run.refused.items()):
            yield first + row, error

    def _in_place(self, run: _Run, group: _Group, window: Callable[[int], int | None]) -> bool:
        """Checks 6.1 to 6.3; whether some ballots of the group stand."""
        region, day = group.region, group.day
        if day > len(self.definition.regions[region].days):
            run.refuse("6.1", group.rows, f"region {region} has no day {day}")
        elif window(region) != day:
            run.refuse("6.2", group.rows, f"day {day} of region {region} is not open")
        else:
            group.cards = self.rosters[region].places(take(run.ballots.keys, 32, group.rows))
            absent = array("I", take(group.rows, 4, _where(group.cards, 4, _ABSENT)))
            run.refuse("6.3", absent, f"no batch of region {region} has this card")
            if absent:
                group.cards = array("I", [card for card in group.cards if card != ABSENT])
            group.rows = run.left(group.rows)
            return bool(group.rows)
        return False

    def _unproven(self, indices: array[int], joined: bytes, sizes: bytes) -> list[tuple[int, str]]:
        """Check 6.4, all at once."""
        if not indices:
            return []
        return self.proofs.check_ballots(self.election, self.key, self._styles, indices, joined, sizes)

    def _keep(self, run: _Run, group: _Group, wrong: Mapping[int, str]) -> None:
        """Refuse what fails 6.5 or 6.4 and keep the rest."""
        region, day, rows, cards = group.region, group.day, group.rows, group.cards
        kept = self.days.get((region, day)) or self._begin(region, day)
        _judge(run, kept.known, rows, wrong)
        left = run.left(rows)
        if len(left) < len(rows):
            cards = array(
                "I", [card for row, card in zip(rows, cards, strict=True) if row not in run.refused]
            )
        kept.cards.extend(cards)
        kept.serials.extend(take(run.ballots.serials, 1, left))
        kept.hashes.append(take(run.ballots.hashes, 32, left))
        kept.ciphertexts.append(ballot_ciphertexts(*run.ballots.select(left), self._styles[region]))

    def _begin(self, region: int, day: int) -> BallotRows:
        """No ballots of a day so far."""
        options = self.definition.regions[region].style.width - 1
        return self.days.setdefault((region, day), BallotRows(self.storage, options))

    def seal(self, region: int, day: int) -> BallotRows:
        """The rows of a day that is over."""
        rows = (self.days.get((region, day)) or self._begin(region, day)).chosen()
        self.days[region, day] = rows
        return rows


def _judge(run: _Run, known: KeySet, rows: array[int], wrong: Mapping[int, str]) -> None:
    """Check 6.5, which comes before 6.4, of rows of one day; only what is valid becomes known."""
    bad = [place for place, row in enumerate(rows) if row in wrong] if wrong else []
    for start, end in zip([-1, *bad], [*bad, len(rows)], strict=True):
        held = rows[start + 1 : end]
        again = _where(known.add(take(run.ballots.hashes, 32, held)), 1, b"\1")
        run.refuse("6.5", array("I", take(held, 4, again)), _AGAIN)
        for row in rows[end : end + 1]:
            before = known.has(run.ballots.hashes[32 * row : 32 * row + 32]) == b"\1"
            run.refuse("6.5" if before else "6.4", [row], _AGAIN if before else wrong[row])


def _where(column: bytes | array[int], width: int, value: bytes) -> array[int]:
    return array("I", rows_where(column, width, value))


def _groups(ballots: Ballots) -> Iterator[_Group]:
    """Well-formed ballots by region and day."""
    for region in sorted(set(array("H", ballots.regions))):
        rows = _where(ballots.regions, 2, region.to_bytes(2, "little"))
        days = take(ballots.days, 2, rows)
        for day in sorted(set(array("H", days)) - {0}):  # 0 is the day of what is not well formed
            rows_of_day = array("I", take(rows, 4, _where(days, 2, day.to_bytes(2, "little"))))
            yield _Group(region, day, rows_of_day, array("I"))


def _merged(groups: Sequence[_Group]) -> array[int]:
    """The rows of all groups, ascending."""
    if len(groups) == 1:
        return groups[0].rows
    return array("I", sorted(row for group in groups for row in group.rows))
