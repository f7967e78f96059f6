"""`psephos demo`: a whole referendum in files, judged twice, tampered with twice; and what must not show."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from psephos.cli import main
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.log.client import Client
from psephos.log.policy import Policy
from psephos.protocol import entries
from psephos.protocol.entries import decode
from psephos.protocol.setup.dealing import Secret
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin
from psephos.registrar.token_secrets import TokenSecrets
from psephos.simulation import coercers, demo, trial
from psephos.simulation.verifiers import rust
from psephos.verifier.receipt import verify_receipt
from psephos.verifier.run import verify
from tests.verifier.test_verifier import SCHEMAS, conforms

ROOMS = {"organiser", "registrar-1", "registrar-2", "board"} | {
    f"{role}-{index}" for role in ("trustee", "witness") for index in (1, 2, 3)
}
VOTERS = 30
"""So few that the reference soon has them verified, so many that everything of the scenario happens."""


@dataclass(frozen=True)
class Performance:
    """What a demo printed, exited with, and left."""

    directory: Path
    code: int
    out: str

    def json(self, name: str) -> Any:
        return json.loads((self.directory / name).read_text())


def perform(directory: Path, *arguments: object) -> Performance:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(["demo", *map(str, arguments), "--out", str(directory)])
    return Performance(directory, code, out.getvalue())


def only_rust(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the reference verifier, which takes most of a demo's time."""
    monkeypatch.setattr(trial, "verifiers", lambda record, pin: [rust(record, pin)])


@pytest.fixture(scope="module")
def performed(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return perform(tmp_path_factory.mktemp("demo") / "out", "--voters", VOTERS, "--seed", 3)


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / name).read_text())
    return found


def test_everything_comes_out_as_it_must(performed: Performance) -> None:
    assert performed.code == 0, performed.out
    text = " ".join(performed.out.split())
    assert "The count is exactly what the voters wanted" in text
    assert "NOT" not in text
    assert "Both registrars, the board and the Fishermen's Union gave the coercers all" in text
    for who in ("Fishermen's Union", "Lawyers of the Valleys", "Assembly of the Four Valleys"):
        assert f"{who}, in the log, on" in text
    for judge in ("psephos verify", "reference/verify.py"):
        assert re.search(rf"{judge}: passed, \d+ entries", text)
        assert re.search(rf"{judge}: failed; check 1.3 through board", text)
        assert re.search(rf"{judge}: failed; check 6.4 through card [0-9a-f]{{64}}", text)


def test_record_pin_and_result_have_their_form(performed: Performance) -> None:
    for name in ("pin.json", "result.json"):
        conforms(performed.json(name), schema(name))
    pin = Pin.parse((performed.directory / "pin.json").read_bytes())
    with Client(performed.directory / "record") as client:
        report = verify(client, pin)
    document = json.loads(report.encode())
    conforms(document, schema("report.json"))
    assert (document["verdict"], document["void"]) == ("passed", [])
    assert document["result"] == performed.json("result.json")


def test_what_coercers_saw_verifies_and_tells_nothing(performed: Performance) -> None:
    pin = Pin.parse((performed.directory / "pin.json").read_bytes())
    views = performed.json("coerced.json")
    assert len(views) == 3
    for view in views:
        assert view.keys() == {"region", "cards", "ballots"}
        assert view["cards"]
        assert all(card.keys() == {"key", "in a batch"} and card["in a batch"] for card in view["cards"])
        for ballot in view["ballots"]:
            assert ballot.keys() == {"day", "tracker", "receipt"}
            entry = verify_receipt(ballot["receipt"].encode(), pin).entry
            assert entry.body_hash.hex() == ballot["tracker"]
            assert entry.author.hex() in {card["key"] for card in view["cards"]}


