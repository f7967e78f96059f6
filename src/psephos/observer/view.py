"""Checkpoints of one log, as different people were shown it, held against one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from psephos.errors import EvidenceMissing, FormatError, LogError
from psephos.log import checkpoints, merkle
from psephos.log.checkpoints import TreeHead
from psephos.log.client import Client
from psephos.log.merkle import HashReader
from psephos.log.note import MAX_NOTE_SIZE
from psephos.log.policy import Policy
from psephos.log.tree import Tree
from psephos.verifier.histories import Fork


@dataclass(frozen=True)
class View:
    """A checkpoint that somebody was shown; `read` gives hashes of its tree, where they are known."""

    where: str
    note: bytes
    checkpoint: TreeHead
    read: HashReader | None

    @classmethod
    def of(cls, where: str, note: bytes, read: HashReader | None = None) -> View:
        """A checkpoint that was verified before."""
        return cls(where, note, checkpoints.read(note)[0], read)


@contextmanager
def seen_at(where: str, policy: Policy) -> Iterator[View]:
    """The checkpoint in a file, a log's directory or at its URL, which the policy's log has signed.

    A file stands alone; a log also gives the hashes. LogError or FormatError for anything else.
    """
    if Path(where).is_file():
        note = _read(Path(where))
        policy.verify_log(note)
        yield View.of(where, note)
        return
    with Client(where.removesuffix("/checkpoint")) as client:
        note = client.checkpoint()
        checkpoint, _ = policy.verify_log(note)
        read = None
        with suppress(LogError, FormatError):
            read = Tree(checkpoint, client.fetch).hash
        yield View(where, note, checkpoint, read)


def contradiction(one: View, other: View) -> Fork | None:
    """The proof that neither of two checkpoints extends the other; None where one does.

    EvidenceMissing where the hashes that would tell are not known.
    """
    older, newer = sorted((one, other), key=lambda view: view.checkpoint.size)
    old, new = older.checkpoint, newer.checkpoint
    if old.size in (0, new.size):
        root, proof = (new if old.size else old).root, tuple[bytes, ...]()
    elif newer.read is None:
        raise EvidenceMissing(f"{newer.where}: its log is not there to tell whether it extends {older.where}")
    else:
        root = merkle.range_root(0, old.size, newer.read)
        proof = tuple(merkle.consistency_proof(old.size, new.size, newer.read))
    return None if root == old.root else Fork(older.note, newer.note, root, proof)


def compare(views: Sequence[View]) -> Iterator[Fork | str]:
    """Every two views that contradict one another, or why two of them cannot be compared."""
    known = [_with_hashes(view, views) for view in views]
    for one, other in combinations(known, 2):
        try:
            if fork := contradiction(one, other):
                yield fork
        except EvidenceMissing as missing:
            yield str(missing)


def _with_hashes(view: View, others: Sequence[View]) -> View:
    """The view with the hashes of another that contains it, if it has none itself."""
    for other in others:
        if view.read is None and other.read is not None and _contains(other, view.checkpoint):
            return View(view.where, view.note, view.checkpoint, other.read)
    return view


def _contains(view: View, old: TreeHead) -> bool:
    if view.read is None or old.size > view.checkpoint.size:
        return False
    try:
        return merkle.range_root(0, old.size, view.read) == old.root
    except EvidenceMissing:
        return False


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        note = opened.read(MAX_NOTE_SIZE + 1)
    if len(note) > MAX_NOTE_SIZE:
        raise LogError(f"{file}: more than {MAX_NOTE_SIZE} bytes")
    return note
