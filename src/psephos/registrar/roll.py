"""The roll: who may vote, and the salted hashes that stand for them in public (`spec/messages.md#roll`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from hashlib import sha256

from psephos.errors import FormatError, PhaseError
from psephos.protocol.enrolment.token import Opening, roll_hashes, rows
from psephos.protocol.entry import Roll
from psephos.registrar.office import Office

_SALT = 16


def enter(office: Office, region: int, openings: Sequence[Opening]) -> None:
    """Add voters to a region's roll, all or none.

    FormatError for a salt of other than 16 bytes, or a voter who is on it; PhaseError once it was given out.
    """
    if any(len(opening.salt) != _SALT for opening in openings):
        raise FormatError(f"roll: a salt has not {_SALT} bytes")
    definition = office.definition.hash
    hashes = rows(roll_hashes(definition, [(region, one) for one in openings]), 32)
    added = [(region, hashed, one.salt, one.voter) for hashed, one in zip(hashes, openings, strict=True)]
    with office.store.write() as database:
        if database.execute("SELECT 1 FROM regions WHERE region = ? AND listed", [region]).fetchone():
            raise PhaseError(f"roll of region {region}: published")
        try:
            database.executemany("INSERT INTO roll VALUES (?, ?, ?, ?)", added)
        except sqlite3.IntegrityError:
            raise FormatError(f"roll of region {region}: a voter is on it already") from None


def entries(office: Office, region: int) -> list[bytes]:
    """The entries that log a region's roll, the same each time; from now on it does not change."""
    with office.store.write() as database:
        database.execute(
            "INSERT INTO regions (region, listed) VALUES (?, 1) ON CONFLICT DO UPDATE SET listed = 1",
            [region],
        )
    hashes = office.store.read("SELECT hash FROM roll WHERE region = ? ORDER BY hash", region)
    content = b"".join(one for (one,) in hashes)
    roll = Roll(region, len(hashes), sha256(content).digest())
    return [*office.bundle(content), office.sign(roll)]


def openings(office: Office, region: int) -> list[Opening]:
    """All voters of a region, by name."""
    found = office.store.read("SELECT salt, voter FROM roll WHERE region = ? ORDER BY voter", region)
    return [Opening(salt, voter) for salt, voter in found]


def listed(office: Office, region: int, hashes: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Those of these hashes that are on a region's roll, each with the region."""
    statement = "SELECT region, hash FROM roll WHERE region = ? AND hash IN (*)"
    return office.store.read_in(statement, region, values=hashes)
