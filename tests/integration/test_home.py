"""Homes: whose they are, what opens their keys, one command at a time, and logs that were seen before."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from psephos.cli.home.home import Home, HomeOptions, alone, open_home
from psephos.cli.main import main
from psephos.cli.process.stop import Stop
from tests.integration.by_hand import Town


def init(home: Path, *options: str) -> int:
    return main(["witness", "init", "--name", "w.example", "--home", str(home), *options])


def card(home: Path) -> bytes:
    return (home / "witness.json").read_bytes()


def test_a_passphrase_opens_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, home = tmp_path / "passphrase", tmp_path / "home"
    monkeypatch.setenv("PSEPHOS_PASSPHRASE_FILE", str(file))
    file.write_text("correct horse\n")
    assert init(home) == 0
    assert b"witness" in card(home)
    file.write_text("battery staple\n")
    assert init(home) == 1
    assert "wrong passphrase" in capsys.readouterr().err


BAD = "http://127.0.0.1:99999"
TWO = ["--log", "record", "--board", "board"]
IN_HOMES = [
    ["organiser", "new", "plan.toml", "--parties", "card.json", "--log", BAD, "--board", "board"],
    ["registrar", "init", "--name", "R", *TWO, "--address", f"{BAD}/post/registrar"],
    ["registrar", "init", "--name", "R", "--log", "record", "--board", f"http://clerk:hidden@{BAD[7:]}"],
    ["trustee", "init", "--name", "T", *TWO, "--registrar", BAD],
    ["voter", "init", *TWO, "--registrar", BAD],
    ["witness", "init", "--name", "w.example", "--log", "http://[::1"],
    ["board", "init", "--name", "B", "--origin", "o", "--log", "record", "--witness", f"w.example={BAD}"],
    ["serve", "--listen", BAD[7:]],
    ["serve", "--url", BAD],
    ["serve", "--sign-in", BAD],
    ["registrar", "run", "--listen", BAD[7:]],
]


@pytest.mark.parametrize("line", IN_HOMES, ids=lambda line: " ".join(line[:2] + line[-2:-1]))
def test_an_invalid_port_is_refused_before_anything_is_written(
    line: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*line, "--home", "home", "--identity", "identity"]) == 2
    said = capsys.readouterr().err
    assert "port" in said
    assert "hidden" not in said
    assert not list(tmp_path.iterdir())


def test_a_trial_on_an_invalid_port_does_not_begin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Path(__file__).parents[2] / "examples/local.toml"
    assert main(["local", str(plan), str(tmp_path / "local"), "--listen", "127.0.0.1:99999"]) == 2
    assert "invalid port 99999" in capsys.readouterr().err
    assert not (tmp_path / "local").exists()


def test_a_new_passphrase_is_typed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PSEPHOS_PASSPHRASE_FILE", raising=False)
    typed = iter(["correct horse", "correct hose"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    assert init(tmp_path) == 2
    assert not (tmp_path / "witness.json").exists()


def test_a_device_asks_for_its_passphrase_when_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PSEPHOS_PASSPHRASE_FILE", raising=False)
    asked = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or "correct horse")
    line = ["voter", "init", "--log", "record", "--board", "board", "--registrar", "registrar"]
    for _ in range(2):
        assert main([*line, "--home", str(tmp_path)]) == 0
    assert asked == ["New passphrase: ", "The same again: ", "Passphrase: "]


def test_a_new_passphrase_is_read_once_where_it_can_be_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"correct horse\n")
    os.close(writing)
    monkeypatch.setenv("PSEPHOS_PASSPHRASE_FILE", f"/dev/fd/{reading}")
    assert init(tmp_path) == 0
    os.close(reading)
    assert b"witness" in card(tmp_path)


def test_a_home_is_renewed_with_its_keys_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where, line = HomeOptions(tmp_path, tmp_path / "identity"), ["registrar", "init", "--log", "record"]
    line += ["--board", "board", "--name", "R", "--home", str(tmp_path), "--identity", str(where.identity)]
    assert main(line) == 0
    home = Home.read(where, "registrar")
    key = home.signing_key().public
    assert home.renewed() is home
    assert main([*line, "--address", "https://register.example/post"]) == 0
    (tmp_path / "identity").unlink()
    now = home.renewed()
    assert now.posts["address"] == "https://register.example/post"
    assert now.signing_key().public == key


def test_an_identity_can_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSEPHOS_IDENTITY", str(tmp_path / "identity"))
    home = tmp_path / "home"
    assert init(home) == 0
    first = card(home)
    assert (tmp_path / "identity").stat().st_mode & 0o777 == 0o600
    monkeypatch.delenv("PSEPHOS_IDENTITY")
    assert init(home, "--identity", str(tmp_path / "identity")) == 0
    assert card(home) == first


def test_a_home_is_one_roles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    identity = ("--identity", str(tmp_path / "identity"))
    assert init(tmp_path / "home", *identity) == 0
    assert main(["board", "status", "--home", str(tmp_path / "home"), *identity]) == 2
    assert "$.role: the home of a witness, not of a board" in capsys.readouterr().err
    assert main(["board", "status", "--home", str(tmp_path), *identity]) == 2
    assert "is no home yet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "JSON"),
        ('{"version": 1, "version": 1}', "a member stands there twice"),
        ('{"version": 2, "role": "witness", "name": "w", "posts": {}}', "$.version"),
        ('{"version": 1, "role": "witness", "name": "w", "posts": []}', "$.posts: not an object"),
        ('{"version": 1, "role": "witness", "name": "w", "posts": {"a": 1}}', "$.posts.a"),
        (
            '{"version": 1, "role": "witness", "name": "w", "posts": {}, "more": 1}',
            "member more is not known",
        ),
    ],
)
def test_other_files_are_no_home(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "home.json").write_text(text)
    with pytest.raises(Stop, match=said.replace("$", r"\$")):
        Home.read(HomeOptions(tmp_path), "witness")


def test_one_command_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(Stop, match="another command is at work"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_another_pin_is_not_taken(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    pin = town.home("organiser") / "pin.json"
    other = tmp_path / "other.json"
    other.write_text(
        json.dumps(json.loads(pin.read_text()) | {"definition": "0" * 64}, separators=(",", ":"))
    )
    town.done("witness-1", "cosign", "--pin", str(pin))
    code, said = town.run("witness-1", "cosign", "--pin", str(other))
    assert code == 1
    assert "pin of another referendum" in said


def test_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    town.sent("organiser", "publish")
    town.publish()
    where = HomeOptions(town.home("trustee-1"), tmp_path / "trustee-1.identity")
    with open_home(where, "trustee") as home:
        with home.record() as first:
            before = first.size
        town.sent("trustee-2", "ceremony")
        town.publish()
        with home.record() as second:
            assert second is first
            assert second.size > before


def test_a_log_that_lacks_a_piece_is_waited_for(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    town.sent("organiser", "publish")
    town.publish()
    bundles = town.home("record") / "tile/entries"
    bundles.rename(tmp_path / "away")
    assert "waits for the board" in town.waits("trustee-1", "ceremony")
    (tmp_path / "away").rename(bundles)
    town.done("trustee-1", "status")


def test_a_log_of_another_referendum_is_refused(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    town.sent("organiser", "publish")
    town.publish()
    pin = town.home("trustee-1") / "pin.json"
    pin.write_text(pin.read_text().replace(town.pin.definition.hex(), "0" * 64))
    for command in ("ceremony", "status"):
        code, said = town.run("trustee-1", command)
        assert (code, "check 2.1 failed through organiser" in said) == (1, True)


def test_a_log_that_goes_back_is_refused(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.create()
    town.sent("organiser", "publish")
    town.publish()
    early = town.checkpoint
    town.sent("trustee-1", "ceremony")
    town.publish()
    town.done("trustee-1", "status")
    (town.home("record") / "checkpoint").write_bytes(early)
    code, said = town.run("trustee-1", "status")
    assert code == 1
    assert "size 4, cannot lead to" in said
