"""Shares of decryptions as jobs (`spec/phases.md#release`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from psephos.crypto.column import columns, take
from psephos.crypto.threshold import make_shares
from psephos.errors import PhaseError
from psephos.executor.execution import Execution
from psephos.executor.logged import Log
from psephos.executor.rows import ChunkRows, read
from psephos.protocol.tally.count import SIGNS, Counting
from psephos.protocol.tally.sums import gathered
from psephos.protocol.tally.weighing import ChunkId

_ROWS = 8192
"""Counting rows of a job: two tenths of a second for a processor."""


@dataclass(frozen=True)
class ShareSigns:
    """A trustee's shares of the signs of some chunks."""

    secret: ClassVar[bool] = True
    log: Log | None
    election: bytes
    trustee: int
    places: tuple[ChunkId, ...]
    rows: tuple[ChunkRows, ...]
    selected: tuple[bytes, ...]
    """Which rows of each chunk count, u32 columns."""
    share: bytes = field(repr=False)
    seed: bytes = field(repr=False)

    def __call__(self) -> bytes:
        """Shares and proofs, chunk by chunk, joined."""
        places = [(SIGNS, self.trustee, *place) for place in self.places]
        counts = [len(rows) // 4 for rows in self.selected]
        widths = [rows.width for rows in self.rows]
        inputs = b"".join(
            take(columns(last, 64 * width, 0, 32), 32, selected)
            for last, width, selected in zip(read(self.log, self.rows), widths, self.selected, strict=True)
        )
        return make_shares(self.election, places, counts, inputs, self.share, self.seed)


def release(
    site: Execution, count: Counting, trustee: int, share: bytes, random: Callable[[int], bytes]
) -> tuple[int, bytes]:
    """The stage that is due and a trustee's shares for it; it takes no ciphertext from outside.

    The fold that made `count` has verified batches, ballots and every chain. `share` is x_j. Each job takes
    32 bytes of `random`, in the same order wherever it is done. Weights of areas and totals are few: their
    shares are made here.
    """
    stage = count.stage
    if stage is None:
        raise PhaseError("nothing is to be released: the totals are known")
    if stage == SIGNS:
        weights = next(count.due(stage, trustee))
        known = weights.places, weights.counts, weights.inputs
        made_here = make_shares(count.election, *known, share, random(32))
        return stage, made_here + b"".join(site.executor.map(_jobs(site.log, count, trustee, share, random)))
    made = (
        make_shares(count.election, due.places, due.counts, due.inputs, share, random(32))
        for due in count.due(stage, trustee)
    )
    return stage, b"".join(made)


def _jobs(
    log: Log | None, count: Counting, trustee: int, share: bytes, random: Callable[[int], bytes]
) -> Iterator[ShareSigns]:
    for some in gathered(count.selections(), _ROWS):
        chains = [count.chains[place] for place, _ in some]
        yield ShareSigns(
            log,
            count.election,
            trustee,
            tuple(place for place, _ in some),
            tuple(ChunkRows.of(chain, log) for chain in chains),
            tuple(rows.tobytes() for _, rows in some),
            share,
            random(32),
        )
