"""The queue of a registrar's letters of a region: what waits, was sent, came back and was sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, func, insert, select, update

from psephos.errors import FormatError, PsephosError
from psephos.registrar.invitations.contact import Contact, Person, account_mark
from psephos.registrar.invitations.engine import database_errors
from psephos.registrar.invitations.tables import letters, people

_MARK = 16

Random = Callable[[int], bytes]
"""So many fresh random bytes."""


class AlreadyClaimed(PsephosError):
    """Somebody has signed in with this account before, and got the invitation."""


@dataclass(frozen=True)
class Letter:
    """One that waits; `mark` is 32 hex digits, by which a bounce names it."""

    id: int
    mark: str
    person: Person


class Mailing:
    """All letters of a registrar to a region, opened with the key of its contacts."""

    def __init__(self, engine: Engine, registrar: bytes, region: str, key: bytes, random: Random) -> None:
        """`registrar` is its Ed25519 key: several may keep their letters in one database."""
        self._engine = engine
        self._registrar = registrar
        self._region = region
        self._key = key
        self._random = random

    def add(self, persons: Sequence[Person]) -> int:
        """Let a first letter wait for each who has none yet, all or none; returns for how many.

        FormatError where somebody has another contact already: that takes `again`.
        """
        with self._transaction() as connection:
            known = {one.contact.voter: one.contact for one in self._persons(connection).values()}
            fresh = [one for one in persons if one.contact.voter not in known]
            for one in persons:
                if known.get(one.contact.voter, one.contact) != one.contact:
                    raise FormatError(
                        "a voter has another contact already: send the letter again to the new one"
                    )
            _check_accounts([*known.values(), *(one.contact for one in fresh)])
            self._begin(connection, fresh)
        return len(fresh)

    def _begin(self, connection: Connection, fresh: Sequence[Person]) -> None:
        if not fresh:
            return
        place = {"registrar": self._registrar, "region": self._region}
        rows = [place | self._sealed(one) for one in fresh]
        made = insert(people).returning(people.c.id, sort_by_parameter_order=True)
        numbers = connection.scalars(made, rows).all()
        first = [self._letter(number, 1, one.contact.way) for number, one in zip(numbers, fresh, strict=True)]
        connection.execute(insert(letters), first)

    def again(self, contacts: Mapping[int, Contact]) -> None:
        """Let invitations wait once more, for these contacts from now on: all or none, in one pass.

        Letters that wait are replaced. FormatError names the line of a voter who has had no letter.
        """
        with self._transaction() as connection:
            persons = self._persons(connection)
            numbers = {one.contact.voter: number for number, one in persons.items()}
            for line, contact in contacts.items():
                if contact.voter not in numbers:
                    raise FormatError(f"line {line}: this voter has had no letter")
            new = {numbers[one.voter]: one for one in contacts.values()}
            _check_accounts([new.get(number, one.contact) for number, one in persons.items()])
            self._change(
                connection, {number: Person(one, persons[number].invitation) for number, one in new.items()}
            )
            self._issue(connection, new)

    def _change(self, connection: Connection, persons: Mapping[int, Person]) -> None:
        """Seal people anew; accounts go first, so that one may pass from a voter to another."""
        if not persons:
            return
        changed = people.c.id == bindparam("number")
        rows = [{"number": number, **self._sealed(one)} for number, one in persons.items()]
        none = [{"number": number} for number in persons]
        connection.execute(update(people).where(changed).values(account=None), none)
        connection.execute(
            update(people).where(changed).values(sealed=bindparam("sealed"), account=bindparam("account")),
            rows,
        )

    def _issue(self, connection: Connection, contacts: Mapping[int, Contact]) -> None:
        """The next letter to each of these people, in place of one that waits."""
        last = select(letters.c.person, func.max(letters.c.issue)).join_from(letters, people)
        last = last.where(self._here).group_by(letters.c.person)
        issues = {row[0]: row[1] for row in connection.execute(last)}
        mine = (letters.c.person == bindparam("number")) & (letters.c.state == "waiting")
        replaced = update(letters).where(mine).values(state="replaced")
        if contacts:
            connection.execute(replaced, [{"number": number} for number in contacts])
            made = [self._letter(number, issues[number] + 1, one.way) for number, one in contacts.items()]
            connection.execute(insert(letters), made)

    def first(self, voter: str = "") -> Person | None:
        """The first person of the region, or a named one; None where there is nobody."""
        with self._transaction() as connection:
            persons = self._persons(connection).values()
        return next((one for one in persons if voter in ("", one.contact.voter)), None)

    def waiting(self, way: str) -> list[Letter]:
        """The letters that wait to go this way, oldest first."""
        wanted = (
            select(letters.c.id, letters.c.mark, people.c.sealed)
            .join_from(letters, people)
            .where(self._here, letters.c.way == way, letters.c.state == "waiting")
            .order_by(letters.c.id)
        )
        with self._transaction() as connection:
            rows = connection.execute(wanted).all()
        return [Letter(one.id, one.mark, Person.open(self._key, one.sealed, self._region)) for one in rows]

    def claim_invitation(self, account: str) -> Person | None:
        """Whose invitation waits for who signs in with this account; from now on it waits no more.

        None for an account of nobody's; AlreadyClaimed where it does not wait.
        """
        wanted = select(people.c.id, people.c.sealed).where(
            self._here,
            people.c.account == account_mark(self._key, self._region, account),
        )
        with self._transaction() as connection:
            found = connection.execute(wanted).one_or_none()
            if found is None:
                return None
            person = Person.open(self._key, found.sealed, self._region)
            waits = (letters.c.person == found.id) & (letters.c.state == "waiting")
            if not connection.execute(update(letters).where(waits).values(state="sent")).rowcount:
                raise AlreadyClaimed("the invitation was handed over before")
        return person

    def sent(self, letter: Letter) -> None:
        """Take note that a letter has gone."""
        self._set(letter.mark, "sent", None)

    def returned(self, mark: str, status: str) -> Contact:
        """Take note that a letter came back, with RFC 3463's code of why; whose it was.

        FormatError for a mark of none of this region's letters.
        """
        return self._set(mark, "returned", status)

    def returns(self) -> list[tuple[Contact, str]]:
        """Whose last letter came back, and why."""
        last = select(func.max(letters.c.id)).group_by(letters.c.person)
        wanted = (
            select(people.c.sealed, letters.c.status)
            .join_from(letters, people)
            .where(self._here, letters.c.state == "returned", letters.c.id.in_(last))
            .order_by(letters.c.id)
        )
        with self._transaction() as connection:
            rows = connection.execute(wanted).all()
        return [(Person.open(self._key, sealed, self._region).contact, why) for sealed, why in rows]

    @property
    def _here(self) -> ColumnElement[bool]:
        return (people.c.registrar == self._registrar) & (people.c.region == self._region)

    def _sealed(self, person: Person) -> dict[str, bytes | None]:
        """What a row holds of a person."""
        mark = person.contact.mark(self._key, self._region)
        return {"sealed": person.seal(self._key, self._region), "account": mark}

    def _set(self, mark: str, state: str, status: str | None) -> Contact:
        wanted = (
            select(letters.c.id, people.c.sealed)
            .join_from(letters, people)
            .where(self._here, letters.c.mark == mark)
        )
        with self._transaction() as connection:
            found = connection.execute(wanted).one_or_none()
            if found is None:
                raise FormatError("no letter has this mark")
            changed = update(letters).where(letters.c.id == found.id).values(state=state, status=status)
            connection.execute(changed)
        return Person.open(self._key, found.sealed, self._region).contact

    def _persons(self, connection: Connection) -> dict[int, Person]:
        wanted = select(people.c.id, people.c.sealed).where(self._here)
        rows = connection.execute(wanted.order_by(people.c.id))
        return {number: Person.open(self._key, sealed, self._region) for number, sealed in rows}

    def _letter(self, person: int, issue: int, way: str) -> dict[str, int | str]:
        mark = self._random(_MARK).hex()
        return {"person": person, "issue": issue, "way": way, "state": "waiting", "mark": mark}

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with database_errors(), self._engine.begin() as connection:
            yield connection


def _check_accounts(contacts: Sequence[Contact]) -> None:
    """FormatError unless each account is one voter's."""
    accounts = [one.account for one in contacts if one.account]
    if len(set(accounts)) < len(accounts):
        raise FormatError("an account is another voter's already")


def region_of(engine: Engine, registrar: bytes, mark: str) -> str | None:
    """The region of a registrar's letter with this mark."""
    wanted = select(people.c.region).join_from(letters, people)
    wanted = wanted.where(people.c.registrar == registrar, letters.c.mark == mark)
    with database_errors(), engine.begin() as connection:
        return connection.execute(wanted).scalar_one_or_none()


def regions_of(engine: Engine, registrar: bytes) -> list[str]:
    """The regions that have people of a registrar's."""
    wanted = select(people.c.region).where(people.c.registrar == registrar).distinct()
    with database_errors(), engine.begin() as connection:
        return list(connection.scalars(wanted.order_by(people.c.region)))


def numbers(engine: Engine, registrar: bytes, region: str) -> dict[tuple[str, str], int]:
    """How many of its letters to a region go which way and are in which state; no key is needed for it."""
    wanted = (
        select(letters.c.way, letters.c.state, func.count())
        .join_from(letters, people)
        .where(people.c.registrar == registrar, people.c.region == region)
        .group_by(letters.c.way, letters.c.state)
    )
    with database_errors(), engine.begin() as connection:
        return {(way, state): count for way, state, count in connection.execute(wanted)}
