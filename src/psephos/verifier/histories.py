"""Two checkpoints that one honest log cannot have signed, or that honest witnesses cannot have cosigned."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from psephos.errors import LogError
from psephos.log import cosignature, merkle
from psephos.log.checkpoints import TreeHead
from psephos.log.policy import Policy
from psephos.verifier.evidence import Exhibit, NotProven
from psephos.verifier.run import Verification


@dataclass(frozen=True)
class Fork(Exhibit, kind="fork"):
    """Two checkpoints, `older` the smaller, of which neither extends the other.

    `root` is the root that the newer one's tree has at the older one's size, and `proof` the consistency
    proof from there: it holds, so the newer tree does not begin with the older.
    """

    older: bytes
    newer: bytes
    root: bytes
    proof: tuple[bytes, ...]

    def proves(self, log: Verification) -> str:
        known = log.policy
        older, newer = _signed(known, self.older), _signed(known, self.newer)
        merkle.verify_consistency(older.size, newer.size, self.proof, self.root, newer.root)
        if self.root == older.root:
            raise NotProven(f"size {newer.size} extends size {older.size}")
        both = sorted(_times(known, self.older).keys() & _times(known, self.newer).keys())
        with_them = f", and {', '.join(both)} cosigned both" if both else ""
        return f"board forked its log: it signed sizes {older.size} and {newer.size} of two logs{with_them}"

    @property
    def subject(self) -> bytes:
        return self.older


@dataclass(frozen=True)
class Rewind(Exhibit, kind="rewind"):
    """A checkpoint, and a smaller one that was published after it."""

    larger: bytes
    smaller: bytes

    def proves(self, log: Verification) -> str:
        known = log.policy
        larger, smaller = _signed(known, self.larger), _signed(known, self.smaller)
        if smaller.size >= larger.size:
            raise NotProven(f"size {smaller.size} is no rewind of size {larger.size}")
        before, after = _times(known, self.larger), _times(known, self.smaller)
        unfaithful = sorted(name for name in before.keys() & after.keys() if before[name] < after[name])
        if unfaithful:
            names = ", ".join(unfaithful)
            return f"{names} cosigned size {smaller.size} after size {larger.size}: the log was rewound"
        if log.tree is None:
            raise NotProven("the smaller checkpoint may be an old copy; the log would show what holds now")
        if (now := log.tree.checkpoint.size) >= larger.size:
            raise NotProven(f"the log has {now} entries now: the smaller checkpoint was an old copy")
        return f"board signed size {larger.size}, and this log shows {now} entries"

    @property
    def subject(self) -> bytes:
        return self.larger


def _signed(known: Policy, note: bytes) -> TreeHead:
    return known.verify_log(note)[0]


def _times(known: Policy, note: bytes) -> dict[str, int]:
    """The witnesses whose cosignatures hold, with their times; a wrong line is nobody's word."""
    _, signed = known.verify_log(note)
    times = {}
    for key in known.witnesses.values():
        with suppress(LogError):
            if (time := cosignature.verify(signed, key)) is not None:
                times[key.name] = time
    return times
