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
class Region:
    """What the record says about one region."""

    plan: list[tuple[int, int]]
    roll: set[bytes] | None = None
    batches: int = 0
    last: bool = False
    voters: int = 0
    cards: dict[bytes, bytes] = field(default_factory=dict)  # K: C
    issued: int | None = None
    out: bool = False  # it cannot open any more
    opened: list[int] = field(default_factory=list)  # index of each day's open
    sealed: list[int] = field(default_factory=list)
    pending: list[tuple[int, Entry]] = field(default_factory=list)  # ballots of the open day
    rows: list[list[ballots.Row]] = field(default_factory=list)  # of each sealed day
    chunks: list[list[ballots.Chunk]] = field(default_factory=list)

    @property
    def open_day(self) -> int:
        """The day that is open, or 0."""
        return len(self.opened) if len(self.opened) > len(self.sealed) else 0

    @property
    def finished(self) -> bool:
        """Whether its last day is sealed."""
        return len(self.sealed) == len(self.plan)


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
        self.regions: list[Region] = []
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

    def region(self, check: str, entry: Entry) -> Region:
        """The region of a registrar's entry, where an unknown one is fatal."""
        number: int = entry["region"]
        self.must(check, number < len(self.regions), "no such region", self.culprit(entry))
        return self.regions[number]

    def counted_regions(self) -> set[int]:
        """Those in areas that are counted: nothing of any other is opened."""
        found = everywhere(self.definition, [region.voters for region in self.regions])
        return {region for area in found if area.counted for region in area.regions}

    def trustee(self, check: str, entry: Entry) -> int:
        """The index of a participant of the ceremony."""
        trustee = int(self.definition.party(entry.author).removeprefix("trustee "))
        self.need(check, trustee in self.ceremony.publics, "not a participant of the ceremony")
        return trustee

    def witnessed(self, index: int) -> Witnessed | None:
        """The first valid checkpoint entry whose size exceeds an index."""
        return next((c for c in self.checkpoints if c.size > index), None)

    def leave_out(self, checkpoint: Witnessed) -> None:
        """The regions whose last window is over before their enrolment is: spec/phases.md#windows"""
        for described, region in zip(self.definition.regions, self.regions, strict=True):
            late = checkpoint.passed - region.plan[-1][1] > self.definition.tolerance
            ready = region.last and region.issued is not None
            if late and not ready and not region.out:
                region.out = True
                if region.batches:
                    why = f"enrolment in {described.id} was not over when its last window was"
                    self.notices.append((checkpoint.index, "5.3", why))

    def batched(self) -> list[int]:
        """The regions that have a batch."""
        return [number for number, region in enumerate(self.regions) if region.batches]

    def voting_over(self) -> bool:
        """Whether regions can vote, and all these have sealed all days: spec/phases.md#windows"""
        regions = [region for region in self.regions if region.batches and not region.out]
        return bool(regions) and all(region.finished for region in regions)

    def phase(self) -> str:
        """How far the record goes."""
        regions = [self.regions[number] for number in self.batched()]
        if not self.regions:
            return "log"
        reached = {
            "cancelled": self.cancelled,
            "counted": self.result is not None,
            "releasing": self.closed_at >= 0 and self.witnessed(self.closed_at) is not None,
            "closed": self.closed_at >= 0,
            "weighing": self.voting_over(),
            "voting": any(region.opened for region in regions),
            "enrolment": bool(self.ceremony.election),
            "ceremony": True,
        }
        return next(phase for phase, there in reached.items() if there)
