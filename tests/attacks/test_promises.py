"""A board that drops what it promised: promise, log and a time are evidence that anybody can check."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.board.intake import Intake
from psephos.errors import FormatError, LogError, VerificationError
from psephos.log.merkle import inclusion_proof, leaf_hash, root_of
from psephos.log.proof import LogProof
from psephos.protocol import entries
from psephos.protocol.entries import Promise, Refusal
from psephos.protocol.message import read
from psephos.protocol.setup.pin import Pin
from psephos.simulation.referendum import Referendum
from psephos.verifier.receipt import verify_receipt
from tests.attacks.scenes import ATHENS, DAYS, PIRAEUS, YES, card, voting

NOW = DAYS[0][0] + 100


@pytest.fixture
def referendum() -> Referendum:
    return voting()


@pytest.fixture
def intake(referendum: Referendum, tmp_path: Path) -> Intake:
    return Intake(tmp_path / "waiting.sqlite", referendum.record, referendum.keys.board)


def promise_of(referendum: Referendum, message: bytes) -> Promise:
    """What a voter's device keeps: VerificationError unless the board has signed it for this referendum."""
    board = referendum.definition.board.key
    payload = read(message, referendum.record.joint_key.election_hash, board).payload
    assert isinstance(payload, Promise)
    return payload


def broken(referendum: Referendum, promise: Promise, witnessed: int) -> bool:
    """Whether a log, witnessed after the deadline, lacks what was promised: public evidence."""
    leaves = {leaf_hash(data) for data in referendum.logged}
    return witnessed > promise.deadline and promise.leaf not in leaves


def test_a_ballot_dropped_after_a_promise_is_public_evidence(referendum: Referendum, intake: Intake) -> None:
    ballot = referendum.ballot(card(referendum), (YES, 1))
    (answer,) = intake.receive([ballot], NOW)
    promise = promise_of(referendum, answer)
    assert (promise.leaf, promise.ballot) == (leaf_hash(ballot), entries.decode(ballot).body_hash)
    assert NOW < promise.deadline <= DAYS[0][1]
    referendum.seal(PIRAEUS, 1)  # the board drops it
    witnessed = referendum.record.checkpoints[-1]
    assert witnessed.size > referendum.record.windows[PIRAEUS].sealed[0]
    assert broken(referendum, promise, witnessed.passed)


def test_a_kept_promise_is_no_evidence(referendum: Referendum, intake: Intake) -> None:
    (answer,) = intake.receive([referendum.ballot(card(referendum), (YES, 1))], NOW)
    promise = promise_of(referendum, answer)
    assert not broken(referendum, promise, NOW)
    waiting = intake.waiting()
    referendum.log(*waiting.values())
    intake.logged(waiting)
    referendum.seal(PIRAEUS, 1)
    assert not broken(referendum, promise, referendum.record.checkpoints[-1].passed)
    assert intake.waiting() == {}


def test_nobody_makes_up_a_promise(referendum: Referendum, intake: Intake) -> None:
    ballot = referendum.ballot(card(referendum), (YES, 1))
    (answer,) = intake.receive([ballot], NOW)
    real = promise_of(referendum, answer)
    forged = [
        referendum.write(real, referendum.keys.registrars[0]),
        referendum.write(real, referendum.keys.board, referendum=bytes(32)),
        answer[:-1] + bytes([answer[-1] ^ 1]),
        answer.replace(real.leaf, bytes(32)),
    ]
    for message in forged:
        with pytest.raises(VerificationError, match="signature"):
            promise_of(referendum, message)
    with pytest.raises(FormatError):
        promise_of(referendum, ballot)


def test_a_promise_is_the_same_however_often_it_is_asked_for(referendum: Referendum, intake: Intake) -> None:
    """So a board cannot answer a dropped ballot with a later promise."""
    ballot = referendum.ballot(card(referendum), (YES, 1))
    (first,) = intake.receive([ballot], NOW)
    assert intake.receive([ballot], NOW + 1000) == [first]


def test_two_ballots_under_one_serial_get_one_promise(referendum: Referendum, intake: Intake) -> None:
    one, other = (referendum.ballot(card(referendum), (choice, 1)) for choice in (YES, 1))
    first, second = intake.receive([one, other], NOW)
    promise_of(referendum, first)
    refusal = read(second, referendum.record.joint_key.election_hash, referendum.definition.board.key).payload
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.detail) == ("serial", "1")


def test_every_refusal_is_signed_and_gives_its_reason(referendum: Referendum, intake: Intake) -> None:
    author = card(referendum)
    good = referendum.ballot(author, (YES, 1))
    bad = {
        "closed": referendum.ballot(author, (YES, 1), day=2),
        "card": referendum.ballot(author, (YES,), region=ATHENS),
        "proof": good[:300] + bytes(32) + good[332:],
        "form": good[:-1],
    }
    election, board = referendum.record.joint_key.election_hash, referendum.definition.board.key
    for reason, answer in zip(bad, intake.receive(list(bad.values()), NOW), strict=True):
        refusal = read(answer, election, board).payload
        assert isinstance(refusal, Refusal)
        assert refusal.reason == reason
    assert intake.waiting() == {}


def test_a_receipt_of_a_log_that_was_not_witnessed_proves_nothing(referendum: Referendum) -> None:
    """A board alone cannot give receipts for a log that it shows to nobody else."""
    ballot = referendum.ballot(card(referendum), (YES, 1))
    referendum.log(ballot)
    leaves = [leaf_hash(data) for data in referendum.logged]
    hashes = inclusion_proof(
        len(leaves) - 1, len(leaves), lambda level, at: root_of(leaves[at << level : (at + 1) << level])
    )
    pin = Pin.of(referendum.definition)
    for witnesses in ((), (0,)):
        proof = LogProof(len(leaves) - 1, tuple(hashes), referendum.note(witnesses=witnesses), ballot)
        with pytest.raises(LogError, match="no quorum"):
            verify_receipt(proof.encode(), pin)
    proof = LogProof(len(leaves) - 1, tuple(hashes), referendum.note(), ballot)
    assert verify_receipt(proof.encode(), pin).index == len(leaves) - 1
