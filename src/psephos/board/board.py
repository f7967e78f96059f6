"""The board: the only gate through which entries enter a log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from psephos.board.index import Index
from psephos.board.intake import Intake
from psephos.board.places import places
from psephos.board.proven import Proven
from psephos.crypto.signature import SigningKey
from psephos.errors import LogError, PhaseError, PsephosError
from psephos.log import checkpoint as checkpoints
from psephos.log.checkpoint import Checkpoint
from psephos.log.export import export
from psephos.log.merkle import consistency_proof, inclusion_proof
from psephos.log.note import Note
from psephos.log.policy import Policy
from psephos.log.proof import LogProof
from psephos.log.store import Store
from psephos.log.submission import Ask, collect
from psephos.post.files import write_whole
from psephos.protocol import entry as entries
from psephos.protocol.entry import Payload
from psephos.protocol.record import LogView, Record
from psephos.protocol.setup.pin import policy_text
from psephos.reader import witnessed
from psephos.scratch import Scratch

_FOLDED_AT_ONCE = 8192

Clock = Callable[[], int]
"""UTC seconds."""


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
    ) -> None:
        """`directory` holds log and waiting ballots, unless `database` is a URL (see `places`).

        `witnesses` go by the names their keys carry.
        """
        at = places(directory, database)
        self.store = Store(at.log, origin)
        self._key = key
        self._witnesses = witnesses
        self._clock = clock
        self._pending = directory / "pending"
        self.index = Index()
        proven = Proven()
        self.record = Record(LogView(self.store.root, witnessed), Scratch(), proven)
        self.intake = Intake(at.waiting, self.record, key, proven)
        self._catch_up()

    def _catch_up(self) -> None:
        """Fold the log, and note which waiting ballots it has: the process may have ended before that."""
        waiting = set(self.intake.waiting())
        for start in range(0, self.store.size, _FOLDED_AT_ONCE):
            logged = self.store.entries(start, min(start + _FOLDED_AT_ONCE, self.store.size))
            self.record.extend(logged)
            self.intake.logged([one for one in logged if one in waiting])
            self.index.add(start, logged)

    def close(self) -> None:
        """Stop writing."""
        self.intake.close()
        self.store.close()

    # -- entries of parties

    def submit(self, data: Sequence[bytes], blobs: Sequence[bytes] = ()) -> range:
        """Log entries of organiser, registrar or trustees, in order; one that is not valid raises its check.

        Entries before the refused one are logged.
        """
        admitted: list[bytes] = []
        try:
            for one in data:
                self._admit(one)
                admitted.append(one)
        finally:
            logged = self._append(admitted, blobs)
        return logged

    def _append(self, data: Sequence[bytes], blobs: Sequence[bytes] = ()) -> range:
        """Put on disk what the record has taken. What the disk refused once is never passed over."""
        if self.record.size != self.store.size + len(data):
            raise LogError("the record is ahead of the log on disk: start the board again")
        logged = self.store.append(data, blobs).result()
        self.index.add(logged.start, data)
        return logged

    def _admit(self, data: bytes) -> None:
        entry = entries.decode(data)
        if isinstance(entry.payload, entries.Ballot):
            raise PhaseError("ballots come through `receive` and are logged in rounds")
        if isinstance(entry.payload, entries.Weighing):
            raise PhaseError("weighings come through `weighed`")
        self.record.admit(data)

    def weighed(self, data: Sequence[bytes]) -> range:
        """Log trustees' weighings. A void one is evidence: only its signature decides whether it is taken."""
        for one in data:
            self.check_author(one)
        self.record.extend(data)
        return self._append(data)

    def knows(self, data: bytes) -> bool:
        """Whether a party of the referendum has signed an entry. For any thread."""
        if not self.record.size:
            return False
        try:
            entry = entries.decode(data)
            election = entry.payload.scope == "election"
            referendum = self.record.election if election else self.record.definition.hash
            self.record.authors.check(entry, referendum)
        except (PsephosError, KeyError):  # ballots have no author among the parties
            return False
        return True

    def check_author(self, weighing: bytes) -> None:
        """That a weighing is signed by a trustee; check 1.5 otherwise."""
        entry = entries.decode(weighing)
        if not isinstance(entry.payload, entries.Weighing):
            raise PhaseError(f"a {entry.payload.type_name()} is not a weighing")
        self.record.authors.check(entry, self.record.election)

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
            self.record.extend(waiting)
            self._append(waiting)
            self.intake.logged(waiting)
        return len(waiting)

    def open(self, region: int, day: int) -> None:
        """Open a day of a region."""
        self._write(entries.Open(region, day))

    def seal(self, region: int, day: int) -> None:
        """Log what waits, then seal a day of a region."""
        self.round()
        self._write(entries.Seal(region, day))

    # -- witnesses

    @property
    def unwitnessed(self) -> bool:
        """Whether the log has grown since its latest checkpoint."""
        latest = self.store.checkpoint()
        return self.store.size > (checkpoints.read(latest)[0].size if latest else 0)

    @property
    def checkpoint_due(self) -> bool:
        """Whether an entry that is no ballot came after everything that logged checkpoints cover."""
        logged = self.record.checkpoints
        return self.index.last >= (logged[-1].size if logged else 0)

    def witness(self) -> Checkpoint:
        """Have the log as it stands cosigned; the checkpoint becomes the latest.

        A checkpoint that not enough witnesses have answered for comes first: they may have done so by now,
        and never would while each call asked for another.
        """
        if self._pending.exists():
            self._cosign(self._pending.read_bytes())
        size = self.store.size  # another thread may let the log grow meanwhile
        checkpoint = Checkpoint(self.store.origin, size, self.store.root(size))
        if self.unwitnessed:
            signed = checkpoints.sign(checkpoint, self._key)
            write_whole(self._pending, signed)
            self._cosign(signed)
        return checkpoint

    @property
    def awaited(self) -> list[str]:
        """The witnesses that have not cosigned what is to be witnessed, in the definition's order."""
        if not self.unwitnessed or not self.record.size:
            return []
        cosigned = Note.parse(self._pending.read_bytes()) if self._pending.exists() else None
        keys = self._policy.witnesses.values()
        return [key.name for key in keys if cosigned is None or cosigned.signed_by(key) is None]

    @property
    def _policy(self) -> Policy:
        return Policy.parse(policy_text(self.record.definition).encode())

    def _cosign(self, signed: bytes) -> None:
        size, policy = checkpoints.read(signed)[0].size, self._policy
        names = {key.name: name for name, key in policy.witnesses.items()}
        asked = {names[name]: ask for name, ask in self._witnesses.items() if name in names}
        refusals: list[str] = []

        def refused(name: str, error: Exception) -> None:
            refusals.append(f"{policy.witnesses[name].name}: {error}")

        try:
            cosigned = collect(signed, partial(self._extension, size), asked, policy, refused)
            if cosigned != signed:
                write_whole(self._pending, cosigned)  # nobody is asked again
            policy.verify(cosigned)
        except PsephosError as error:
            reasons = "; ".join(refusals) or str(error)
            raise PhaseError(f"size {size} is not witnessed yet: {reasons}") from error
        self.store.save_checkpoint(cosigned)
        self._pending.unlink(missing_ok=True)

    def _extension(self, new: int, old: int) -> list[bytes]:
        """The proof that size `new` extends size `old`, which a witness says that it has cosigned."""
        if old > new:
            raise LogError(f"has cosigned size {old}, which this log never had: the home is an older copy")
        return consistency_proof(old, new, self.store.hash)

    def log_checkpoint(self) -> None:
        """Have the log cosigned, and log the checkpoint itself: evidence of when its entries were there."""
        self.witness()
        self.log_witnessed()

    def log_witnessed(self) -> None:
        """Log the latest checkpoint."""
        self._write(entries.Checkpoint(self.store.checkpoint() or b""))

    def publish(self, directory: Path) -> Checkpoint:
        """Have the log cosigned and export it as static files."""
        self.witness()
        return export(self.store, directory)

    def export(self, directory: Path) -> Checkpoint:
        """Export the log as far as its latest checkpoint."""
        return export(self.store, directory)

    def receipt(self, index: int) -> bytes:
        """A tlog-proof that entry `index` is under the latest checkpoint."""
        note = self.store.checkpoint()
        if note is None:
            raise PhaseError("nothing is witnessed yet")
        checkpoint, _ = checkpoints.read(note)
        if index >= checkpoint.size:
            raise PhaseError(f"entry {index} is not under the latest checkpoint yet")
        hashes = inclusion_proof(index, checkpoint.size, self.store.hash)
        return LogProof(index, tuple(hashes), note, self.store.entries(index, index + 1)[0]).encode()
