"""The checks of a fold's proofs, spread over workers (`psephos.protocol.proofs`)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate

from psephos.crypto.card import PLAIN_RECORD, RECORD
from psephos.crypto.threshold import sum_columns
from psephos.executor.batches import batches
from psephos.executor.checks import CheckBallots, CheckCards, CheckShares, CheckWeighings, Piece, Weighed
from psephos.executor.job import Executor
from psephos.executor.logged import Log
from psephos.executor.rows import Rows
from psephos.protocol.bundle import Excerpt
from psephos.protocol.entry import PIECE
from psephos.protocol.proofs import Claim, Proofs, Styles
from psephos.protocol.tally.count import PROOF

_ENOUGH = 1 << 20
"""Bytes of a job: one to two tenths of a second for a processor."""


class Spread(Proofs):
    """Has every check made by an executor's workers, who read what they check from the log.

    What is bad and why is what `Proofs` would say, row by row.
    """

    def __init__(self, executor: Executor, log: Callable[[], Log]) -> None:
        """`log` is the log under the checkpoint that is being folded."""
        self._executor = executor
        self._log = log

    def check_cards(
        self, election: bytes, region: int, key: bytes, records: Excerpt, plain: bool
    ) -> tuple[list[tuple[int, str]], bytes]:
        """4.3, and the sum of the weights."""
        width = PLAIN_RECORD if plain else RECORD
        count = len(records.data) // width
        parts = list(batches(range(count), lambda _: width, _ENOUGH))
        jobs = (
            CheckCards(self._log(), election, region, key, piece, plain)
            for piece in (_piece(records, width * part[0], width * (part[-1] + 1)) for part in parts)
        )
        results = list(zip(parts, self._executor.map(jobs), strict=True))
        bad = [(part[row], reason) for part, (some, _) in results for row, reason in some]
        return bad, sum_columns(b"".join(weight for _, (_, weight) in results), 1)

    def check_ballots(
        self,
        election: bytes,
        key: bytes,
        styles: Styles,
        indices: array[int],
        entries: bytes,  # noqa: ARG002  for who checks them here
        lengths: bytes,
    ) -> list[tuple[int, str]]:
        """6.4."""
        sizes = array("I", lengths)
        parts = list(batches(range(len(sizes)), sizes.__getitem__, _ENOUGH))
        jobs = (
            CheckBallots(self._log(), election, key, styles, indices[part[0] : part[-1] + 1])
            for part in parts
        )
        results = zip(parts, self._executor.map(jobs), strict=True)
        return [(part[row], reason) for part, bad in results for row, reason in bad]

    def check_weighings(
        self, election: bytes, key: bytes, width: int, claims: Sequence[Claim]
    ) -> list[tuple[int, int, str]]:
        """7.2."""
        parts = list(batches(range(len(claims)), lambda at: len(claims[at].after), _ENOUGH))
        jobs = (
            CheckWeighings(self._log(), election, key, width, [_weighed(claims[at], width) for at in part])
            for part in parts
        )
        results = zip(parts, self._executor.map(jobs), strict=True)
        return [(part[at], row, reason) for part, bad in results for at, row, reason in bad]

    def check_shares(
        self,
        election: bytes,
        public: bytes,
        places: Sequence[tuple[int, int, int, int, int]],
        counts: Sequence[int],
        inputs: bytes,
        content: Excerpt,
    ) -> list[int]:
        """9.2."""
        sizes = [32 * count + PROOF for count in counts]
        parts = list(batches(range(len(places)), sizes.__getitem__, _ENOUGH))
        rows, ends = [0, *accumulate(counts)], [0, *accumulate(sizes)]
        jobs = (
            CheckShares(
                self._log(),
                election,
                public,
                places[first:end],
                counts[first:end],
                inputs[32 * rows[first] : 32 * rows[end]],
                _piece(content, ends[first], ends[end]),
            )
            for first, end in ((part[0], part[-1] + 1) for part in parts)
        )
        results = zip(parts, self._executor.map(jobs), strict=True)
        return [part[chunk] for part, bad in results for chunk in bad]


def _piece(excerpt: Excerpt, start: int, end: int) -> Piece:
    """Some bytes of an excerpt, and only the parts that hold them."""
    first, at = divmod(excerpt.start + start, PIECE)
    last = -(-(excerpt.start + end) // PIECE)
    return Piece(excerpt.parts[first:last], at, end - start)


def _weighed(claim: Claim, width: int) -> Weighed:
    before = Rows(width, claim.source, claim.before if claim.source is None else b"")
    return Weighed(claim.index, claim.place, claim.source, before)
