"""Windows and ballots: checks 2.3, 5.1 to 5.3 and 6.1 to 6.5 of spec/checks.md."""

from __future__ import annotations

import ballots
import entries
import proofs
from entries import Entry
from state import State


def take_open(state: State, index: int, entry: Entry) -> None:
    """Check 5.1."""
    state.looked["5.1"] += 1
    region = state.region("5.1", entry)
    ready = region.last and region.issued is not None and not region.open_day
    right = entry["day"] == len(region.opened) + 1 <= len(region.plan)
    state.must("5.1", ready and right, "an open out of its phase", "board")
    region.opened.append(index)


def take_seal(state: State, index: int, entry: Entry) -> None:
    """Check 5.2; fixes the day's rows."""
    state.looked["5.2"] += 1
    region = state.region("5.2", entry)
    right = entry["day"] == region.open_day != 0
    state.must("5.2", right, "a seal out of its phase", "board")
    rows = ballots.last_rows(_valid_ballots(state, entry["region"]))
    region.sealed.append(index)
    region.rows.append(rows)
    width = state.definition.width(entry["region"])
    weighed = rows if state.definition.cards > 1 else []
    region.chunks.append(ballots.chunks(weighed, region.cards, width))


def take_ballot(state: State, index: int, entry: Entry) -> None:
    """Checks 6.1 to 6.3; 6.4 and 6.5 wait for the seal."""
    state.looked["6.1"] += 1
    known = entry["region"] < len(state.regions) and bool(state.ceremony.election)
    state.need("6.1", known and entry.referendum == state.ceremony.election, "not of this referendum")
    region = state.regions[entry["region"]]
    contests = state.definition.ballot_contests(entry["region"])
    form = entries.ballot_form(entry, entry["region"], len(region.plan), contests)
    state.need("6.1", form, "day, serial or length is wrong")
    state.looked["6.2"] += 1
    open_ = entry["day"] == region.open_day and not state.cancelled
    state.need("6.2", open_, "the day is not open")
    state.looked["6.3"] += 1
    state.need("6.3", entry.author in region.cards, "the card is in no batch of the region")
    region.pending.append((index, entry))


def _valid_ballots(state: State, number: int) -> list[ballots.Row]:
    """Checks 6.4 and 6.5 of the ballots of the day that is open."""
    region, contests = state.regions[number], state.definition.ballot_contests(number)
    pending, region.pending = region.pending, []
    bad = state.batch.failures(proofs.ballot, [_claim(state, entry, contests) for _, entry in pending])
    seen: set[bytes] = set()
    rows = []
    for at, (index, entry) in enumerate(pending):
        state.looked.update(["6.5"] if entry.body_hash in seen else ["6.4", "6.5"])
        if entry.body_hash in seen:
            state.list_void(index, "6.5", state.culprit(entry), "logged before")
        elif at in bad:
            state.list_void(index, "6.4", state.culprit(entry), bad[at])
        else:
            seen.add(entry.body_hash)
            cells = ballots.cells(contests, entry["votes"])
            rows.append(ballots.Row(entry.author, entry["serial"], entry.body_hash, cells))
    return rows


def _claim(state: State, entry: Entry, contests: tuple[proofs.Contest, ...]) -> tuple[object, ...]:
    place = entry["region"], entry["day"], entry["serial"]
    keys = state.ceremony.election, state.ceremony.joint
    return (*keys, place, entry.author, contests, entry["votes"], entry.body_hash, entry.signature)


def flush(state: State) -> None:
    """Check the ballots of days that are still open: for a record that ends there."""
    for number in range(len(state.regions)):
        _valid_ballots(state, number)


def take_amend(state: State, index: int, entry: Entry) -> None:
    """Check 2.3."""
    state.looked["2.3"] += 1
    state.need("2.3", state.closed_at < 0, "the referendum is closed")
    state.need("2.3", entry["region"] < len(state.regions), "no such region")
    region, day, window = state.regions[entry["region"]], entry["day"], (entry["open"], entry["seal"])
    unsealed = len(region.sealed) < day <= len(region.plan) and not region.finished
    state.need("2.3", unsealed, "no such day, or it is sealed")
    old = region.plan[day - 1]
    later = window[0] < window[1] and window[0] >= old[0] and window[1] >= old[1]
    state.need("2.3", later and (day != region.open_day or window[0] == old[0]), "a window moved back")
    apart = day == len(region.plan) or window[1] <= region.plan[day][0]
    state.need("2.3", apart, "windows overlap")
    region.plan[day - 1] = window


def notices(state: State) -> list[str]:
    """Check 5.3: opens and seals that were not witnessed near their plan."""
    found = []
    for described, region in zip(
        state.definition.regions if state.regions else [], state.regions, strict=True
    ):
        for day, plan in enumerate(region.plan, 1):
            done = [indices[day - 1] for indices in (region.opened, region.sealed) if day <= len(indices)]
            names = [f"{word} of day {day} in {described.id}" for word in ("open", "seal")]
            state.looked["5.3"] += len(done)
            for name, index, planned in zip(names, done, plan, strict=False):
                found += _untimely(state, name, index, planned)
            if len(done) == 2 and not any(done[0] < c.size and c.index < done[1] for c in state.checkpoints):
                found.append(f"5.3: no checkpoint between open and {names[1]}")
    return found


def _untimely(state: State, name: str, index: int, planned: int) -> list[str]:
    before = min((c.time for c in state.checkpoints if c.size > index), default=planned)
    after = max((c.time for c in state.checkpoints if c.index < index), default=planned)
    if before < planned - state.definition.tolerance:
        return [f"5.3: {name} was witnessed {planned - before} s before its plan"]
    if after > planned + state.definition.tolerance:
        return [f"5.3: {name} was witnessed {after - planned} s after its plan"]
    return []
