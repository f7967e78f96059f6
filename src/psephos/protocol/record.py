"""The fold: a referendum's state from its log, entry by entry, and nothing else (`spec/phases.md`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from psephos.errors import FormatError, LogError, PhaseError, VerificationError
from psephos.protocol import entry as entries
from psephos.protocol import result
from psephos.protocol.authors import Authors
from psephos.protocol.ballot_box import BallotBox
from psephos.protocol.bundle import Bundles
from psephos.protocol.ceremony import Ceremony
from psephos.protocol.checks import CHECKS, Void
from psephos.protocol.closing import Closing
from psephos.protocol.count import Count
from psephos.protocol.definition import Definition, parse
from psephos.protocol.enrolment import Roster, add_batch, add_issued, add_roll
from psephos.protocol.entry import BALLOT_HEAD, Entry, Payload
from psephos.protocol.key_generation import Result
from psephos.protocol.pin import policy_text
from psephos.protocol.weighing import Scales, chains
from psephos.protocol.window import Windows, Witnessed

AFTER_CANCEL = (entries.Statement, entries.Part, entries.Accreditation, entries.Checkpoint)
WEIGHING_HEAD = b"\x8b\x01\x12"


@dataclass(frozen=True)
class LogView:
    """What the fold asks of the log whose entries it is given.

    `root(size)` is the root of the first `size` entries. `checkpoint(note, policy)` opens a checkpoint of the
    log that a tlog-policy names: its size, root, and the times of its cosignatures, or None where they are no
    quorum; it raises LogError or FormatError when the note is not one.
    """

    root: Callable[[int], bytes]
    checkpoint: Callable[[bytes, str], tuple[int, bytes, list[int] | None]]


class Record:
    """One referendum, folded as far as `size` entries.

    `extend` raises what is fatal, a VerificationError or EvidenceMissing; what is void gathers in `void`.
    """

    def __init__(self, log: LogView) -> None:
        self._log = log
        self._bundles = Bundles()
        self.size = 0
        self.void: list[Void] = []
        self.looked_at: Counter[str] = Counter()
        self.checkpoints: list[Witnessed] = []
        self.statements: list[tuple[int, Entry]] = []
        self.cancelled: int | None = None
        self.result: bytes | None = None
        self._definition: Definition | None = None
        self._authors: Authors | None = None
        self._ceremony: Ceremony | None = None
        self.rosters: list[Roster] = []
        self.windows: list[Windows] = []
        self.box: BallotBox | None = None
        self.scales: Scales | None = None
        self._closing: Closing | None = None
        self.count: Count | None = None

    # -- what is known so far

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
    def keys(self) -> Result:
        """What the ceremony has made; PhaseError before it is complete."""
        made = self.ceremony.result
        if made is None:
            raise PhaseError("the ceremony is not complete")
        return made

    @property
    def closed(self) -> bool:
        """Whether enough trustees have signed the close."""
        return self.count is not None

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
        voting = [w for w, roster in zip(self.windows, self.rosters, strict=True) if roster.batches]
        if not any(w.opened for w in voting):
            return "enrolment"
        return "weighing" if all(w.over for w in voting) else "voting"

    def notices(self) -> list[str]:
        """Check 5.3, as far as the log goes."""
        if self._definition is None:
            return []
        tolerance = self._definition.tolerance
        return [text for windows in self.windows for text in windows.notices(self.checkpoints, tolerance)]

    # -- folding

    def extend(self, data: Sequence[bytes]) -> None:
        """Take the log's next entries, in order."""
        for kind, group in groupby(data, key=_kind):
            run = list(group)
            if kind is BALLOT_HEAD and self.box is not None:
                self._add_ballots(run)
            elif kind is WEIGHING_HEAD and self.scales is not None:
                self._add_weighings(run)
            else:
                for one in run:
                    self._add(one)
        self.void.sort()

    def _note(self, index: int, error: VerificationError) -> None:
        """List what is void; raise what is fatal."""
        if CHECKS[error.check].severity == "fatal":
            raise error
        self.void.append(Void(index, error.check, error.culprit, error.message))

    def _decode(self, index: int, data: bytes) -> Entry:
        """Check 1.4."""
        self.looked_at["1.4"] += 1
        try:
            return entries.decode(data)
        except FormatError as error:
            raise VerificationError("1.4", "board", f"entry {index}: {error}") from error

    def _add_ballots(self, run: Sequence[bytes]) -> None:
        assert self.box is not None  # noqa: S101
        for at, data in enumerate(run):
            if len(data) < 72:
                self._decode(self.size + at, data)
        self.looked_at["1.4"] += len(run)
        for check in ("6.1", "6.2", "6.3", "6.4", "6.5"):
            self.looked_at[check] += len(run)
        closed = self.closed or self.cancelled is not None
        for at, refused in self.box.add(run, lambda region: None if closed else self.windows[region].open_day):
            if refused.check == "6.1":
                self._decode(self.size + at, run[at])
            self._note(self.size + at, refused)
        self.size += len(run)

    def _add_weighings(self, run: Sequence[bytes]) -> None:
        assert self.scales is not None  # noqa: S101
        standing = []
        for index, data in enumerate(run, self.size):
            entry = self._decode(index, data)
            try:
                payload, weigher = self._weighing(entry)
                standing.append((index, weigher, payload))
            except VerificationError as error:
                self._note(index, error)
        self.looked_at["7.1"] += len(run)
        self.looked_at["7.2"] += len(standing)
        for index, refused in self.scales.add(standing):
            self._note(index, refused)
        self.size += len(run)
        self._reach_close()

    def _weighing(self, entry: Entry) -> tuple[entries.Weighing, int]:
        payload = entry.payload
        if not isinstance(payload, entries.Weighing):
            raise TypeError("a run of weighings holds weighings")
        self._check_author(entry)
        weigher = self.trustee(entry.author)
        if self.closed or self.cancelled is not None:
            raise VerificationError("7.1", f"trustee {weigher}", "the referendum is closed")
        if weigher not in self.keys.participants:
            raise VerificationError("7.1", f"trustee {weigher}", "no participant of the ceremony")
        return payload, weigher

    def trustee(self, key: bytes) -> int:
        """A trustee's index by its key; ValueError for another's."""
        index = self.definition.trustees.index(key)
        if index is None:
            raise ValueError("not a trustee's key")
        return index

    def _check_author(self, entry: Entry) -> None:
        self.looked_at["1.5"] += 1
        referendum = self.election if entry.payload.scope == "election" else self.definition.hash
        self.authors.check(entry, referendum)

    def _add(self, data: bytes) -> None:
        entry = self._decode(self.size, data)
        try:
            self._take(entry)
        except VerificationError as error:
            self._note(self.size, error)
        self.size += 1
        self._reach_close()

    def _take(self, entry: Entry) -> None:
        """Apply one entry, or raise the check that it fails."""
        if self.size == 0:
            self._begin(entry)
        elif isinstance(entry.payload, entries.Ballot):
            culprit = f"card {entry.author.hex()}"
            raise VerificationError("6.1", culprit, "a ballot before the ceremony's end is of no referendum")
        else:
            self._check_author(entry)
            self.looked_at["1.6"] += 1
            self._apply(self.size, entry)

    def admit(self, data: bytes) -> None:
        """Take the log's next entry if it is valid; otherwise raise, and it is not to be logged.

        For the board, which keeps void entries out of the log, but for one kind: what disqualifies a trustee
        (check 3.2) is evidence, and is taken. Ballots and weighings come through `extend`.
        """
        entry = self._decode(self.size, data)
        try:
            self._take(entry)
        except VerificationError as error:
            if error.check != "3.2":
                raise
            self._note(self.size, error)
        self.size += 1
        self._reach_close()

    def _begin(self, entry: Entry) -> None:
        """Checks 2.1 (but for the pin, which the verifier holds) and 2.2."""
        self.looked_at.update(["2.1", "2.2"])
        payload = entry.payload
        if not isinstance(payload, entries.Definition):
            raise VerificationError("2.1", "organiser", f"entry 0 is a {payload.type_name()}")
        definition = parse(payload.document)
        authors = Authors(definition)
        try:
            authors.check(entry, definition.hash)
        except VerificationError as error:
            raise VerificationError("2.1", "organiser", error.message) from error
        self._definition, self._authors = definition, authors
        self._ceremony = Ceremony(definition)
        self._closing = Closing(definition)
        self.rosters = [Roster(region.index) for region in definition.regions]
        self.windows = [Windows(region) for region in definition.regions]

    def _apply(self, index: int, entry: Entry) -> None:
        payload = entry.payload
        if self.cancelled is not None and not isinstance(payload, AFTER_CANCEL):
            raise self._out_of_phase(entry, "the referendum is cancelled")
        if payload.type_name().startswith("ceremony-"):
            self._apply_ceremony(index, entry)
        else:
            _APPLY[type(payload)](self, index, entry, payload)

    def _out_of_phase(self, entry: Entry, message: str) -> VerificationError:
        return VerificationError(
            "1.6", self.authors.culprit(entry.author), f"{entry.payload.type_name()}: {message}"
        )

    # -- by type

    def _apply_definition(self, _index: int, entry: Entry, _payload: entries.Definition) -> None:
        raise self._out_of_phase(entry, "only entry 0 is one")

    def _apply_part(self, _index: int, entry: Entry, part: entries.Part) -> None:
        self._bundles.add(entry.author, part)

    def _apply_checkpoint(self, index: int, _entry: Entry, payload: entries.Checkpoint) -> None:
        self.looked_at.update(["1.7", "1.8"])
        try:
            size, root, times = self._log.checkpoint(payload.note, policy_text(self.definition))
        except (LogError, FormatError) as error:
            raise VerificationError("1.7", "board", f"entry {index}: {error}") from error
        if size > index or root != self._log.root(size):
            raise VerificationError(
                "1.7", "board", f"entry {index}: size {size} with a root the log never had"
            )
        if times is None:
            raise VerificationError("1.8", "witnesses", f"size {size}: no quorum of witnesses")
        time = sorted(times)[(len(times) - 1) // 2]
        self.checkpoints.append(Witnessed(index, size, root, time))
        self.ceremony.checkpoint(index, size, root)
        self._settle_ceremony()

    def _apply_ceremony(self, index: int, entry: Entry) -> None:
        self.looked_at.update(["3.1", "3.2", "3.3", "3.4"])
        try:
            self.ceremony.apply(index, entry)
        finally:
            self._settle_ceremony()

    def _settle_ceremony(self) -> None:
        """Begin what needs the election hash, once it is there."""
        if self.box is not None or not self.ceremony.complete:
            return
        done = self.keys
        self.box = BallotBox(self.definition, done.election_hash, done.key, self.rosters)
        self.scales = Scales(done.election_hash, done.key, self.definition.trustees.threshold)

    def _roster(self, region: int, check: str, culprit: str) -> Roster:
        if region >= len(self.rosters):
            raise VerificationError(check, culprit, f"there is no region {region}")
        return self.rosters[region]

    def _bundle(self, entry: Entry, digest: bytes, check: str) -> bytes:
        try:
            return self._bundles.read(entry.author, digest, check)
        except FormatError as error:
            raise VerificationError(check, self.authors.culprit(entry.author), str(error)) from error

    def _apply_roll(self, _index: int, entry: Entry, roll: entries.Roll) -> None:
        self.looked_at["4.1"] += 1
        roster = self._roster(roll.region, "4.1", "registrar")
        add_roll(roster, roll, self._bundle(entry, roll.digest, "4.1"))
        self._bundles.drop(entry.author, roll.digest)

    def _apply_batch(self, _index: int, entry: Entry, batch: entries.Batch) -> None:
        self._roster(batch.region, "4.2", "registrar")
        self.looked_at["4.2"] += 1
        self.looked_at["4.3"] += batch.cards
        self.looked_at.update(["4.4", "4.5"])
        done = self.keys
        content = self._bundle(entry, batch.digest, "4.2")
        add_batch(self.definition, done.election_hash, done.key, self.rosters, batch, content)
        self._bundles.drop(entry.author, batch.digest)

    def _apply_issued(self, _index: int, entry: Entry, issued: entries.Issued) -> None:
        self.looked_at["4.6"] += 1
        roster = self._roster(issued.region, "4.6", "registrar")
        add_issued(roster, issued, self._bundle(entry, issued.digest, "4.6"))
        self._bundles.drop(entry.author, issued.digest)

    def _apply_open(self, index: int, _entry: Entry, payload: entries.Open) -> None:
        self.looked_at.update(["5.1", "5.3"])
        roster = self._roster(payload.region, "5.1", "board")
        if roster.issued is None or self.closed:
            raise VerificationError(
                "5.1", "board", f"region {payload.region}: enrolment is not over, or voting is"
            )
        self.windows[payload.region].open(index, payload.day)

    def _apply_seal(self, index: int, _entry: Entry, payload: entries.Seal) -> None:
        self.looked_at.update(["5.2", "5.3"])
        roster = self._roster(payload.region, "5.2", "board")
        self.windows[payload.region].seal(index, payload.day)
        if self.box is None or self.scales is None:
            raise VerificationError("5.2", "board", "nothing is open")
        rows = self.box.seal(payload.region, payload.day)
        if self.definition.coercion_resistant:
            found = chains(self.definition, roster, payload.day, rows)
            self.scales.chains.update({chain.place: chain for chain in found})

    def _apply_close(self, index: int, entry: Entry, close: entries.Close) -> None:
        self.looked_at["8.1"] += 1
        trustee = self.trustee(entry.author)
        if trustee not in self.keys.participants:
            raise VerificationError("8.1", f"trustee {trustee}", "no participant of the ceremony")
        if self.closed:
            raise self._out_of_phase(entry, "the referendum is closed")
        self.looked_at["8.2"] += 1
        self.closing.add(index, trustee, close)
        if self.closing.closed is not None and self.box and self.scales:
            done, sets = self.keys, self.closing.sets or []
            self.count = Count(
                self.definition,
                self.box.election,
                done.publics,
                self.rosters,
                self.box.days,
                self.scales.chains,
                sets,
            )

    def _apply_shares(self, _index: int, entry: Entry, shares: entries.Shares) -> None:
        self.looked_at.update(["9.1", "9.2", "9.3"])
        trustee = self.trustee(entry.author)
        if self.count is None or not self.released or trustee not in self.keys.participants:
            raise VerificationError(
                "9.1", f"trustee {trustee}", "no witnessed checkpoint contains a close yet"
            )
        content = self._bundle(entry, shares.digest, "9.1")
        self.count.add_shares(trustee, shares.stage, content)
        self._bundles.drop(entry.author, shares.digest)
        if self.count.totals is not None:
            self.looked_at["10.1"] += len(self.count.totals)

    def _apply_result(self, _index: int, entry: Entry, payload: entries.Result) -> None:
        if self.count is None or self.count.totals is None:
            raise self._out_of_phase(entry, "the totals are not known yet")
        self.looked_at["10.2"] += 1
        if payload.document != self.result_document():
            raise VerificationError("10.2", "organiser", "the logged result is not the one that follows")
        self.result = payload.document

    def _apply_statement(self, index: int, entry: Entry, statement: entries.Statement) -> None:
        if not (statement.subject and statement.language and statement.text):
            raise self._out_of_phase(entry, "subject, language or text is empty")
        if len(statement.attachment) not in (0, 32):
            raise self._out_of_phase(entry, "an attachment is named by 32 bytes")
        self.statements.append((index, entry))

    def _apply_accreditation(self, _index: int, entry: Entry, payload: entries.Accreditation) -> None:
        if self.authors.known(payload.key) or not (payload.name and payload.role):
            raise self._out_of_phase(entry, "the key is known already, or name or role is empty")
        self.authors.accredit(payload.key)

    def _apply_amend(self, _index: int, _entry: Entry, amend: entries.Amend) -> None:
        self.looked_at["2.3"] += 1
        if amend.region >= len(self.windows):
            raise VerificationError("2.3", "organiser", f"there is no region {amend.region}")
        if self.closed or self.windows[amend.region].over:
            raise VerificationError("2.3", "organiser", f"region {amend.region}: voting is over")
        self.windows[amend.region].amend(amend)

    def _apply_cancel(self, index: int, _entry: Entry, _cancel: entries.Cancel) -> None:
        self.looked_at["2.3"] += 1
        if self.closed:
            raise VerificationError("2.3", "organiser", "the referendum is closed")
        self.cancelled = index

    def _apply_booth_manifest(self, _index: int, _entry: Entry, _payload: entries.BoothManifest) -> None:
        """Nothing depends on it: it is evidence of what the booth was."""

    # -- close and result

    def _reach_close(self) -> None:
        if self.box is not None and self.scales is not None and self.cancelled is None:
            self.closing.reach(self.windows, self.box, self.scales, self.checkpoints)

    def result_document(self) -> bytes:
        """The result that follows (`spec/schemas/result.json`); PhaseError while there is none."""
        if self.cancelled is not None:
            return result.cancelled(self.definition, self.election or b"")
        if self.count is None or self.count.totals is None or self.election is None:
            raise PhaseError("the totals are not known yet")
        numbers = [self._numbers(roster) for roster in self.rosters]
        return result.counted(self.definition, self.election, numbers, self.count.totals)

    def _numbers(self, roster: Roster) -> result.RegionNumbers:
        days = range(1, len(self.windows[roster.region].sealed) + 1)
        counting = [len(one) for one in self.closing.sets or [] if one.region == roster.region]
        return result.RegionNumbers(
            len(roster.roll or b"") // 32,
            roster.issued or 0,
            roster.voters,
            roster.cards,
            tuple(len(self.box.days[roster.region, day]) if self.box else 0 for day in days),
            sum(counting),
        )


def _kind(data: bytes) -> bytes:
    """What decides which run an entry belongs to."""
    head = data[:3]
    return BALLOT_HEAD if head == BALLOT_HEAD else WEIGHING_HEAD if head == WEIGHING_HEAD else b""


_APPLY: Mapping[type[Payload], Callable[..., None]] = {
    entries.Definition: Record._apply_definition,
    entries.Part: Record._apply_part,
    entries.Checkpoint: Record._apply_checkpoint,
    entries.Roll: Record._apply_roll,
    entries.Batch: Record._apply_batch,
    entries.Issued: Record._apply_issued,
    entries.Open: Record._apply_open,
    entries.Seal: Record._apply_seal,
    entries.Close: Record._apply_close,
    entries.Shares: Record._apply_shares,
    entries.Result: Record._apply_result,
    entries.Statement: Record._apply_statement,
    entries.Accreditation: Record._apply_accreditation,
    entries.Amend: Record._apply_amend,
    entries.Cancel: Record._apply_cancel,
    entries.BoothManifest: Record._apply_booth_manifest,
}
