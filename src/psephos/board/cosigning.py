"""How a board has its log cosigned, and what it learns of itself by that (`spec/log.md#witnesses`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path

from psephos.board.agreement import Agreement, WitnessAhead
from psephos.crypto.signature import SigningKey
from psephos.errors import PhaseError, PsephosError
from psephos.files import write_whole
from psephos.log import checkpoints
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import consistency_proof
from psephos.log.note import Note
from psephos.log.policy import Policy
from psephos.log.store import LogStore
from psephos.log.submission import Ask, Submission, collect
from psephos.protocol.record import Record
from psephos.protocol.setup.pin import policy_text
from psephos.protocol.witnessed import Witnessed
from psephos.reader import witnessed


class Cosigning:
    """Asks the witnesses of a log; any thread may call it, one at a time."""

    def __init__(
        self,
        store: LogStore,
        record: Record,
        key: SigningKey,
        witnesses: Mapping[str, Ask],
        pending: Path,
        agreement: Agreement,
    ) -> None:
        """`witnesses` go by the names their keys carry; `pending` is where a checkpoint waits for them."""
        self._store, self._record, self._key = store, record, key
        self._witnesses = witnesses
        self._pending = pending
        self._finished = False
        self._agreement = agreement
        self._sizes: dict[str, int] = {}

    @property
    def unwitnessed(self) -> bool:
        """Whether the log has grown since its latest checkpoint."""
        latest = self._store.checkpoint()
        return self._store.size > (checkpoints.read(latest)[0].size if latest else 0)

    @property
    def awaited(self) -> list[str]:
        """The witnesses that have not cosigned what is to be witnessed, in the definition's order."""
        if not self.unwitnessed or not self._record.begun:
            return []
        cosigned = Note.parse(self._pending.read_bytes()) if self._pending.exists() else None
        keys = self.policy.witnesses.values()
        return [key.name for key in keys if cosigned is None or cosigned.signed_by(key) is None]

    @property
    def policy(self) -> Policy:
        """Whose word counts, as the definition says."""
        return _policy(policy_text(self._record.definition))

    def witness(self, again: bool = False) -> TreeHead:
        """Have the log cosigned, `again` though it has not grown; the checkpoint becomes the latest.

        A checkpoint that not enough witnesses have answered for comes first: they may have done so by now,
        and never would while each call asked for another.
        """
        if self._pending.exists():
            self._finish()
        checkpoint, signed = self._now()
        if self.unwitnessed or (again and not self._finished):
            self._cosign(signed)
        self._finished = False
        return checkpoint

    def confer(self) -> None:
        """Ask every witness for its word on the log as it stands, whoever has cosigned it before.

        What they cosign becomes the latest checkpoint: it says what time it is. PhaseError where no quorum
        gives it.
        """
        _, signed = self._now()
        if self.unwitnessed:
            self._cosign(signed)
        elif self._pending.exists():  # of the same size, for its time
            self._finish()
        else:
            self._store.save_checkpoint(self._collect(signed))

    def doubt(self, clock: int | None) -> str:
        """Why nothing may be promised, opened or sealed at a time, UTC seconds; empty when it may.

        Without a time the clock is not held against the witnesses'.
        """
        if not self._record.begun:
            return ""  # the only entry that can come is the pinned definition
        definition = self._record.definition
        return self._agreement.doubt(self.policy, definition.witnesses, definition.tolerance, clock)

    @property
    def latest(self) -> Witnessed | None:
        """The latest checkpoint, as it will be read in the log."""
        note = self._store.checkpoint()
        if note is None:
            return None
        size, root, times = witnessed(note, policy_text(self._record.definition))
        return Witnessed.of(self._store.size, size, root, times) if times else None

    def _now(self) -> tuple[TreeHead, bytes]:
        size = self._store.size  # another thread may let the log grow meanwhile
        checkpoint = TreeHead(self._store.origin, size, self._store.root(size))
        return checkpoint, checkpoints.sign(checkpoint, self._key)

    def _finish(self) -> None:
        """Go on with what an earlier call began: witnesses by post answer later, and each answer comes once.

        So the answer is `again` enough, or each call would ask for another.
        """
        self._cosign(self._pending.read_bytes())
        self._finished = True

    def _cosign(self, signed: bytes) -> None:
        """Have a checkpoint cosigned, those who have done so apart, and keep it."""
        self._store.save_checkpoint(self._collect(signed, waits=True))
        self._pending.unlink(missing_ok=True)

    def _collect(self, signed: bytes, waits: bool = False) -> bytes:
        """A checkpoint with a quorum's cosignatures; one that `waits` is left in a file with fewer.

        Who has given one is then not asked again, and nobody for a smaller checkpoint.
        """
        size, policy = checkpoints.read(signed)[0].size, self.policy
        names = {key.name: name for name, key in policy.witnesses.items()}
        asked = {names[name]: self._asking(name) for name in self._witnesses if name in names}
        refusals: dict[str, Exception] = {}

        def refused(name: str, error: Exception) -> None:
            refusals[policy.witnesses[name].name] = error
            if not isinstance(error, PhaseError):
                self._agreement.refuses(policy.witnesses[name].name)

        try:
            note, times, fresh = collect(
                signed, partial(self._extension, size), asked, policy, refused, self._sizes
            )
        except PsephosError as error:
            raise PhaseError(f"size {size} is not witnessed yet: {error}") from error
        self._agreement.conclude({policy.witnesses[name].name: times[name] for name in fresh}, refusals)
        if policy.satisfied(times):
            return note
        if waits:
            write_whole(self._pending, note)
        reasons = "; ".join(f"{name}: {why}" for name, why in refusals.items()) or "nobody else was asked"
        raise PhaseError(f"size {size} is not witnessed yet: {reasons}")

    def _asking(self, name: str) -> Ask:
        def ask(submission: Submission) -> bytes:
            self._agreement.asks(name)
            lines = self._witnesses[name](submission)
            self._agreement.answers(name)
            return lines

        return ask

    def _extension(self, new: int, old: int) -> list[bytes]:
        """The proof that size `new` extends size `old`, which a witness says that it has cosigned."""
        if old > new:
            raise WitnessAhead(
                f"has cosigned size {old}, which this log never had: the home is an older copy"
            )
        return consistency_proof(old, new, self._store.hash)


@lru_cache(4)
def _policy(text: str) -> Policy:
    return Policy.parse(text.encode())