def test_with_one_more_trustee_coercers_would_find_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the demo says of their failure could have come out otherwise."""
    bought = [demo.VANISHES]
    monkeypatch.setattr(
        demo,
        "shares_of",
        lambda stage, of: coercers.shares_of(stage, [1, *of] if of == bought else of),
    )
    done = perform(tmp_path / "out", "--voters", 16, "--seed", 3)
    assert done.code == 1
    assert "coercers open what" in capsys.readouterr().err


def test_the_same_seed_gives_the_same_totals_under_other_keys(
    performed: Performance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_rust(monkeypatch)
    again = perform(tmp_path / "out", "--voters", VOTERS, "--seed", 3)
    assert again.code == 0
    one, two = performed.json("result.json"), again.json("result.json")
    assert one["contests"] == two["contests"]
    assert one["election"] != two["election"]
    assert one["definition"] != two["definition"]
    keys = [set(re.findall("[0-9a-f]{64}", run.json("pin.json")["policy"])) for run in (performed, again)]
    assert not keys[0] & keys[1]
    assert not secrets(performed.directory) & secrets(again.directory)


@pytest.mark.parametrize("voters", [1, 4])
def test_a_handful_of_voters_is_enough(voters: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_rust(monkeypatch)
    done = perform(tmp_path / "out", "--voters", voters, "--seed", voters)
    assert done.code == 0, done.out
    regions = done.json("result.json")["regions"]
    assert sum(region["enrolled"] for region in regions) == voters


def test_a_directory_with_something_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "diary").write_text("dear diary")
    for out in (tmp_path, tmp_path / "diary"):
        assert main(["demo", "--voters", "1", "--out", str(out)]) == 2
        printed, complaint = capsys.readouterr()
        assert (printed, complaint) == ("", f"psephos: {out} is not an empty directory\n")
    assert [path.name for path in tmp_path.iterdir()] == ["diary"]
    assert (tmp_path / "diary").read_text() == "dear diary"


@pytest.mark.parametrize("voters", ["0", "-1", "1.5", "many"])
def test_how_many_voters_is_a_number(voters: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", f"--voters={voters}"]) == 2
    printed, complaint = capsys.readouterr()
    assert printed == ""
    assert complaint.count("\n") == 1


# -- what must not be seen


def store(directory: Path, room: str) -> KeyStore:
    """A role's secrets, opened with the identity that the demo leaves beside them."""
    lock = Lock.parse((directory / room / "identity.txt").read_text())
    return KeyStore(directory / room / "keys", lock)


def definition_of(directory: Path) -> bytes:
    """The document in entry 0."""
    pin = Pin.parse((directory / "pin.json").read_bytes())
    with Client(directory / "record") as client:
        for _, bundle in client.tree(Policy.parse(pin.policy.encode())).entries():
            payload = decode(bundle[0]).payload
            assert isinstance(payload, entries.DefinitionEntry)
            return payload.document
    raise AssertionError("an empty log")


def secrets(directory: Path) -> set[bytes]:
    """Every secret that the roles of a demo keep."""
    found = set()
    for room in ROOMS:
        files = (directory / room / "keys").glob("*.age")
        named = {path.stem: store(directory, room).read(path.stem) or b"" for path in files}
        assert len(named["signing"]) == 32
        if "ceremony" in named:
            kept = Secret.decode(named.pop("ceremony"))
            assert (len(kept.share), kept.coefficients, kept.hpke_key) == (32, b"", b"")
            named["share"] = kept.share
        named.pop("closed", None)  # the close is public
        if kept := named.pop("token-secrets", None):
            definition = parse(definition_of(directory))
            own = TokenSecrets.read(definition, int(room[-1]), store(directory, room))
            assert own.scalars in kept
            named |= {"gateway": own.gateway, "salts": own.salts}  # the scalars are public in the end
        named["identity"] = (directory / room / "identity.txt").read_bytes().splitlines()[-1]
        found |= set(named.values())
    return found


def test_every_role_has_its_secrets_and_keeps_them_to_itself(performed: Performance) -> None:
    assert {path.parent.name for path in performed.directory.glob("*/identity.txt")} == ROOMS
    kept = [path for room in ROOMS for path in (performed.directory / room / "keys").iterdir()]
    kept += performed.directory.glob("*/identity.txt")
    assert len(kept) >= 2 * len(ROOMS) + 2 * 2  # two trustees signed the close
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    for room in ROOMS:
        assert (performed.directory / room).stat().st_mode & 0o777 == 0o700
        assert (performed.directory / room / "keys").stat().st_mode & 0o777 == 0o700


def test_no_secret_is_published_or_printed(performed: Performance) -> None:
    shown = performed.out.encode()
    files = [path for path in (performed.directory / "record").rglob("*") if path.is_file()]
    files += [performed.directory / name for name in ("pin.json", "result.json", "coerced.json")]
    public = b"\n".join([shown, *(path.read_bytes() for path in files)])
    found = secrets(performed.directory)
    assert len(found) > 2 * len(ROOMS)
    for secret in found:
        assert secret not in public
        assert secret.hex().encode() not in public
        assert base64.b64encode(secret).rstrip(b"=") not in public
    definition = performed.json("pin.json")["definition"]
    assert (
        bytes.fromhex(performed.json("result.json")["election"]) in public
    )  # the search finds what is there
    assert definition.encode() in public
