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
from pypdfium2 import PdfDocument

from psephos.cli.home.home import alone
from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.registrar.invitations.contact import Person
from tests.databases import Backend, path_of
from tests.integration.test_registrar_voter_by_hand import Voters
from tests.registrar.postbox import Postbox
from tests.registrar.test_bounces import MARK, POSTFIX

PLANTED = ["ada.planted@home.example", "blaise.planted@home.example", "corrected.planted@home.example"]
SITE = "https://vote.example/"
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
        found, said = self.run("registrar-1", "letters", *arguments)
        assert found == code, said
        self.heard += said
        return said

    def write(self, name: str, text: str) -> str:
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def send(self, code: int = 0) -> str:
        return self.letters("send", *NORTH, "--sender", "vote@town.example", code=code)

    def link(self, place: int) -> bytes:
        """The address with the invitation that a mail leads to."""
        body = self.postbox.messages()[place].get_body()
        assert body is not None
        (link,) = [line for line in body.get_content().splitlines() if "#i=" in line]
        return bytes(link.encode())

    def tables(self) -> bytes:
        """Everything that the database has on disk, or in a dump."""
        if self.backend.url is None:
            return b"".join(one.read_bytes() for one in self.home("registrar-1/state").glob("people*"))
        command = [path_of("pg_dump"), "--schema=people", self.backend.url]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def sealed(self) -> list[bytes]:
        """What the tables hold of people."""
        if self.backend.url is None:
            copy = shutil.copytree(
                self.home("registrar-1/state"), self.directory / "copy", dirs_exist_ok=True
            )
            with closing(sqlite3.connect(copy / "people.sqlite")) as database:
                return [one for (one,) in database.execute("SELECT sealed FROM people")]
        with psycopg.connect(self.backend.url) as connection:
            return [one for (one,) in connection.execute("SELECT sealed FROM people.people").fetchall()]


@pytest.fixture
def desk(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    postbox = Postbox()
    monkeypatch.setenv("PSEPHOS_SMTP_URL", postbox.url)
    monkeypatch.setenv("PSEPHOS_DATABASE_URL", backend.url or "")
    monkeypatch.setenv("PSEPHOS_SITE", SITE)
    made = Desk(backend, postbox)
    made.begin()
    yield made
    postbox.close()


def opened(desk: Desk, sealed: list[bytes]) -> int:
    """How many of these a key opens that the registrar still has."""
    store = desk.keys("registrar-1")
    names = [path.stem for path in desk.home("registrar-1/keys").glob("*.age")]
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
    assert desk.send().startswith("sent 1, refused 1, waiting 0\nrefused for good:\n  5.1.1   Blaise\n")
    assert desk.send() == "sent 0, refused 0, waiting 0\n"
    expected = ["email   returned  1", "email   sent      1", "paper   waiting   1", "5.1.1   Blaise"]
    assert desk.letters("status", *NORTH).splitlines() == expected
    desk.letters("again", desk.write("again.csv", f"voter,email,address\nBlaise,{PLANTED[2]},\n"), *NORTH)
    assert desk.send() == "sent 1, refused 0, waiting 0\n"
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
    (code,) = zxingcpp.read_barcodes(PdfDocument(printed)[0].render(scale=150 / 72).to_pil())
    for number, (voter, data) in enumerate({"Ada": desk.link(0), "Carl": code.bytes}.items()):
        assert data.startswith(f"{SITE}booth/enrol.html#i=".encode())
        folder = desk.home("registrar-1/invitations/north")
        (kept,) = [one for one in folder.iterdir() if f"voter {voter}\n" in one.read_text()]
        assert Invitation.read(data) == Invitation.parse(kept.read_bytes())
        kept.write_bytes(data)
        desk.enrolled(f"voter-{number}", voter)

    # Neither tables nor copies of them can be read, and at the close their key goes.
    copy = desk.sealed()
    assert (len(copy), opened(desk, copy)) == (3, 3)
    assert not any(planted in desk.tables().decode(errors="replace") for planted in (*PLANTED, STREET))
    desk.shut()
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
    assert said.endswith("bad.csv: not on the roll of north: the voters of lines 3\n")
    assert desk.letters("status", *NORTH) == ""
    with alone(desk.home("registrar-1")):  # as `run` keeps the home to itself
        desk.letters("add", desk.write("contacts.csv", CONTACTS), *NORTH)
    desk.postbox.answers = {PLANTED[0]: "450 4.2.1 later"}
    said = desk.send(code=3)
    assert said.startswith("sent 1, refused 0, waiting 1\nrefused for now, run `letters send` again later:")
    assert "  4.2.1   Ada\n" in said
    long = f"{'v' * 32}@town.example"
    assert "at most 31" in desk.letters("send", *NORTH, "--sender", long, code=2)
    for url in ("", "smtp://clerk:planted@x@home.example"):
        monkeypatch.setenv("PSEPHOS_SMTP_URL", url)
        assert "planted" not in desk.send(code=2)
    expected = ["email   sent      1", "email   waiting   1", "paper   waiting   1"]
    assert desk.letters("status", *NORTH).splitlines() == expected
    assert [one["To"] for one in desk.postbox.messages()] == [PLANTED[1]]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_letters_need_a_site_and_can_be_seen_before_they_are_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.letters("add", desk.write("contacts.csv", CONTACTS), *NORTH)
    before = desk.letters("status", *NORTH)
    file = desk.directory / "seen.pdf"
    said = desk.letters("preview", str(file), *NORTH, "--contact", "555-123")
    others = "registrar 1 of 2: Register 1. The other letter comes from Register 2."
    for part in ("Dear Ada,", "Ask here: 555-123", "17 March 2030", others, f"{SITE}booth/enrol.html#i="):
        assert part in said
    assert "Ada" in PdfReader(io.BytesIO(file.read_bytes())).pages[0].extract_text()
    (link,) = [line for line in said.splitlines() if "#i=" in line]
    assert Invitation.from_address(link).opening.salt == bytes(16)
    other = str(desk.directory / "other.pdf")
    assert "Dear Carl," in desk.letters("preview", other, *NORTH, "--voter", "Carl")
    missing = str(desk.directory / "missing.pdf")
    assert "nobody called 'Zoe'" in desk.letters("preview", missing, *NORTH, "--voter", "Zoe", code=1)
    monkeypatch.setenv("PSEPHOS_SITE", "")
    printing = ("print", missing, *NORTH)
    for command in (
        ("send", *NORTH, "--sender", "vote@town.example"),
        printing,
        ("preview", missing, *NORTH),
    ):
        assert "give --site https://vote.example/, or set PSEPHOS_SITE" in desk.letters(*command, code=2)
    assert "is not a web address" in desk.letters(*printing, "--site", "vote.example", code=2)
    monkeypatch.setenv("PSEPHOS_SITE", SITE)
    desk.letters("again", desk.write("again.csv", 'voter,email,address\nCarl,,"' + "W" * 95 + '"\n'), *NORTH)
    assert "letter to Carl: name and address do not fit the window" in desk.letters(*printing, code=1)
    assert not Path(missing).exists()
    assert desk.letters("status", *NORTH).splitlines()[:1] == before.splitlines()[:1]
    assert "paper   waiting   1" in desk.letters("status", *NORTH)
    assert desk.postbox.taken == []
