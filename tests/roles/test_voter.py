"""What a voter finds in the log: whether a group that the registrar receipted was enrolled."""

from __future__ import annotations

import pytest

from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.protocol.entry import GroupReceipt
from psephos.protocol.setup.pin import Pin
from psephos.testing.definitions import sample
from psephos.testing.referendum import Referendum
from psephos.verifier.receipt import verify_receipt
from psephos.voter.logged import enrolled_in

WEIGHTS = [[1, 0], [1, 0, 0], [0, 1]]


def receipt(referendum: Referendum, batch: int, region: int = 0) -> GroupReceipt:
    """For the first group of the region's first batch."""
    commitment = referendum.record.rosters[0].commitments[0].read(0, 1)
    return GroupReceipt(region, bytes(32), commitment, batch)


@pytest.fixture
def referendum() -> Referendum:
    made = Referendum(*sample())
    made.publish()
    made.ceremony()
    made.enrol(0, WEIGHTS)
    return made


def test_a_group_is_found_in_the_batch_named_or_in_the_last(referendum: Referendum) -> None:
    assert [enrolled_in(referendum.record, receipt(referendum, batch)) for batch in (1, 2, 9)] == [1, 1, 1]


def test_a_group_that_was_left_out_names_the_registrar(referendum: Referendum) -> None:
    left_out = GroupReceipt(0, bytes(32), bytes(32), 1)
    with pytest.raises(VerificationError, match="batch 1 of region 0 lacks the group") as caught:
        enrolled_in(referendum.record, left_out)
    assert caught.value.culprit == "registrar"
    with pytest.raises(VerificationError, match="no region 9"):
        enrolled_in(referendum.record, receipt(referendum, 1, region=9))


def test_a_batch_that_is_not_logged_yet_is_waited_for(referendum: Referendum) -> None:
    with pytest.raises(PhaseError, match="batch 1 of region 1 is not in the log yet"):
        enrolled_in(referendum.record, receipt(referendum, 1, region=1))


def test_who_takes_it_for_a_ballots_receipt_is_told_what_it_is(referendum: Referendum) -> None:
    message = referendum.write(receipt(referendum, 1), referendum.keys.registrar)
    with pytest.raises(FormatError, match="this is a group-receipt"):
        verify_receipt(message, Pin.of(referendum.definition))
    with pytest.raises(FormatError, match="log proof: "):
        verify_receipt(b"\xff", Pin.of(referendum.definition))
