"""Refusals of ballots: what accuses the board does so to both verifiers, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import refusals
import verify as reference
from batch import Batch

from psephos.errors import PsephosError
from psephos.log.client import Client
from psephos.simulation.referendum import Referendum
from psephos.verifier.claims import claim
from psephos.verifier.run import Verification
from tests.attacks.scenes import ATHENS, PIRAEUS, YES, card, voting
from tests.attacks.test_false_refusals import refusal

REASONS = ("form", "card", "proof", "serial", "closed", "busy", "order", "definition")


def ballots(told: Referendum) -> dict[str, bytes]:
    """Ballots that the board may refuse; one that has the serial of another is logged."""
    honest = card(told)
    good = told.ballot(card(told, 2), (YES, 1), serial=9)
    first, second = (told.ballot(honest, (choice, 1), serial=7) for choice in (YES, 1))
    told.log(first)
    return {
        "good": good,
        "logged": first,
        "serial": second,
        "proof": good[:-1] + bytes([good[-1] ^ 1]),
        "card": told.ballot(honest, (YES,), region=ATHENS),
        "length": good[:-70],
        "another day": told.ballot(honest, (YES, 1), serial=8, day=2),
    }


@pytest.mark.parametrize("is_sealed", [False, True])
def test_both_find_the_same(is_sealed: bool, tmp_path: Path) -> None:
    told = voting()
    made = ballots(told)
    if is_sealed:
        told.seal(PIRAEUS, 1)
    ours = Verification(told.export(tmp_path))
    ours.follow(Client(str(tmp_path / "record")))
    policy = reference.note.parse_policy(ours.pin.policy.encode())
    theirs = reference.Runner(reference.Pin(ours.pin.definition, policy), Batch())
    theirs.run(lambda path: (tmp_path / "record" / path).read_bytes())
    found = set()
    for name, ballot in made.items():
        for reason in REASONS:
            try:
                mine = bool(claim(refusal(told, ballot, reason), ours.note, ballot).proves(ours))
            except PsephosError:
                mine = False
            assert refusals.falsely_refused(theirs.state, told.logged, ballot, reason, b"") == mine, (
                name,
                reason,
            )
            if mine:
                found.add((name, reason))
    always = {("good", reason) for reason in ("form", "card", "proof", "busy")}
    of_serials = {("good", "serial"), ("proof", "serial")} if is_sealed else set()
    assert always | of_serials <= found
    assert not {("serial", "serial"), ("proof", "proof"), ("card", "card")} & found
    assert not {one for one in found if one[0] in ("logged", "length") or one[1] in ("closed", "order")}
