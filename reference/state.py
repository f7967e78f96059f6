"""What the record says so far: the state that the fold of spec/phases.md carries along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import ballots
import count
import definition
import entries
import note
from areas import everywhere
from arrival import Arrival
from batch import Batch
from ceremony import Ceremony, FatalError, VoidError
from entries import Entry


@dataclass
class Standing:
    """A batch that stands until it is endorsed by all, or another takes its place."""

    entry: bytes  # body hash
    cards: dict[bytes, bytes]  # K: C
    records: dict[bytes, bytes]  # K: SHA256 of the record
    last: bool
    endorsed: set[int] = field(default_factory=set)
    objected: set[int] = field(default_factory=set)


@dataclass
class Region:
    """What the record says about one region."""

    plan: list[tuple[int, int]]
    rolls: dict[int, set[bytes]] = field(default_factory=dict)  # by registrar
    batches: int = 0  # in effect
    last: bool = False
    standing: Standing | None = None
    stood: set[bytes] = field(default_factory=set)  # body hashes of valid batch entries
    cards: dict[bytes, bytes] = field(default_factory=dict)  # K: C, in effect
    records: dict[bytes, bytes] = field(default_factory=dict)  # K: SHA256 of the record
    led_at: int = -1  # the lead's roll, or its latest valid batch
    issued: dict[int, set[bytes]] = field(default_factory=dict)  # by registrar
    issued_at: int = -1  # the entry with which all have issued
    out_at: int = -1  # the checkpoint entry with which it was out
    opened: list[int] = field(default_factory=list)  # index of each day's open
    sealed: list[int] = field(default_factory=list)
    pending: list[tuple[int, Entry]] = field(default_factory=list)  # ballots of the open day
    rows: list[list[ballots.Row]] = field(default_factory=list)  # of each sealed day
    chunks: list[list[ballots.Chunk]] = field(default_factory=list)

    @property
    def enrolling(self) -> bool:
        """Whether enrolment is open: spec/phases.md#order"""
        return not self.last and not self.out

    @property
    def out(self) -> bool:
        """Whether it can no longer open: spec/phases.md#opening"""
        return self.out_at >= 0

    @property
    def enrolled(self) -> int:
        """The smallest number that a registrar issued: spec/definition.md#rules"""
        return min(map(len, self.issued.values())) if self.opened else 0

    @property
    def open_day(self) -> int:
        """The day that is open, or 0."""
        return len(self.opened) if len(self.opened) > len(self.sealed) else 0

    @property
    def finished(self) -> bool:
        """Whether its last day is sealed, or it can no longer open."""
        return self.out or len(self.sealed) == len(self.plan)


@dataclass(frozen=True)
class Witnessed:
    """A valid checkpoint entry: spec/phases.md#time"""

    index: int
    size: int
    root: bytes
    seen: int
    passed: int


