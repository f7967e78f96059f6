"""What a card's QR code holds, an address or a text: election, region, secret (`spec/cards.md#qr-code`)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.protocol.enrolment import address

PREFIX = "PSEPHOS-1-"
BASE32 = re.compile(r"[A-Z2-7]{80}")
_SIZE = 50


@dataclass(frozen=True, repr=False)
class CardText:
    """What a QR code holds: the election hash (32 bytes), the region's position, the secret (16 bytes)."""

    election: bytes
    region: int
    secret: bytes

    def encode(self) -> str:
        """The text, 90 characters of QR codes' alphanumeric mode; FormatError for other sizes."""
        return PREFIX + base64.b32encode(self._data()).decode("ascii")

    def address(self, site: str) -> str:
        """The address of the page on which to vote with it; `site` ends with `/`."""
        return address.write(site, address.CARD, self._data())

    @classmethod
    def read(cls, text: str) -> CardText:
        """What an address or a text holds; FormatError, which holds nothing of it, for any other."""
        return cls.from_address(text) if address.is_address(text) else cls.parse(text)

    @classmethod
    def from_address(cls, text: str) -> CardText:
        """What an address holds; FormatError for one that no card has."""
        data = address.read(text, address.CARD)
        if len(data) != _SIZE:
            raise FormatError(f"card: {len(data)} bytes instead of {_SIZE}")
        return cls._of(data)

    @classmethod
    def parse(cls, text: str) -> CardText:
        """What a text holds; FormatError unless it is the one encoding of something."""
        if not text.startswith(PREFIX):
            raise FormatError(f"card: does not begin with {PREFIX}")
        if not BASE32.fullmatch(text, len(PREFIX)):
            raise FormatError("card: not 80 characters of base32 after the prefix")
        return cls._of(base64.b32decode(text[len(PREFIX) :]))

    @classmethod
    def _of(cls, data: bytes) -> CardText:
        return cls(data[:32], int.from_bytes(data[32:34], "little"), data[34:])

    def _data(self) -> bytes:
        if (len(self.election), len(self.secret)) != (32, 16) or not 0 <= self.region < 2**16:
            raise FormatError("card: not an election hash, a region and a secret of 16 bytes")
        return self.election + self.region.to_bytes(2, "little") + self.secret
