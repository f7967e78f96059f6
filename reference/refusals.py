"""What a refusal by the board of an entry proves against it: spec/messages.md#false-refusals.

Signatures of refusals are taken as checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import entries
import fold
import proofs
import voting
import words
from batch import Batch
from entries import Entry
from state import State

DAY = 86_400
LIMITED = {*words.SPOKEN, "annulment", "grant", "amend", "cancel"}  # what the budget of words is for
UNRELATED = ("order", "definition", "2.1")
QUOTED = re.compile(r"\b([0-9]{1,15}) ([0-9a-f]{64})\b")


def falsely_refused(state: State, log: list[bytes], data: bytes, reason: str, evidence: bytes) -> bool:
    """Whether the board refused a valid entry that is not in the log, which `state` has judged.

    `state` judges the entry behind the log: it is of no more use after that.
    """
    try:
        entry = entries.parse(data)
    except ValueError:
        return False
    if entry.type == "ballot":
        return data not in log and _of_ballot(state, log, entry, reason)
    if data in log or reason in UNRELATED or entry.type not in words.SPOKEN | {"request", "grant"}:
        return False
    attached = bool(entry.payload.get("attachment"))
    if attached and reason in ("blob", "budget"):
        return False  # nobody sees here whether the file came, and how long it is
    observer = entry.author in state.accredited
    if reason == "budget" and _used_up(state, log, entry, len(data), evidence):
        return False
    if reason == "1.5" and observer and not _later(state, log, entry):
        return False
    before = len(state.void)
    fold.take(state, data)
    return len(state.void) == before


def _of_ballot(state: State, log: list[bytes], entry: Entry, reason: str) -> bool:
    """Whether the reason of a ballot's refusal is false."""
    if reason in (*UNRELATED, "closed") or entry["region"] >= len(state.regions):
        return False
    region, contests = state.regions[entry["region"]], state.definition.ballot_contests(entry["region"])
    form = entries.ballot_form(entry, entry["region"], len(region.plan), contests)
    if entry.referendum != state.ceremony.election or not form:
        return False
    match reason:
        case "card":
            return entry.author in region.cards
        case "proof":
            claim = voting.claim(state, entry, contests)
            return not Batch().failures(proofs.ballot, [claim])
        case "serial":
            return entry["day"] <= len(region.sealed) and not _used(state, log, entry)
        case _:
            return True


def _used(state: State, log: list[bytes], entry: Entry) -> bool:
    """Whether another valid ballot of the card has this serial, on a sealed day."""
    opened, sealed = (
        times[entry["day"] - 1]
        for times in (state.regions[entry["region"]].opened, state.regions[entry["region"]].sealed)
    )
    members = ("region", "day", "serial")
    return any(
        logged.type == "ballot"
        and logged.author == entry.author
        and all(logged[name] == entry[name] for name in members)
        for _, logged in _valid(state, log, opened, sealed)
    )


def _valid(state: State, log: list[bytes], start: int, stop: int) -> Iterator[tuple[int, Entry]]:
    void = {index for index, *_ in state.void}
    for index in range(start, stop):
        if index not in void:
            yield len(log[index]), entries.parse(log[index])


def _used_up(state: State, log: list[bytes], entry: Entry, size: int, evidence: bytes) -> bool:
    budgets = state.definition.budgets
    if entry.type == "grant" and not evidence:
        given = [logged for _, logged in _valid(state, log, 0, len(log)) if logged.type == "grant"]
        return sum(grant.author == entry.author for grant in given) >= budgets["observers"]
    if len(evidence) != 16:
        return False
    start, stop = (
        int.from_bytes(evidence[start_of_number : start_of_number + 8], "little")
        for start_of_number in (0, 8)
    )
    if stop > len(log):
        return True  # this log does not show it yet
    if start < stop and _longer_than_a_day(state, start, stop):
        return False
    part = list(_valid(state, log, start, stop))
    if entry.type == "request":
        requested = sum(
            logged.type == "request" and logged["sponsor"] == entry["sponsor"] for _, logged in part
        )
        return requested >= _requests(state, entry)
    used = sum(length for length, logged in part if logged.author == entry.author and logged.type in LIMITED)
    return used + size > budgets["words"]


def _requests(state: State, entry: Entry) -> int:
    definition, budgets = state.definition, state.definition.budgets
    if not entry["sponsor"]:
        return budgets["requests"] - budgets["reserved"]
    sponsors = len(definition.registrars) + len(definition.trustees) + len(definition.witnesses)
    return budgets["reserved"] // sponsors


def _longer_than_a_day(state: State, start: int, stop: int) -> bool:
    there = [checkpoint.seen for checkpoint in state.checkpoints if checkpoint.size > start]
    passed = [checkpoint.passed for checkpoint in state.checkpoints if checkpoint.index < stop]
    return bool(there and passed) and passed[-1] - there[0] > DAY + state.definition.tolerance


def _later(state: State, log: list[bytes], entry: Entry) -> bool:
    """Whether an observer's words quote the log as it was after its author's accreditation."""
    granted = [
        index
        for index, data in enumerate(log)
        if index not in {void for void, *_ in state.void}
        and (logged := entries.parse(data)).type == "grant"
        and logged["key"] == entry.author
    ]
    return any(
        granted[0] < int(size) <= len(log) and state.root(int(size)).hex() == root
        for size, root in QUOTED.findall(entry.payload.get("text", ""))
    )
