"""Random walks through a referendum: phases never go back, and what is void or refused changes nothing.

Beside the record goes a count of its own: of every ballot that was not void, card, day, serial and choices.
At the end the referendum is finished honestly and must give the totals of that count; and its log, folded
anew in other portions, the same state.
"""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from psephos.errors import VerificationError
from psephos.protocol import entries, multipart
from psephos.protocol.checks import CHECKS
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.record import Record
from psephos.simulation.adversary import fork
from psephos.simulation.referendum import HeldCard, Referendum
from tests.attacks.scenes import ATHENS, BLANK, GROUPS, PIRAEUS, begun

PHASES = ["log", "ceremony", "enrolment", "voting", "weighing", "closed", "releasing", "counted", "cancelled"]
REGIONS = st.sampled_from([PIRAEUS, ATHENS])
REGISTRARS = st.sampled_from([1, 2])
TRUSTEES = st.sampled_from([1, 2, 3])
GENERATE = [Phase.explicit, Phase.reuse, Phase.generate]
"""No shrinking: what it would take off, later steps stand on."""


@dataclass
class Votes:
    """Counts as anybody would with open votes: of each card the latest day, then the highest serial."""

    latest: dict[bytes, tuple[int, int, bytes, tuple[int, ...]]] = field(default_factory=dict)
    cards: dict[bytes, HeldCard] = field(default_factory=dict)

    def add(self, card: HeldCard, day: int, serial: int, body: bytes, choices: tuple[int, ...]) -> None:
        lowest = bytes(255 - byte for byte in body)
        self.cards[card.key] = card
        vote = day, serial, lowest, choices
        if vote[:3] >= self.latest.get(card.key, (0, 0, b""))[:3]:
            self.latest[card.key] = vote

    def totals(self, region: int, contest: int, options: int) -> list[int]:
        """Votes of each option in a region, then who voted there."""
        counting = [
            choices[contest]
            for key, (*_, choices) in self.latest.items()
            if self.cards[key].region == region and self.cards[key].weight
        ]
        return [sum(choice == option for choice in counting) for option in range(options)] + [len(counting)]


def weights(roster: Roster) -> bytes:
    """Those of all cards."""
    return roster.weights(array("I", range(roster.cards)))


def state(record: Record) -> Any:
    """Everything that a record knows, as far as anything later depends on it."""
    assert record.box is not None
    assert record.weighing_chains is not None
    closing, count = record.closing, record.count
    return (
        record.size,
        record.phase,
        tuple(record.void),
        tuple(record.checkpoints),
        record.cancelled,
        record.result,
        [(dict(r.rolls), weights(r), dict(r.issued), list(r.batches)) for r in record.rosters],
        [r.standing and (r.standing.entry, set(r.standing.endorsed)) for r in record.rosters],
        [(list(w.plans), list(w.opened), list(w.sealed), w.out) for w in record.windows],
        dict(record.registrar_keys.given),
        {place: rows.hashes.read() for place, rows in record.box.days.items() if rows},
        {place: (chain.last, chain.weighers) for place, chain in record.weighing_chains.chains.items()},
        (closing.right, closing.closed),
        count and (count.stage, count.signs, count.totals, {s: list(t) for s, t in count.shares.items()}),
        [index for index, _ in record.statements],
        record.notices,
    )


def fatal_check(error: VerificationError) -> str:
    """Its number: what an entry raises is fatal, or its bundle is not there."""
    assert CHECKS[error.check].severity == "fatal"
    return error.check


