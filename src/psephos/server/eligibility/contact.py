"""How somebody is reached: a file of contacts, and one contact as it is sealed."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import asdict, dataclass

from psephos.crypto.siv import open_sealed, seal
from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation, voter_name

HEADING = ["voter", "email", "address"]
MOST_LINES, LONGEST_LINE = 6, 100
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
_LONGEST_EMAIL = 254
_STEP = 1024


@dataclass(frozen=True, repr=False)
class Contact:
    """A voter of the roll with an e-mail address, or else the lines of a postal one."""

    voter: str
    email: str
    address: tuple[str, ...]

    @property
    def way(self) -> str:
        """How letters to this person go."""
        return "email" if self.email else "paper"


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
        contact = Contact(members["voter"], members["email"], tuple(members["address"]))
        return cls(contact, Invitation.parse(members["invitation"].encode()))


def key_name(region: str) -> str:
    """What the registrar's key store calls the key of a region's contacts, which is erased at the close."""
    return f"contacts-of-{region}"


def _context(region: str) -> bytes:
    return f"psephos contact of {region}".encode()


def read_contacts(data: bytes) -> dict[int, Contact]:
    """The contacts of a CSV file in UTF-8 with the heading `voter,email,address`, by the line they begin in.

    The lines of an address are lines of its field. FormatError names line and column.
    """
    try:
        rows = _numbered(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FormatError(f"line {line}: not UTF-8") from None
    if not rows or rows[0][1] != HEADING:
        raise FormatError(f"line 1: the heading is not {','.join(HEADING)}")
    contacts, first = dict[int, Contact](), dict[str, int]()
    for line, row in rows[1:]:
        contacts[line] = _contact(line, row)
        if (before := first.setdefault(contacts[line].voter, line)) != line:
            raise FormatError(f"line {line}, column voter: the voter of line {before} again")
    if not contacts:
        raise FormatError("no contacts")
    return contacts


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


def _contact(line: int, row: list[str]) -> Contact:
    if len(row) != len(HEADING):
        raise FormatError(f"line {line}: {len(row)} columns instead of {len(HEADING)}")
    voter, email, address = row
    try:
        voter_name(voter)
    except FormatError as error:
        raise FormatError(f"line {line}, column voter: {error}") from None
    check_email(email, f"line {line}, column email")
    lines = tuple(address.splitlines())
    if len(lines) > MOST_LINES or not all(_plain(one) for one in lines):
        raise FormatError(
            f"line {line}, column address: not at most {MOST_LINES} lines of 1 to {LONGEST_LINE} characters"
        )
    if not email and not lines:
        raise FormatError(f"line {line}, column address: neither an e-mail address nor a postal one")
    return Contact(voter, email, lines)


def check_email(email: str, where: str) -> None:
    """Raise FormatError unless this is empty, or an address that any mail server takes."""
    if email and (len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        raise FormatError(f"{where}: not an e-mail address of ASCII letters")


def _plain(line: str) -> bool:
    return line == line.strip() and 1 <= len(line) <= LONGEST_LINE and line.isprintable()
