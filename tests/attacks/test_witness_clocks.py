"""Witnesses whose clocks lie: as many as the definition calls `faulty` move no time past the truth."""

from __future__ import annotations

import pytest

from psephos.log import checkpoints, cosignature
from psephos.log.checkpoints import TreeHead
from psephos.protocol import entries
from psephos.protocol.witnessed import Witnessed
from psephos.simulation.adversary import refused
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum

FAR = 10**6


def watched() -> Referendum:
    """Four witnesses, of whom one may be faulty; voting has not begun."""
    document, keys = sample(regions=("athens",), questions=(HARBOUR,), witnesses=4, quorum=3)
    referendum = Referendum(document, keys)
    referendum.publish()
    return referendum


def witnessed_at(referendum: Referendum, *times: int) -> Witnessed:
    """Log a checkpoint that witnesses cosigned at these times; what the record takes it for."""
    size = len(referendum.logged)
    checkpoint = TreeHead(referendum.definition.board.origin, size, referendum.root(size))
    _, signed = checkpoints.read(checkpoints.sign(checkpoint, referendum.keys.board))
    names = [party.name for party in referendum.definition.witnesses.members]
    lines = [
        cosignature.sign(signed.text, time, names[at], referendum.keys.witnesses[at])
        for at, time in enumerate(times)
    ]
    note = signed.with_signatures(lines).encode()
    assert refused(referendum, referendum.write(entries.CheckpointEntry(note), referendum.keys.board)) == []
    return referendum.record.checkpoints[-1]


@pytest.mark.parametrize("liar", range(4))
@pytest.mark.parametrize("lie", [-FAR, FAR])
@pytest.mark.parametrize("others", [(0, 0, 0), (-3, 0, 5), (5, -3, 0)])
def test_one_false_clock_moves_no_time_past_the_truth(liar: int, lie: int, others: tuple[int, ...]) -> None:
    """What is said to have been there by then was there, and what is said to come after came after."""
    referendum = watched()
    honest = [referendum.now + shift for shift in others]
    times = [*honest[:liar], referendum.now + lie, *honest[liar:]]
    checkpoint = witnessed_at(referendum, *times)
    assert min(honest) <= checkpoint.seen <= checkpoint.passed <= max(honest)


def test_more_false_clocks_than_that_do() -> None:
    """Which is why witnesses must not conspire: a residual risk."""
    referendum = watched()
    late = referendum.now + FAR
    assert witnessed_at(referendum, late, late, referendum.now, referendum.now).passed == late
