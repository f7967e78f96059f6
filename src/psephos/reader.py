"""A log read into a record: what every role and every verifier starts from."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import lru_cache
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import NamedTuple, Protocol, TypeVar

from psephos.crypto.signature import signed_entries
from psephos.crypto.workers import workers
from psephos.errors import LogError, PsephosError
from psephos.log.checkpoints import TreeHead
from psephos.log.policy import Policy
from psephos.log.tiles import TILE_WIDTH
from psephos.log.tree import Fetch, Tree
from psephos.protocol.proofs import Proofs
from psephos.protocol.record import Record
from psephos.protocol.state import LogView
from psephos.protocol.storage import RUN, ByteStore

_AHEAD = 2
"""Portions that wait to be folded."""


class Source(Protocol):
    """Where a log is read from: `psephos.log.client.Client`, or anything like it."""

    @property
    def fetch(self) -> Fetch:
        """Read a file of the log."""

    def checkpoint(self) -> bytes:
        """The latest checkpoint, unverified."""


@lru_cache(8)
def _policy(text: str) -> Policy:
    return Policy.parse(text.encode())


@lru_cache(1024)  # where one process folds a log for several parties, each checkpoint is judged once
def witnessed(note: bytes, policy_text: str) -> tuple[int, bytes, tuple[int, ...] | None]:
    """Size, root and times of a checkpoint's cosignatures (1.7, 1.8); no times without a quorum."""
    policy = _policy(policy_text)
    checkpoint, signed = policy.verify_log(note)
    try:
        times = policy.cosigned(signed)
    except LogError:
        return checkpoint.size, checkpoint.root, None
    return checkpoint.size, checkpoint.root, tuple(times.values()) if policy.satisfied(times) else None


class Reader:
    """Follows a log: each `read` folds what is new; a log that does not extend what it saw is refused."""

    def __init__(
        self,
        source: Source,
        policy: Policy,
        latest: TreeHead | None = None,
        storage: ByteStore | None = None,
        proofs: Proofs | None = None,
    ) -> None:
        """`latest` is a checkpoint from an earlier run, which the log must extend; `Record` says the rest."""
        self._source = source
        self._policy = policy
        self._tree: Tree | None = None
        self.latest = latest
        self.record = Record(LogView(self._root, witnessed), storage, proofs)

    def _root(self, size: int) -> bytes:
        if self._tree is None:
            raise LogError("nothing of the log has been read yet")
        return self._tree.root(size)

    def read(self, progress: Callable[[int, int], None] | None = None) -> Record:
        """The record up to the log's latest checkpoint, which satisfies the policy.

        `progress` is told how many entries have been folded, and of how many.
        """
        checkpoint, _ = self._policy.verify(self._source.checkpoint())
        tree = Tree(checkpoint, self._source.fetch)
        if self.latest is not None:
            tree.check_extends(self.latest)
        self._tree, self.latest = tree, checkpoint
        with closing(portions(tree, self.record.size)) as found:
            for portion in found:
                self.record.extend(*portion)
                if progress:
                    progress(self.record.size, checkpoint.size)
        return self.record


class Portion(NamedTuple):
    """Consecutive entries, each of which is under the tree's root."""

    entries: list[bytes]
    signed: bytes
    """For each 1 if it is known that its author's Ed25519 signature holds, else 0."""


def portions(tree: Tree, start: int) -> Generator[Portion, None, None]:
    """A tree's entries from an index on, about as many at a time as make a run of `RUN` bytes, or fewer.

    They are fetched, hashed, cut and their signatures checked ahead of whoever takes them, by a thread of its
    own where there is more than one: up to `_AHEAD` portions wait. Close it where not all are taken.
    """
    made = (Portion(entries, signed_entries(entries)) for entries in runs(tree.entries(start)))
    few = tree.checkpoint.size - start <= TILE_WIDTH
    return made if few or workers() == 1 else ahead(made, _AHEAD)


_Item = TypeVar("_Item")


def ahead(items: Iterator[_Item], most: int) -> Generator[_Item, None, None]:
    """The same items, made by a thread of its own, at most so many ahead; what it raises, it raises here."""
    made: SimpleQueue[_Item | None] = SimpleQueue()
    room, stopped = Semaphore(most + 1), False
    failed: list[BaseException] = []

    def make() -> None:
        try:
            while room.acquire() and not stopped and (item := next(items, None)) is not None:
                made.put(item)
        except BaseException as error:  # whoever takes is told; a panic of the core is no Exception
            failed.append(error)
        made.put(None)

    thread = Thread(target=make, name="reads ahead", daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not None:
            yield item
            room.release()
        if failed:
            raise failed[0]
    finally:
        stopped = True
        room.release()
        thread.join()


def runs(bundles: Iterator[tuple[int, list[bytes]]]) -> Iterator[list[bytes]]:
    """The entries of bundles, about as many at a time as make a run of `RUN` bytes, or fewer.

    A bundle that is missing or wrong raises only after all entries before it: they are judged first.
    """
    portion: list[bytes] = []
    size = 0
    try:
        for _, entries in bundles:
            own = sum(map(len, entries))
            if size + own > RUN:
                if portion:
                    yield portion
                step = max(1, len(entries) * RUN // own) if own > RUN else len(entries)
                *whole, portion = [entries[at : at + step] for at in range(0, len(entries), step)]
                yield from whole
                size = sum(map(len, portion))
            else:
                portion, size = portion + entries, size + own
    except PsephosError:
        if portion:
            yield portion
        raise
    if portion:
        yield portion
