"""What a voter is sent: the opening of a hash on the roll (`spec/messages.md#roll`)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.protocol.encoding.form import IDENTIFIER
from psephos.protocol.enrolment import address
from psephos.protocol.enrolment.roll import RollOpening

LONGEST_NAME = 200
HEADER = "psephos-invitation/1"
MOST_REGISTRARS = 8
_HEAD = 32 + 1 + 16  # the definition's hash, the registrar's number, the salt
_SPACES = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
"""All characters of the category Zs."""
_LINES = re.compile(
    rf"{HEADER}\ndefinition ([0-9a-f]{{64}})\nregistrar ([1-{MOST_REGISTRARS}])\n"
    rf"region ({IDENTIFIER.pattern})\n"
    r"salt ([0-9a-f]{32})\nvoter ([^\n]*)\n\n"
)


@dataclass(frozen=True, repr=False)
class Invitation:
    """Whoever holds those of all registrars gets the voter's tokens.

    `definition` is a hash, `registrar` counts from 1, `region` is an identifier.
    """

    definition: bytes
    registrar: int
    region: str
    opening: RollOpening

    def encode(self, advice: str) -> bytes:
        """The file; `advice` is for whoever reads it, and read by no program."""
        name = voter_name(self.opening.voter)
        lines = (
            f"definition {self.definition.hex()}\nregistrar {self.registrar}\nregion {self.region}\n"
            f"salt {self.opening.salt.hex()}"
        )
        return f"{HEADER}\n{lines}\nvoter {name}\n\n{advice}".encode()

    def address(self, site: str) -> str:
        """The address of the page on which to enrol with it; `site` ends with `/`."""
        return address.write(site, address.INVITATION, self._data())

    def _data(self) -> bytes:
        region, name = self.region.encode("ascii"), voter_name(self.opening.voter).encode()
        head = self.definition + bytes([self.registrar]) + self.opening.salt
        return head + bytes([len(region)]) + region + name

    @classmethod
    def read(cls, data: bytes) -> Invitation:
        """The invitation that a file or an address is; FormatError for any other holds nothing of it."""
        text = data.decode("ascii", errors="replace").removesuffix("\n")
        return cls.from_address(text) if address.is_address(text) else cls.parse(data)

    @classmethod
    def from_address(cls, text: str) -> Invitation:
        """The invitation that an address holds; FormatError for one that no invitation has."""
        data = address.read(text, address.INVITATION)
        length = data[_HEAD] if len(data) > _HEAD else 0
        try:
            region = data[_HEAD + 1 :][:length].decode("ascii")
            voter = data[_HEAD + 1 + length :].decode()
        except UnicodeDecodeError:
            raise FormatError("invitation: not UTF-8") from None
        if not IDENTIFIER.fullmatch(region) or not 1 <= data[32] <= MOST_REGISTRARS:
            raise FormatError("invitation: no registrar or no region")
        return cls(data[:32], data[32], region, RollOpening(data[33:_HEAD], voter_name(voter)))

    @classmethod
    def parse(cls, data: bytes) -> Invitation:
        """The invitation that a file is, whatever the advice; FormatError holds nothing of it."""
        try:
            found = _LINES.match(data.decode())
        except UnicodeDecodeError:
            raise FormatError("invitation: not UTF-8") from None
        if not found:
            raise FormatError("invitation: does not begin with its six lines and an empty one")
        definition, registrar, region, salt, voter = found.groups()
        opening = RollOpening(bytes.fromhex(salt), voter_name(voter))
        return cls(bytes.fromhex(definition), int(registrar), region, opening)


def normal_name(text: str) -> str:
    """A name as whoever makes a roll writes it: NFC, one space between words, none around.

    Programs write one name in several ways; parsers, which come later, take each as it is.
    """
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def voter_name(name: str) -> str:
    """A name, or whatever stands for a voter on the roll; FormatError unless it is a plain line of text."""
    plain = not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in name)
    if not plain or name != name.strip() or not 1 <= len(name) <= LONGEST_NAME:
        raise FormatError(f"voter: not 1 to {LONGEST_NAME} characters in one line, without spaces around")
    return name
