"""What parties and observers say, what strangers ask, and who may speak: spec/entries.md#words, check 1.9."""

from __future__ import annotations

import re
from collections.abc import Callable

import cbor
import ed25519
import entries
import labels
from ceremony import VoidError
from entries import Entry
from form import IDENTIFIER
from state import State

SPOKEN = {"statement", "declaration", "incident", "objection", "answer"}
PROVISION = re.compile(r"[a-z0-9][a-z0-9-]{0,31}/[A-Za-z0-9][A-Za-z0-9.-]{0,31}")
NO_REGION = 65_535
LONGEST_REQUEST = 4_096


def take_statement(state: State, index: int, entry: Entry) -> None:
    """A statement, declaration, incident, objection or answer."""
    state.once(entry)
    texts = [entry.payload.get(name, "given") for name in ("subject", "place", "language", "text")]
    state.need("1.9", all(texts), "a text is empty")
    state.need("1.9", len(entry["attachment"]) in (0, 32), "attachment is not a hash")
    if entry.type == "declaration":
        state.need("1.9", PROVISION.fullmatch(entry["provision"]) is not None, "not a profile and a row")
    if entry.type == "objection":
        state.need("1.9", len(entry["entry"]) in (0, 32), "what it is against is not a hash")
        _against_a_batch(state, entry)
    if entry.type == "incident":
        _incident(state, entry)
    state.said.add(entry.body_hash)


def _against_a_batch(state: State, entry: Entry) -> None:
    """A registrar's objection to a batch that stands: spec/phases.md#opening"""
    role, _, number = state.definition.party(entry.author).partition(" ")
    for region in state.regions:
        if role == "registrar" and region.standing and region.standing.entry == entry["entry"]:
            region.standing.objected.add(int(number))


def _incident(state: State, entry: Entry) -> None:
    state.need("1.9", IDENTIFIER.fullmatch(entry["kind"]) is not None, "not a kind")
    known = entry["region"] < len(state.definition.regions) or entry["region"] == NO_REGION
    state.need("1.9", known, "no such region")
    state.need("1.9", entry["observed_from"] <= entry["observed_to"], "ends before it begins")
    point = entry["point"]
    state.need("1.9", len(point) in (0, 8), "a point has 8 bytes")
    north, east = (int.from_bytes(point[start : start + 4], "little", signed=True) for start in (0, 4))
    state.need("1.9", abs(north) <= 90_000_000 and abs(east) <= 180_000_000, "a point beyond the earth")


def take_annulment(state: State, index: int, entry: Entry) -> None:
    """Of an area that is counted, once the totals are known."""
    state.in_phase(state.result is not None and not state.cancelled, "the totals are not known yet")
    state.once(entry)
    areas = state.areas[entry["contest"]] if entry["contest"] < len(state.areas) else []
    counted = [area.place.region for area in areas if area.counted]
    state.need("1.9", entry["area"] in counted, "no such area is counted")
    take_statement(state, index, entry)


def take_request(state: State, index: int, entry: Entry) -> None:
    """By anybody whose key is not known yet; the board need not log one that is wrong."""

    def need(condition: bool, why: str) -> None:
        if not condition:
            raise VoidError("1.9", why, "board")

    state.once(entry)
    known = state.definition.party(entry.author) or entry.author in state.accredited
    need(not known, "asks though its key is known")
    need(all(entry[name] for name in ("name", "role", "language", "text")), "a text is empty")
    need(len(entry.body) + 66 <= LONGEST_REQUEST, "a long request")
    need(
        int.from_bytes(entry.body_hash, "big") < 1 << 256 - state.definition.budgets["work"],
        "too little work",
    )
    if entry["sponsor"] or entry["countersignature"]:
        role = state.definition.party(entry["sponsor"]).split(" ")[0]
        sponsors = role in ("registrar", "trustee") or state.definition.witness(entry["sponsor"])
        need(bool(sponsors), "its sponsor may not countersign")
        signed = labels.COUNTERSIGNATURE + cbor.encode(
            entries.body(
                "request",
                entry.referendum,
                entry.author,
                *(entry[name] for name in ("name", "role", "language", "text", "sponsor")),
                b"",
                bytes(8),
            )
        )
        right = len(entry["countersignature"]) == 64
        need(
            right and ed25519.verify(entry["sponsor"], signed, entry["countersignature"]),
            "not countersigned",
        )
    state.said.add(entry.body_hash)


def take_grant(state: State, index: int, entry: Entry) -> None:
    """Somebody new may speak."""
    if entry["key"] in state.accredited:
        raise VoidError("1.9", "grants what was granted", "board")
    state.need("1.9", not state.definition.party(entry["key"]), "accredits a party")
    state.need("1.9", bool(entry["name"] and entry["role"]), "name or role is empty")
    state.need("1.9", ed25519.proper_key(entry["key"]), "not a proper Ed25519 key")
    state.accredited.add(entry["key"])


HANDLERS: dict[str, Callable[[State, int, Entry], None]] = {
    **dict.fromkeys(sorted(SPOKEN), take_statement),
    "annulment": take_annulment,
    "request": take_request,
    "grant": take_grant,
}
