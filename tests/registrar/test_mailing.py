"""The queue of letters, on both databases: what waits, goes, comes back, and is forgotten."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, update

from psephos.database.location import Schema
from psephos.errors import DatabaseError, FormatError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.roll import RollOpening
from psephos.registrar.invitations.contact import Contact, Person
from psephos.registrar.invitations.engine import open_engine
from psephos.registrar.invitations.mailing import AlreadyClaimed, Mailing, numbers, region_of, regions_of
from psephos.registrar.invitations.tables import metadata, people
from tests.databases import PASSWORD, Backend, Server, path_of

KEY = bytes(range(64))
REGISTRAR = bytes([9]) * 32
EMAIL = Contact("Ada Lovelace", "ada@town.example", ())
PAPER = Contact("Blaise", "", ("Blaise", "1 Harbour Road", "4711 Town"))
ACCOUNT = Contact("Émilie", "", (), "emilie@town.example")


def person(contact: Contact) -> Person:
    salt = random.Random(contact.voter).randbytes(16)
    return Person(contact, Invitation(bytes(32), 1, "north", RollOpening(salt, contact.voter)))


@pytest.fixture
def engine(backend: Backend) -> Iterator[Engine]:
    opened = open_engine(backend.location("people"))
    yield opened
    opened.dispose()


@pytest.fixture
def mailing(engine: Engine) -> Mailing:
    made = Mailing(engine, REGISTRAR, "north", KEY, random.Random(1).randbytes)
    assert made.add([person(EMAIL), person(PAPER)]) == 2
    return made


def test_letters_wait_by_the_way_they_go(mailing: Mailing) -> None:
    (email,), (paper,) = mailing.waiting("email"), mailing.waiting("paper")
    assert (email.person, paper.person) == (person(EMAIL), person(PAPER))
    assert email.mark != paper.mark


def test_nobody_is_added_twice_and_another_contact_is_refused_with_all_others(mailing: Mailing) -> None:
    carl = person(Contact("Carl", "carl@town.example", ()))
    assert mailing.add([person(EMAIL), carl]) == 1
    assert mailing.add([]) == 0
    assert len(mailing.waiting("email")) == 2
    dora = person(Contact("Dora", "dora@town.example", ()))
    with pytest.raises(FormatError, match="another contact"):
        mailing.add([dora, person(Contact("Ada Lovelace", "other@town.example", ()))])
    assert len(mailing.waiting("email")) == 2


def test_what_was_sent_waits_no_more_also_after_a_restart(backend: Backend, mailing: Mailing) -> None:
    (letter,) = mailing.waiting("email")
    mailing.sent(letter)
    assert mailing.waiting("email") == []
    again = Mailing(open_engine(backend.location("people")), REGISTRAR, "north", KEY, random.randbytes)
    assert again.waiting("email") == []
    assert again.waiting("paper") == mailing.waiting("paper")


def test_a_letter_that_came_back_is_sent_again_to_another_contact(engine: Engine, mailing: Mailing) -> None:
    (first,) = mailing.waiting("email")
    mailing.sent(first)
    assert mailing.returned(first.mark, "5.1.1") == EMAIL
    assert mailing.returns() == [(EMAIL, "5.1.1")]
    corrected = Contact("Ada Lovelace", "ada.l@town.example", ())
    mailing.again({2: corrected})
    (second,) = mailing.waiting("email")
    assert second.person == Person(
        corrected, first.person.invitation
    )  # the same invitation, not another kind
    assert second.mark != first.mark
    assert mailing.returns() == []
    mailing.returned(first.mark, "5.1.1")  # a late bounce of the first says nothing about the second
    assert mailing.returns() == []
    found = numbers(engine, REGISTRAR, "north")
    assert found == {("email", "returned"): 1, ("email", "waiting"): 1, ("paper", "waiting"): 1}


def test_a_letter_that_waits_is_replaced_when_it_is_to_go_another_way(
    engine: Engine, mailing: Mailing
) -> None:
    mailing.again({2: Contact("Blaise", "blaise@town.example", ())})
    assert mailing.waiting("paper") == []
    assert len(mailing.waiting("email")) == 2
    assert numbers(engine, REGISTRAR, "north")["paper", "replaced"] == 1


def test_an_invitation_is_handed_over_once_to_an_account(engine: Engine, mailing: Mailing) -> None:
    assert mailing.add([person(ACCOUNT)]) == 1
    for stranger in ("emilie", "EMILIE@town.example", EMAIL.email):
        assert mailing.claim_invitation(stranger) is None
    assert mailing.claim_invitation(ACCOUNT.account) == person(ACCOUNT)
    with pytest.raises(AlreadyClaimed):
        mailing.claim_invitation(ACCOUNT.account)
    assert numbers(engine, REGISTRAR, "north")["sign-in", "sent"] == 1
    mailing.again({2: Contact(ACCOUNT.voter, "", (), "other")})
    assert mailing.claim_invitation(ACCOUNT.account) is None
    assert mailing.claim_invitation("other") is not None
    other = Mailing(engine, REGISTRAR, "south", KEY, random.randbytes)
    assert other.claim_invitation("other") is None
    assert regions_of(engine, REGISTRAR) == ["north"]


def test_of_many_who_sign_in_at_once_with_an_account_one_is_handed_the_invitation(
    backend: Backend, mailing: Mailing
) -> None:
    mailing.add([person(ACCOUNT)])

    def claim_invitation(_: int) -> bool:
        engine = open_engine(backend.location("people"))
        try:
            return bool(
                Mailing(engine, REGISTRAR, "north", KEY, random.randbytes).claim_invitation(ACCOUNT.account)
            )
        except AlreadyClaimed:
            return False
        finally:
            engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(claim_invitation, range(8))) == 1


def test_what_does_not_open_is_not_handed_over(engine: Engine, mailing: Mailing) -> None:
    mailing.add([person(ACCOUNT)])
    with engine.begin() as connection:
        connection.execute(update(people).where(people.c.account.is_not(None)).values(sealed=bytes(1024)))
    with pytest.raises(FormatError, match="do not open"):
        mailing.claim_invitation(ACCOUNT.account)
    assert numbers(engine, REGISTRAR, "north")["sign-in", "waiting"] == 1


def test_an_account_is_one_voters(mailing: Mailing) -> None:
    mailing.add([person(ACCOUNT)])
    taken = Contact("Carl", "", (), ACCOUNT.account)
    with pytest.raises(FormatError, match="another voter's"):
        mailing.add([person(taken)])
    with pytest.raises(FormatError, match="another voter's"):
        mailing.again({2: Contact("Ada Lovelace", "", (), ACCOUNT.account)})
    mailing.again({2: ACCOUNT})


def test_again_is_one_pass_over_the_people_however_many_contacts_there_are(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing = Mailing(engine, REGISTRAR, "north", KEY, random.Random(1).randbytes)
    contacts = [Contact(f"voter {n}", f"v{n}@town.example", ()) for n in range(300)]
    mailing.add([person(one) for one in contacts])
    statements, opened = list[str](), list[bytes]()
    event.listen(engine, "before_cursor_execute", lambda *called: statements.append(called[2]))
    opening = Person.open
    monkeypatch.setattr(Person, "open", lambda *given: opened.append(given[1]) or opening(*given))
    costs = []
    for count in (1, 20, 300):
        mailing.again(dict(enumerate(contacts[:count], 2)))
        costs.append((len(statements), len(opened)))
        statements.clear()
        opened.clear()
    assert costs[0] == costs[1]
    assert costs[2][1] == 300
    assert costs[2][0] <= costs[0][0] + 4  # a driver may cut rows into several statements
    assert len(mailing.waiting("email")) == 300


def test_again_is_for_all_or_none_and_names_the_line(mailing: Mailing) -> None:
    moved = Contact("Ada Lovelace", "ada.l@town.example", ())
    with pytest.raises(FormatError, match="line 3: this voter has had no letter"):
        mailing.again({2: moved, 3: Contact("Nobody", "n@town.example", ())})
    (letter,) = mailing.waiting("email")
    assert letter.person.contact == EMAIL


def test_an_account_passes_from_one_voter_to_another(mailing: Mailing) -> None:
    mailing.again({2: Contact("Ada Lovelace", "", (), "one"), 3: Contact("Blaise", "", (), "two")})
    mailing.again({2: Contact("Ada Lovelace", "", (), "two"), 3: Contact("Blaise", "", (), "one")})
    found = mailing.claim_invitation("one")
    assert found is not None
    assert found.contact.voter == "Blaise"


def test_the_first_or_a_named_person_is_found(mailing: Mailing) -> None:
    assert mailing.first() == person(EMAIL)
    assert mailing.first("Blaise") == person(PAPER)
    assert mailing.first("Nobody") is None


def test_strangers_and_other_regions_are_refused(engine: Engine, mailing: Mailing) -> None:
    (letter,) = mailing.waiting("email")
    other = Mailing(engine, REGISTRAR, "south", KEY, random.randbytes)
    with pytest.raises(FormatError, match="no letter"):
        mailing.again({2: Contact("Carl", "carl@town.example", ())})
    for one, mark in ((mailing, "0" * 32), (other, letter.mark)):
        with pytest.raises(FormatError, match="no letter"):
            one.returned(mark, "5.0.0")
    assert other.waiting("email") == []
    assert (region_of(engine, REGISTRAR, letter.mark), region_of(engine, REGISTRAR, "0" * 32)) == (
        "north",
        None,
    )
    assert numbers(engine, REGISTRAR, "south") == {}


def test_another_key_opens_nothing(engine: Engine, mailing: Mailing) -> None:
    with pytest.raises(FormatError, match="do not open"):
        Mailing(engine, REGISTRAR, "north", bytes(64), random.randbytes).waiting("email")


def test_a_thousand_people_at_once(engine: Engine) -> None:
    mailing = Mailing(engine, REGISTRAR, "north", KEY, random.Random(2).randbytes)
    people = [person(Contact(f"voter {n}", f"v{n}@town.example", ())) for n in range(1000)]
    assert mailing.add(people) == 1000
    assert [one.person for one in mailing.waiting("email")] == people


def test_migrations_make_the_tables_that_the_code_expects(backend: Backend, engine: Engine) -> None:
    open_engine(backend.location("people")).dispose()  # up to date already
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def stored(backend: Backend) -> bytes:
    """All bytes that a database keeps of its tables: files and logs beside them, or a dump."""
    if backend.url is None:
        return b"".join(one.read_bytes() for one in backend.directory.glob("people.sqlite*"))
    dump = subprocess.run([path_of("pg_dump"), backend.url], capture_output=True, check=True)
    return dump.stdout


def test_nothing_readable_is_stored(backend: Backend, mailing: Mailing) -> None:
    (letter,) = mailing.waiting("email")
    mailing.returned(letter.mark, "5.1.1")
    mailing.add([person(ACCOUNT)])
    found = stored(backend)
    assert letter.mark.encode() in found  # this looks in the right place
    for one in (person(EMAIL), person(PAPER), person(ACCOUNT)):
        opening = one.invitation.opening
        planted = [one.contact.voter, one.contact.email, one.contact.account, *one.contact.address]
        planted.append(opening.salt.hex())
        for text in filter(None, planted):
            assert text.encode() not in found
            assert text.encode().hex().encode() not in found  # as a dump would show it
        assert opening.salt not in found


@pytest.mark.needs("postgresql")
def test_what_the_database_refuses_is_told_without_values(postgresql: Server) -> None:
    url = postgresql.new()
    with pytest.raises(DatabaseError) as refused:
        open_engine(Schema(url.replace("town:", "town:x"), "people"))
    assert PASSWORD not in str(refused.value)
    engine = open_engine(Schema(url, "people"))
    mailing = Mailing(engine, REGISTRAR, "north", KEY, bytes)  # draws the same mark twice
    with pytest.raises(DatabaseError) as refused:
        mailing.add([person(EMAIL), person(PAPER)])
    assert "town.example" not in str(refused.value)
    assert numbers(engine, REGISTRAR, "north") == {}


def test_registrars_that_share_a_database_see_nothing_of_one_another(backend) -> None:
    engine = open_engine(backend.location("people"))
    first = Mailing(engine, REGISTRAR, "north", KEY, random.Random(3).randbytes)
    other = Mailing(engine, bytes([8]) * 32, "north", KEY, random.Random(4).randbytes)
    assert first.add([person(ACCOUNT)]) == 1
    assert other.claim_invitation(ACCOUNT.account) is None
    assert other.add([person(ACCOUNT)]) == 1
    assert other.claim_invitation(ACCOUNT.account)
    assert numbers(engine, REGISTRAR, "north") == {("sign-in", "waiting"): 1}
    assert regions_of(engine, REGISTRAR) == regions_of(engine, bytes([8]) * 32) == ["north"]
    assert regions_of(engine, bytes(32)) == []
    engine.dispose()
