"""Contacts in a file of voters, and every mistake named by its line."""

from __future__ import annotations

import unicodedata

import pytest

from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.registrar.invitations.contact import Contact, Person, read_contacts

HEADING = "voter,email,address\n"
ACCOUNTS = "voter,account\n"


def test_contacts_are_read_by_line() -> None:
    text = (
        HEADING
        + 'Ada,ada@town.example,\n"Carl, Jr",,"Carl Carlson\n1 Harbour Road\nTown"\nÉva,eva+x@a.b.example,'
    )
    expected = {
        2: Contact("Ada", "ada@town.example", ()),
        3: Contact("Carl, Jr", "", ("Carl Carlson", "1 Harbour Road", "Town")),
        6: Contact("Éva", "eva+x@a.b.example", ()),
    }
    assert read_contacts(text.encode()) == (expected, [])
    decomposed = unicodedata.normalize("NFD", text).replace("\n", "\r\n")
    assert read_contacts(decomposed.encode("utf-16")) == (expected, [])


def test_accounts_are_read_by_line() -> None:
    read, _ = read_contacts((ACCOUNTS + 'Ada,00u1\n"Carl, Jr",carl@town.example\n').encode())
    assert read == {2: Contact("Ada", "", (), "00u1"), 3: Contact("Carl, Jr", "", (), "carl@town.example")}
    assert [one.way for one in read.values()] == ["sign-in", "sign-in"]


def test_who_cannot_be_reached_is_named_and_left_out() -> None:
    read, doubts = read_contacts(HEADING.encode() + b"Ada,a@b.example,\nBlaise,,\n")
    assert list(read) == [2]
    assert [(doubt.line, doubt.kind) for doubt in doubts] == [(3, "unreached")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no voters"),
        (b"Ada\nBlaise\n", "no contacts"),
        (HEADING.encode(), "no voters"),
        (HEADING.encode() + b"Ada,ada@town.example,,more\n", "line 2: 4 columns instead of 3"),
        (HEADING.encode() + b",a@b.example,\n", "line 2: no name"),
        (HEADING.encode() + b"Ada,a@b.example,\nAda,c@b.example,\n", "line 3: Ada is the name of line 2"),
        (HEADING.encode() + b"Ada,ada,\n", "line 2: ada: no e-mail address"),
        (HEADING.encode() + b"Ada,ada@example,\n", "line 2: ada@example: no e-mail address"),
        (HEADING.encode() + b"Ada,a@b.example c@d.example,\n", "line 2: a@b.example c@d.example: no e-mail"),
        (HEADING.encode() + b'Ada,"a@b.example\nBcc: x@y.example",\n', "line 2: a@b.example"),
        (HEADING.encode() + "Ada,адa@b.example,\n".encode(), "line 2: адa@b.example: no e-mail address"),
        (HEADING.encode() + b"Ada," + b"a" * 250 + b"@b.example,\n", "line 2: aaa"),
        (HEADING.encode() + b'Ada,,"1\n2\n3\n4\n5\n6\n7"\n', "line 2: a postal address"),
        (HEADING.encode() + b"Ada,," + b"x" * 101 + b"\n", "line 2: a postal address"),
        (HEADING.encode() + b'Ada,,"open\n', "line 2: quotation marks do not match"),
        (HEADING.encode() + b'Ada,,"a"b\n', "line 2: quotation marks do not match"),
        (ACCOUNTS.encode() + b"Ada,a,b\n", "line 2: 3 columns"),
        (ACCOUNTS.encode() + b"Ada," + b"x" * 256 + b"\n", "line 2: xxx"),
        (ACCOUNTS.encode() + b"Ada,a\nBlaise,a\n", "line 3: a is the account of line 2"),
    ],
)  # fmt: skip
def test_mistakes_are_named(text: bytes, said: str) -> None:
    with pytest.raises(FormatError) as refused:
        read_contacts(text)
    assert str(refused.value).startswith(said)


def person(voter: str = "Ada", email: str = "ada@town.example", address: tuple[str, ...] = ()) -> Person:
    return Person(
        Contact(voter, email, address), Invitation(bytes(32), 1, "north", RollOpening(bytes(16), voter))
    )


def test_what_is_sealed_opens_under_its_key_in_its_region_alone() -> None:
    one, key = person(), bytes(range(64))
    sealed = one.seal(key, "north")
    assert Person.open(key, sealed, "north") == one
    assert b"ada" not in sealed.lower()
    for other, region in ((bytes(64), "north"), (key, "south")):
        with pytest.raises(FormatError):
            Person.open(other, sealed, region)
    with pytest.raises(FormatError):
        Person.open(key, sealed[:-1] + bytes([sealed[-1] ^ 1]), "north")


def test_what_is_sealed_has_one_length_however_long_names_are() -> None:
    some = person(), person("Wolfeschlegelsteinhausenbergerdorff", "", ("1 Harbour Road", "Town"))
    assert len({len(one.seal(bytes(64), "north")) for one in some}) == 1


def test_neither_contact_nor_person_shows_anything() -> None:
    one = person()
    assert "ada" not in f"{one!r} {one.contact!r}".lower()
