"""Ballots are checked once by a board: what intake has checked is believed, and nothing else."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from psephos.board.proven import Proven
from psephos.crypto.ballot import lengths
from tests.board.station import Station


def spoiled(ballot: bytes) -> bytes:
    """A well-formed ballot whose signature does not hold."""
    return ballot[:-32] + bytes(32)


def bad(station: Station, proven: Proven, *ballots: bytes) -> Sequence[int]:
    """The rows that a check refuses."""
    record = station.board.record
    styles = [region.style.shape for region in record.definition.regions]
    indices = array("Q", range(7, 7 + len(ballots)))
    keys, entries = record.joint_key, b"".join(ballots)
    found = proven.check_ballots(keys.election_hash, keys.point, styles, indices, entries, lengths(ballots))
    return [row for row, _ in found]


def test_only_what_was_noted_is_believed_and_only_once(station: Station) -> None:
    good = [station.ballot(card) for card in range(3)]
    wrong = [spoiled(ballot) for ballot in good]
    proven = Proven()
    assert bad(station, proven, wrong[0], good[1], wrong[2]) == [0, 2]
    proven.note([wrong[0], good[1]])
    assert bad(station, proven, good[0], wrong[0], good[1], wrong[1], good[2]) == [3]
    assert bad(station, proven, good[0], wrong[0], good[1]) == [1]
    proven.note(wrong)
    assert bad(station, proven, *wrong) == []
    assert bad(station, proven) == []