class State:
    """Void entries, of how many entries each check was made, and everything that later checks need."""

    definition: definition.Definition
    ceremony: Ceremony

    def __init__(self, pinned: bytes, log: note.Key, root: Callable[[int], bytes], batch: Batch) -> None:
        self.pinned, self.log, self.root, self.batch = pinned, log, root, batch
        self.void: list[tuple[int, str, str, str]] = []  # entry, check, culprit, message
        self.notices: list[tuple[int, str, str]] = []  # entry, check, message
        self.afterwards: list[tuple[int, str, str, str]] = []  # fatal, had the result not stood
        self.examined: Counter[str] = Counter()
        self.concluded = -1  # the entry from which the result follows
        self.stands = -1  # the checkpoint entry with which it stands
        self.index = 0
        self.arrival = Arrival()
        self.parts = entries.Parts()
        self.checkpoints: list[Witnessed] = []
        self.now = 0  # the witnessed time: the latest `passed` so far
        self.accredited: set[bytes] = set()
        self.said: set[bytes] = set()  # body hashes of words, requests and amends
        self.regions: list[Region] = []
        self.token_keys: dict[int, list[bytes]] = {}  # by registrar: V, D of every region
        self.token_entries: dict[int, bytes] = {}  # body hashes
        self.given: dict[int, int] = {}  # by registrar
        self.cards: set[bytes] = set()  # of all regions
        self.closes: dict[int, bytes] = {}
        self.wrong: dict[tuple[int, bytes, bytes], set[int]] = {}  # a wrong close: who signed it
        self.closed_at = -1
        self.cancelled = False
        self.shares: dict[int, dict[int, bytes]] = {1: {}, 2: {}}  # of a stage, by trustee
        self.right: tuple[int, bytes, bytes] | None = None  # the close, once it is known
        self.due: dict[int, list[tuple[count.Place, bytes]]] = {}  # place and inputs of a stage's shares
        self.refused: set[tuple[int, int, bytes]] = set()  # stage, trustee, digest of what failed
        self.areas: list[list[count.Area]] = []
        self.result: bytes | None = None

    def need(self, check: str, condition: bool, why: str) -> None:
        """A check that makes its entry void."""
        if not condition:
            raise VoidError(check, why)

    def in_phase(self, condition: bool, why: str) -> None:
        """Check 1.6, through the board, which chose the position."""
        if not condition:
            raise VoidError("1.6", why, "board")

    def once(self, entry: Entry) -> None:
        """Check 1.6 of what is logged once, whoever logs it again."""
        self.in_phase(entry.body_hash not in self.said, "logged before")

    def must(self, check: str, condition: bool, why: str, culprit: str) -> None:
        """A check that is fatal."""
        if not condition:
            raise FatalError(check, why, culprit)

    def examine(self, checks: list[str]) -> None:
        """Count an entry of which these checks were made."""
        self.examined.update(checks)

    def list_void(self, index: int, check: str, culprit: str, message: str) -> None:
        """Note an entry that counts for nothing."""
        self.void.append((index, check, culprit, message))

    def culprit(self, entry: Entry) -> str:
        """How the author of an entry is written."""
        if entry.type == "ballot":
            return f"card {entry.author.hex()}"
        named = self.definition.party(entry.author)
        if not named and entry.author not in self.accredited:
            return self.definition.witness(entry.author) or f"key {entry.author.hex()}"
        return named or f"observer {entry.author.hex()}"

    def registrar(self, entry: Entry) -> int:
        """The number of the registrar that wrote an entry."""
        return int(self.definition.party(entry.author).removeprefix("registrar "))

    @property
    def kinds(self) -> int:
        """How many token keys a region has: voter's, and decoys'."""
        return 2 if self.definition.decoys else 1

    def counted_regions(self) -> set[int]:
        """Those in areas of enough enrolled: nothing of any other is opened."""
        counting_areas = everywhere(self.definition, [region.enrolled for region in self.regions])
        return {region for area in counting_areas if area.counted for region in area.regions}

    def trustee(self, check: str, entry: Entry) -> int:
        """The index of a participant of the ceremony."""
        trustee = int(self.definition.party(entry.author).removeprefix("trustee "))
        self.need(check, trustee in self.ceremony.publics, "not a participant of the ceremony")
        return trustee

    def witnessed(self, index: int) -> Witnessed | None:
        """The first valid checkpoint entry whose size exceeds an index."""
        return next((c for c in self.checkpoints if c.size > index), None)

    def opened(self) -> list[int]:
        """The regions that have opened."""
        return [number for number, region in enumerate(self.regions) if region.opened]

    def voting_over(self) -> bool:
        """Whether all that opened have sealed all days, and no other can open: spec/phases.md#windows"""
        return bool(self.opened()) and all(region.finished for region in self.regions)

    def phase(self) -> str:
        """How far the record goes."""
        if not self.regions:
            return "log"
        reached = {
            "cancelled": self.cancelled,
            "counted": self.result is not None,
            "releasing": self.closed_at >= 0 and self.witnessed(self.closed_at) is not None,
            "closed": self.closed_at >= 0,
            "weighing": self.voting_over(),
            "voting": bool(self.opened()),
            "enrolment": bool(self.ceremony.election),
            "ceremony": True,
        }
        return next(phase for phase, there in reached.items() if there)
