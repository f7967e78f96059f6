"""Weighing chunks as jobs (`spec/phases.md#weighing`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from psephos.crypto.weighing import weigh
from psephos.executor.execution import Execution
from psephos.executor.logged import Log
from psephos.executor.rows import ChunkRows, read
from psephos.protocol.batches import batches
from psephos.protocol.entries import Weighing
from psephos.protocol.tally.weighing import Chain, WeighingChains

_ROWS = 1024
"""Rows of a job: two tenths of a second for a processor."""


@dataclass(frozen=True)
class Weigh:
    """A trustee's weighings of some chunks. Whoever has their seeds can undo them."""

    secret: ClassVar[bool] = True
    log: Log | None
    election: bytes
    key: bytes
    places: tuple[tuple[int, int, int, int, int], ...]
    """Region, day, chunk, position in the chain, trustee."""
    rows: tuple[ChunkRows, ...]
    seeds: tuple[bytes, ...] = field(repr=False)

    def __call__(self) -> list[bytes]:
        """Weighed rows with their proofs, chunk by chunk."""
        widths = [rows.width for rows in self.rows]
        taken = zip(self.places, read(self.log, self.rows), widths, self.seeds, strict=True)
        return [
            weigh(self.election, self.key, place, rows, width, seed) for place, rows, width, seed in taken
        ]


def weighings(
    site: Execution,
    weighing_chains: WeighingChains,
    chains: Iterable[Chain],
    weigher: int,
    random: Callable[[int], bytes],
) -> Iterator[Weighing]:
    """The weighings with which a trustee extends some chains, in their order.

    Each takes 32 bytes of `random`, in the same order wherever the work is done.
    """
    heads: deque[bytes] = deque()
    sent: deque[Weigh] = deque()

    def jobs() -> Iterator[Weigh]:
        for some in batches(chains, lambda chain: chain.size, _ROWS):
            heads.extend(chain.head for chain in some)
            sent.append(_job(site.log, weighing_chains, some, weigher, random))
            yield sent[-1]

    for given in site.executor.map(jobs()):
        for (region, day, chunk, position, _), rows in zip(sent.popleft().places, given, strict=True):
            yield Weighing(region, day, chunk, position, heads.popleft(), rows)


def _job(
    log: Log | None,
    weighing_chains: WeighingChains,
    chains: Sequence[Chain],
    weigher: int,
    random: Callable[[int], bytes],
) -> Weigh:
    return Weigh(
        log,
        weighing_chains.election,
        weighing_chains.key,
        tuple((*chain.chunk, len(chain.links) + 1, weigher) for chain in chains),
        tuple(ChunkRows.of(chain, log) for chain in chains),
        tuple(random(32) for _ in chains),
    )
