"""Windows and ballots: checks 2.3, 5.1 to 5.3 and 6.1 to 6.5 of spec/checks.md."""

from __future__ import annotations

import ballots
import enrolment
import entries
import proofs
from ceremony import VoidError
from entries import Entry
from state import State


def take_open(state: State, index: int, entry: Entry) -> None:
    """Check 5.1."""
    state.need("5.1", entry["region"] < len(state.regions), "no such region")
    region = state.regions[entry["region"]]
    review = state.definition.regions[entry["region"]].review
    ready = not region.open_day if region.opened else enrolment.may_open(state, region, review)
    right = entry["day"] == len(region.opened) + 1 <= len(region.plan)
    come = ready and right and _come(state, region.plan[entry["day"] - 1][0])
    state.need("5.1", come, "an open out of its phase")
    region.opened.append(index)
    _turn(state, index, entry, "open")
    if len(region.opened) == 1:
        enrolment.notice_opened(state, index, entry["region"])


def take_seal(state: State, index: int, entry: Entry) -> None:
    """Check 5.2; fixes the day's rows."""
    state.need("5.2", entry["region"] < len(state.regions), "no such region")
    region = state.regions[entry["region"]]
    right = entry["day"] == region.open_day != 0
    come = right and _come(state, region.plan[entry["day"] - 1][1])
    state.need("5.2", come, "a seal out of its phase")
    _turn(state, index, entry, "seal")
    rows = ballots.last_rows(_valid_ballots(state, entry["region"]))
    region.sealed.append(index)
    region.rows.append(rows)
    width = state.definition.width(entry["region"])
    weighed = rows if state.definition.decoys else []
    region.chunks.append(ballots.chunks(weighed, region.cards, width))


def _come(state: State, plan: int) -> bool:
    """Whether witnesses saw the time of an open or seal come: spec/phases.md#time"""
    return state.now >= plan - state.definition.tolerance


def _turn(state: State, index: int, entry: Entry, word: str) -> None:
    """Check 5.3 of an open or seal."""
    region, day = state.regions[entry["region"]], entry["day"]
    name = f"{word} of day {day} in {state.definition.regions[entry['region']].id}"
    late = state.now - region.plan[day - 1][word == "seal"]
    if late > state.definition.tolerance:
        state.notices.append((index, "5.3", f"{name} came at least {late} s after its plan"))
    if word == "seal" and not state.witnessed(region.opened[day - 1]):
        state.notices.append((index, "5.3", f"no checkpoint between open and {name}"))


def take_ballot(state: State, index: int, entry: Entry) -> None:
    """Checks 6.1 to 6.3; 6.4 and 6.5 wait for the seal."""
    known = entry["region"] < len(state.regions) and bool(state.ceremony.election)
    state.need("6.1", known and entry.referendum == state.ceremony.election, "not of this referendum")
    region = state.regions[entry["region"]]
    contests = state.definition.ballot_contests(entry["region"])
    form = entries.ballot_form(entry, entry["region"], len(region.plan), contests)
    state.need("6.1", form, "day, serial or length is wrong")
    open_ = entry["day"] == region.open_day and not state.cancelled
    if not open_:
        raise VoidError("6.2", "the day is not open", "board")
    state.need("6.3", entry.author in region.cards, "the card is in no batch in effect of the region")
    region.pending.append((index, entry))


def _valid_ballots(state: State, number: int) -> list[ballots.Row]:
    """Checks 6.4 and 6.5 of the ballots of the day that is open."""
    region, contests = state.regions[number], state.definition.ballot_contests(number)
    pending, region.pending = region.pending, []
    bad = state.batch.failures(proofs.ballot, [claim(state, entry, contests) for _, entry in pending])
    seen: set[bytes] = set()
    rows = []
    for position, (index, entry) in enumerate(pending):
        state.examine(["6.5"] if entry.body_hash in seen else ["6.5", "6.4"])
        if entry.body_hash in seen:
            state.list_void(index, "6.5", "board", "logged before")
        elif position in bad:
            state.list_void(index, "6.4", state.culprit(entry), bad[position])
        else:
            seen.add(entry.body_hash)
            cells = ballots.cells(contests, entry["votes"])
            rows.append(ballots.Row(entry.author, entry["serial"], entry.body_hash, cells))
    return rows


def claim(state: State, entry: Entry, contests: tuple[proofs.Contest, ...]) -> tuple[object, ...]:
    place = entry["region"], entry["day"], entry["serial"]
    keys = state.ceremony.election, state.ceremony.joint
    return (*keys, place, entry.author, contests, entry["votes"], entry.body_hash, entry.signature)


def flush(state: State) -> None:
    """Check the ballots of days that are still open: for a record that ends there."""
    for number in range(len(state.regions)):
        _valid_ballots(state, number)


def take_amend(state: State, index: int, entry: Entry) -> None:
    """Check 2.3."""
    state.need("2.3", entry["region"] < len(state.regions), "no such region")
    region, day, window = state.regions[entry["region"]], entry["day"], (entry["open"], entry["seal"])
    state.need("2.3", 1 <= day <= len(region.plan), "no such day")
    first, old = state.definition.regions[entry["region"]].days[day - 1], region.plan[day - 1]
    whole = window[0] < window[1] and window[0] >= first[0] and window[1] >= first[1]
    state.need("2.3", whole, "a window shortened, or moved back")
    state.in_phase(day > len(region.sealed) and not region.out, "the day is sealed, or the region out")
    later = window[0] >= old[0] and window[1] >= old[1]
    state.in_phase(later and (day != region.open_day or window[0] == old[0]), "behind a later plan")
    apart = day == len(region.plan) or window[1] <= region.plan[day][0]
    state.in_phase(apart, "windows overlap")
    state.once(entry)
    state.said.add(entry.body_hash)
    region.plan[day - 1] = window
