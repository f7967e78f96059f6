"""Batch verification against somebody who hopes for equal factors: errors that would cancel never do."""

from __future__ import annotations

import pytest

from psephos.crypto import workers
from psephos.crypto.card import RECORD, check_cards, make_cards
from psephos.crypto.group import base_multiples, random_scalars, sum_points
from psephos.crypto.schnorr import check_signatures, sign
from psephos.protocol import entries
from psephos.simulation.adversary import refused
from tests.attacks.scenes import BLANK, card, named, voting

L = 2**252 + 27742317777372353535851937790883648493
ONE = base_multiples(b"\x01" + bytes(31))
MINUS_ONE = base_multiples((L - 1).to_bytes(32, "little"))
TIMES = 200


@pytest.fixture(autouse=True)
def one_batch():
    """A single thread, so that both errors stand in one multiscalar multiplication."""
    workers.set_workers(1)
    yield
    workers.set_workers(0)


def shifted(scalar: bytes, by: int) -> bytes:
    return ((int.from_bytes(scalar, "little") + by) % L).to_bytes(32, "little")


def test_responses_off_by_plus_and_minus_one_are_both_named_every_time() -> None:
    """`z + 1` in one signature and `z - 1` in another: the plain sum of both equations still holds."""
    scalars = random_scalars(bytes(32), 2)
    keys, messages = base_multiples(scalars), bytes(64)
    good = sign("ballot", messages, scalars, bytes(32))
    bad = good[:32] + shifted(good[32:64], 1) + good[64:96] + shifted(good[96:], -1)
    assert check_signatures("ballot", keys, messages, good) == []
    for _ in range(TIMES):
        assert check_signatures("ballot", keys, messages, bad) == [0, 1]


def test_one_signature_beside_its_own_error_is_named_every_time() -> None:
    """The same error often, so that many small factors could sum to nothing."""
    scalars = random_scalars(bytes(32), 1)
    good = sign("ballot", bytes(32), scalars, bytes(32))
    bad = good[:32] + shifted(good[32:], 1)
    also = good[:32] + shifted(good[32:], -1)
    rows = [bad, also] * 8
    for _ in range(TIMES // 8):
        found = check_signatures("ballot", base_multiples(scalars) * 16, bytes(32 * 16), b"".join(rows))
        assert found == list(range(16))


@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 2), (1, 3), (2, 3)])
def test_errors_within_one_proof_do_not_cancel(first: int, second: int) -> None:
    """Each of a bit proof's four equations has a factor of its own: commitments off by +G and -G."""
    key = base_multiples(random_scalars(b"\x02" * 32, 1))
    record, _ = make_cards(bytes(32), 0, key, random_scalars(bytes(32), 1), b"\x01", bytes(32))
    bent = bytearray(record)
    for place, point in ((first, ONE), (second, MINUS_ONE)):
        at = 96 + 32 * place
        bent[at : at + 32] = sum_points(bytes(bent[at : at + 32]) + point)
    for _ in range(TIMES // 8):
        assert check_cards(bytes(32), 0, key, bytes(bent), False) == [(0, "bit proof")]


def test_errors_in_two_proofs_of_one_batch_do_not_cancel() -> None:
    key = base_multiples(random_scalars(b"\x02" * 32, 1))
    records, _ = make_cards(bytes(32), 0, key, random_scalars(bytes(32), 2), b"\x01\x00", bytes(32))
    ends = [RECORD - 64 - 32, 2 * RECORD - 64 - 32]  # the last response of both bit proofs
    bent = bytearray(records)
    for at, by in zip(ends, (5, -5), strict=True):
        bent[at : at + 32] = shifted(records[at : at + 32], by)
    for _ in range(TIMES // 8):
        assert [row for row, _ in check_cards(bytes(32), 0, key, bytes(bent), False)] == [0, 1]


def test_two_bad_ballots_whose_errors_cancel_are_both_void() -> None:
    """Signatures are made by the cards over the bent votes, so only the contest proofs are wrong."""
    for _ in range(10):
        referendum = voting()
        authors = [card(referendum, 2), card(referendum, 3)]
        bent = []
        for author, by in zip(authors, (1, -1), strict=True):
            data = bytearray(referendum.ballot(author, (BLANK, 1)))
            at = len(data) - 32  # the response of the signature itself
            data[at:] = shifted(bytes(data[at:]), by)
            bent.append(bytes(data))
        assert refused(referendum, *bent) == [("6.4", named(author)) for author in authors]
        assert entries.decode(bent[0]).author == authors[0].key
