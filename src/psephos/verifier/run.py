"""Verifies a record against a pin; the only place where checks that fail are caught (`spec/checks.md`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

from psephos.errors import EvidenceMissing, FormatError, LogError, VerificationError
from psephos.log.checkpoint import Checkpoint
from psephos.log.policy import Policy
from psephos.log.tree import Tree
from psephos.protocol.pin import Pin
from psephos.protocol.record import LogView, Record
from psephos.reader import Source, witnessed
from psephos.verifier.report import Report, outcomes

BUNDLES = 32
"""Bundles folded at once: enough ballots and rows for batches that pay."""

Progress = Callable[[int, int], None]
"""Told how many entries have been verified, and of how many."""


def policy(pin: Pin) -> Policy:
    """The pin's policy; FormatError unless it is one, of one log: otherwise the pin cannot be used."""
    found = Policy.parse(pin.policy.encode())
    if len(found.logs) != 1:
        raise FormatError(f"pin: a policy of {len(found.logs)} logs instead of one")
    return found


def verify(source: Source, pin: Pin, progress: Progress | None = None) -> Report:
    """Make every check of a record, up to the first that is fatal or lacks its evidence.

    Raises FormatError for a pin whose policy cannot be read, and nothing for whatever the record holds.
    """
    run = _Run(source, pin, policy(pin))
    try:
        run.through(progress)
    except (VerificationError, EvidenceMissing) as stopped:
        return run.report(stopped)
    return run.report(None)


class _Run:
    """One verification: what was looked at besides the fold, and how far it came."""

    def __init__(self, source: Source, pin: Pin, policy: Policy) -> None:
        self._source, self._pin, self._policy = source, pin, policy
        self._looked_at: Counter[str] = Counter()
        self._checkpoint: Checkpoint | None = None
        self._tree: Tree | None = None
        self._record = Record(LogView(self._root, witnessed))

    def through(self, progress: Progress | None) -> None:
        """Verify the log's latest checkpoint and every entry under it."""
        self._checkpoint = self._check_checkpoint()
        with _tiles():
            self._tree = Tree(self._checkpoint, self._fetch)
        for entries in _gathered(self._tree):
            self._fold(entries)
            if progress:
                progress(self._record.size, self._checkpoint.size)

    def _fold(self, entries: list[bytes]) -> None:
        """Take entries; of the first ones entry 0 alone, so that nothing is folded that nobody pinned."""
        if self._record.size == 0:
            self._record.extend(entries[:1])
            self._check_pin()
            entries = entries[1:]
        self._record.extend(entries)

    def _check_checkpoint(self) -> Checkpoint:
        """Checks 1.1 and 1.2."""
        self._looked_at["1.1"] += 1
        try:
            checkpoint, signed = self._policy.verify_log(self._source.checkpoint())
        except EvidenceMissing as error:
            raise EvidenceMissing(str(error), "1.1") from error
        except (LogError, FormatError) as error:
            raise VerificationError("1.1", "board", str(error)) from error
        self._checkpoint = checkpoint
        self._looked_at["1.2"] += 1
        try:
            times = self._policy.cosigned(signed)
        except LogError as error:
            raise VerificationError("1.2", "witnesses", str(error)) from error
        if not self._policy.satisfied(times):
            message = f"size {checkpoint.size}: cosigned by {len(times)} pinned witnesses, no quorum"
            raise VerificationError("1.2", "witnesses", message)
        return checkpoint

    def _fetch(self, path: str, limit: int) -> bytes:
        data = self._source.fetch(path, limit)
        self._looked_at["1.3"] += 1
        return data

    def _root(self, size: int) -> bytes:
        if self._tree is None:
            raise TypeError("entries are folded once the tree has been read")
        with _tiles():
            return self._tree.root(size)

    def _check_pin(self) -> None:
        """What check 2.1 asks beyond the record: the pinned definition, and its log."""
        definition = self._record.definition
        if definition.hash != self._pin.definition:
            message = f"the definition's hash is {definition.hash.hex()}, not the pinned one"
            raise VerificationError("2.1", "organiser", message)
        log = self._policy.logs.get(definition.board.origin)
        if log is None or log.public.raw != definition.board.key:
            raise VerificationError("2.1", "organiser", "the pinned log is not the one the definition names")

    def report(self, stopped: VerificationError | EvidenceMissing | None) -> Report:
        """What was found; a result only where nothing stopped the verification."""
        record = self._record
        follows = stopped is None and record.phase in ("counted", "cancelled")
        return Report(
            record.phase,
            self._checkpoint,
            outcomes(record.looked_at + self._looked_at, record.void, stopped),
            tuple(sorted(record.void)),
            tuple(record.notices()),
            record.result_document() if follows else None,
        )


@contextmanager
def _tiles() -> Iterator[None]:
    """Check 1.3: whatever is wrong with a tile is the board's; what is not there is missing."""
    try:
        yield
    except EvidenceMissing:
        raise
    except (LogError, FormatError) as error:
        raise VerificationError("1.3", "board", str(error)) from error


def _gathered(tree: Tree) -> Iterator[list[bytes]]:
    bundles = tree.entries()
    with _tiles():
        while some := list(islice(bundles, BUNDLES)):
            yield [entry for _, entries in some for entry in entries]
