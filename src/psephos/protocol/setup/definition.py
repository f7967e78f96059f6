"""The definition: the one document that says what a referendum is (`spec/definition.md`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.about import About
from psephos.protocol.setup.budgets import Budgets
from psephos.protocol.setup.explanations import Explanation, Map
from psephos.protocol.setup.head import Head
from psephos.protocol.setup.parties import Appeals, BoardParty, Party, Trustees, Witnesses
from psephos.protocol.setup.region import Division, Region, Window
from psephos.protocol.setup.relays import RelayAddress
from psephos.protocol.setup.style import Contest, Style, StyleContest

__all__ = [
    "About",
    "BoardParty",
    "Contest",
    "CoverParameters",
    "Definition",
    "Division",
    "Explanation",
    "Map",
    "Party",
    "Region",
    "Style",
    "StyleContest",
    "Trustees",
    "Window",
    "Witnesses",
]


@dataclass(frozen=True)
class CoverParameters:
    """How much trustees' cover hides: epsilon = a/b, delta = 10^-d, of at most `ballots` voting decoys."""

    epsilon: tuple[int, int]
    delta: int
    ballots: int

    @classmethod
    def read(cls, form: Form) -> CoverParameters:
        """The cover of a referendum with decoys."""
        members = form.members("epsilon delta ballots")
        a, b = (part.integer(1, 1000) for part in members["epsilon"].items(2, 2))
        return cls((a, b), members["delta"].integer(1, 1000), members["ballots"].integer(1, 1000))


@dataclass(frozen=True)
class Definition:
    """A valid definition; `round` is in seconds, as is `tolerance`."""

    document: bytes
    head: Head = field(compare=False, repr=False)  # it follows from the document
    title: dict[str, str]
    languages: tuple[str, ...]
    organiser: Party
    registrars: tuple[Party, ...]
    """Numbered from 1; the first leads."""
    board: BoardParty
    witnesses: Witnesses
    trustees: Trustees
    decoys: int
    """How many decoy tokens a voter gets from each registrar."""
    relays: tuple[RelayAddress, ...]
    hold: int
    """Seconds of a period of the relays."""
    min_batch: int
    min_region: int
    tolerance: int
    round: int
    cover: CoverParameters | None
    regions: tuple[Region, ...]
    divisions: tuple[Division, ...]
    contests: tuple[Contest, ...]
    styles: tuple[Style, ...]
    budgets: Budgets
    about: About
    appeals: Appeals | None
    texts: tuple[Explanation, ...]
    map: Map | None

    @property
    def hash(self) -> bytes:
        """The definition hash, 32 bytes: SHA-256 of the head."""
        return self.head.hash

    @property
    def coercion_resistant(self) -> bool:
        """Whether voters may hold decoys: cards are then weighed."""
        return self.decoys > 0

    @property
    def blobs(self) -> frozenset[bytes]:
        """SHA-256 of each blob that it names."""
        named = {digest for text in self.texts for digest in text.files.values()}
        return frozenset(named | ({self.map.geojson} if self.map and self.map.geojson else set()))

    def shut(self, region: Region) -> int:
        """When no card of a region is admitted any more: what relays held as it closed has had its time."""
        return region.closes + self.hold + self.tolerance

    def regions_of(self, contest: int) -> tuple[Region, ...]:
        """The regions whose style has a contest, ascending."""
        return tuple(region for region in self.regions if contest in region.style.contest_set)
