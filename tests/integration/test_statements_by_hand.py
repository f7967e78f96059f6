"""What parties and observers say, by their commands: signed, in the log, for everybody to read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from psephos.cli.home.home import alone
from psephos.cli.main import main
from psephos.protocol.entries import Statement, decode
from tests.integration.by_hand import Town

SAYS = ("statement", "--language", "en", "--subject")


def said(town: Town) -> list[tuple[int, Statement]]:
    statements = [(at, entry.payload) for at, entry in town.record().statements]
    return [(at, one) for at, one in statements if isinstance(one, Statement)]


def begun(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.create()
    town.run("organiser", "publish", "--timeout", "0")
    town.publish()
    return town


def test_every_party_says_something_while_it_is_at_work(tmp_path: Path) -> None:
    town = begun(tmp_path)
    parties = ("organiser", "registrar-1", "board", "trustee-1")
    for name in parties:
        with alone(town.home(name)):  # as `run` and `join` keep it
            town.run(name, *SAYS, "Word", "--text", f"This is {name}.", "--timeout", "0")
    town.publish()
    assert {one.text for _, one in said(town)} == {f"This is {name}." for name in parties}
    assert town.waits("trustee-1", *SAYS, "More", "--text", "One more.", "--timeout", "0")
    town.publish()
    assert said(town)[-1][1].text == "One more."
    index, _ = said(town)[-1]
    told = town.done("trustee-1", *SAYS, "More", "--text", "One more.")  # as whoever was told to wait does
    assert told == f"entry {index}\n"


def test_an_observer_speaks_once_it_is_accredited(tmp_path: Path) -> None:
    town = begun(tmp_path)
    place = ("--log", str(town.home("record")), "--board", str(town.home("board") / "post"))
    town.done("observer", "init", "--name", "watch.example", *place)
    pin = ("--pin", str(town.home("organiser") / "pin.json"))
    town.run("observer", *SAYS, "Seen", "--text", "A queue.", "--timeout", "0", *pin)
    town.publish()
    code, out = town.run("observer", *SAYS, "Seen", "--text", "A queue.", "--timeout", "0")
    assert code == 1
    assert "the board refuses: 1.5" in out
    key = json.loads((town.home("observer") / "observer.json").read_bytes())["key"]
    town.run(
        "organiser", "statement", "grant", key, "--name", "Watch", "--role", "observer", "--timeout", "0"
    )
    town.publish()
    town.run("observer", *SAYS, "Seen", "--text", "A queue.", "--quote", "--timeout", "0")
    size = town.record().size
    town.publish()
    ((at, statement),) = said(town)
    assert at == size
    assert statement.text.startswith(f"At {size} ")
    assert statement.text.endswith(": A queue.")
    again = town.done("observer", *SAYS, "Seen", "--text", "A queue.", "--quote")
    assert again == f"entry {at}\n"


def test_a_stranger_asks_a_trustee_sponsors_and_a_witness_grants(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = begun(tmp_path)
    place = ("--log", str(town.home("record")), "--board", str(town.home("board") / "post"))
    town.done("observer", "init", "--name", "watch.example", *place)
    pin = ("--pin", str(town.home("organiser") / "pin.json"))
    key = json.loads((town.home("observer") / "observer.json").read_bytes())["key"]
    sponsor = json.loads((town.home("trustee-1") / "trustee.json").read_bytes())["key"]
    file, asks = str(tmp_path / "request.bin"), ("--name", "Watch", "--language", "en", "--text", "We watch.")
    town.run("observer", "request", *asks, "--sponsor", sponsor, "--write", file, *pin)
    assert "countersigned: Watch" in town.done("trustee-1", "statement", "countersign", file)
    assert town.run("trustee-2", "statement", "countersign", file)[0] == 1, "another is its sponsor"
    town.run("observer", "request", "--countersigned", file, "--timeout", "0")
    town.publish()
    ((at, entry),) = town.record().statements
    assert entry.payload.name == "Watch"
    assert entry.payload.sponsor.hex() == sponsor
    assert town.done("observer", "request", "--countersigned", file) == f"entry {at}\n"
    town.done("witness-1", "init", "--name", "witness-1.example", *place)
    grant = ("statement", "grant", key, "--name", "Watch", "--role", "observer", "--timeout", "0")
    town.run("witness-1", *grant, *pin)
    town.publish()
    town.run("trustee-1", *SAYS, "Word", "--text", "Welcome.", "--timeout", "0")
    for said in (
        ("incident", "--kind", "access", "--place", "School 4", "--from", "1900000000", "--until",
         "2030-03-17T20:00:00+02:00", "--point", "50.45", "-30.52", "--text", "It was shut."),
        ("declare", "venice-2022/V37", "--text", "We could watch."),
        ("object", "--subject", "All of it", "--text", "No."),
        ("answer", str(at), "--text", "Thank you."),
    ):  # fmt: skip
        town.run("observer", "statement", *said, "--language", "en", "--timeout", "0")
        town.publish()
    record = town.record()
    assert not record.void
    kinds = [one.payload.type_name() for _, one in record.statements if one.author.hex() == key]
    assert kinds == ["request", "incident", "declaration", "objection", "answer"]
    told = listed(town, capsys)
    assert "granted in entry" in told
    assert "witness-1.example, witness" in told
    assert "its author adds in entry" in told, "who thanks itself"
    assert told.count("not answered") == 2
    document = json.loads(listed(town, capsys, "--kind", "incident", "--json"))
    assert document["said"]["point"] == [50.45, -30.52]
    assert document["waiting"]
    waiting = listed(town, capsys, "--unanswered", "--json").splitlines()
    assert [json.loads(one)["type"] for one in waiting] == ["incident", "objection"]


def listed(town: Town, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """What `psephos statement list` prints."""
    pin = str(town.home("organiser") / "pin.json")
    assert main(["statement", "list", str(town.home("record")), "--pin", pin, *more]) == 0
    return capsys.readouterr().out


def test_what_the_board_refuses_is_kept_with_its_refusal(tmp_path: Path) -> None:
    town = begun(tmp_path)
    place = ("--log", str(town.home("record")), "--board", str(town.home("board") / "post"))
    town.done("observer", "init", "--name", "watch.example", *place)
    pin = ("--pin", str(town.home("organiser") / "pin.json"))
    town.run("observer", *SAYS, "Seen", "--text", "A queue.", "--timeout", "0", *pin)
    town.publish()
    town.run("observer", *SAYS, "Seen", "--text", "A queue.", "--timeout", "0")
    kept = sorted((town.home("observer") / "refused").iterdir())
    assert [one.suffix for one in kept] == [".entry", ".refusal"]
    entry, refusal = decode(kept[0].read_bytes()), decode(kept[1].read_bytes(), message=True)
    assert refusal.payload.request == entry.body_hash
    assert refusal.payload.reason == "1.5"


def test_who_has_no_word_is_told(tmp_path: Path) -> None:
    town = begun(tmp_path)
    code, out = town.run("witness-1", *SAYS, "Word", "--text", "Me too.")
    assert (code, "names no log" in out or "names no post" in out) == (2, True)
    code, out = town.run("nobody", *SAYS, "Word", "--text", "And I.")
    assert (code, "is no home yet" in out) == (2, True)
