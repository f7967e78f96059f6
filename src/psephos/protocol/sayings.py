"""What parties and observers say: of each kind its form (`spec/entries.md#words`, check 1.9)."""

from __future__ import annotations

import re

from psephos.protocol import entries
from psephos.protocol.encoding.form import IDENTIFIER
from psephos.protocol.entries import Payload
from psephos.protocol.setup.definition import Definition

SPOKEN: tuple[type[Payload], ...] = (
    entries.Statement,
    entries.Declaration,
    entries.Incident,
    entries.Objection,
    entries.Answer,
)
SAYINGS: tuple[type[Payload], ...] = (*SPOKEN, entries.Annulment)
"""All that is said, but for requests, which strangers make."""
NO_REGION = 65_535
"""The region of an incident that is of none."""
PROVISION = re.compile(r"[a-z0-9][a-z0-9-]{0,31}/[A-Za-z0-9][A-Za-z0-9.-]{0,31}")
_DEGREE = 1_000_000
_TEXTS = ("subject", "place", "language", "text")


def wrong_form(payload: Payload, definition: Definition) -> str:
    """What is wrong with what is said; empty where nothing is."""
    for name in _TEXTS:
        if getattr(payload, name, "given") == "":
            return f"{name} is empty"
    if len(getattr(payload, "attachment", b"")) not in (0, 32):
        return "an attachment is named by 32 bytes"
    match payload:
        case entries.Declaration(provision=provision) if not PROVISION.fullmatch(provision):
            return f"{provision!r:.80} is not a profile and a row"
        case entries.Objection(entry=named) if len(named) not in (0, 32):
            return "an entry is named by 32 bytes"
        case entries.Incident():
            return _wrong_incident(payload, definition)
    return ""


def _wrong_incident(incident: entries.Incident, definition: Definition) -> str:
    if not IDENTIFIER.fullmatch(incident.kind):
        return f"{incident.kind!r:.80} is not a kind"
    if incident.region >= len(definition.regions) and incident.region != NO_REGION:
        return f"there is no region {incident.region}"
    if incident.observed_from > incident.observed_to:
        return "observed to an earlier time than from"
    if incident.point and read_point(incident.point) is None:
        return "a point is a latitude and a longitude, in 4 bytes each"
    return ""


def read_point(point: bytes) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, or None where the bytes are no point."""
    if len(point) != 8:
        return None
    north, east = (int.from_bytes(point[at : at + 4], "little", signed=True) for at in (0, 4))
    if abs(north) > 90 * _DEGREE or abs(east) > 180 * _DEGREE:
        return None
    return north / _DEGREE, east / _DEGREE


def write_point(latitude: float, longitude: float) -> bytes:
    """A point on the earth, from degrees."""
    return b"".join(
        round(degrees * _DEGREE).to_bytes(4, "little", signed=True) for degrees in (latitude, longitude)
    )
