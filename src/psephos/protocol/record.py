"""The fold: a referendum's state from its log, entry by entry, and nothing else (`spec/phases.md`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from psephos.crypto.column import KeyIndex
from psephos.errors import CheckNumber, FormatError, VerificationError
from psephos.protocol import entries
from psephos.protocol.authors import Authors
from psephos.protocol.checks import CHECKS, Void, out_of_phase
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.enrolment.token_keys import RegistrarKeys
from psephos.protocol.entries import BALLOT_HEAD, Entry
from psephos.protocol.sayings import SPOKEN
from psephos.protocol.setup.ceremony import Ceremony
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.document import parse
from psephos.protocol.state import State
from psephos.protocol.tally.closing import Closing
from psephos.protocol.transitions import EXAMINED, apply
from psephos.protocol.voting.window import Windows

AFTER_CANCEL = (*SPOKEN, entries.Request, entries.Grant, entries.Part, entries.CheckpointEntry)
AFTER_CLOSE = (
    *AFTER_CANCEL,
    entries.Annulment,
    entries.Close,
    entries.Shares,
    entries.Result,
    entries.BoothManifest,
)
"""What can come in its phase once the referendum is closed."""
BALLOT_CHECKS: tuple[CheckNumber, ...] = ("1.4", "6.1", "6.2", "6.3", "6.5", "6.4")
"""In the order in which they are made."""
BALLOT_HEAD_AND_KEYS = 71
"""Bytes of a ballot up to the end of its card's key."""
WEIGHING_HEAD = b"\x8b\x01\x12"


