"""How somebody is reached, or recognised: a file of contacts, and one contact as it is sealed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from psephos.crypto.siv import open_sealed, seal
from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation, voter_name

HEADING = ["voter", "email", "address"]
SIGN_IN_HEADING = ["voter", "account"]
LONGEST_ACCOUNT = 255
MOST_LINES, LONGEST_LINE = 6, 100
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
_LONGEST_EMAIL = 254
_STEP = 1024
_MARK = 16
SIGN_IN = "sign-in"
"""How invitations go to those who sign in."""


@dataclass(frozen=True, repr=False)
class Contact:
    """A voter of the roll with an e-mail address, the lines of a postal one, or what to sign in with."""

    voter: str
    email: str
    address: tuple[str, ...]
    account: str = ""

    @property
    def way(self) -> str:
        """How letters to this person go."""
        return SIGN_IN if self.account else "email" if self.email else "paper"

    def mark(self, key: bytes, region: str) -> bytes | None:
        """By which the account is found; None for who has none."""
        return account_mark(key, region, self.account) if self.account else None


@dataclass(frozen=True, repr=False)
class Person:
    """Who is invited, and with what."""

    contact: Contact
    invitation: Invitation

    def seal(self, key: bytes, region: str) -> bytes:
        """Sealed under the key of the region's contacts, in steps of a kilobyte."""
        members = asdict(self.contact) | {"invitation": self.invitation.encode("").decode()}
        plain = json.dumps(members).encode()
        return seal(key, plain.ljust(-(-len(plain) // _STEP) * _STEP), _context(region))

    @classmethod
    def open(cls, key: bytes, sealed: bytes, region: str) -> Person:
        """What was sealed; FormatError under another key."""
        members = json.loads(open_sealed(key, sealed, _context(region)))
        members.setdefault("account", "")  # sealed before people could sign in
        contact = Contact(members["voter"], members["email"], tuple(members["address"]), members["account"])
        return cls(contact, Invitation.parse(members["invitation"].encode()))


def key_name(region: str) -> str:
    """What the registrar's key store calls the key of a region's contacts, which is erased at the close."""
    return f"contacts-of-{region}"


def _context(region: str) -> bytes:
    return f"psephos contact of {region}".encode()


def account_mark(key: bytes, region: str, account: str) -> bytes:
    """By which an account is found without opening anything: SIV's first 16 bytes, a PRF (RFC 5297, 2.4)."""
    return seal(key, account.encode(), f"psephos account of {region}".encode())[:_MARK]


def read_contacts(data: bytes) -> dict[int, Contact]:
    """The contacts of a CSV file in UTF-8 by the line they begin in.

    The heading is `voter,email,address`, where the lines of an address are lines of its field, or
    `voter,account`. FormatError names line and column.
    """
    try:
        rows = _numbered(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FormatError(f"line {line}: not UTF-8") from None
    if not rows or rows[0][1] not in (HEADING, SIGN_IN_HEADING):
        headings = " or ".join(map(",".join, (HEADING, SIGN_IN_HEADING)))
        raise FormatError(f"line 1: the heading is not {headings}")
    columns = rows[0][1]
    contacts = {line: _contact(line, row, columns) for line, row in rows[1:]}
    if not contacts:
        raise FormatError("no contacts")
    for column in ("voter", "account"):
        _check_different(contacts, column)
    return contacts


def _check_different(contacts: Mapping[int, Contact], column: str) -> None:
    first = dict[str, int]()
    for line, one in contacts.items():
        value = getattr(one, column)
        if value and (before := first.setdefault(value, line)) != line:
            raise FormatError(f"line {line}, column {column}: the {column} of line {before} again")


def _numbered(text: str) -> list[tuple[int, list[str]]]:
    """Each row with the line that it begins in."""
    reader, rows, line = csv.reader(io.StringIO(text, newline=""), strict=True), [], 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise FormatError(f"line {line}: {error}") from None
    return rows


def _contact(line: int, row: list[str], columns: list[str]) -> Contact:
    if len(row) != len(columns):
        raise FormatError(f"line {line}: {len(row)} columns instead of {len(columns)}")
    try:
        voter_name(row[0])
    except FormatError as error:
        raise FormatError(f"line {line}, column voter: {error}") from None
    if columns == SIGN_IN_HEADING:
        if not is_account(row[1]):
            raise FormatError(
                f"line {line}, column account: not 1 to {LONGEST_ACCOUNT} characters without spaces around"
            )
        return Contact(row[0], "", (), row[1])
    return _reached(line, *row)


def _reached(line: int, voter: str, email: str, address: str) -> Contact:
    check_email(email, f"line {line}, column email")
    lines = tuple(address.splitlines())
    if len(lines) > MOST_LINES or not all(_plain(one) for one in lines):
        raise FormatError(
            f"line {line}, column address: not at most {MOST_LINES} lines of 1 to {LONGEST_LINE} characters"
        )
    if not email and not lines:
        raise FormatError(f"line {line}, column address: neither an e-mail address nor a postal one")
    return Contact(voter, email, lines)


def is_account(text: str) -> bool:
    """Whether an identity provider may call somebody this (`sub` has at most 255 characters)."""
    return text == text.strip() and 1 <= len(text) <= LONGEST_ACCOUNT and text.isprintable()


def check_email(email: str, where: str) -> None:
    """Raise FormatError unless this is empty, or an address that any mail server takes."""
    if email and (len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        raise FormatError(f"{where}: not an e-mail address of ASCII letters")


def _plain(line: str) -> bool:
    return line == line.strip() and 1 <= len(line) <= LONGEST_LINE and line.isprintable()
