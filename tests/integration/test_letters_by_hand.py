"""Invitations by e-mail and on paper, from the command line, until enrolment closes and all is forgotten."""

from __future__ import annotations

import io
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import zxingcpp
from pypdf import PdfReader

from psephos.cli.home.home import alone
from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.server.eligibility.contact import Person
from tests.databases import Backend, path_of
from tests.integration.test_registrar_voter_by_hand import Voters
from tests.people.postbox import Postbox
from tests.people.test_bounces import MARK, POSTFIX

PLANTED = ["ada.planted@home.example", "blaise.planted@home.example", "corrected.planted@home.example"]
STREET = "1 Planted Street"
CONTACTS = f'voter,email,address\nAda,{PLANTED[0]},\nBlaise,{PLANTED[1]},\nCarl,,"{STREET}\nTown"\n'
NORTH = ("--region", "north")


class Desk(Voters):
    """A town whose registrar sends letters."""

    def __init__(self, backend: Backend, postbox: Postbox) -> None:
        super().__init__(backend.directory)
        self.backend, self.postbox = backend, postbox
        self.heard = ""

    def letters(self, *arguments: str, code: int = 0) -> str:
        found, said = self.run("registrar", "letters", *arguments)
        assert found == code, said
        self.heard += said
        return said

    def write(self, name: str, text: str) -> str:
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def send(self, code: int = 0) -> str:
        return self.letters("send", *NORTH, "--sender", "vote@town.example", code=code)

    def attached(self, place: int) -> bytes:
        (one,) = self.postbox.messages()[place].iter_attachments()
        content: bytes = one.get_content()
        return content

    def tables(self) -> bytes:
        """Everything that the database has on disk, or in a dump."""
        if self.backend.url is None:
            return b"".join(one.read_bytes() for one in self.home("registrar/state").glob("people*"))
        command = [path_of("pg_dump"), "--schema=people", self.backend.url]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def sealed(self) -> list[bytes]:
        """What the tables hold of people."""
        if self.backend.url is None:
            copy = shutil.copytree(self.home("registrar/state"), self.directory / "copy", dirs_exist_ok=True)
            with closing(sqlite3.connect(copy / "people.sqlite")) as database:
                return [one for (one,) in database.execute("SELECT sealed FROM people")]
        with psycopg.connect(self.backend.url) as connection:
            return [one for (one,) in connection.execute("SELECT sealed FROM people.people").fetchall()]


