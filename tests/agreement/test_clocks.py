"""Both verifiers tell of a cosignature of a time that has not come, and decide nothing by it."""

from __future__ import annotations

from pathlib import Path

import pytest
import verify as reference
from batch import Batch

from psephos.verifier.run import Verification
from tests.small_log import TIME, SmallLog


@pytest.mark.parametrize(("early", "notices"), [(0, 0), (1, 3)])
def test_both_tell_of_a_time_to_come(tmp_path: Path, early: int, notices: int) -> None:
    small = SmallLog.begin()
    now = TIME - small.definition.tolerance - early
    published = small.published()
    ours = Verification(small.pin)
    ours.follow(published)
    policy = reference.note.parse_policy(small.pin.policy.encode())
    theirs = reference.Runner(reference.Pin(small.pin.definition, policy), Batch())
    published.write(tmp_path)
    theirs.run(lambda path: (tmp_path / path).read_bytes())
    names = [party.name for party in small.definition.witnesses.members][:notices]
    for report in (ours.report(now).document(), theirs.report(now)):
        assert [text.split()[0] for text in report["clocks"]] == names
        assert report["verdict"] == "open"
    assert ours.report().clocks == ()
    assert theirs.report()["clocks"] == []
