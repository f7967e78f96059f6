"""Who checks the proofs in a record: nearly all the work of the fold (`spec/checks.md`, 4.3 to 9.2)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from psephos.crypto.ballot import check_ballots
from psephos.crypto.card import PLAIN_RECORD, RECORD, check_cards
from psephos.crypto.threshold import check_shares
from psephos.crypto.weighing import check_weighings
from psephos.protocol.multipart import Excerpt

Styles = Sequence[Sequence[tuple[int, int, int]]]
"""The contests of each region: position in the definition, number of options, whether blank is allowed."""

Bad = tuple[int, str]
"""A row, by its position, and what is wrong with it. Where there are several, they ascend."""


@dataclass(frozen=True)
class Claim:
    """A weighing whose proofs are to be checked."""

    index: int
    """Log index of its entry."""
    place: tuple[int, int, int, int, int]
    """Region, day, chunk, position in the chain, trustee."""
    source: int | None
    """Log index of the weighing that gave the rows it takes; none for rows 0, which stand in no entry."""
    before: bytes = field(repr=False)
    """The rows it takes."""
    after: bytes = field(repr=False)
    """The rows it gives, with their proofs, as its entry has them."""


class Proofs:
    """Checks proofs here and now, with all cores; another object may do the same in another place.

    What a check is given stands in the log, but for rows 0 and what shares are for; the indices say where.
    Elections and keys have 32 bytes. FormatError is raised for lengths that do not fit, and for nothing else.
    """

    def check_cards(
        self, election: bytes, region: int, key: bytes, records: Iterable[Excerpt], plain: bool
    ) -> list[Bad]:
        """4.3: the bad among a batch's cards.

        The excerpts hold all card records of the batch, each a whole number of them.
        """
        bad, first = [], 0
        for run in records:
            found = check_cards(election, region, key, run.data, plain)
            bad += [(first + row, reason) for row, reason in found]
            first += len(run.data) // (PLAIN_RECORD if plain else RECORD)
        return bad

    def check_ballots(
        self,
        election: bytes,
        key: bytes,
        styles: Styles,
        indices: array[int],  # noqa: ARG002  for who reads them elsewhere
        entries: bytes,
        lengths: bytes,
    ) -> list[Bad]:
        """6.4: the bad.

        `indices` are the log indices of the entries (array "Q"), `entries` the same entries joined, `lengths`
        a u32 column.
        """
        return check_ballots(entries, lengths, election, key, styles)

    def check_weighings(
        self, election: bytes, key: bytes, width: int, claims: Sequence[Claim]
    ) -> list[tuple[int, int, str]]:
        """7.2: (position in `claims`, row, reason) of the bad, ascending; rows have `width` ciphertexts.

        A claim may take the rows that an earlier one gives; each is judged by itself.
        """
        positions = {claim.index: position for position, claim in enumerate(claims)}
        sources = [-1 if claim.source is None else positions.get(claim.source, -1) for claim in claims]
        places = [claim.place for claim in claims]
        counts = [len(claim.before) // (64 * width) for claim in claims]
        taken = zip(claims, sources, strict=True)
        before = b"".join(claim.before for claim, source in taken if source < 0)
        after = b"".join(claim.after for claim in claims)
        return check_weighings(election, key, places, counts, sources, before, after, width)

    def check_shares(
        self,
        election: bytes,
        public: bytes,
        places: Sequence[tuple[int, int, int, int, int]],
        counts: Sequence[int],
        inputs: bytes,
        content: Excerpt,
    ) -> list[int]:
        """9.2: the chunks, by position in `places`, whose proof does not hold, ascending.

        A place is stage, trustee, region, day, chunk; it has `counts[i]` of the inputs, 32 bytes each.
        """
        return check_shares(election, places, counts, inputs, public, content.data)
