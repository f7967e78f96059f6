"""From an account at an identity provider to enrolled cards, by command; at the close all is forgotten."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from psephos.server.eligibility.door import CALLBACK
from tests.integration.test_registrar_voter_by_hand import Voters
from tests.people.identity import CLIENT, SECRET, Identity
from tests.people.test_sign_in import handed_over, visit
from tests.server.office import free_port

PLANTED = {"Ada": "planted-subject-1", "Blaise": "planted-subject-2"}
TRACES = ("Planted/4.25", "192.0.2.77")
NORTH = ("--region", "north")


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[Identity]:
    monkeypatch.setenv("PSEPHOS_OIDC_SECRET", SECRET)
    made = Identity()
    yield made
    made.close()


class Register(Voters):
    """A town whose voters sign in."""

    url = ""
    door: subprocess.Popen[bytes] | None = None

    def open(self, identity: Identity) -> None:
        """Let people sign in."""
        self.url = self.url or f"http://127.0.0.1:{free_port()}"
        options = ["--issuer", identity.url, "--client", CLIENT, "--url", self.url]
        listen = ["--listen", self.url.removeprefix("http://")]
        with (self.directory / "said").open("wb") as said:  # looked into with all other files
            behind = ("sign-in", "--behind-proxy", *options, *listen)
            self.door = self.start("registrar", *behind, stderr=said)
        assert self.door.stdout is not None
        assert self.door.stdout.readline().decode() == f"answers at {self.url}\n"

    def sign_in(self) -> tuple[int, str]:
        """Press the button, from an address and with a program that nobody is to remember."""
        headers = {"User-Agent": TRACES[0], "X-Forwarded-For": TRACES[1]}
        status, page, _ = visit(f"{self.url}/en/sign-in", b"", **headers)
        return status, page

    def shut(self) -> None:
        assert self.door is not None
        self.door.terminate()
        said, _ = self.door.communicate()
        assert (self.door.returncode, said) == (0, b"")

    def accounts(self, name: str, **accounts: str) -> Path:
        path = self.directory / name
        path.write_text("".join(["voter,account\n", *(f"{one},{two}\n" for one, two in accounts.items())]))
        return path


def test_who_signs_in_enrols_and_is_forgotten(tmp_path: Path, identity: Identity) -> None:
    town = Register(tmp_path)
    town.begin()
    given = town.accounts("accounts.csv", **PLANTED)
    assert town.done("registrar", "letters", "add", str(given), *NORTH).startswith("2 letters wait")
    identity.account = PLANTED["Ada"]
    town.open(identity)
    try:
        invitation = handed_over(town.sign_in()[1])
        assert invitation.opening.voter == "Ada"
        assert town.sign_in()[0] == 409
        said = town.done("registrar", "letters", "status", *NORTH)
        assert said.splitlines() == ["sign-in sent      1", "sign-in waiting   1"]
        kept = Path(town.invitation("Ada"))
        kept.write_bytes(invitation.encode(""))
        town.enrolled(town.invited("voter-1", "Ada"))

        # Another account for the same voter, while the door is open.
        again = town.accounts("again.csv", Ada="planted-subject-3")
        town.done("registrar", "letters", "again", str(again), *NORTH)
        assert town.sign_in()[0] == 403
        identity.account = "planted-subject-3"
        assert handed_over(town.sign_in()[1]) == invitation
        taken = town.accounts("taken.csv", Blaise="planted-subject-3")
        code, said = town.run("registrar", "letters", "again", str(taken), *NORTH)
        assert (code, "another voter's already" in said) == (1, True)

        for _ in range(3):
            town.twice("registrar", "batch", "--close")
            town.publish()
        identity.account = PLANTED["Blaise"]
        assert town.sign_in()[0] == 403
        identity.claims = {"aud": "another"}
        assert town.sign_in()[0] == 502
    finally:
        town.shut()
    codes = [one[name] for one in identity.asked for name in ("state", "nonce", "code_challenge")]
    assert (tmp_path / "said").read_text() == "psephos: sign-in: ID token: invalid_claim: aud\n"
    secrets = ["planted-", *TRACES, *codes, *identity.given]
    for file in tmp_path.rglob("*"):
        if file.is_file() and file not in (given, again, taken):
            found = file.read_bytes()
            assert not any(one.encode() in found for one in secrets), file


def test_a_door_that_cannot_be_opened_says_why(tmp_path: Path, identity: Identity) -> None:
    town = Register(tmp_path)
    options = ["--client", CLIENT, "--url", "https://register.example", "--listen", "127.0.0.1:0"]
    for issuer, said in (
        (f"{identity.url}/", "calls itself otherwise"),
        ("http://id.example", "not an https URL"),
        ("http://127.0.0.1:1", "ConnectionRefusedError"),
    ):
        code, told = town.run("registrar", "sign-in", "--issuer", issuer, *options)
        assert (code, said in told, SECRET in told) == (1, True, False), told
    code, told = town.run("registrar", "sign-in", "--issuer", identity.url, *options)
    assert (code, "is no home yet" in told) == (2, True)
    assert CALLBACK not in told