class Record(State):
    """One referendum, folded as far as `size` entries.

    `extend` raises what is fatal, a VerificationError; what is void gathers in `void`.
    Once the result stands nothing is fatal: what would have been gathers in `afterwards`.
    """

    # -- folding

    def extend(self, data: Sequence[bytes], signed: bytes = b"") -> None:
        """Take the log's next entries, in order.

        `signed`: for each entry 1 if its Ed25519 signature is known to hold; what is not known is looked at.
        """
        self._first, self._signed = self.size, signed
        try:
            self._fold(data)
        finally:
            self._signed = b""
        self.void.sort()

    def _fold(self, data: Sequence[bytes]) -> None:
        for kind, group in groupby(data, key=_kind):
            run = list(group)
            if kind is BALLOT_HEAD and self.box is not None:
                self._add_ballots(run)
            elif kind is WEIGHING_HEAD and self.weighing_chains is not None:
                self._add_weighings(run)
            else:
                for one in run:
                    self._add(one)

    def _note(self, index: int, error: VerificationError) -> None:
        """List what is void; raise what is fatal, unless the result stands already."""
        check = CHECKS[error.check]
        refused = Void(index, check.number, error.culprit, error.message)
        if check.severity != "fatal":
            self.void.append(refused)
        elif self.stands is None:
            raise error
        else:
            self.afterwards.append(refused)

    def _examine(self, checks: Iterable[CheckNumber], failed: str | None = None) -> None:
        """Count an entry for these checks, up to the one that it fails."""
        for check in checks:
            self.examined[check] += 1
            if check == failed:
                return

    def _decode(self, index: int, data: bytes) -> Entry:
        """Check 1.4."""
        self.examined["1.4"] += 1
        try:
            return entries.decode(data)
        except FormatError as error:
            raise VerificationError("1.4", "board", f"entry {index}: {error}") from error

    def _add_ballots(self, run: Sequence[bytes]) -> None:
        """Consecutive entries that begin like a ballot."""
        start = 0
        for end, data in enumerate([*run, b""]):
            if len(data) < BALLOT_HEAD_AND_KEYS:
                self._judge_ballots(run[start:end])
                for short in run[end : end + 1]:
                    self._add(short)  # fails check 1.4: no ballot is so short
                start = end + 1

    def _judge_ballots(self, run: Sequence[bytes]) -> None:
        assert self.box is not None  # noqa: S101
        if not run:
            return
        over = self.over
        window = self._no_day if over else self._open_day
        failed: Counter[str] = Counter()
        end = first = self.size
        try:
            for index, refused in self.box.add(first, run, window):
                end, error = index + 1, refused
                if refused.check == "6.1":
                    error = _malformed(index, run[index - first]) or refused
                failed[error.check] += 1
                self._note(index, error)
            end = first + len(run)
        finally:
            judged = end - first
            for check in BALLOT_CHECKS:
                self.examined[check] += judged
                judged -= failed[check]
        self.size = end

    def _open_day(self, region: int) -> int | None:
        """The day of a region that takes ballots now."""
        return self.windows[region].open_day

    @staticmethod
    def _no_day(_region: int) -> int | None:
        return None

    def _add_weighings(self, run: Sequence[bytes]) -> None:
        """Consecutive entries that begin like a weighing."""
        decoded: list[Entry] = []
        for data in run:
            try:
                decoded.append(self._decode(self.size + len(decoded), data))
            except VerificationError as error:
                self._judge_weighings(decoded)  # what stands before it is judged first
                decoded = []
                self._note(self.size, error)
                self.size += 1
        self._judge_weighings(decoded)

    def _judge_weighings(self, run: Sequence[Entry]) -> None:
        assert self.weighing_chains is not None  # noqa: S101
        standing = []
        for index, entry in enumerate(run, self.size):
            try:
                standing.append((index, *self._weighing(index, entry)))
            except VerificationError as error:
                self._note(index, error)
        self.examined["7.2"] += len(standing)
        for index, refused in self.weighing_chains.add(standing):
            self.examined["7.2"] -= refused.check == "7.1"
            self._note(index, refused)
        self.size += len(run)
        self._reach_close()

    def _weighing(self, index: int, entry: Entry) -> tuple[int, entries.Weighing]:
        payload = entry.payload
        if not isinstance(payload, entries.Weighing):
            raise TypeError("a run of weighings holds weighings")
        self._check_author(index, entry)
        self.examined["7.1"] += 1
        return self._weigher(entry), payload

    def _weigher(self, entry: Entry) -> int:
        weigher = self.trustee(entry.author)
        if self.over:
            raise VerificationError("7.1", "board", "weighing: the referendum is closed or cancelled")
        if weigher not in self.joint_key.participants:
            raise VerificationError("7.1", f"trustee {weigher}", "no participant of the ceremony")
        return weigher

    def misplaced(self, entry: Entry) -> VerificationError | None:
        """Check 7.1 of a weighing that would come next; None where it passes. Nothing is changed."""
        payload = entry.payload
        if self.weighing_chains is None or not isinstance(payload, entries.Weighing):
            raise TypeError("a weighing, and after the ceremony")
        try:
            self.weighing_chains.find_chain(self._weigher(entry), payload)
        except VerificationError as error:
            return error
        return None

    def _check_author(self, index: int, entry: Entry) -> None:
        self.examined["1.5"] += 1
        referendum = self.election if entry.payload.scope == "election" else self.definition.hash
        place = index - self._first
        self.authors.check(entry, referendum, self._signed[place : place + 1] == b"\1")

    def _add(self, data: bytes) -> None:
        try:
            self._take(self._decode(self.size, data))
        except VerificationError as error:
            self._note(self.size, error)
        self.size += 1
        self._reach_close()

    def _take(self, entry: Entry) -> None:
        """Apply one entry, or raise the check that it fails."""
        if self._definition is None:
            self._begin(entry)
        elif isinstance(entry.payload, entries.Ballot):
            self.examined["6.1"] += 1
            culprit = f"card {entry.author.hex()}"
            raise VerificationError("6.1", culprit, "a ballot before the ceremony's end is of no referendum")
        else:
            self._check_author(self.size, entry)
            self.examined["1.6"] += 1
            self._apply(self.size, entry)

    def admit(self, entry: Entry) -> None:
        """Take the log's next entry if it is valid; otherwise raise, and it is not to be logged.

        For the board, which keeps void entries out of the log, but for one kind: what disqualifies a trustee
        (check 3.2) is evidence, and is taken. Ballots and weighings come through `extend`.
        """
        self.examined["1.4"] += 1
        try:
            self._take(entry)
        except VerificationError as error:
            if error.check != "3.2":
                raise
            self._note(self.size, error)
        self.size += 1
        self._reach_close()

    def begun_by(self, entry: Entry) -> Definition | None:
        """The definition that an entry would complete: remembered until it does; nothing else is kept.

        VerificationError 2.1 and 2.2.
        """
        document = self._arrival.whole_with(entry)
        self._foreseen = None if document is None else parse(document)
        return self._foreseen

    def _begin(self, entry: Entry) -> None:
        """Checks 2.1 (but for the pin, which the verifier holds) and 2.2."""
        self.examined["2.1"] += 1
        arrived = self._arrival.take(entry)
        if arrived is None:
            return
        first, document = arrived
        self.examined["2.2"] += 1
        foreseen, self._foreseen = self._foreseen, None
        definition = foreseen if foreseen and foreseen.document == document else parse(document)
        authors = Authors(definition)
        try:
            authors.check(first, definition.hash)
        except VerificationError as error:
            raise VerificationError("2.1", "organiser", error.message) from error
        self.log.accept(definition)
        self._definition, self._authors = definition, authors
        self.beginning = self.size + 1
        self._ceremony = Ceremony(definition)
        self._closing = Closing(definition)
        index = KeyIndex()
        self._registrar_keys = RegistrarKeys(definition)
        registrars = len(definition.registrars)
        self.rosters = [
            Roster(region.index, registrars, self.storage, index) for region in definition.regions
        ]
        self.windows = [Windows(region) for region in definition.regions]

    def _apply(self, index: int, entry: Entry) -> None:
        payload = entry.payload
        if self.cancelled is not None and not isinstance(payload, AFTER_CANCEL):
            raise out_of_phase(f"{payload.type_name()}: the referendum is cancelled")
        if self.closed and not isinstance(payload, AFTER_CLOSE):
            raise out_of_phase(f"{payload.type_name()}: the referendum is closed")
        checks = EXAMINED.get(type(payload), ())
        try:
            apply(payload, self, index, entry)
        except VerificationError as error:
            if error.check != "1.6":
                self._examine(checks, error.check)
            raise
        self._examine(checks)

    # -- what entries bring about

    def _reach_close(self) -> None:
        if self.box is not None and self.weighing_chains is not None and self.cancelled is None:
            self.closing.reach(self.windows, self.box, self.weighing_chains, self.checkpoints)


def _malformed(index: int, data: bytes) -> VerificationError | None:
    """Check 1.4 of what begins like a ballot."""
    try:
        entries.decode(data)
    except FormatError as error:
        return VerificationError("1.4", "board", f"entry {index}: {error}")
    return None


def _kind(data: bytes) -> bytes:
    """What decides which run an entry belongs to."""
    head = data[:3]
    return BALLOT_HEAD if head == BALLOT_HEAD else WEIGHING_HEAD if head == WEIGHING_HEAD else b""
