"""Were the proofs of weighings broken, t colluding trustees could not count wrongly unseen: check 9.3.

No prover gets there while proofs are sound: rows that are not weighed by +1 or -1 are void (7.2), shares that
do not fit too (9.2). So here is a verifier for whom every proof of a weighing holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from psephos.crypto.group import sum_points
from psephos.protocol import entries
from psephos.protocol.entries import Weighing
from psephos.protocol.proofs import Claim, Proofs
from psephos.simulation.adversary import fatal, refused
from psephos.simulation.referendum import Referendum
from tests.attacks.scenes import ATHENS, PIRAEUS, sealed

WIDTHS = {PIRAEUS: 6, ATHENS: 3}
"""Ciphertexts of a row: the weight, and every option of every contest."""


class Credulous(Proofs):
    """Finds no fault with weighings."""

    def check_weighings(
        self, election: bytes, key: bytes, width: int, claims: Sequence[Claim]
    ) -> list[tuple[int, int, str]]:
        return []


def doubled(payload: Weighing, row: int) -> Weighing:
    """A weighing that takes every ciphertext of a row twice: the vote would count for three halves, say."""
    width = 64 * WIDTHS[payload.region] + 224
    start, end = row * width, (row + 1) * width
    points = [payload.rows[at : at + 32] for at in range(start, end - 224, 32)]
    other = b"".join(sum_points(point * 2) for point in points) + payload.rows[end - 224 : end]
    return replace(payload, rows=payload.rows[:start] + other + payload.rows[end:])


def cheated(credulous: bool, region: int) -> Referendum:
    """Day 1 weighed by trustees of whom the first doubles a row of a region."""
    referendum = sealed()
    weighing_chains, keys = referendum.record.weighing_chains, referendum.keys
    assert weighing_chains is not None
    if credulous:
        weighing_chains.proofs = Credulous()
    honest = weighing_chains.weigh(weighing_chains.chains[region, 1, 0], 1, referendum.random())
    found = refused(referendum, referendum.write(doubled(honest, 0), keys.trustees[0]))
    assert found == ([] if credulous else [("7.2", "trustee 1")])
    return referendum


def finish(referendum: Referendum) -> Referendum:
    """Up to the shares that open the signs, by the same trustees."""
    referendum.weigh((2, 1))
    for region in (PIRAEUS, ATHENS):
        referendum.open(region, 2)
        referendum.seal(region, 2)
    referendum.weigh((1, 2))
    referendum.close((1, 2))
    return referendum


@pytest.mark.parametrize("region", [PIRAEUS, ATHENS])
def test_a_sign_that_is_neither_plus_nor_minus_one_is_fatal(region: int) -> None:
    referendum = finish(cheated(True, region))
    first, second = referendum.shares(1), referendum.shares(2)
    assert refused(referendum, *first) == []
    assert fatal(referendum, *second) == ("9.3", "trustees")


def test_while_proofs_hold_nobody_gets_there() -> None:
    referendum = finish(cheated(False, PIRAEUS))
    referendum.release((1, 2))
    assert referendum.record.phase == "counted"
    assert [void.check for void in referendum.record.void] == ["7.2"]
    assert entries.Weighing in {type(entries.decode(data).payload) for data in referendum.logged}