class Walk(RuleBasedStateMachine):
    """Honest steps where they are due, and anything else at any time; what would be fatal is kept out."""

    @initialize()
    def begin(self) -> None:
        self.told = begun()
        self.told.now = self.told.definition.regions[PIRAEUS].days[0].open
        self.told.checkpoint()
        self.votes = Votes()
        self.cast_before: dict[bytes, tuple[HeldCard, int, int, bytes, tuple[int, ...]]] = {}
        self.rank = 0

    # -- logging as a board does that logs also what is void

    def log(self, *data: bytes) -> list[str]:
        """Log what is not fatal; the checks of what is void."""
        record, found = self.told.record, []
        for one in data:
            before, voids = state(record), len(record.void)
            try:
                record.extend([one])
            except VerificationError as error:
                assert state(record) == before
                found.append(fatal_check(error))
                continue
            self.told.logged.append(one)
            found += [void.check for void in record.void[voids:]]
        return found

    def write(self, payload: entries.Payload, party: str, number: int = 1) -> bytes:
        """An entry by a party."""
        keys = self.told.keys
        several = {"trustee": keys.trustees, "registrar": keys.registrars}
        return self.told.write(
            payload, several[party][number - 1] if party in several else getattr(keys, party)
        )

    # -- steps that may be due

    @rule(region=REGIONS)
    def enrol(self, region: int) -> None:
        told = self.told
        if not told.record.rosters[region].batches and told.record.windows[region].out is None:
            self.log(*rolls(told, region))
            kept = {region: list(cards) for region, cards in told.cards.items()}
            batch = told.batch(region, GROUPS[region])
            if self.log(*batch):
                told.cards = kept
            self.log(*told.endorse(region, batch[-1]))

    @rule(region=REGIONS, registrar=REGISTRARS)
    def issue(self, region: int, registrar: int) -> None:
        hashes = self.told.roll_hashes(region, 3, registrar)
        self.log(*self.told.issue(region, hashes, registrar))

    @rule()
    def review(self) -> None:
        """A review passes, and witnesses see it."""
        for seconds in (0, self.told.definition.regions[PIRAEUS].review):
            self.told.now += seconds
            self.log(self.write(entries.CheckpointEntry(self.told.note()), "board"))

    @rule(region=REGIONS, day=st.integers(0, 3))
    def open(self, region: int, day: int) -> None:
        self.log(self.write(entries.Open(region, day), "board"))

    @rule(region=REGIONS, seals=st.booleans())
    def reach(self, region: int, seals: bool) -> None:
        """The next plan's time comes, and witnesses see it: of a region that is not open yet, no seal's."""
        windows = self.told.record.windows[region]
        if not windows.opened and seals:
            return
        day = min(len(windows.sealed), len(windows.plans) - 1)
        self.told.now = max(self.told.now, windows.plans[day][seals])
        self.log(self.write(entries.CheckpointEntry(self.told.note()), "board"))

    @rule(region=REGIONS)
    def open_next(self, region: int) -> None:
        day = len(self.told.record.windows[region].opened) + 1
        self.log(self.write(entries.Open(region, day), "board"))

    @rule(region=REGIONS)
    def seal(self, region: int) -> None:
        self.log(self.write(entries.Seal(region, len(self.told.record.windows[region].opened)), "board"))

    @rule(data=st.data())
    def vote(self, data: st.DataObject) -> None:
        """Any card on any day, in its region's style; repeated serials are part of it."""
        cards = [card for some in self.told.cards.values() for card in some]
        if not cards:
            return
        card = data.draw(st.sampled_from(cards))
        day = data.draw(st.sampled_from([self.told.record.windows[card.region].open_day or 1, 1, 2]))
        serial = data.draw(st.integers(1, 3))
        choices = [data.draw(st.sampled_from([0, 1, BLANK]))]
        if card.region == PIRAEUS:
            choices.append(data.draw(st.integers(0, 2)))
        self.cast(card, tuple(choices), day, serial)

    def cast(self, card: HeldCard, choices: tuple[int, ...], day: int, serial: int) -> None:
        ballot = self.told.ballot(card, choices, day, serial)
        self.cast_before[ballot] = card, day, serial, entries.decode(ballot).body_hash, choices
        self.send(ballot)

    def send(self, ballot: bytes) -> None:
        """Log a ballot; it counts unless it is void."""
        if not self.log(ballot):
            self.votes.add(*self.cast_before[ballot])

    @rule(trustee=TRUSTEES)
    def weigh(self, trustee: int) -> None:
        self.log(*self.told.weighings(trustee))

    @rule(trustees=st.sets(TRUSTEES, min_size=1))
    def close(self, trustees: set[int]) -> None:
        right = self.told.closing.right
        if right is not None:
            self.log(*(self.write(right, "trustee", trustee) for trustee in trustees))

    @rule(witnesses=st.sets(st.sampled_from([0, 1, 2])))
    def checkpoint(self, witnesses: set[int]) -> None:
        note = self.told.note(witnesses=sorted(witnesses))
        found = self.log(self.write(entries.CheckpointEntry(note), "board"))
        assert found == ([] if len(witnesses) >= 2 else ["1.8"])

    @rule(trustee=TRUSTEES)
    def share(self, trustee: int) -> None:
        count = self.told.record.count
        if count is not None and count.stage is not None:
            self.log(*self.told.shares(trustee))

    @precondition(lambda self: self.told.record.phase == "counted")
    @rule()
    def certify(self) -> None:
        assert self.log(self.write(entries.Result(self.told.record.result_document()), "organiser")) == []

    @rule(sure=st.integers(0, 30))
    def cancel(self, sure: int) -> None:
        if sure == 0:
            self.log(self.write(entries.Cancel("rain"), "organiser"))

    @rule(steps=st.integers(1, 8))
    def go_on(self, steps: int) -> None:
        """What honest parties would do next, so that walks get somewhere."""
        for _ in range(steps):
            self.do_what_is_due()

    def do_what_is_due(self) -> None:
        match self.told.record.phase:
            case "enrolment" | "voting":
                self.turn_the_day()
            case "weighing" if self.told.closing.right is None:
                self.weigh(1 + len(self.told.logged) % 3)
                self.checkpoint({0, 1})
            case "weighing":
                self.close({1, 3})
            case "closed":
                self.checkpoint({1, 2})
            case "releasing":
                self.share(1 + len(self.told.logged) % 3)
            case "counted":
                self.certify()

    def turn_the_day(self) -> None:
        """Of the region that is behind: enrol, open, let a card vote, or seal."""
        left = [windows for windows in self.told.record.windows if not windows.over]
        windows = min(left, key=lambda w: len(w.opened) + len(w.sealed))
        region = windows.region.index
        if not self.told.record.rosters[region].batches:
            self.enrol(region)
        elif not windows.opened:
            for registrar in (1, 2):
                self.issue(region, registrar)
            self.review()
            self.open_next(region)
        elif windows.open_day is None:
            self.reach(region, False)
            self.open_next(region)
        else:
            card = self.told.cards[region][len(self.told.logged) % len(self.told.cards[region])]
            self.cast(card, (0, 1) if region == PIRAEUS else (1,), windows.open_day, 2)
            self.reach(region, True)
            self.seal(region)

    # -- steps that never are

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """An old entry again: a ballot, a weighing, a close, shares, a part, anything."""
        one = data.draw(st.sampled_from(self.told.logged[1:]))
        if one in self.cast_before:  # it may have been void because its day was not open yet
            self.send(one)
        else:
            self.log(one)

    @rule(data=st.data())
    def forge(self, data: st.DataObject) -> None:
        """An old entry with one bit of its signature changed: void at least."""
        one = data.draw(st.sampled_from(self.told.logged[1:]))
        at = len(one) - 1 - data.draw(st.integers(0, 62))
        assert self.log(one[:at] + bytes([one[at] ^ 1]) + one[at + 1 :])

    @rule(data=st.data(), party=st.sampled_from(["organiser", "registrar", "board", "trustee"]))
    def impersonate(self, data: st.DataObject, party: str) -> None:
        """An old entry, well signed by whoever: void, or as if its own author had said it again."""
        entry = entries.decode(data.draw(st.sampled_from(self.told.logged[1:])))
        if not isinstance(entry.payload, (entries.Ballot, entries.Cancel)):
            self.log(self.write(entry.payload, party))

    @rule(size=st.integers(0, 5), trustee=TRUSTEES)
    def close_wrongly(self, size: int, trustee: int) -> None:
        """Each wrong close is another one, so that no `c` of them are the same."""
        wrong = entries.Close(size, self.told.random(), bytes(32))
        found = self.log(self.write(wrong, "trustee", trustee))
        assert found == (["1.6"] if self.told.record.cancelled is not None else ["8.1"])

    @rule(day=st.integers(0, 3), region=REGIONS, earlier=st.integers(-5, 5), later=st.integers(-5, 5))
    def amend(self, day: int, region: int, earlier: int, later: int) -> None:
        plans = self.told.record.windows[region].plans
        first, last = plans[day - 1] if 1 <= day <= len(plans) else (10, 20)
        self.log(self.write(entries.Amend(region, day, first + earlier, last + later, "rain"), "organiser"))

    @rule()
    def say(self) -> None:
        heard = entries.Statement("weather", "en", f"it rains, {len(self.told.logged)}", b"")
        assert self.log(self.write(heard, "registrar")) == []

    # -- what always holds

    @invariant()
    def phases_never_go_back(self) -> None:
        rank = PHASES.index(self.told.record.phase)
        assert rank >= self.rank
        self.rank = rank

    @invariant()
    def nothing_is_lost(self) -> None:
        assert self.told.record.size == len(self.told.logged)
        assert {void.entry for void in self.told.record.void} <= set(range(len(self.told.logged)))

    def teardown(self) -> None:
        if not hasattr(self, "told"):
            return
        event(self.told.record.phase)
        self.replayed_log_gives_the_same_state()
        if self.told.record.cancelled is not None:
            assert json.loads(self.told.record.result_document())["status"] == "cancelled"
            return
        finish(self.told)
        self.result_is_that_of_the_votes()

    def replayed_log_gives_the_same_state(self) -> None:
        """Entry by entry here, all at once there."""
        again = fork(self.told)
        assert state(again.record) == state(self.told.record)

    def result_is_that_of_the_votes(self) -> None:
        count = self.told.record.count
        assert count is not None
        assert count.totals is not None
        for (contest, region), tally in count.totals.items():
            options = len(self.told.definition.contests[contest].options)
            assert [*tally.votes, tally.voted] == self.votes.totals(region, contest, options)


