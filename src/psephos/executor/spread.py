"""The checks of a fold's proofs, spread over workers (`psephos.protocol.proofs`)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import TypeVar

from psephos.crypto.card import PLAIN_RECORD, RECORD
from psephos.executor.asking import Asker
from psephos.executor.checks import CheckBallots, CheckCards, CheckShares, CheckWeighings, Piece, Weighed
from psephos.executor.job import Job
from psephos.executor.logged import Log
from psephos.protocol.bundle import Excerpt
from psephos.protocol.proofs import Bad, Claim, Proofs, Styles

_One = TypeVar("_One")


class Spread(Proofs):
    """Has every check made by an executor's workers, who read what they check from the log.

    What is bad and why is what `Proofs` would say, row by row: now, or later (`ahead`). A job is
    what the fold looks at together, some megabytes, so the better part of a second for a processor.
    """

    def __init__(self, asker: Asker, log: Callable[[], Log]) -> None:
        """`log` is the log under the checkpoint that is being folded."""
        self.asker = asker
        self._log = log

    def check_cards(
        self, election: bytes, region: int, key: bytes, records: Iterable[Excerpt], plain: bool
    ) -> list[Bad]:
        """4.3."""
        log, pieces = self._log(), [Piece.of(run) for run in records]
        jobs = [CheckCards(log, election, region, key, piece, plain) for piece in pieces]
        width = PLAIN_RECORD if plain else RECORD
        firsts = list(accumulate((piece.size // width for piece in pieces), initial=0))

        def conclude(results: Sequence[list[Bad]]) -> list[Bad]:
            found = zip(firsts, results, strict=False)
            return [(first + row, reason) for first, bad in found for row, reason in bad]

        usual: list[Bad] = []
        return self.asker.ask(jobs, conclude, usual)

    def check_ballots(
        self,
        election: bytes,
        key: bytes,
        styles: Styles,
        indices: array[int],
        entries: bytes,  # noqa: ARG002  for who checks them here
        lengths: bytes,  # noqa: ARG002
    ) -> list[Bad]:
        """6.4."""
        return self._bad(CheckBallots(self._log(), election, key, styles, indices))

    def check_weighings(
        self, election: bytes, key: bytes, width: int, claims: Sequence[Claim]
    ) -> list[tuple[int, int, str]]:
        """7.2."""
        weighed = [Weighed.of(claim, width) for claim in claims]
        return self._bad(CheckWeighings(self._log(), election, key, width, weighed))

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
        piece = Piece.of(content)
        return self._bad(CheckShares(self._log(), election, public, places, counts, inputs, piece))

    def _bad(self, job: Job[list[_One]]) -> list[_One]:
        """What a job finds, usually nothing."""
        usual: list[_One] = []
        return self.asker.ask([job], itemgetter(0), usual)
