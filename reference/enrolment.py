"""Token keys, rolls, batches and issued tokens: checks 4.1 to 4.7 of spec/checks.md.

Nothing here is fatal: what breaks a rule is void and named, and the region waits.
"""

from __future__ import annotations

import re
from hashlib import sha256

import definition
import entries
import proofs
from ceremony import VoidError
from entries import Entry
from group import ZERO, FormatError, G, decode, encode, multiply, scalar
from state import Region, Standing, State

TIME_TO_FOLLOW = 3600  # seconds before the planned seal by which the lead must have acted: phases.md#opening
LONGEST_ADDRESS = 400  # of a registrar that relays forward to


def _pieces(state: State, check: str, entry: Entry, count: int, size: int) -> list[bytes]:
    """The bundle that an entry closes, as pieces, strictly ascending by their first 32 bytes."""
    pieces = _bundle(state, check, entry, count, size)
    state.need(check, entries.ascending([piece[:32] for piece in pieces]), "out of order")
    return pieces


def _bundle(state: State, check: str, entry: Entry, count: int, size: int) -> list[bytes]:
    try:
        bundle = state.parts.bundle(entry.author, entry["digest"])
    except ValueError as error:
        raise VoidError(check, str(error)) from error
    state.need(check, len(bundle) == count * size, "bundle has a wrong length")
    return proofs.split(bundle, size)


def _region(state: State, check: str, entry: Entry) -> Region:
    number: int = entry["region"]
    state.need(check, number < len(state.regions), "no such region")
    return state.regions[number]


def _placed(state: State, entry: Entry) -> None:
    """Behind the parts of its bundle: the board chose the position."""
    state.in_phase(state.parts.whole(entry.author, entry["digest"]), "before the parts of its bundle")


# Keys and rolls.


def take_token_keys(state: State, index: int, entry: Entry) -> None:
    """Check 4.4."""
    registrar = state.registrar(entry)
    state.in_phase(not state.ceremony.election, "the ceremony is complete")
    state.in_phase(registrar not in state.token_keys, "token keys are logged already")
    _placed(state, entry)
    address = entry["address"]
    state.need("4.4", not address or bool(re.fullmatch(definition.ADDRESS, address)), "a malformed address")
    reached = not state.definition.hold or 1 <= len(address) <= LONGEST_ADDRESS
    state.need("4.4", reached, "no address to which relays could forward")
    points = _bundle(state, "4.4", entry, len(state.regions) * state.kinds, 32)
    try:
        for point in points:
            decode(point)
    except FormatError as error:
        raise VoidError("4.4", str(error)) from error
    distinct = len(set(points)) == len(points) and ZERO not in points
    state.need("4.4", distinct, "a token key is the identity or stands twice")
    state.token_keys[registrar], state.token_entries[registrar] = points, entry.body_hash
    if len(state.token_keys) == len(state.definition.registrars):
        hashes = [state.token_entries[number] for number in sorted(state.token_entries)]
        state.ceremony.take_token_keys(index, b"".join(hashes))


def take_roll(state: State, index: int, entry: Entry) -> None:
    """Check 4.1."""
    region, registrar = _region(state, "4.1", entry), state.registrar(entry)
    state.in_phase(region.enrolling and registrar not in region.rolls, "a roll out of its phase")
    state.in_phase(registrar == 1 or 1 in region.rolls, "the lead's roll comes first")
    _placed(state, entry)
    right = registrar == 1 or entry["size"] == len(region.rolls[1])
    state.need("4.1", right, "not of the size of the lead's roll")
    region.rolls[registrar] = set(_pieces(state, "4.1", entry, entry["size"], 32))
    if registrar == 1:
        region.led_at = index


def take_given(state: State, index: int, entry: Entry) -> None:
    """Check 4.8: how many have got tokens."""
    registrar = state.registrar(entry)
    state.in_phase(not state.voting_over(), "voting is over")
    state.in_phase(entry["count"] > state.given.get(registrar, 0), "not more than before")
    listed = sum(len(region.rolls.get(registrar, ())) for region in state.regions)
    whole = all(registrar in region.rolls for region in state.regions)
    state.in_phase(whole or entry["count"] <= listed, "more than its rolls list so far")
    state.need("4.8", entry["count"] <= listed, "more than its rolls list")
    state.given[registrar] = entry["count"]


# Batches.


def take_batch(state: State, index: int, entry: Entry) -> None:
    """Checks 4.2, 4.3 and 4.5; the batch then stands: spec/phases.md#batches"""
    region = _region(state, "4.2", entry)
    ready = region.enrolling and len(region.rolls) == len(state.definition.registrars)
    next_ = entry["batch"] == region.batches + 1 and entry.body_hash not in region.stood
    state.in_phase(ready and next_, "a batch out of its phase")
    definition = state.definition
    close = definition.regions[entry["region"]].closes + definition.hold + definition.tolerance
    state.in_phase(state.now >= close or entry["last"] != 1, "a last batch before the close of enrolment")
    _placed(state, entry)
    state.need("4.2", entry["last"] in (0, 1) and entry["cards"] >= 1 - entry["last"], "wrong numbers")
    records = _pieces(state, "4.2", entry, entry["cards"], 384 if state.definition.decoys else 96)
    _check_records(state, entry["region"], records)
    cards = {record[:32]: record[32:96] for record in records}
    standing_cards = [
        neighbour.standing.cards
        for neighbour in state.regions
        if neighbour.standing and neighbour is not region
    ]
    for known in (state.cards, *standing_cards):
        state.need("4.5", not known & cards.keys(), "a card is in two batches")
    region.stood.add(entry.body_hash)
    region.led_at = index
    hashes = {record[:32]: sha256(record).digest() for record in records}
    region.standing = Standing(entry.body_hash, cards, hashes, entry["last"] == 1)
    _take_effect(state, region)


