"""The checks of a fold's proofs, spread over workers (`psephos.protocol.proofs`)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import TypeVar

from psephos.crypto.card import PLAIN_RECORD, RECORD, check_cards
from psephos.executor.asking import Asker
from psephos.executor.beside import Carrying
from psephos.executor.checks import (
    CheckBallots,
    CheckCards,
    CheckShares,
    CheckWeighings,
    PartExcerpt,
    Weighed,
)
from psephos.executor.job import Job
from psephos.executor.logged import Log
from psephos.protocol.multipart import Excerpt
from psephos.protocol.proofs import Bad, Claim, Proofs, Styles

_One = TypeVar("_One")


class DistributedProofs(Proofs):
    """Has every check made by an executor's workers, who read what they check from the log.

    What is bad and why is what `Proofs` would say, row by row: now, or later (`ahead`). A job is
    what the fold looks at together, some megabytes, so the better part of a second for a processor.
    """

    def __init__(self, asker: Asker, log: Callable[[], Log], *, here: bool = False) -> None:
        """`log` is the log under the checkpoint that is being folded.

        `here`: workers are threads of this process, and are given what they check instead.
        """
        self.asker = asker
        self._log = log
        self._here = here

    def check_cards(
        self, election: bytes, region: int, key: bytes, records: Iterable[Excerpt], plain: bool
    ) -> list[Bad]:
        """4.3."""
        log, width = self._log(), PLAIN_RECORD if plain else RECORD

        def job(run: Excerpt) -> Job[list[Bad]]:
            named = CheckCards(log, election, region, key, PartExcerpt.of(run), plain)
            return self._given(named, partial(check_cards, election, region, key, run.data, plain))

        if self._here:  # run by run: a batch may be larger than memory
            runs = ((len(run.data) // width, self._bad(job(run))) for run in records)
            return _joined(runs)
        sizes, jobs = [], []
        for run in records:
            sizes.append(len(run.data) // width)
            jobs.append(job(run))
        usual: list[Bad] = []
        return self.asker.ask(jobs, lambda results: _joined(zip(sizes, results, strict=False)), usual)

    def check_ballots(
        self,
        election: bytes,
        key: bytes,
        styles: Styles,
        indices: array[int],
        entries: bytes,
        lengths: bytes,
    ) -> list[Bad]:
        """6.4."""
        named = CheckBallots(self._log(), election, key, styles, indices)
        check = partial(super().check_ballots, election, key, styles, indices, entries, lengths)
        return self._bad(self._given(named, check))

    def check_weighings(
        self, election: bytes, key: bytes, width: int, claims: Sequence[Claim]
    ) -> list[tuple[int, int, str]]:
        """7.2."""
        weighed = [Weighed.of(claim, width) for claim in claims]
        named = CheckWeighings(self._log(), election, key, width, weighed)
        return self._bad(self._given(named, partial(super().check_weighings, election, key, width, claims)))

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
        named = CheckShares(self._log(), election, public, places, counts, inputs, PartExcerpt.of(content))
        check = partial(super().check_shares, election, public, places, counts, inputs, content)
        return self._bad(self._given(named, check))

    def _given(self, named: Job[_One], check: Callable[[], _One]) -> Job[_One]:
        """The job, with what it is about where it is done here."""
        return Carrying(named, check) if self._here else named

    def _bad(self, job: Job[list[_One]]) -> list[_One]:
        """What a job finds, usually nothing."""
        usual: list[_One] = []
        return self.asker.ask([job], itemgetter(0), usual)


def _joined(runs: Iterable[tuple[int, list[Bad]]]) -> list[Bad]:
    """The bad of consecutive runs, each with how many rows it has."""
    found, first = [], 0
    for size, bad in runs:
        found += [(first + row, reason) for row, reason in bad]
        first += size
    return found
