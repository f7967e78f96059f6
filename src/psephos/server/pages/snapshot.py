"""What the public pages tell, taken from the record at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from psephos.protocol.correspondence import Author, Words, authors, words
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition, Region
from psephos.protocol.setup.periods import Periods
from psephos.protocol.witnessed import Witnessed


@dataclass(frozen=True)
class Day:
    """A day of a region: its plan in UTC seconds, whether it is open or sealed, and its ballots so far."""

    number: int
    opens: int
    seals: int
    state: str
    ballots: int


@dataclass(frozen=True)
class RegionFigures:
    """A region with what the record counts in it."""

    region: Region
    roll: int
    enrolled: int
    """The smallest number of voters that a registrar issued tokens to; 0 until the region opens."""
    cards: int
    batches: int
    closed: bool
    """Whether enrolment is over."""
    days: tuple[Day, ...]
    opened: bool = False
    out: bool = False
    """Whether it never votes, for it had not opened when its first day was over."""
    waits: tuple[int, ...] = ()
    """The registrars that have not done their part, by number, once enrolment has closed."""


@dataclass(frozen=True)
class Snapshot:
    """The referendum as far as `size` entries.

    `totals` is the result's document once it follows from the record, `result` the same once it is certified.
    `witnessed` are sizes of the log with times in UTC seconds at which witnesses had seen them, ascending;
    `void` says why an entry is void, by index.
    """

    definition: Definition
    phase: str
    size: int
    regions: tuple[RegionFigures, ...]
    result: bytes | None
    words: tuple[Words, ...]
    totals: bytes | None = None
    checkpoints: tuple[Witnessed, ...] = ()
    void: Mapping[int, str] = field(default_factory=dict)
    authors: Mapping[bytes, Author] = field(default_factory=dict)
    given: tuple[int, ...] = ()
    """To how many voters each registrar has given tokens, in all regions together."""
    hiding: int | None = None
    """Of these, in the relays' period that the log has come to; None without relays, and after the last."""
    notices: tuple[str, ...] = ()
    """What verifiers report of enrolment though it fails nothing: check 4.7, in English."""
    elsewhere: tuple[str, ...] = ()
    """Other origins that the booth talks to: those of relays, and of registrars with posts of their own."""

    @property
    def enrolling(self) -> bool:
        """Whether people can enrol, somewhere."""
        return self.phase in ("enrolment", "voting") and not all(region.closed for region in self.regions)


def take(record: Record) -> Snapshot | None:
    """What there is to tell; None before the definition is logged."""
    if not record.begun:
        return None
    regions = tuple(_numbers(record, region) for region in record.definition.regions)
    return Snapshot(
        record.definition,
        record.phase,
        record.size,
        regions,
        record.result,
        words(record),
        record.result_document() if record.phase in ("counted", "cancelled") else None,
        tuple(record.checkpoints),
        {finding.entry: finding.message for finding in record.void},
        authors(record),
        tuple(record.registrar_keys.given.get(number, 0) for number in _numbered(record)),
        _hiding(record),
        tuple(finding.message for finding in record.notices if finding.check == "4.7"),
        origins(record),
    )


def _hiding(record: Record) -> int | None:
    """Among how many voters a card hides now."""
    definition = record.definition
    period = Periods.of(definition).at(record.time) if definition.relays else None
    if period is None or not record.ceremony.complete:
        return None
    return record.answered_since(period[0])


def _numbered(record: Record) -> range:
    return range(1, len(record.definition.registrars) + 1)


def origins(record: Record) -> tuple[str, ...]:
    """The origins of relays, and of the posts that registrars' token keys name."""
    addresses = [relay.address for relay in record.definition.relays]
    addresses += [gateway.address for gateway in record.registrar_keys.gateways.values()]
    parts = [urlsplit(address) for address in addresses if address]
    return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))


def _numbers(record: Record, region: Region) -> RegionFigures:
    roster = record.rosters[region.index]
    days = tuple(_days(record, region.index))
    late = roster.out or record.time >= record.definition.shut(region)
    return RegionFigures(
        region,
        roster.listed,
        roster.enrolled,
        roster.cards,
        len(roster.batches),
        roster.complete,
        days,
        roster.opened,
        roster.out,
        tuple(roster.waited_for()) if late and not roster.opened else (),
    )


def _days(record: Record, region: int) -> Iterator[Day]:
    windows = record.windows[region]
    for number, (opens, seals) in enumerate(windows.plans, 1):
        state = (
            "sealed" if number <= len(windows.sealed) else "open" if number == windows.open_day else "planned"
        )
        rows = record.box.days.get((region, number)) if record.box else None
        yield Day(number, opens, seals, state, 0 if rows is None else len(rows))
