"""What a voter finds in the log: whether a card was enrolled as it was admitted, and tokens were listed."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from psephos.crypto.column import sort_records
from psephos.errors import FormatError, PhaseError, VerificationError
from psephos.protocol import entries, multipart
from psephos.protocol.enrolment.evidence import left_out
from psephos.protocol.entries import BatchAnswer, BatchQuery, CardReceipt, TokenReceipt
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from psephos.verifier.receipt import verify_receipt
from psephos.voter.logged import check_enrolled, is_issued, is_logged


class Half:
    """A region of two registrars whose first batch has three of four cards, and whose last may come."""

    def __init__(self) -> None:
        self.told = told = Referendum(*sample(registrars=2))
        told.publish()
        told.ceremony()
        told.roll(0, 4)
        told.roll(1, 4)
        told.give(4)
        records, _ = told.make_cards(0, [1, 0, 1, 0])
        self.records = [records[at : at + 384] for at in range(0, len(records), 384)]
        self.batch(self.records[:3])

    def batch(self, records: list[bytes], last: int = 0) -> None:
        content, _ = sort_records(b"".join(records), 384)
        number = len(self.told.record.rosters[0].batches) + 1
        batch = entries.Batch(0, number, len(records), last, multipart.digest(content))
        self.told.log(*self.told.bundle(content, batch, self.told.keys.registrars[0]))
        self.told.log(*self.told.endorse(0, self.told.logged[-1]))

    def close(self, records: list[bytes]) -> None:
        self.told.shut(0)
        self.batch(records, last=1)

    def receipts(self, card: int, batch: int = 1) -> dict[int, CardReceipt]:
        record = self.records[card]
        receipt = CardReceipt(0, record[:32], sha256(record).digest(), batch)
        return {1: receipt, 2: receipt}


@pytest.fixture
def half() -> Half:
    return Half()


def test_a_card_is_found_with_exactly_its_record(half) -> None:
    record = half.told.record
    check_enrolled(record, half.receipts(0))
    check_enrolled(record, {2: half.receipts(0)[2]})
    assert [is_logged(record, 0, one) for one in half.records] == [True, True, True, False]
    other = half.records[0][:-1] + bytes([half.records[0][-1] ^ 1])
    assert not is_logged(record, 0, other)
    assert not is_logged(record, 1, half.records[0])


def test_a_card_that_is_not_due_is_waited_for(half) -> None:
    with pytest.raises(PhaseError, match="in no batch in effect yet"):
        check_enrolled(half.told.record, half.receipts(3))
    half.close([half.records[3]])
    check_enrolled(half.told.record, half.receipts(3))


def test_a_card_that_was_left_out_names_the_lead_or_who_did_not_admit_it(half) -> None:
    half.close([])
    receipts, roster = half.receipts(3), half.told.record.rosters[0]
    with pytest.raises(VerificationError, match="left out") as caught:
        check_enrolled(half.told.record, receipts)
    assert caught.value.culprit == "registrar 1"
    name = receipts[1].record
    query = BatchQuery(0, 2, 1, name)
    assert left_out(roster, receipts, {2: [(query, BatchAnswer(bytes(32), 0, 2, b""))]}) == 2
    assert left_out(roster, receipts, {2: [(query, BatchAnswer(bytes(32), 0, 2, name))]}) == 1
    assert left_out(roster, {1: receipts[1]}, {}) is None
    assert left_out(roster, half.receipts(0), {}) is None


def test_another_record_of_the_card_in_the_log_is_no_enrolment(half) -> None:
    """A registrar that signs a receipt and logs another record of the card is named."""
    half.close([])
    forged = {number: replace(one, record=bytes(32)) for number, one in half.receipts(0).items()}
    with pytest.raises(VerificationError, match="left out"):
        check_enrolled(half.told.record, forged)


def test_receipts_that_do_not_belong_together_prove_nothing(half) -> None:
    half.close([])
    mixed = {1: half.receipts(3)[1], 2: half.receipts(0)[2]}
    with pytest.raises(FormatError, match="several cards"):
        check_enrolled(half.told.record, mixed)
    with pytest.raises(FormatError, match="no region 9"):
        check_enrolled(half.told.record, {1: replace(half.receipts(3)[1], region=9)})
    with pytest.raises(VerificationError, match="no receipt of 1 registrars") as caught:
        check_enrolled(half.told.record, {1: half.receipts(3)[1]})
    assert caught.value.culprit == "device"


def test_tokens_that_a_registrar_does_not_list_are_evidence_once_the_region_is_open(half) -> None:
    told = half.told
    hashes = told.roll_hashes(0, 4)
    receipts = [TokenReceipt(0, hashes[at : at + 32]) for at in range(0, len(hashes), 32)]
    half.close([half.records[3]])
    assert is_issued(told.record, 1, receipts[3]) is None
    for registrar in told.registrars:
        told.log(*told.issue(0, told.roll_hashes(0, 4, registrar)[:96], registrar))
    assert [is_issued(told.record, 1, one) for one in receipts] == [True, True, True, None]
    assert is_issued(told.record, 2, receipts[0]) is None
    told.review(0)
    told.open(0, 1)
    assert [is_issued(told.record, 1, one) for one in receipts] == [True, True, True, False]
    with pytest.raises(FormatError, match="no region 9"):
        is_issued(told.record, 1, TokenReceipt(9, bytes(32)))


def test_who_takes_it_for_a_ballots_receipt_is_told_what_it_is(half) -> None:
    told = half.told
    message = told.write(half.receipts(0)[1], told.keys.registrars[0])
    with pytest.raises(FormatError, match="this is a card-receipt"):
        verify_receipt(message, Pin.of(told.definition))
    with pytest.raises(FormatError, match="log proof: "):
        verify_receipt(b"\xff", Pin.of(told.definition))


def test_among_how_few_voters_cards_hide_is_what_is_sure(half) -> None:
    told = half.told
    told.now += 10
    assert told.record.answered_since(told.now) == 0  # no checkpoint since
    told.checkpoint()
    assert told.record.answered_since(told.now) == 0  # all tokens were given before it
    told.log(told.write(entries.Given(6, bytes(32)), told.keys.registrars[0]))
    assert told.record.answered_since(told.now) == 0  # by one registrar alone
    told.log(told.write(entries.Given(7, bytes(32)), told.keys.registrars[1]))
    assert told.record.answered_since(told.now) == 2
    assert told.record.answered_since(told.now + 1) == 0
