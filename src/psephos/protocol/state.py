"""What a referendum's log says so far, of everything that people and roles ask (`spec/phases.md`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from psephos.errors import CheckNumber, FormatError, LogError, PhaseError, VerificationError
from psephos.protocol.authors import Authors
from psephos.protocol.checks import Notice, Void
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token_keys import RegistrarKeys
from psephos.protocol.entries import Entry
from psephos.protocol.multipart import Multipart, Multiparts
from psephos.protocol.proofs import Proofs
from psephos.protocol.setup.arrival import Arrival
from psephos.protocol.setup.ceremony import Ceremony
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.key_generation import JointKey
from psephos.protocol.storage import ByteStore, MemoryStore
from psephos.protocol.tally import result
from psephos.protocol.tally.closing import Closing
from psephos.protocol.tally.count import Counting
from psephos.protocol.tally.sums import Added
from psephos.protocol.tally.weighing import WeighingChains
from psephos.protocol.voting.ballot_box import BallotBox
from psephos.protocol.voting.window import Windows
from psephos.protocol.witnessed import Witnessed


@dataclass(frozen=True)
class LogView:
    """What the fold asks of the log whose entries it is given.

    `root(size)` is the root of the first `size` entries. `checkpoint(note, policy)` opens a checkpoint of the
    log that a tlog-policy names: its size, root, and the times of its cosignatures, or None where they are no
    quorum; it raises LogError or FormatError when the note is not one. `accept` raises check 2.1 for a
    definition that is not of this log.
    """

    root: Callable[[int], bytes]
    checkpoint: Callable[[bytes, str], tuple[int, bytes, tuple[int, ...] | None]]
    accept: Callable[[Definition], None] = lambda _: None


class State:
    """What is known of a referendum; the fold alone (`record.py`, `transitions.py`) changes it."""

    def __init__(self, log: LogView, storage: ByteStore | None = None, proofs: Proofs | None = None) -> None:
        """Begin with nothing; bulk data goes to `storage`, else to memory; `proofs` checks what is proven."""
        self.log = log
        self.storage = storage or MemoryStore()
        self.proofs = proofs or Proofs()
        self.bundles = Multiparts(self.storage)
        self.size = 0
        self._first, self._signed = 0, b""
        """The index of the first entry that is being folded, and whose signatures are known to hold."""
        self.void: list[Void] = []
        self.notices: list[Notice] = []
        self.afterwards: list[Void] = []
        self.examined: Counter[CheckNumber] = Counter()
        """Of how many entries each check was made (`spec/judgement.md#counts`)."""
        self.concluded: int | None = None
        """Index of the entry from which the result follows."""
        self.stands: int | None = None
        """Index of the checkpoint entry with which the result stands."""
        self.checkpoints: list[Witnessed] = []
        self.time = 0
        """The witnessed time: the latest that checkpoints show to have passed, UTC seconds."""
        self.statements: list[tuple[int, Entry]] = []
        self.decisions: list[tuple[int, Entry]] = []
        self.said: set[bytes] = set()
        """Body hashes of the valid ones of both that are logged once."""
        self.cancelled: int | None = None
        self.result: bytes | None = None
        self._arrival = Arrival()
        self._definition: Definition | None = None
        self._foreseen: Definition | None = None
        self.beginning = 0
        """Of how many entries the definition is made."""
        self._authors: Authors | None = None
        self._ceremony: Ceremony | None = None
        self._registrar_keys: RegistrarKeys | None = None
        self.rosters: list[Roster] = []
        self.windows: list[Windows] = []
        self.box: BallotBox | None = None
        self.weighing_chains: WeighingChains | None = None
        self.sealed: dict[tuple[int, int], Added] = {}
        self._closing: Closing | None = None
        self.count: Counting | None = None

    @property
    def begun(self) -> bool:
        """Whether the log holds the whole definition."""
        return self._definition is not None

    @property
    def definition(self) -> Definition:
        """The definition; LogError before entry 0."""
        if self._definition is None:
            raise LogError("the log has no definition yet")
        return self._definition

    @property
    def ceremony(self) -> Ceremony:
        """The ceremony's state."""
        if self._ceremony is None:
            raise LogError("the log has no definition yet")
        return self._ceremony

    @property
    def authors(self) -> Authors:
        """Who may write."""
        if self._authors is None:
            raise LogError("the log has no definition yet")
        return self._authors

    @property
    def election(self) -> bytes | None:
        """The election hash, once the ceremony is complete."""
        return self.box.election if self.box else None

    @property
    def joint_key(self) -> JointKey:
        """What the ceremony has made; PhaseError before it is complete."""
        made = self.ceremony.result
        if made is None:
            raise PhaseError("the ceremony is not complete")
        return made

    @property
    def voting_over(self) -> bool:
        """Whether a region has opened, all that have opened have sealed all days, and no other can open."""
        return any(windows.opened for windows in self.windows) and all(
            windows.over for windows in self.windows
        )

    @property
    def registrar_keys(self) -> RegistrarKeys:
        """The token keys of all registrars."""
        if self._registrar_keys is None:
            raise LogError("the log has no definition yet")
        return self._registrar_keys

    def start_voting(self) -> None:
        """Begin what needs the election hash, once it is there."""
        if self.box is not None or not self.ceremony.complete:
            return
        done = self.joint_key
        self.box = BallotBox(
            self.definition, done.election_hash, done.point, self.rosters, self.storage, self.proofs
        )
        self.weighing_chains = WeighingChains(
            done.election_hash, done.point, self.definition.trustees.threshold, self.proofs
        )

    @property
    def latest_plan(self) -> int:
        """The latest plan of an open or seal whose time has come, UTC seconds (`spec/phases.md#time`)."""
        return self.time + self.definition.tolerance

    @property
    def setting(self) -> Setting:
        """What enrolment needs to know; PhaseError before the ceremony is complete."""
        return Setting(
            self.definition, self.joint_key.election_hash, self.joint_key.point, self.registrar_keys
        )

    def answered_since(self, begin: int) -> int:
        """To how many voters of all regions tokens were surely given since a time, UTC seconds.

        Among these alone a card hides that goes through a relay in the period that began then: by the
        entries `given` of the registrar that gave the fewest.
        """
        after = next(
            (checkpoint.index for checkpoint in self.checkpoints if checkpoint.passed >= begin), None
        )
        if after is None:
            return 0
        return min(self.registrar_keys.given_since(number, after) for number in self.setting.registrars)

    @property
    def closed(self) -> bool:
        """Whether enough trustees have signed the close."""
        return self.count is not None

    @property
    def over(self) -> bool:
        """Whether nothing is voted or weighed any more: it is closed or cancelled."""
        return self.closed or self.cancelled is not None

    @property
    def closing(self) -> Closing:
        """What counts and what is to be signed."""
        if self._closing is None:
            raise LogError("the log has no definition yet")
        return self._closing

    @property
    def released(self) -> bool:
        """Whether a witnessed checkpoint contains the close, so that shares are due."""
        closed = self._closing.closed if self._closing else None
        return closed is not None and any(checkpoint.size > closed for checkpoint in self.checkpoints)

    @property
    def phase(self) -> str:
        """How far the referendum is, as the report's schema names it."""
        if self._definition is None:
            return "log"
        if self.cancelled is not None:
            return "cancelled"
        if self.count is not None:
            return "counted" if self.count.totals is not None else "releasing" if self.released else "closed"
        if self.box is None:
            return "ceremony"
        if not any(windows.opened for windows in self.windows):
            return "enrolment"
        return "weighing" if self.voting_over else "voting"

    def roster(self, region: int, check: CheckNumber, culprit: str) -> Roster:
        """A region's cards; the check fails, through the culprit, where there is no such region."""
        if region >= len(self.rosters):
            raise VerificationError(check, culprit, f"there is no region {region}")
        return self.rosters[region]

    def bundle(self, entry: Entry, digest: bytes, check: CheckNumber) -> Multipart:
        """What an entry closes, whose parts are there; the check fails where they do not fit."""
        try:
            return self.bundles.read(entry.author, digest)
        except FormatError as error:
            raise VerificationError(check, self.authors.culprit(entry.author), str(error)) from error

    def trustee(self, key: bytes) -> int:
        """A trustee's index by its key; ValueError for another's."""
        index = self.definition.trustees.index(key)
        if index is None:
            raise ValueError("not a trustee's key")
        return index

    def result_document(self) -> bytes:
        """The result that follows (`spec/schemas/result.json`); PhaseError while there is none."""
        if self.cancelled is not None:
            return result.cancelled(self.definition, self.election or b"")
        if self.count is None or self.count.totals is None or self.election is None:
            raise PhaseError("the totals are not known yet")
        numbers = [self._numbers(roster) for roster in self.rosters]
        found = self.count.weights, self.count.totals
        return result.counted(self.definition, self.election, numbers, *found)

    def _numbers(self, roster: Roster) -> result.RegionNumbers:
        days = range(1, len(self.windows[roster.region].sealed) + 1)
        counting = [len(one) for one in self.closing.sets or [] if one.region == roster.region]
        return result.RegionNumbers(
            roster.listed,
            tuple(map(roster.issued_by, range(1, roster.registrars + 1))),
            roster.enrolled,
            roster.cards,
            tuple(len(self.box.days[roster.region, day]) if self.box else 0 for day in days),
            sum(counting),
        )
