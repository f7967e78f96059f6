"""One witness whose clock is slow: an honest board opens and seals, and nothing says that it was early."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.errors import PhaseError
from psephos.witness.witness import Witness
from tests.board.station import OPENS, Station, enrolled

SLOW = 1000


def slowed(station: Station, count: int) -> None:
    """The clocks of the last `count` witnesses go after the others'."""
    members = station.referendum.definition.witnesses.members
    for witness, party in list(zip(station.witnesses, members, strict=True))[-count:]:

        def ask(submission, witness: Witness = witness) -> bytes:  # type: ignore[no-untyped-def]
            now = station.now - SLOW
            return witness.add_checkpoint(submission.old_size, submission.proof, submission.checkpoint, now)

        station._asks[party.name] = ask


@pytest.fixture
def station(tmp_path: Path) -> Station:
    station = Station(tmp_path, enrolled())
    station.now = OPENS - 5
    return station


def test_an_honest_board_opens_though_one_is_slow(station: Station, tmp_path: Path) -> None:
    slowed(station, 1)
    loop = station.board_loop(tmp_path / "public")
    station.now = OPENS
    loop.publish()
    loop.open_and_seal(station.now)
    loop.publish()
    assert station.board.record.windows[0].open_day == 1
    station.restart()
    assert not station.board.record.void
    assert station.board.record.time == OPENS


def test_where_most_are_slow_it_waits_until_their_time_has_come(station: Station, tmp_path: Path) -> None:
    """It asks again, logs nothing meanwhile, and says so to who tells it to open."""
    slowed(station, 2)
    loop = station.board_loop(tmp_path / "public")
    loop.publish()
    station.now, size = OPENS, station.board.store.size
    for _ in range(3):
        loop.open_and_seal(station.now)
        loop.publish()
    assert station.board.store.size == size
    with pytest.raises(PhaseError, match="witnesses have not seen its time come"):
        station.board.open(0, 1)
    station.now = OPENS + SLOW
    loop.publish()
    loop.open_and_seal(station.now)
    assert station.board.store.size == size + 3, "a checkpoint, and two opens behind it"
    assert not station.restart().record.void
    assert station.board.record.windows[0].open_day == 1
