"""Witnesses whose clocks lie: the lower median of a quorum is not moved by one of them."""

from __future__ import annotations

import pytest

from psephos.log import checkpoint as checkpoints
from psephos.log import cosignature
from psephos.log.checkpoint import Checkpoint
from psephos.protocol import entry as entries
from psephos.testing.adversary import refused
from psephos.testing.referendum import Referendum
from tests.attacks.scenes import voting

FAR = 10**6


def witnessed_at(referendum: Referendum, *times: int) -> int:
    """Log a checkpoint that witnesses cosigned at these times; the time that the record takes it for."""
    size = len(referendum.logged)
    checkpoint = Checkpoint(referendum.definition.board.origin, size, referendum.root(size))
    _, signed = checkpoints.read(checkpoints.sign(checkpoint, referendum.keys.board))
    names = [party.name for party in referendum.definition.witnesses.members]
    lines = [
        cosignature.sign(signed.text, time, names[at], referendum.keys.witnesses[at])
        for at, time in enumerate(times)
    ]
    note = signed.with_signatures(lines).encode()
    assert refused(referendum, referendum.write(entries.Checkpoint(note), referendum.keys.board)) == []
    return referendum.record.checkpoints[-1].time


@pytest.mark.parametrize("liar", [0, 1, 2])
@pytest.mark.parametrize("lie", [-FAR, FAR])
def test_one_false_clock_dates_no_checkpoint(liar: int, lie: int) -> None:
    referendum = voting()
    times = [referendum.now] * 3
    times[liar] += lie
    assert witnessed_at(referendum, *times) == referendum.now


def test_a_quorum_of_false_clocks_does() -> None:
    """Which is why witnesses must not conspire: a residual risk."""
    referendum = voting()
    late = referendum.now + FAR
    assert witnessed_at(referendum, late, late, referendum.now) == late
