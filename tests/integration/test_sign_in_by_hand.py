"""From an account at an identity provider to enrolled cards, by command; at the close all is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.test_registrar_voter_by_hand import Voters
from tests.registrar.identity import CLIENT, SECRET, Identity
from tests.registrar.signing_in import TRACES, SigningIn
from tests.registrar.test_sign_in import handed_over

ADA, BLAISE, OTHER = "planted-subject-1", "planted-subject-2", "planted-subject-3"
NORTH = ("--region", "north")


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[Identity]:
    monkeypatch.setenv("PSEPHOS_OIDC_SECRET", SECRET)
    made = Identity()
    yield made
    made.close()


def test_who_signs_in_enrols_and_is_forgotten(tmp_path: Path, identity: Identity) -> None:
    town = Voters(tmp_path)
    town.begin()
    door = SigningIn(town, identity)
    given = door.accounts("accounts.csv", Ada=ADA, Blaise=BLAISE)
    assert town.done("registrar-1", "letters", "add", str(given), *NORTH).startswith("2 letters wait")
    door.open()
    try:
        invitation = handed_over(door.sign_in(ADA).text)
        assert invitation.opening.voter == "Ada"
        assert door.sign_in(ADA).status == 409
        said = town.done("registrar-1", "letters", "status", *NORTH)
        assert said.splitlines() == ["sign-in sent      1", "sign-in waiting   1"]
        (town.home("registrar-1") / "invitations/north/1.txt").write_bytes(invitation.encode(""))
        town.enrolled("voter-1", "Ada")

        # Another account for the same voter, while people sign in.
        again = door.accounts("again.csv", Ada=OTHER)
        town.done("registrar-1", "letters", "again", str(again), *NORTH)
        assert door.sign_in(ADA).status == 403
        assert handed_over(door.sign_in(OTHER).text) == invitation
        taken = door.accounts("taken.csv", Blaise=OTHER)
        code, said = town.run("registrar-1", "letters", "again", str(taken), *NORTH)
        assert (code, "another voter's already" in said) == (1, True)

        town.shut()
        assert door.sign_in(BLAISE).status == 403
        identity.claims = {"aud": "another"}
        assert door.sign_in(BLAISE).status == 502
    finally:
        door.shut()
    assert door.said.read_text() == "psephos: sign-in: ID token: invalid_claim: aud\n"
    codes = [one[name] for one in identity.asked for name in ("state", "nonce", "code_challenge")]
    secrets = ["planted-", *TRACES, *codes, *identity.given]
    for file in tmp_path.rglob("*"):
        if file.is_file() and file not in (given, again, taken):
            found = file.read_bytes()
            assert not any(one.encode() in found for one in secrets), file


def test_a_door_that_cannot_be_opened_says_why(tmp_path: Path, identity: Identity) -> None:
    town = Voters(tmp_path)
    options = ["--client", CLIENT, "--url", "https://register.example", "--listen", "127.0.0.1:0"]
    for issuer, said in (
        (f"{identity.url}/", "calls itself otherwise"),
        ("http://id.example", "not an https URL"),
        ("http://127.0.0.1:1", "ConnectionRefusedError"),
    ):
        code, told = town.run("registrar-1", "sign-in", "--issuer", issuer, *options)
        assert (code, said in told, SECRET in told) == (1, True, False), told
    code, told = town.run("registrar-1", "sign-in", "--issuer", identity.url, *options)
    assert (code, "is no home yet" in told) == (2, True)
