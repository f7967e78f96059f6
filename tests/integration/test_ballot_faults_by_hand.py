"""Ballots that are lost, refused or late: what voters are told, and what they can prove."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from psephos.board.intake import Intake
from psephos.cli.main import main
from psephos.protocol.entries import Refusal
from psephos.protocol.message import read
from psephos.voter.booth import Booth
from tests.integration.by_hand import DAY_1, DAY_2
from tests.integration.test_registrar_voter_by_hand import Voters, counting, said

SEALED = "2030-03-17 19:51:40 Europe/Athens"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Voters:
    """Two voters with their cards on the first day; each test goes on where the one before it ended."""
    one = Voters(tmp_path_factory.mktemp("town"))
    one.begin()
    for name, voter in (("voter-ada", "Ada"), ("voter-blaise", "Blaise")):
        one.enrolled(name, voter)
    one.shut()
    one.publish(DAY_1[0])
    return one


@contextmanager
def forgetting() -> Iterator[None]:
    """A board that keeps no ballot that it has promised to log."""
    kept = Intake.waiting

    def waiting(intake: Intake) -> dict[bytes, bytes]:
        intake.logged(kept(intake))
        return {}

    with patch.object(Intake, "waiting", waiting):
        yield


def refusal(town: Voters, name: str) -> Refusal:
    """The last refusal signed by the board that a device keeps."""
    (path,) = (town.home(name) / "refusals").iterdir()
    record = town.record()
    payload = read(path.read_bytes(), record.joint_key.election_hash, record.definition.board.key).payload
    assert isinstance(payload, Refusal)
    path.unlink()
    return payload


def observe(town: Voters, *arguments: str) -> tuple[int, str]:
    pin = str(town.home("organiser") / "pin.json")
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = main(["observer", *arguments, "--pin", pin])
    return code, out.getvalue()


def test_a_promise_that_the_board_breaks_is_proven_and_the_vote_cast_again(town: Voters) -> None:
    card = counting(town, "voter-ada")
    with forgetting():
        town.vote("voter-ada", card, "yes")
        town.publish(DAY_1[0] + 1)
        code, text = town.vote("voter-ada", card, "yes")
        promise = Path(said(text, "promise").split(":")[0])
        check = ("check", "--promise", str(promise), "--receipt", str(town.out / "receipt"))
        town.publish(DAY_1[0] + 2)
        assert "waits for the board: it promised the ballot for" in town.waits("voter-ada", *check)
        town.publish(DAY_1[1])
    code, text = town.run("voter-ada", *check)
    assert (code, "promise broken" in text, "the ballot is not there" in text) == (1, True, True)

    papers, home = town.directory / "promises", town.directory / "observer"
    papers.mkdir()
    (papers / "one").write_bytes(promise.read_bytes())
    record = str(town.home("record"))
    watch = ("watch", record, "--once", "--promises", str(papers), "--home", str(home))
    code, text = observe(town, *watch)
    assert (code, "ALARM promise: board promised ballot" in text) == (1, True)
    (evidence,) = (home / "evidence").glob("*-promise.json")
    code, text = observe(town, "check", str(evidence), "--log", record)
    assert (code, "proven" in text) == (0, True), text

    town.publish(DAY_2[0])
    town.vote("voter-ada", card, "yes")
    town.publish(DAY_2[0] + 1)
    code, text = town.vote("voter-ada", card, "yes")
    promise = Path(said(text, "promise").split(":")[0])
    town.publish(DAY_2[0] + 2)
    assert "kept" in town.done("voter-ada", "check", "--promise", str(promise), *check[3:])


def test_a_ballot_that_a_device_spoils_is_refused_and_another_device_casts_it(town: Voters) -> None:
    card, cast = counting(town, "voter-blaise"), Booth.cast

    def spoiled(booth: Booth, *arguments: object) -> list[bytes]:
        (entry,) = cast(booth, *arguments)
        return [entry[:300] + bytes([entry[300] ^ 1]) + entry[301:]]

    with patch.object(Booth, "cast", spoiled):
        town.vote("voter-blaise", card, "no")
    town.publish(DAY_2[0] + 3)
    code, text = town.vote("voter-blaise", card, "no")
    assert (code, "refused: proof" in text, "signed: " in text) == (1, True, True), text
    assert refusal(town, "voter-blaise").reason == "proof"
    other = town.device("voter-tablet")
    town.vote(other, card, "no")
    town.publish(DAY_2[0] + 4)
    assert town.vote(other, card, "no")[0] == 0


def test_who_comes_too_late_is_told_when_voting_ended(town: Voters) -> None:
    card = counting(town, "voter-blaise")
    town.vote("voter-blaise", card, "yes")
    town.publish(DAY_2[1])
    code, text = town.vote("voter-blaise", card, "yes")
    assert (code, "refused: closed" in text) == (1, True)
    code, text = town.vote("voter-blaise", card, "yes")
    assert (code, f"voting in north is over: it ended at {SEALED}" in text) == (1, True)
    assert f"to {SEALED} sealed" in town.done("voter-blaise", "status")
    for command in ("weigh", "weigh", "close", "release", "release"):
        for trustee in ("trustee-1", "trustee-2"):
            town.run(trustee, command, "--timeout", "0")
            town.publish(DAY_2[1] + 1)
    assert b'"votes":{"no":1,"yes":1}' in town.record().result_document()
