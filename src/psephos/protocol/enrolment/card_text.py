"""The text in a card's QR code: it names election and region (`spec/cards.md#qr-code`)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from psephos.errors import FormatError

PREFIX = "PSEPHOS-1-"
BASE32 = re.compile(r"[A-Z2-7]{80}")


@dataclass(frozen=True, repr=False)
class CardText:
    """What a QR code holds: the election hash (32 bytes), the region's position, the secret (16 bytes)."""

    election: bytes
    region: int
    secret: bytes

    def encode(self) -> str:
        """The text, 90 characters of QR codes' alphanumeric mode; FormatError for other sizes."""
        if (len(self.election), len(self.secret)) != (32, 16) or not 0 <= self.region < 2**16:
            raise FormatError("card: not an election hash, a region and a secret of 16 bytes")
        data = self.election + self.region.to_bytes(2, "little") + self.secret
        return PREFIX + base64.b32encode(data).decode("ascii")

    @classmethod
    def parse(cls, text: str) -> CardText:
        """What a text holds; FormatError unless it is the one encoding of something."""
        if not text.startswith(PREFIX):
            raise FormatError(f"card: does not begin with {PREFIX}")
        if not BASE32.fullmatch(text, len(PREFIX)):
            raise FormatError("card: not 80 characters of base32 after the prefix")
        data = base64.b32decode(text[len(PREFIX) :])
        return cls(data[:32], int.from_bytes(data[32:34], "little"), data[34:])
