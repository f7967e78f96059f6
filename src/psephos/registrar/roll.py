"""A registrar's roll: who may vote, and the salted hashes that stand for them (`spec/messages.md#roll`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from hashlib import sha256

from psephos.crypto.column import rows
from psephos.errors import FormatError, PhaseError
from psephos.protocol.enrolment.roll import RollOpening, roll_hashes
from psephos.protocol.entries import Roll
from psephos.registrar.issuer import Issuer

_SALT = 16
_LIST = "INSERT INTO regions (region, listed) VALUES (?, 1) ON CONFLICT DO UPDATE SET listed = 1"


def enter(issuer: Issuer, region: int, openings: Sequence[RollOpening]) -> None:
    """Add voters to a region's roll, all or none.

    FormatError for a salt of other than 16 bytes, or a voter who is on it; PhaseError once it was given out.
    """
    if any(len(opening.salt) != _SALT for opening in openings):
        raise FormatError(f"roll: a salt has not {_SALT} bytes")
    hashes = rows(hashes_of(issuer, [(region, opening) for opening in openings]), 32)
    added = [
        (region, hashed, opening.salt, opening.voter)
        for hashed, opening in zip(hashes, openings, strict=True)
    ]
    with issuer.store.write() as database:
        if database.execute("SELECT 1 FROM regions WHERE region = ? AND listed", [region]).fetchone():
            raise PhaseError(f"roll of region {region}: published")
        try:
            database.executemany("INSERT INTO roll VALUES (?, ?, ?, ?)", added)
        except sqlite3.IntegrityError:
            raise FormatError(f"roll of region {region}: a voter is on it already") from None


def entries(issuer: Issuer, region: int) -> list[bytes]:
    """The entries that log a region's roll, the same each time; from now on it does not change."""
    with issuer.store.write() as database:
        database.execute(_LIST, [region])
    hashes = issuer.store.read("SELECT hash FROM roll WHERE region = ? ORDER BY hash", region)
    content = b"".join(hashed for (hashed,) in hashes)
    return issuer.bundle(content, Roll(region, len(hashes), sha256(content).digest()))


def openings(issuer: Issuer, region: int) -> list[RollOpening]:
    """All voters of a region, by name."""
    known = issuer.store.read("SELECT salt, voter FROM roll WHERE region = ? ORDER BY voter", region)
    return [RollOpening(salt, voter) for salt, voter in known]


def listed(issuer: Issuer, region: int, hashes: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Those of these hashes that are on a region's roll, each with the region."""
    statement = "SELECT region, hash FROM roll WHERE region = ? AND hash IN (*)"
    return issuer.store.read_in(statement, region, values=hashes)


def hashes_of(issuer: Issuer, openings: Sequence[tuple[int, RollOpening]]) -> bytes:
    """The hashes, 32 bytes each, of openings with their regions, on this registrar's rolls."""
    return roll_hashes(issuer.definition.hash, issuer.number, openings)
