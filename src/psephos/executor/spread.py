"""The checks of a fold's proofs, spread over workers (`psephos.protocol.proofs`)."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

from psephos.crypto.card import PLAIN_RECORD, RECORD
from psephos.executor.asking import Asker, Later, Now
from psephos.executor.batches import batches
from psephos.executor.checks import CheckBallots, CheckCards, CheckShares, CheckWeighings, Piece, Weighed
from psephos.executor.job import Executor
from psephos.executor.logged import Log
from psephos.executor.rows import Rows
from psephos.protocol.bundle import Excerpt
from psephos.protocol.entry import PIECE, Batch
from psephos.protocol.proofs import Bad, Claim, Proofs, Styles, weighs
from psephos.protocol.tally.count import PROOF

Folded = TypeVar("Folded")
_One = TypeVar("_One")

_ENOUGH = 1 << 20
"""Bytes of a job: one to two tenths of a second for a processor."""


class Spread(Proofs):
    """Has every check made by an executor's workers, who read what they check from the log.

    What is bad and why is what `Proofs` would say, row by row: now, or once `folded` has found out.
    """

    def __init__(self, asker: Asker, log: Callable[[], Log]) -> None:
        """`log` is the log under the checkpoint that is being folded."""
        self.asker = asker
        self._log = log

    def check_cards(
        self, election: bytes, batch: Batch, key: bytes, records: Iterable[Excerpt], plain: bool
    ) -> tuple[list[Bad], bool]:
        """4.3 and 4.4."""
        log, width = self._log(), PLAIN_RECORD if plain else RECORD
        pieces = [piece for run in records for piece in _pieces(run, width)]
        firsts = accumulate((piece.size // width for piece in pieces), initial=0)
        join = _joined(list(firsts), _moved)
        jobs = [CheckCards(log, election, batch.region, key, piece, plain) for piece in pieces]

        def conclude(results: Sequence[tuple[list[Bad], bytes]]) -> tuple[list[Bad], bool]:
            bad = join([some for some, _ in results])
            return bad, not bad and (plain or weighs(key, batch, b"".join(weight for _, weight in results)))

        usual: tuple[list[Bad], bool] = ([], True)
        return self.asker.ask(jobs, conclude, usual)

    def check_ballots(
        self,
        election: bytes,
        key: bytes,
        styles: Styles,
        indices: array[int],
        entries: bytes,  # noqa: ARG002  for who checks them here
        lengths: bytes,
    ) -> list[Bad]:
        """6.4."""
        sizes = array("I", lengths)
        log, parts = self._log(), _parts(sizes)
        jobs = [CheckBallots(log, election, key, styles, indices[first:end]) for first, end in parts]
        return self.asker.ask(jobs, _joined([first for first, _ in parts], _moved), [])

    def check_weighings(
        self, election: bytes, key: bytes, width: int, claims: Sequence[Claim]
    ) -> list[tuple[int, int, str]]:
        """7.2."""
        log, parts = self._log(), _parts([len(claim.after) for claim in claims])
        jobs = [
            CheckWeighings(log, election, key, width, [_weighed(claim, width) for claim in claims[first:end]])
            for first, end in parts
        ]
        join = _joined([first for first, _ in parts], lambda first, bad: (first + bad[0], bad[1], bad[2]))
        return self.asker.ask(jobs, join, [])

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
        rows, ends = [0, *accumulate(counts)], [0, *accumulate(sizes)]
        log, parts = self._log(), _parts(sizes)
        jobs = [
            CheckShares(
                log,
                election,
                public,
                places[first:end],
                counts[first:end],
                inputs[32 * rows[first] : 32 * rows[end]],
                _piece(content, ends[first], ends[end]),
            )
            for first, end in parts
        ]
        return self.asker.ask(jobs, _joined([first for first, _ in parts], operator.add), [])


def folded(fold: Callable[[Proofs], Folded], executor: Executor, log: Callable[[], Log]) -> Folded:
    """What `fold` makes of a log whose proofs are checked by workers.

    It goes on while they check, as if every proof held. If one does not, it begins anew, with what they have
    found out, and waits for each answer that is not known yet. So what is folded later has to wait, too.
    """
    later = Later(executor)
    proofs = Spread(later, log)
    try:
        found = fold(proofs)
    except Exception:  # what follows from a wrong answer can be anything
        if later.right():
            raise
    else:
        if later.right():
            proofs.asker = Now(executor)
            return found
    return fold(Spread(Now(executor, later.answers), log))


def _parts(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Where jobs about consecutive things of these sizes, in bytes, begin and end."""
    return [(part[0], part[-1] + 1) for part in batches(range(len(sizes)), sizes.__getitem__, _ENOUGH)]


def _joined(
    firsts: Sequence[int], move: Callable[[int, _One], _One]
) -> Callable[[Sequence[Sequence[_One]]], list[_One]]:
    """What is bad in all parts, from what is bad in each; a part's own positions begin at its first."""
    return lambda parts: [move(first, one) for first, bad in zip(firsts, parts, strict=False) for one in bad]


def _moved(first: int, bad: Bad) -> Bad:
    return first + bad[0], bad[1]


def _pieces(records: Excerpt, width: int) -> Iterator[Piece]:
    """Pieces of whole records."""
    for first, end in _parts([width] * (len(records.data) // width)):
        yield _piece(records, width * first, width * end)


def _piece(excerpt: Excerpt, start: int, end: int) -> Piece:
    """Some bytes of an excerpt, and only the parts that hold them."""
    first, at = divmod(excerpt.start + start, PIECE)
    last = -(-(excerpt.start + end) // PIECE)
    return Piece(excerpt.parts[first:last], at, end - start)


def _weighed(claim: Claim, width: int) -> Weighed:
    before = Rows(width, claim.source, claim.before if claim.source is None else b"")
    return Weighed(claim.index, claim.place, claim.source, before)
