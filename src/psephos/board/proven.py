"""Ballots whose proofs intake has checked, which the fold need not check again when they are logged."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from psephos.protocol.proofs import Proofs, Styles
from psephos.protocol.voting.vote import split


class Proven(Proofs):
    """Checks every proof once: a ballot that was noted, byte for byte, is not checked when it comes.

    Only this process's own checks are believed: after a restart what waits is checked again.
    """

    def __init__(self) -> None:
        self._ballots: set[bytes] = set()

    def note(self, ballots: Iterable[bytes]) -> None:
        """The proofs and signatures of these entries hold, under the record's own election and key."""
        self._ballots.update(ballots)

    def check_ballots(
        self,
        election: bytes,
        key: bytes,
        styles: Styles,
        indices: array[int],
        entries: bytes,
        lengths: bytes,
    ) -> list[tuple[int, str]]:
        """6.4 of those that were not noted; what was is forgotten: a log has it once."""
        ballots = split(entries, lengths)
        fresh = [row for row, ballot in enumerate(ballots) if ballot not in self._ballots]
        self._ballots.difference_update(ballots)
        if not fresh:
            return []
        unproven = [ballots[row] for row in fresh]
        places = array("Q", [indices[row] for row in fresh])
        sizes = array("I", map(len, unproven)).tobytes()
        bad = super().check_ballots(election, key, styles, places, b"".join(unproven), sizes)
        return [(fresh[row], reason) for row, reason in bad]