def _check_records(state: State, region: int, records: list[bytes]) -> None:
    """Check 4.3."""
    election, joint = state.ceremony.election, state.ceremony.joint
    weighted = state.definition.decoys > 0
    claims = [(election, joint, region, record, weighted) for record in records]
    for position, why in state.batch.failures(proofs.card, claims).items():
        raise VoidError("4.3", f"card {records[position][:32].hex()}: {why}")


def take_endorse(state: State, index: int, entry: Entry) -> None:
    """Another registrar agrees to the batch that stands."""
    state.in_phase(entry["region"] < len(state.regions), "no such region")
    region, registrar = state.regions[entry["region"]], state.registrar(entry)
    standing = region.standing
    if standing is None or (entry["batch"], entry["entry"]) != (region.batches + 1, standing.entry):
        raise VoidError("1.6", "the batch does not stand", "board")
    state.in_phase(registrar not in standing.endorsed, "endorsed already")
    standing.endorsed.add(registrar)
    _take_effect(state, region)


def _take_effect(state: State, region: Region) -> None:
    """The batch that stands, once all have endorsed it."""
    standing = region.standing
    if standing and len(standing.endorsed) == len(state.definition.registrars) - 1:
        region.cards |= standing.cards
        region.records |= standing.records
        state.cards |= standing.cards.keys()
        region.batches, region.last, region.standing = region.batches + 1, standing.last, None


# The end of enrolment.


def take_issued(state: State, index: int, entry: Entry) -> None:
    """Check 4.6."""
    region, registrar = _region(state, "4.6", entry), state.registrar(entry)
    before = region.issued.get(registrar, set())
    in_phase = region.last and not region.opened and not region.out
    more = registrar not in region.issued or entry["size"] > len(before)
    state.in_phase(in_phase and more, "issued out of its phase")
    _placed(state, entry)
    _check_secrets(state, registrar, entry)
    enough = state.definition.decoys > 0 or entry["size"] >= len(region.cards)
    state.need("4.6", enough, "fewer than cards")
    hashes = set(_pieces(state, "4.6", entry, entry["size"], 32))
    state.need("4.6", hashes <= region.rolls[registrar], "not all on the roll")
    state.need("4.6", before <= hashes, "hashes of before are missing")
    region.issued[registrar] = hashes
    if len(region.issued) == len(state.definition.registrars) and region.issued_at < 0:
        region.issued_at = index


def _check_secrets(state: State, registrar: int, entry: Entry) -> None:
    """They are those of the region's token keys."""
    kinds = state.kinds
    publics = state.token_keys[registrar][kinds * entry["region"] : kinds * (entry["region"] + 1)]
    try:
        secrets = [scalar(piece) for piece in proofs.split(entry["secrets"])]
    except FormatError as error:
        raise VoidError("4.6", str(error)) from error
    state.need(
        "4.6", [encode(multiply(secret, G)) for secret in secrets] == publics, "not the token keys' secrets"
    )


def may_open(state: State, region: Region, review: int) -> bool:
    """Whether enrolment and its review are over: spec/phases.md#opening"""
    if not region.last or region.issued_at < 0 or region.out:
        return False
    first = state.witnessed(region.issued_at)
    return first is not None and state.now >= first.seen + review


def notice_opened(state: State, index: int, number: int) -> None:
    """Check 4.7 of a region that has just opened."""
    region, name = state.regions[number], state.definition.regions[number].id
    state.examine(["4.7"])
    most = max(1, region.enrolled // state.definition.min_batch)
    if region.batches > most:
        state.notices.append((index, "4.7", f"{name} has {region.batches} batches instead of at most {most}"))
    if not all(every_region.opened for every_region in state.regions):
        return
    for registrar in range(1, len(state.definition.registrars) + 1):
        issued = sum(len(every_region.issued[registrar]) for every_region in state.regions)
        given = state.given.get(registrar, 0)
        if issued != given:
            said = f"registrar {registrar} counted {given} tokens and issued {issued}"
            state.notices.append((index, "4.7", said))


def put_out(state: State, index: int) -> None:
    """Regions whose first window has passed: spec/phases.md#opening"""
    for number, region in enumerate([] if state.cancelled else state.regions):
        if region.opened or region.out or state.now <= region.plan[0][1]:
            continue
        region.out_at = index
        state.examine(["4.7"])
        waiting = ", ".join(f"registrar {registrar}" for registrar in _waited_for(state, region))
        of = f"; it waited for {waiting}" if waiting else ""
        state.notices.append((index, "4.7", f"{state.definition.regions[number].id} never opened{of}"))
        region.standing = None


def _waited_for(state: State, region: Region) -> list[int]:
    """The registrars that have not done their part: spec/phases.md#opening"""
    every, standing = set(range(1, len(state.definition.registrars) + 1)), region.standing
    if not state.ceremony.election:
        return sorted(every - state.token_keys.keys())
    if 1 not in region.rolls or (every <= region.rolls.keys() and not region.last and not standing):
        return [1]
    if not every <= region.rolls.keys():
        registrars = every - region.rolls.keys()
    elif standing:
        registrars = every - standing.endorsed - {1}
    else:
        registrars = every - region.issued.keys()
    disputed = standing is not None and not standing.objected <= standing.endorsed
    lead = {1} if registrars and (disputed or not _led_in_time(state, region)) else set()
    return sorted(registrars | lead)


def _led_in_time(state: State, region: Region) -> bool:
    """Whether witnesses saw what the lead did last early enough for the others to follow."""
    latest = region.plan[0][1] - TIME_TO_FOLLOW
    return any(
        checkpoint.size > region.led_at and checkpoint.seen <= latest for checkpoint in state.checkpoints
    )