def finish(told: Referendum) -> None:
    """From wherever it stands, honestly to the totals."""
    if not any(windows.opened for windows in told.record.windows):
        open_somewhere(told)
    for day in range(1, 3):
        for region in [windows.region.index for windows in told.record.windows if windows.opened]:
            if len(told.record.windows[region].opened) < day:
                told.open(region, day)
            if len(told.record.windows[region].sealed) < day:
                told.seal(region, day)
    told.weigh((1, 2, 3))
    if not told.record.closed:
        told.checkpoint()
        right = told.closing.right
        assert right is not None
        for trustee in told.keys.trustees:
            told.log(told.write(right, trustee))
    told.checkpoint()
    for trustee in (1, 2, 3) * 2:
        if told.record.count is not None and told.record.count.stage is not None:
            told.log(*told.shares(trustee))
    assert told.record.phase == "counted"


def rolls(told: Referendum, region: int) -> list[bytes]:
    """Those that the log does not have yet, of all registrars."""
    made = []
    for registrar in told.registrars:
        if registrar not in told.record.rosters[region].rolls:
            content = told.roll_hashes(region, 3, registrar)
            closing = entries.Roll(region, 3, multipart.digest(content))
            made += told.bundle(content, closing, told.keys.registrars[registrar - 1])
    return made


def open_somewhere(told: Referendum) -> None:
    """A region that still can: whatever its enrolment lacks comes, and a review passes."""
    region = next(windows.region.index for windows in told.record.windows if windows.out is None)
    roster = told.record.rosters[region]
    told.log(*rolls(told, region))
    if not roster.batches:
        told.cards.pop(region, None)
        told.shut(region)
        told.log(*told.batch(region, GROUPS[region]))
        told.log(*told.endorse(region, told.logged[-1]))
    for registrar in told.registrars:
        if registrar not in roster.issued:
            told.log(*told.issue(region, told.roll_hashes(region, 3, registrar), registrar))
    told.review(region)
    told.open(region, 1)


def test_random_walks_end_in_the_votes_that_were_cast() -> None:
    run_state_machine_as_test(
        Walk, settings=settings(max_examples=40, stateful_step_count=40, phases=GENERATE)
    )


@pytest.mark.soak
def test_many_random_walks() -> None:
    long = settings(max_examples=2000, stateful_step_count=60, phases=GENERATE)
    run_state_machine_as_test(Walk, settings=long)
