"""A registrar that would mark cards by a wrong evaluation under a valid proof (spec/proofs.md#tokens).

In RFC 9497's batched proof the coefficient of a row hangs on that row alone, so whoever has the key can try
wrong rows one by one until their errors sum to nothing: a k-list problem (Wagner 2002). Here no row can be
tried by itself.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from device import is_ready
from proofs import token_statement

from psephos.crypto import token
from psephos.crypto.group import base_multiples, random_scalars, sum_points
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.ready import ask_ready, read_ready
from psephos.protocol.enrolment.response import tokens
from psephos.protocol.enrolment.token import ask_decoys
from psephos.protocol.entries import Ready
from tests.protocol.enrolling import Referendum as Enrolling
from tests.registrar.registering import Town

ELECTION, OTHER = sha256(b"an election").digest(), sha256(b"another").digest()
ROWS = 12
SECRET, PUBLIC = token.token_key(sha256(b"token").digest())
INPUTS = base_multiples(random_scalars(bytes(32), ROWS))
BLINDS, BLINDED = token.blind(INPUTS, bytes(32))
PLACE = (5, 1, 0)
EVALUATED, PROOF = token.evaluate(ELECTION, [PLACE], [ROWS], SECRET, BLINDED, bytes(32))


def coefficients(blinded: bytes, evaluated: bytes) -> list[int]:
    """Those of the rows behind the first, whose coefficient is always 1."""
    transcript = token_statement(ELECTION, PLACE, PUBLIC, blinded, evaluated)
    return transcript.coefficients("combination", ROWS)[1:]


def replaced(data: bytes, row: int) -> bytes:
    """The same with the row's element off by G."""
    start, end = 32 * row, 32 * row + 32
    moved = sum_points(data[start:end] + base_multiples((1).to_bytes(32, "little")))
    return data[:start] + moved + data[end:]


def finalize(election: bytes, place: tuple[int, int, int], evaluated: bytes) -> bytes:
    """What a device makes of an answer."""
    answer = PUBLIC, INPUTS, BLINDS, BLINDED, evaluated, PROOF
    return token.finalize(election, [place], [ROWS], *answer)


def assert_refused(election: bytes, place: tuple[int, int, int], evaluated: bytes) -> None:
    with pytest.raises(FormatError, match="request 0: token proof does not hold"):
        finalize(election, place, evaluated)


@pytest.mark.parametrize("row", range(ROWS))
@pytest.mark.parametrize("change", ["blinded", "evaluated"])
def test_another_row_changes_every_coefficient(row: int, change: str) -> None:
    honest = coefficients(BLINDED, EVALUATED)
    if change == "blinded":
        other = coefficients(replaced(BLINDED, row), EVALUATED)
    else:
        other = coefficients(BLINDED, replaced(EVALUATED, row))
    assert len(honest) == ROWS - 1
    assert not set(honest) & set(other)


@pytest.mark.parametrize("row", range(ROWS))
def test_a_wrong_row_among_many_is_refused(row: int) -> None:
    assert finalize(ELECTION, PLACE, EVALUATED) == token.token_outputs(SECRET, INPUTS)
    assert_refused(ELECTION, PLACE, replaced(EVALUATED, row))


def test_errors_that_cancel_without_coefficients_are_refused() -> None:
    """Two rows off by +G and -G: their plain sum is right."""
    minus = base_multiples((2**252 + 27742317777372353535851937790883648492).to_bytes(32, "little"))
    first = replaced(EVALUATED, 0)[:32]
    second = sum_points(EVALUATED[32:64] + minus)
    assert sum_points(first + second) == sum_points(EVALUATED[:64])
    assert_refused(ELECTION, PLACE, first + second + EVALUATED[64:])


@pytest.mark.parametrize(
    ("election", "place"),
    [(OTHER, PLACE), (ELECTION, (6, 1, 0)), (ELECTION, (5, 2, 0)), (ELECTION, (5, 1, 1))],
    ids=["election", "region", "registrar", "kind"],
)
def test_a_proof_is_for_one_election_region_registrar_and_kind(
    election: bytes, place: tuple[int, int, int]
) -> None:
    assert_refused(election, place, EVALUATED)


def test_a_marked_row_of_a_long_request_is_the_registrars_fault(tmp_path, monkeypatch) -> None:
    """It evaluates the last row of a trustee's request under another key, and proves the honest rows."""
    town = Town(tmp_path, voters=1)
    draft, trustee = town.draft(cards=3, counts=None), town.held.keys.trustees[0]
    asked = ask_decoys(town.setting, 1, draft, 40, trustee, bytes(32))

    def marking(election, places, counts, secrets, blinded, seed):
        honest, proofs = token.evaluate(election, places, counts, secrets, blinded, seed)
        marked, _ = token.evaluate(election, [(0, 1, 1)], [1], SECRET, blinded[-32:], seed)
        return honest[:-32] + marked, proofs

    monkeypatch.setattr("psephos.registrar.issuance.evaluate", marking)
    answer = town.read(asked)
    with pytest.raises(VerificationError, match="a proof of evaluation does not hold"):
        tokens(town.setting, [asked], [answer])
    town.close()


@pytest.mark.parametrize("round_", [5, 151])
def test_a_registrar_that_would_take_too_long_is_not_ready(round_) -> None:
    """Else the device would name nobody while the voter waits; both implementations draw the line alike."""
    referendum = Enrolling(seconds=round_)
    opening = referendum.openings()[1]
    registrar = referendum.registrars[1]
    message = registrar.ready(ask_ready(referendum.setting, 0, opening))
    answer = read_ready(referendum.setting, 1, 0, opening, message)
    assert isinstance(answer, Ready)
    longest = {5: 600, 151: 604}[round_]
    assert is_ready(longest, round_)
    assert not is_ready(longest + 1, round_)
    last = replace(answer, wait=longest)
    assert read_ready(referendum.setting, 1, 0, opening, registrar.write(last)) == last
    late = registrar.write(replace(answer, wait=longest + 1))
    with pytest.raises(VerificationError, match="would take"):
        read_ready(referendum.setting, 1, 0, opening, late)