@pytest.fixture
def desk(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    postbox = Postbox()
    monkeypatch.setenv("PSEPHOS_SMTP_URL", postbox.url)
    monkeypatch.setenv("PSEPHOS_DATABASE_URL", backend.url or "")
    made = Desk(backend, postbox)
    made.begin()
    yield made
    postbox.close()


def opened(desk: Desk, sealed: list[bytes]) -> int:
    """How many of these a key opens that the registrar still has."""
    store = desk.keys("registrar")
    names = [path.stem for path in desk.home("registrar/keys").glob("*.age")]
    keys = [key for name in names if len(key := store.read(name) or b"") == 64]
    return sum(any(opens(key, one) for key in keys) for one in sealed)


def opens(key: bytes, sealed: bytes) -> bool:
    try:
        return bool(Person.open(key, sealed, "north"))
    except FormatError:
        return False


def test_letters_are_sent_come_back_are_sent_again_and_forgotten(desk: Desk) -> None:
    contacts = desk.write("contacts.csv", CONTACTS)
    for said in ("3 letters wait; 3 others", "0 letters wait; 3 others"):
        assert desk.letters("add", contacts, *NORTH).startswith(said)
    desk.postbox.answers = {PLANTED[1]: "550 5.1.1 unknown"}
    assert desk.send() == "sent 1, refused 1\n"
    assert desk.send() == "sent 0, refused 0\n"
    expected = ["email   returned  1", "email   sent      1", "paper   waiting   1", "5.1.1   Blaise"]
    assert desk.letters("status", *NORTH).splitlines() == expected
    desk.letters("again", desk.write("again.csv", f"voter,email,address\nBlaise,{PLANTED[2]},\n"), *NORTH)
    assert desk.send() == "sent 1, refused 0\n"
    assert [one["To"] for one in desk.postbox.messages()] == [PLANTED[0], PLANTED[2]]

    # The second letter to Blaise comes back later, by mail.
    (_, second) = desk.postbox.taken
    mark = (second.mail_from or "").partition("+")[2].partition("@")[0]
    bounce = desk.write("bounce.eml", POSTFIX.replace(MARK, mark))
    assert desk.letters("returned", bounce) == "5.1.1: came back\n"
    desk.letters("returned", desk.write("stranger.eml", POSTFIX), code=1)
    assert desk.letters("status", *NORTH).splitlines()[-1] == "5.1.1   Blaise"

    # What arrived enrols, by e-mail and on paper.
    printed = desk.directory / "letters.pdf"
    assert desk.letters("print", str(printed), *NORTH) == "printed 1\n"
    assert "is there already" in desk.letters("print", str(printed), *NORTH, code=2)
    (page,) = PdfReader(io.BytesIO(printed.read_bytes())).pages
    assert f"Carl\n{STREET}\nTown\n" in page.extract_text()
    (code,) = zxingcpp.read_barcodes(page.images[0].image)
    for number, (voter, data) in enumerate({"Ada": desk.attached(0), "Carl": code.bytes}.items()):
        folder = desk.home("registrar/invitations/north")
        (kept,) = [one for one in folder.iterdir() if f"voter {voter}\n" in one.read_text()]
        assert Invitation.parse(data) == Invitation.parse(kept.read_bytes())
        kept.write_bytes(data)
        desk.enrolled(desk.invited(f"voter-{number}", voter))

    # Neither tables nor copies of them can be read, and at the close their key goes.
    copy = desk.sealed()
    assert (len(copy), opened(desk, copy)) == (3, 3)
    assert not any(planted in desk.tables().decode(errors="replace") for planted in (*PLANTED, STREET))
    for _ in range(3):
        desk.twice("registrar", "batch", "--close")
        desk.publish()
    assert opened(desk, copy) == opened(desk, desk.sealed()) == 0
    assert "enrolment is over" in desk.send(code=1)
    assert "enrolment is over" in desk.letters("add", contacts, *NORTH, code=1)
    desk.letters("status", *NORTH)
    given = {Path(contacts), desk.directory / "again.csv", printed}
    for file in desk.directory.rglob("*"):
        if file.is_file() and file not in given:
            found = file.read_bytes().decode(errors="replace")
            assert not any(planted in found for planted in (*PLANTED, STREET)), file
    assert not any(planted in desk.heard for planted in (*PLANTED, STREET))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_mistakes_are_named_and_nothing_is_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = desk.write("bad.csv", "voter,email,address\nAda,ada@home.example,\nNobody,n@home.example,\n")
    said = desk.letters("add", bad, *NORTH, code=2)
    assert said.endswith("bad.csv: line 3, column voter: not on the roll of north\n")
    assert desk.letters("status", *NORTH) == ""
    with alone(desk.home("registrar")):  # as `run` keeps the home to itself
        desk.letters("add", desk.write("contacts.csv", CONTACTS), *NORTH)
    desk.postbox.answers = {PLANTED[0]: "450 4.2.1 later"}
    assert "says 450" in desk.send(code=1)
    for url in ("", "smtp://clerk:planted@x@home.example"):
        monkeypatch.setenv("PSEPHOS_SMTP_URL", url)
        assert "planted" not in desk.send(code=2)
    assert desk.letters("status", *NORTH).splitlines() == ["email   waiting   2", "paper   waiting   1"]
    assert desk.postbox.taken == []
