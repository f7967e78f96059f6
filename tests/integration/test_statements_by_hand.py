"""What parties and observers say, by their commands: signed, in the log, for everybody to read."""

from __future__ import annotations

import json
from pathlib import Path

from psephos.cli.home.home import alone
from psephos.protocol.entry import Statement
from tests.integration.by_hand import Town

SAYS = ("statement", "--language", "en", "--subject")


def said(town: Town) -> list[tuple[int, Statement]]:
    statements = [(at, entry.payload) for at, entry in town.record().statements]
    return [(at, one) for at, one in statements if isinstance(one, Statement)]


def begun(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.found()
    town.run("organiser", "publish", "--patience", "0")
    town.publish()
    return town


def test_every_party_says_something_while_it_is_at_work(tmp_path: Path) -> None:
    town = begun(tmp_path)
    parties = ("organiser", "registrar", "board", "trustee-1")
    for name in parties:
        with alone(town.home(name)):  # as `run` and `join` keep it
            town.run(name, *SAYS, "Word", "--text", f"This is {name}.", "--patience", "0")
    town.publish()
    assert {one.text for _, one in said(town)} == {f"This is {name}." for name in parties}
    assert town.waits("trustee-1", *SAYS, "More", "--text", "One more.", "--patience", "0")
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
    town.run("observer", *SAYS, "Seen", "--text", "A queue.", "--patience", "0", *pin)
    town.publish()
    code, out = town.run("observer", *SAYS, "Seen", "--text", "A queue.", "--patience", "0")
    assert code == 1
    assert "the board refuses: 1.5" in out
    key = json.loads((town.home("observer") / "observer.json").read_bytes())["key"]
    town.run("organiser", "accredit", key, "--name", "Watch", "--role", "observer", "--patience", "0")
    town.publish()
    town.run("observer", *SAYS, "Seen", "--text", "A queue.", "--quote", "--patience", "0")
    size = town.record().size
    town.publish()
    ((at, statement),) = said(town)
    assert at == size
    assert statement.text.startswith(f"At {size} ")
    assert statement.text.endswith(": A queue.")
    again = town.done("observer", *SAYS, "Seen", "--text", "A queue.", "--quote")
    assert again == f"entry {at}\n"


def test_who_has_no_word_is_told(tmp_path: Path) -> None:
    town = begun(tmp_path)
    code, out = town.run("witness-1", *SAYS, "Word", "--text", "Me too.")
    assert (code, "names no log" in out or "names no post" in out) == (2, True)
    code, out = town.run("nobody", *SAYS, "Word", "--text", "And I.")
    assert (code, "is no home yet" in out) == (2, True)
