"""A board that refuses a good ballot for a false reason signs evidence that anybody can check."""

from __future__ import annotations

from pathlib import Path

import pytest

from psephos.log.client import Client
from psephos.protocol import entries
from psephos.protocol.entries import Refusal
from psephos.protocol.message import refused_as
from psephos.simulation.referendum import Referendum
from psephos.verifier.claims import claim
from psephos.verifier.evidence import NotProven
from psephos.verifier.run import Verification
from tests.attacks.scenes import ATHENS, PIRAEUS, YES, card, counted, sealed, voting


def refusal(referendum: Referendum, ballot: bytes, reason: str) -> bytes:
    """The board's signed no."""
    board, election = referendum.keys.board, referendum.record.election
    assert election is not None
    payload = Refusal(entries.decode(ballot).body_hash, reason, "", b"")
    return entries.encode(payload, election, board.public.raw, board.sign)


def judged(referendum: Referendum, ballot: bytes, reason: str, directory: Path) -> str:
    """What the refusal proves under the log; NotProven where it proves nothing."""
    log = Verification(referendum.export(directory))
    with Client(directory / "record") as source:
        log.follow(source)
        return claim(refusal(referendum, ballot, reason), log.note, ballot).proves(log)


@pytest.mark.parametrize("reason", ["form", "card", "proof", "serial", "busy"])
def test_a_false_reason_is_evidence_against_the_board(reason: str, tmp_path: Path) -> None:
    referendum = voting()
    ballot = referendum.ballot(card(referendum, 2), (YES, 1), serial=9)
    referendum.seal(PIRAEUS, 1)
    shown = judged(referendum, ballot, reason, tmp_path)
    assert shown.startswith("board refused a ballot of card")
    assert shown.endswith(f"with {reason}, which is false")


def test_a_true_reason_proves_nothing(tmp_path: Path) -> None:
    referendum = voting()
    honest = card(referendum)
    wrong_proof = referendum.ballot(honest, (YES, 1), serial=9)
    wrong_proof = wrong_proof[:-1] + bytes([wrong_proof[-1] ^ 1])
    elsewhere = referendum.ballot(honest, (YES,), region=ATHENS)
    first, second = (referendum.ballot(honest, (choice, 1), serial=7) for choice in (YES, 1))
    referendum.log(first)
    referendum.seal(PIRAEUS, 1)
    for name, ballot, reason in (
        ("proof", wrong_proof, "proof"),
        ("card", elsewhere, "card"),
        ("serial", second, "serial"),
        ("closed", referendum.ballot(honest, (YES, 1), serial=8), "closed"),
    ):
        with pytest.raises(NotProven):
            judged(referendum, ballot, reason, tmp_path / name)


def test_whether_a_serial_was_used_shows_once_the_day_is_sealed(tmp_path: Path) -> None:
    referendum = voting()
    ballot = referendum.ballot(card(referendum), (YES, 1), serial=9)
    with pytest.raises(NotProven, match="not sealed"):
        judged(referendum, ballot, "serial", tmp_path)


def test_what_was_logged_after_all_accuses_nobody(tmp_path: Path) -> None:
    referendum = voting()
    ballot = referendum.ballot(card(referendum), (YES, 1), serial=9)
    referendum.log(ballot)
    with pytest.raises(NotProven, match="in the log"):
        judged(referendum, ballot, "proof", tmp_path)


@pytest.mark.parametrize("scene", [sealed, counted])
def test_it_stays_evidence(scene: object, tmp_path: Path) -> None:
    """After the result too: the ballot was good, and the refusal is signed."""
    referendum = scene()  # type: ignore[operator]
    ballot = referendum.ballot(card(referendum, 1), (YES, 1), serial=9)
    assert judged(referendum, ballot, "proof", tmp_path).startswith("board refused")


def test_a_ballot_that_is_signed_rightly_later_is_not_the_one_that_was_refused(tmp_path: Path) -> None:
    """Whoever sends one with a wrong signature first cannot show the refusal beside the right one."""
    referendum = voting()
    ballot = referendum.ballot(card(referendum, 2), (YES, 1), serial=9)
    wrong = ballot[:-1] + bytes([ballot[-1] ^ 1])
    assert refused_as(ballot, message=False) == entries.decode(ballot).body_hash
    payload = Refusal(refused_as(wrong, message=False), "proof", "", b"")
    board, election = referendum.keys.board, referendum.record.election
    assert election is not None
    said = entries.encode(payload, election, board.public.raw, board.sign)
    log = Verification(referendum.export(tmp_path))
    with Client(tmp_path / "record") as source:
        log.follow(source)
        with pytest.raises(NotProven, match="does not refuse"):
            claim(said, log.note, ballot).proves(log)
