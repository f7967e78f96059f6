"""The board: the only gate through which entries enter a log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from psephos.board.agreement import Agreement, Monotonic
from psephos.board.budgets import BudgetLedger
from psephos.board.cosigning import Cosigning
from psephos.board.index import Index
from psephos.board.intake import Intake
from psephos.board.places import places
from psephos.board.proven import Proven
from psephos.board.standing import BoardStatus
from psephos.board.times import BoardTimes, Clock
from psephos.crypto.signature import SigningKey
from psephos.database.lock_wait import LockWait
from psephos.errors import LogError, PhaseError, PsephosError
from psephos.log import checkpoints
from psephos.log.checkpoints import TreeHead
from psephos.log.export import export
from psephos.log.merkle import inclusion_proof
from psephos.log.proof import LogProof
from psephos.log.store import LogStore
from psephos.log.submission import Ask
from psephos.protocol import entries
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.entries import Entry, Payload
from psephos.protocol.record import Record
from psephos.protocol.state import LogView
from psephos.reader import witnessed
from psephos.scratch import Scratch

_FOLDED_AT_ONCE = 8192


class Board:
    """Runs the log of one referendum: takes entries, promises ballots, opens and seals days."""

    def __init__(
        self,
        directory: Path,
        origin: str,
        key: SigningKey,
        witnesses: Mapping[str, Ask],
        clock: Clock,
        database: str | None = None,
        monotonic: Monotonic = time.monotonic,
        lock_wait: LockWait | None = None,
    ) -> None:
        """`directory` holds log and waiting ballots, unless `database` is a URL (see `places`).

        `witnesses` go by the names their keys carry. What they say of time is carried on by `monotonic`.
        `lock_wait`: how long another program that holds log or waiting ballots is waited for.
        """
        locations = places(directory, database)
        self.lock_wait = lock_wait or LockWait()
        self.store = LogStore(locations.log, origin, self.lock_wait)
        self._key = key
        self._clock = clock
        self._directory = directory
        self.index = Index()
        proven = Proven()
        self.record = Record(LogView(self.store.root, witnessed), Scratch(), proven)
        self.intake = Intake(locations.waiting, self.record, key, proven, self.lock_wait)
        self.agreement = Agreement(monotonic)
        self.cosigning = Cosigning(
            self.store, self.record, key, witnesses, directory / "pending", self.agreement
        )
        self._budgets = BudgetLedger(self.record, self._file_size)
        self._catch_up()
        self.times = BoardTimes(self.record, self.cosigning, self.index, clock)

    def _catch_up(self) -> None:
        """Fold the log, and note which waiting ballots it has: the process may have ended before that."""
        waiting = {ballot: body_hash for body_hash, ballot in self.intake.waiting().items()}
        for start in range(0, self.store.size, _FOLDED_AT_ONCE):
            logged = self.store.entries(start, min(start + _FOLDED_AT_ONCE, self.store.size))
            self.record.extend(logged)
            self.intake.logged(waiting[ballot] for ballot in logged if ballot in waiting)
            self.index.add(start, logged)
            self._budgets.note_logged(start, logged)
        self._budgets.date(self._clock())

    def close(self) -> None:
        """Stop writing."""
        self.intake.close()
        self.store.close()

    # -- entries of parties

    def submit(self, data: Iterable[bytes], blobs: Sequence[bytes] = ()) -> range:
        """Decode and `log` entries."""
        return self.log(map(entries.decode, data), blobs)

    def log(self, submitted: Iterable[Entry], blobs: Sequence[bytes] = ()) -> range:
        """Log entries of organiser, registrar or trustees, in order; one that is not valid raises its check.

        Entries before the refused one are logged; blobs only with all of them.
        """
        admitted: list[Entry] = []
        complete = False
        try:
            for entry in submitted:
                self._admit(entry)
                admitted.append(entry)
            complete = True
        finally:
            logged = self._append([entry.data for entry in admitted], blobs if complete else ())
            self._budgets.note(logged.start, admitted, self._clock())
        return logged

    def _append(self, data: Sequence[bytes], blobs: Sequence[bytes] = ()) -> range:
        """Put on disk what the record has taken. What the disk refused once is never passed over."""
        if self.record.size != self.store.size + len(data):
            raise LogError("the record is ahead of the log on disk: start the board again")
        logged = self.store.append(data, blobs).result()
        self.index.add(logged.start, data)
        return logged

    def _file_size(self, digest: bytes) -> int:
        """Bytes of a blob; none where it was logged without it."""
        return self.store.blob_size(digest.hex())

    def over_budget(self, entry: Entry, file: bytes = b"") -> Rejection | None:
        """Why an entry with this attachment is more than its author may have logged; None where it is not.

        Check 1.5 comes first. Asked of entries that came from outside: `submit` logs what it is given.
        """
        self._check_author(entry)
        return self._budgets.fault(entry, len(file), self._clock())

    def _admit(self, entry: Entry) -> None:
        if isinstance(entry.payload, entries.Ballot):
            raise PhaseError("ballots come through `receive` and are logged in rounds")
        if isinstance(entry.payload, entries.Weighing):
            raise PhaseError("weighings come through `weighed`")
        self.record.admit(entry)

    def weighed(self, data: Sequence[bytes]) -> range:
        """Log trustees' weighings. A void one is evidence: only its signature decides whether it is taken."""
        for weighing in data:
            self.check_author(entries.decode(weighing))
        return self._log_run(data)

    def knows(self, data: bytes) -> bool:
        """Whether a party of the referendum has signed an entry. For any thread."""
        if not self.record.begun:
            return False
        try:
            entry = entries.decode(data)
            if isinstance(entry.payload, entries.Request):
                return False  # anybody makes them
            self._check_author(entry)
        except (PsephosError, KeyError):  # ballots have no author among the parties
            return False
        return True

    def log_weighing(self, entry: Entry) -> int:
        """Log a weighing of which `check_author` has passed."""
        return self._log_run([entry.data])[0]

    def _log_run(self, data: Sequence[bytes]) -> range:
        """Log ballots or weighings: the fold judges them as it does everywhere."""
        self.record.extend(data)
        return self._append(data)

    def check_author(self, entry: Entry) -> None:
        """That a weighing is signed by a trustee; check 1.5 otherwise."""
        if not isinstance(entry.payload, entries.Weighing):
            raise PhaseError(f"expected a weighing, found a {entry.payload.type_name()}")
        self._check_author(entry)

    def _check_author(self, entry: Entry) -> None:
        election = entry.payload.scope == "election"
        referendum = self.record.election if election else self.record.definition.hash
        self.record.authors.check(entry, referendum)

    def log_booth(self, manifest: bytes) -> None:
        """Log which booth is served, unless the log names it or nothing comes of it any more.

        A booth that the log does not name is evidence.
        """
        entry = self._entry(entries.BoothManifest(manifest))
        if self.index.find(entry) is None and self.record.cancelled is None:
            self.submit([entry])

    def _write(self, payload: Payload) -> None:
        self.submit([self._entry(payload)])

    def _entry(self, payload: Payload) -> bytes:
        referendum = self.record.definition.hash
        if payload.scope == "election":
            referendum = self.record.election or b""
        return entries.encode(payload, referendum, self._key.public.raw, self._key.sign)

    # -- ballots

    def receive(self, ballots: Sequence[bytes]) -> list[bytes]:
        """A signed promise or refusal for each ballot, in order; what is promised is on disk."""
        return self.intake.receive(ballots, self._clock())

    def misfit(self, ballots: Sequence[bytes]) -> bytes | None:
        """The first that is no well-formed ballot of this referendum, if there is any."""
        return self.intake.misfit(ballots)

    def round(self) -> int:
        """Log the waiting ballots, sorted by hash; returns how many."""
        waiting = self.intake.waiting()
        if waiting:
            self._log_run([*waiting.values()])
            self.intake.logged(waiting)
        return len(waiting)

    def open(self, region: int, day: int) -> None:
        """Open a day of a region; PhaseError where witnesses have not seen its time come."""
        self._show_come(region, day, opens=True)
        self._write(entries.Open(region, day))

    def seal(self, region: int, day: int) -> None:
        """Log what waits, then seal a day of a region; PhaseError as for `open`."""
        self._show_come(region, day, opens=False)
        self.round()
        self._write(entries.Seal(region, day))

    def _show_come(self, region: int, day: int, opens: bool) -> None:
        """Have a checkpoint logged by which the time of an open or seal has come, unless there is one."""
        plans = self.record.windows[region].plans[max(day - 1, 0) : day]
        plan = plans[0][0 if opens else 1] if plans else 0  # of no day: the record refuses it
        if self.record.latest_plan >= plan:
            return
        for _ in range(2):  # the first call may only finish what was asked for long before
            if not self.times.shows(plan):
                self.times.witness(again=True)
        if not self.times.shows(plan):
            turn = f"{'open' if opens else 'seal'} of day {day} of region {region}"
            raise PhaseError(f"{turn}: witnesses have not seen its time come yet; waiting for later times")
        self.log_witnessed()

    # -- witnesses

    @property
    def unwitnessed(self) -> bool:
        """Whether the log has grown since its latest checkpoint."""
        return self.cosigning.unwitnessed

    def witness(self) -> TreeHead:
        """Have the log as it stands cosigned; the checkpoint becomes the latest (see `Cosigning`)."""
        return self.times.witness(again=self.times.time_due)

    def confer(self) -> None:
        """Ask every witness for its word on the log as it stands (see `Cosigning`)."""
        self.times.confer()

    def note_standing(self, timed: bool = True) -> None:
        """Leave in the home how the board stands with its witnesses; the clock counts unless not `timed`."""
        now = self._clock()
        offset = self.agreement.offset(now) if timed else None
        BoardStatus(now, self.cosigning.doubt(now if timed else None), offset).write(self._directory)

    def log_checkpoint(self) -> None:
        """Have the log cosigned, and log the checkpoint itself: evidence of when its entries were there."""
        self.witness()
        self.log_witnessed()

    def log_witnessed(self) -> None:
        """Log the latest checkpoint."""
        self.times.note_logged()
        self._write(entries.CheckpointEntry(self.store.checkpoint() or b""))

    def publish(self, directory: Path) -> TreeHead:
        """Have the log cosigned and export it as static files."""
        self.witness()
        return export(self.store, directory)

    def export(self, directory: Path) -> TreeHead:
        """Export the log as far as its latest checkpoint."""
        return export(self.store, directory)

    def receipt(self, index: int) -> bytes:
        """A tlog-proof that entry `index` is under the latest checkpoint."""
        note = self.store.checkpoint()
        if note is None:
            raise PhaseError("no checkpoint is witnessed yet: psephos board round has it witnessed")
        checkpoint, _ = checkpoints.read(note)
        if index >= checkpoint.size:
            raise PhaseError(f"entry {index} is not under the latest checkpoint yet")
        hashes = inclusion_proof(index, checkpoint.size, self.store.hash)
        return LogProof(index, tuple(hashes), note, self.store.entries(index, index + 1)[0]).encode()
