"""Verifies a record against a pin; the only place where checks that fail are caught (`spec/checks.md`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress

from psephos.errors import CheckNumber, EvidenceMissing, FormatError, LogError, VerificationError
from psephos.log.checkpoints import TreeHead
from psephos.log.policy import Policy
from psephos.log.tree import Tree
from psephos.protocol import entries as logged
from psephos.protocol.proofs import Proofs
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.head import hash_of
from psephos.protocol.setup.pin import Pin
from psephos.protocol.state import LogView
from psephos.protocol.storage import ByteStore
from psephos.reader import Portion, Source, portions, runs, witnessed
from psephos.verifier.report import Report, outcomes

Progress = Callable[[int, int], None]
"""Told how many entries have been verified, and of how many."""


def policy(pin: Pin) -> Policy:
    """The pin's policy; FormatError unless it is one, of one log: otherwise the pin cannot be used."""
    found = Policy.parse(pin.policy.encode())
    if len(found.logs) != 1:
        raise FormatError(f"pin: a policy of {len(found.logs)} logs instead of one")
    return found


def verify(
    source: Source,
    pin: Pin,
    progress: Progress | None = None,
    storage: ByteStore | None = None,
    proofs: Proofs | None = None,
) -> Report:
    """Make every check of a record, up to the first that is fatal or lacks its evidence.

    Bulk data goes to `storage`, else to memory; `proofs` checks what is proven, else the core does it here.
    Raises FormatError for a pin whose policy cannot be read, and nothing for whatever the record holds.
    """
    verification = Verification(pin, storage, proofs)
    verification.follow(source, progress)
    return verification.report()


