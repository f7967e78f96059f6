"""Two registrars by hand: from token keys to the region that opens, and what each says it waits for."""

from __future__ import annotations

import shutil
from pathlib import Path

from psephos.verifier.run import policy
from tests.integration.by_hand import CLOSES, VOTERS, Town


def test_two_registrars_enrol_by_hand_and_say_what_they_wait_for(tmp_path: Path) -> None:
    town = Town(tmp_path, registrars=2)
    town.create()
    first, second = town.registrars
    assert "begins when the organiser publishes the definition" in town.waits(first, "round")
    town.sent("organiser", "publish")
    town.publish()
    assert "sent the token keys" in town.run(first, "round", "--timeout", "0")[1]
    town.ceremony((1, 2, 3))
    file = tmp_path / "north.csv"
    file.write_text("\n".join(VOTERS) + "\n")
    rolling = ("roll", str(file), "--region", "north", "--expect", str(len(VOTERS)))
    assert "waits for registrar 1: it logs the first roll of north" in town.waits(second, *rolling)
    town.roll()
    short = tmp_path / "short.csv"
    short.write_text("Ada\nBlaise\n")
    said = town.run(second, "roll", str(short), "--region", "north", "--expect", "2")
    assert said[0] == 1
    assert "nothing was due" in town.done(second, "round", "--timeout", "0")
    town.enrol(town.openings())
    assert "3 with tokens, 6 cards, 6 of them in no batch" in town.done(first, "status")
    said = town.shut()
    assert "sent batch 1 of north: 6 cards, the last" in said
    assert "endorsed batch 1 of north" in said
    assert said.count("sent who got tokens in north: 3") == 2
    record = town.record()
    assert record.rosters[0].cards == 6
    assert not record.void
    assert "nothing was due" in town.done(second, "round", "--timeout", "0")
    for name in town.registrars:
        shown = ("show-batch", str(tmp_path / "shown" / name), "--region", "north", "--batch")
        assert "2 messages" in town.done(name, *shown, "1")
        assert "no other registrar has answered here about north-2" in town.run(name, *shown, "2")[1]
    files = [
        sorted(file.read_bytes() for file in (tmp_path / "shown" / name).iterdir())
        for name in town.registrars
    ]
    assert files[0] == files[1]
    town.publish(CLOSES + 1_000)
    assert town.record().windows[0].open_day == 1
    assert policy(town.pin)


def test_a_restored_registrar_says_what_to_do_and_goes_on_with_receipts(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    town.sent("organiser", "publish")
    town.publish()
    town.ceremony((1, 2, 3))
    town.roll()
    [name] = town.registrars
    town.rounds()
    shutil.copytree(town.home(name) / "state", tmp_path / "older")
    town.enrol(town.openings())
    shutil.rmtree(town.home(name) / "state")
    shutil.copytree(tmp_path / "older", town.home(name) / "state")
    code, said = town.run(name, "round")
    assert code == 1
    assert "counts 3 voters who got tokens, and the state has 0 of them" in said
    assert "psephos registrar recover" in said
    (stranger := tmp_path / "no.receipt").write_bytes(b"nothing")
    code, said = town.run(name, "recover", str(stranger))
    assert code == 2
    assert "no.receipt" in said
