"""How somebody is reached, or recognised: a file of contacts, and one contact as it is sealed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from psephos.crypto.siv import open_sealed, seal
from psephos.errors import FormatError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.registrar.voter_list.contacts import is_email
from psephos.registrar.voter_list.doubt import Doubt
from psephos.registrar.voter_list.reading import read_voters

_UNUSABLE = ("email", "address", "account", "account-again")
"""What a roll can be made with, and a letter not."""
_SHOWN = 5
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


def read_contacts(data: bytes, encoding: str | None = None) -> tuple[dict[int, Contact], list[Doubt]]:
    """The contacts in a file of voters by the line they begin in, and everything about it that is doubtful.

    Voters whom the file gives no way to reach are left out. FormatError names line and fault.
    """
    voters = read_voters(data, encoding)
    wrong = [*voters.faults, *(doubt for doubt in voters.doubts if doubt.kind in _UNUSABLE)]
    if wrong:
        raise FormatError("; ".join(map(str, wrong[:_SHOWN])))
    reached = [row for row in voters.rows if row.reached]
    if not reached:
        raise FormatError("no contacts: no column of e-mail addresses, postal addresses or accounts")
    contacts = {row.line: Contact(row.name, row.email, row.address, row.account) for row in reached}
    return contacts, list(voters.doubts)


def check_email(email: str, where: str) -> None:
    """Raise FormatError unless this is an address that any mail server takes."""
    if not is_email(email):
        raise FormatError(f"{where}: not an e-mail address of ASCII letters")