class Verification:
    """A record verified as it grows: the fold, what else was looked at, and what stopped it.

    Call `follow` again whenever the log may have grown: only what is new is read.

    >>> verification = psephos.Verification(psephos.load_pin("demo/pin.json"))
    >>> with psephos.open_record("demo/record") as log:
    ...     verification.follow(log)
    >>> verification.report().verdict
    'passed'
    """

    def __init__(self, pin: Pin, storage: ByteStore | None = None, proofs: Proofs | None = None) -> None:
        """FormatError for a pin whose policy cannot be read."""
        self.pin, self.policy = pin, policy(pin)
        self.record = Record(LogView(self._root, witnessed, self._accept), storage, proofs)
        self.tree: Tree | None = None
        self.note = b""
        self.stopped: VerificationError | EvidenceMissing | None = None
        self._checkpoint: TreeHead | None = None
        self._examined: Counter[CheckNumber] = Counter()
        self._leaves: dict[bytes, int] = {}
        self._indexed = 0

    def follow(self, source: Source, progress: Progress | None = None) -> None:
        """Check what is new under the log's latest checkpoint, up to what fails or is missing.

        What was missing may be there the next time; what has failed stays so, and nothing after it is read.
        """
        if isinstance(self.stopped, VerificationError):
            return
        try:
            self._through(source, progress)
            self.stopped = None
        except (VerificationError, EvidenceMissing) as stopped:
            self.stopped = stopped

    def _through(self, source: Source, progress: Progress | None) -> None:
        tree = self.open(source)
        with closing(read(tree, self.record.size)) as found:
            for portion in found:
                self._fold(portion)
                if progress:
                    progress(self.record.size, tree.checkpoint.size)

    def open(self, source: Source) -> Tree:
        """The tree under the log's latest checkpoint, which extends the last one (1.1, 1.2, 1.3)."""
        self._checkpoint = self._check_checkpoint(source)
        with checked():
            tree = Tree(self._checkpoint, source.fetch)
            if self.tree is not None:
                tree.check_extends(self.tree.checkpoint)
        self.tree = tree
        return tree

    def _fold(self, portion: Portion) -> None:
        """Take entries; nothing is folded that nobody pinned."""
        if self.record.size == 0 and portion.entries:
            self._check_pin(portion.entries[0])
        self.record.extend(*portion)

    def _check_checkpoint(self, source: Source) -> TreeHead:
        """Checks 1.1 and 1.2."""
        self._examined["1.1"] = 1
        try:
            self.note = source.checkpoint()
            checkpoint, signed = self.policy.verify_log(self.note)
        except EvidenceMissing as error:
            raise EvidenceMissing(str(error), "1.1") from error
        except (LogError, FormatError) as error:
            raise VerificationError("1.1", "board", str(error)) from error
        self._checkpoint = checkpoint
        self._examined["1.2"] = 1
        try:
            times = self.policy.cosigned(signed)
        except LogError as error:
            raise VerificationError("1.2", "witnesses", str(error)) from error
        if not self.policy.satisfied(times):
            message = f"size {checkpoint.size}: cosigned by {len(times)} pinned witnesses, no quorum"
            raise VerificationError("1.2", "witnesses", message)
        return checkpoint

    def _root(self, size: int) -> bytes:
        if self.tree is None:
            raise TypeError("entries are folded once the tree has been read")
        with checked():
            return self.tree.root(size)

    def _accept(self, definition: Definition) -> None:
        """Check 2.1: the definition names the pinned log."""
        log = self.policy.logs.get(definition.board.origin)
        if log is None or log.public.raw != definition.board.key:
            message = "the pinned log is not the one the definition names"
            raise VerificationError("2.1", "organiser", message)

    def _check_pin(self, data: bytes) -> None:
        """Whether entry 0 is, or names, the pinned definition; what else is wrong the fold refuses."""
        try:
            entry = logged.decode(data)
        except FormatError:
            return
        if not isinstance(entry.payload, logged.DefinitionEntry):
            return
        document = entry.payload.document
        named = hash_of(document) if document else entry.referendum
        if named != self.pin.definition:
            self._examined.update(("1.4", "2.1"))  # the fold does not come to it
            message = (
                f"the definition's hash is {named.hex()}, not the pinned one"
                if named
                else "the log begins with a document that has no definition hash"
            )
            raise VerificationError("2.1", "organiser", message)

    def find(self, leaf: bytes) -> int | None:
        """Where the log, as far as it was read, first has an entry of this leaf hash."""
        size = self.tree.checkpoint.size if self.tree else 0
        while self.tree and self._indexed < size:
            self._leaves.setdefault(self.tree.hash(0, self._indexed), self._indexed)
            self._indexed += 1
        return self._leaves.get(leaf)

    def ahead(self, now: int) -> list[str]:
        """What the latest checkpoint says of a time that has not come (`spec/log.md#witnesses`).

        `now` in UTC seconds. It decides nothing: a witness's clock is wrong, or the reader's.
        """
        with suppress(LogError, FormatError):
            checkpoint, times = self.policy.verify(self.note)
            latest = now + (self.record.definition.tolerance if self.record.begun else 0)
            return [
                f"{self.policy.witnesses[name].name} cosigned size {checkpoint.size} "
                f"at {time} (UTC seconds), which has not come: its clock is wrong, or this one"
                for name, time in times.items()
                if time > latest
            ]
        return []

    def report(self, now: int | None = None) -> Report:
        """What was found; a result only where nothing stopped the verification.

        With a time, UTC seconds, `clocks` tells of cosignatures that are later.
        """
        record = self.record
        follows = self.stopped is None and record.phase in ("counted", "cancelled")
        examined = record.examined + self._examined
        examined["1.3"] = examined["1.4"]
        return Report(
            record.phase,
            self._checkpoint,
            outcomes(examined, record.void, record.notices, self.stopped),
            tuple(sorted(record.void)),
            tuple(sorted(record.notices)),
            tuple(record.afterwards),
            () if now is None else tuple(self.ahead(now)),
            record.result_document() if follows else None,
        )


@contextmanager
def checked() -> Iterator[None]:
    """Check 1.3: whatever is wrong with a tile is the board's; what is not there is missing."""
    try:
        yield
    except EvidenceMissing:
        raise
    except (LogError, FormatError) as error:
        raise VerificationError("1.3", "board", str(error)) from error


def read(tree: Tree, start: int) -> Generator[Portion, None, None]:
    """A tree's entries from an index on, many at once, each checked to be under the tree's root (1.3)."""
    with checked():
        yield from portions(tree, start)


def gathered(tree: Tree, start: int) -> Iterator[list[bytes]]:
    """The same entries alone; nobody has looked at their signatures."""
    with checked():
        yield from runs(tree.entries(start))
