"""Entries and bundles: spec/entries.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any

import cbor
import ed25519
import labels
import proofs
from group import FormatError

MAX_ENTRY = 65_535
PIECE = 65_000

# Type number: name, scope, authors, payload. A payload field is `name` (integer), `name*` (bytes),
# `name*32` (so many bytes) or `name$` (text).
TABLE: dict[int, tuple[str, str, str, str]] = {
    1: ("definition", "d", "organiser", "document*"),
    2: ("part", "d", "bundler", "digest*32 index count data*"),
    3: ("checkpoint", "d", "board", "note*"),
    4: ("roll", "d", "registrar", "region size digest*32"),
    5: ("ceremony-commit", "d", "trustee", "attempt hpke_key*32 commitment*32"),
    6: ("ceremony-reveal", "d", "trustee", "attempt points* proof*64"),
    7: ("ceremony-deal", "d", "trustee", "attempt sealed*"),
    8: ("ceremony-confirm", "d", "trustee", "attempt"),
    9: ("ceremony-complain", "d", "trustee", "attempt accused"),
    10: ("ceremony-answer", "d", "trustee", "attempt complainant share*32"),
    11: ("ceremony-deadline", "d", "organiser", "attempt round time"),
    12: ("ceremony-sign", "d", "trustee", "attempt key*32 publics* size root*32"),
    13: ("batch", "e", "lead", "region batch cards last digest*32"),
    14: ("issued", "e", "registrar", "region secrets* size digest*32"),
    15: ("open", "e", "board", "region day"),
    16: ("seal", "e", "board", "region day"),
    17: ("ballot", "e", "card", "region day serial votes*"),
    18: ("weighing", "e", "trustee", "region day chunk position previous*32 rows*"),
    19: ("close", "e", "trustee", "size root*32 counting*32"),
    20: ("shares", "e", "trustee", "stage digest*32"),
    21: ("result", "e", "organiser", "document*"),
    22: ("statement", "d", "speaker", "subject$ language$ text$ attachment*"),
    23: ("grant", "d", "grantor", "key*32 name$ role$"),
    24: ("amend", "d", "organiser", "region day open seal reason$"),
    25: ("cancel", "d", "organiser", "reason$"),
    26: ("booth-manifest", "d", "board", "document*"),
    27: ("declaration", "d", "speaker", "provision$ language$ text$ attachment*"),
    28: (
        "incident",
        "d",
        "speaker",
        "kind$ place$ point* region observed_from observed_to language$ text$ attachment*",
    ),
    29: ("objection", "d", "speaker", "entry* subject$ language$ text$ attachment*"),
    30: ("answer", "d", "speaker", "entry*32 language$ text$ attachment*"),
    31: ("annulment", "d", "appeals", "contest area language$ text$ attachment*"),
    32: ("request", "d", "anybody", "name$ role$ language$ text$ sponsor* countersignature* work*8"),
    40: ("token-keys", "d", "registrar", "hpke_key*32 address$ digest*32"),
    41: ("given", "e", "registrar", "count digest*32"),
    42: ("endorse", "e", "endorser", "region batch entry*32"),
}
NUMBERS = {row[0]: number for number, row in TABLE.items()}


@dataclass(frozen=True)
class Entry:
    """A parsed entry; `entry["region"]` is a field of its payload."""

    type: str
    scope: str
    authors: str
    referendum: bytes
    author: bytes
    payload: dict[str, Any]
    body: bytes
    signature: bytes

    def __getitem__(self, name: str) -> Any:
        return self.payload[name]

    @property
    def body_hash(self) -> bytes:
        """SHA256 of the body: a ballot's identity."""
        return sha256(self.body).digest()

    def signed(self) -> bool:
        """Whether the Ed25519 signature of its author holds."""
        return ed25519.verify(self.author, labels.ENTRY + self.body, self.signature)


def parse(data: bytes) -> Entry:
    """An entry from its bytes; FormatError when it is not the one encoding of a known type."""
    if not 1 <= len(data) <= MAX_ENTRY:
        raise FormatError("entry has a wrong length")
    items = cbor.decode(data)
    if len(items) < 5 or items[0] != 1 or not isinstance(items[1], int) or items[1] not in TABLE:
        raise FormatError("entry of an unknown type")
    name, scope, authors, payload = TABLE[items[1]]
    specs = ["referendum*32", "author*32", *payload.split(), "signature*64"]
    if len(items) != len(specs) + 2:
        raise FormatError(f"{name} has a wrong number of fields")
    fields: dict[str, Any] = dict(_field(spec, item) for spec, item in zip(specs, items[2:], strict=True))
    referendum, author = fields.pop("referendum"), fields.pop("author")
    signature = fields.pop("signature")
    return Entry(name, scope, authors, referendum, author, fields, cbor.encode(items[:-1]), signature)


def _field(spec: str, item: cbor.Item) -> tuple[str, cbor.Item]:
    name, star, size = spec.partition("*")
    kind: type = bytes if star else str if spec.endswith("$") else int
    if not isinstance(item, kind) or (size and isinstance(item, bytes) and len(item) != int(size)):
        raise FormatError(f"field {name} has a wrong form")
    return name.rstrip("$"), item


def body(name: str, referendum: bytes, author: bytes, *payload: cbor.Item) -> list[cbor.Item]:
    """The items of a body, for making entries."""
    return [1, NUMBERS[name], referendum, author, *payload]


def ballot_form(entry: Entry, region: int, days: int, contests: tuple[proofs.Contest, ...]) -> bool:
    """Check 6.1 but for the referendum: region, day, serial and length of votes."""
    size = sum(proofs.vote_size(options, blank) for _, options, blank in contests)
    form = entry["region"] == region and 1 <= entry["day"] <= days and 1 <= entry["serial"] <= 20
    return form and len(entry["votes"]) == size


class MissingError(Exception):
    """Something that a check needs is not in the record: neither passed nor failed."""


class NotThereError(MissingError):
    """The source says that it does not have it: more than no answer."""


@dataclass
class Parts:
    """The parts seen so far, by author and digest: spec/entries.md#bundles."""

    counts: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    pieces: dict[tuple[bytes, bytes], dict[int, bytes]] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Of two parts with the same digest and index the first counts; the first says the count."""
        name = entry.author, entry["digest"]
        count = self.counts.setdefault(name, entry["count"])
        if entry["index"] < count:
            self.pieces.setdefault(name, {}).setdefault(entry["index"], entry["data"])

    def whole(self, author: bytes, digest: bytes) -> bool:
        """Whether all pieces of a bundle are there."""
        name = author, digest
        return len(self.pieces.get(name, {})) == self.counts.get(name, 1)

    def bundle(self, author: bytes, digest: bytes) -> bytes:
        """The whole bundle of a digest; FormatError when its pieces are wrong."""
        by_index = self.pieces.get((author, digest), {})
        pieces = [by_index[index] for index in sorted(by_index)]
        whole = b"".join(pieces)
        lengths = [len(piece) for piece in pieces]
        cut = [len(whole[start : start + PIECE]) for start in range(0, len(whole), PIECE)] or [0]
        if lengths != cut or sha256(whole).digest() != digest:
            raise FormatError("pieces of a bundle are not those of its digest")
        return whole


def ascending(items: list[bytes]) -> bool:
    """Whether items are strictly ascending, so distinct."""
    return all(a < b for a, b in pairwise(items))
