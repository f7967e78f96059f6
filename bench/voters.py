"""Voters' devices and trustees' cover, in bulk: through the doors of registrar and board, as in earnest."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bench.costs import DEVICES, Costs
from bench.definition import DAYS, DECOYS, OPTIONS
from psephos.crypto.card import derive_cards
from psephos.crypto.column import rows
from psephos.errors import PsephosError
from psephos.protocol.enrolment.cards import CardsDraft, GroupPlan, make_drafts
from psephos.protocol.enrolment.presentation import present, read_receipt
from psephos.protocol.enrolment.response import read_response, tokens
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.token import PendingTokens, ask, ask_decoys
from psephos.protocol.entries import CardReceipt, Promise, TokenResponse
from psephos.protocol.voting import vote
from psephos.simulation.devices import Openings, draw_cover
from psephos.simulation.parties import Simulation
from psephos.voter.promise import check_promise

AT_ONCE = 500
"""Requests that registrar and board get in one call, and ballots of one round."""
DECOY = 3
"""One voter in so many casts a ballot with a card that weighs nothing, too."""
_SECRET = 16
ONE = 1
"""The only registrar: with more each does as much."""


@dataclass(frozen=True)
class Casting:
    """A ballot to be cast by a card's secret; no option is a blank vote."""

    secret: bytes = field(repr=False)
    option: int | None
    counts: bool


class Voters:
    """All who hold cards of one region; who does what on which day is drawn from `coins`."""

    def __init__(self, simulation: Simulation, costs: Costs, coins: random.Random) -> None:
        self._simulation, self._costs, self._coins = simulation, costs, coins
        self.castings: list[list[Casting]] = [[] for _ in range(DAYS)]
        self.cover: list[list[Casting]] = [[] for _ in range(DAYS)]
        self.cards = self.own_cards = 0
        self.ballot_bytes = self.admission_bytes = 0

    # -- enrolment

    def enrol(self, openings: Sequence[Openings]) -> None:
        """Enrol every trustee's cover, and then everybody, a call after the other, with batches between."""
        for index in self._simulation.trustees:
            self._enrol_cover(index)
        waiting = iter(openings)
        while call := list(islice(waiting, AT_ONCE)):
            self._enrol([shown for [shown] in call])
            self._settle()
        region = self._simulation.definition.regions[0]
        self._wait_until(region.closes + self._simulation.definition.tolerance)
        self._settle()
        self._wait_until(self._simulation.clock())
        self._wait_until(self._simulation.clock() + region.review)

    def _wait_until(self, time: int) -> None:
        with self._costs.of("board", "witness and publish"):
            self._simulation.wait_until(time)

    def _settle(self) -> None:
        """Let the registrar do what is due, until nothing is."""
        simulation, costs, registrar = self._simulation, self._costs, self._simulation.registrars[ONE]
        due = [b""]
        while due:
            with costs.of("board", "witness and publish"):
                simulation.publish()
            with costs.of("registrar", "read and check"):
                record = simulation.seen_by(f"registrar {ONE}")
                registrar.follow(record)
            with costs.of("registrar", "sign batches"):
                due = registrar.due(record)
            with costs.of("board", "check and log batches"):
                simulation.board.submit(due)

    def _enrol(self, openings: Sequence[RollOpening]) -> None:
        costs, setting = self._costs, self._simulation.setting
        plans = [self._plan() for _ in openings]
        with costs.of(DEVICES, "make cards"):
            drafts = make_drafts(setting, plans, os.urandom(32))
        with costs.of(DEVICES, "ask for tokens"):
            asked = ask(setting, ONE, drafts, openings, os.urandom(32))
        self._admit(drafts, asked, DEVICES)
        for plan in plans:
            self._decide(plan)

    def _plan(self) -> GroupPlan:
        size = self._coins.randint(2, 1 + DECOYS)
        return GroupPlan(0, os.urandom(_SECRET * size), self._coins.randrange(size), os.urandom(32))

    def _admit(self, drafts: Sequence[CardsDraft], asked: Sequence[PendingTokens], party: str) -> None:
        """Tokens, messages, receipts."""
        simulation, costs, setting = self._simulation, self._costs, self._simulation.setting
        registrar = simulation.registrars[ONE]
        requests, seed = [request.message for request in asked], os.urandom(32)
        with costs.of("registrar", "issue tokens"):
            answers = registrar.give(requests, seed)
        if None in answers:
            self._settle()
            with costs.of("registrar", "issue tokens"):
                answers = registrar.give(requests, seed)
        with costs.of(party, "check tokens"):
            given = tokens(setting, asked, list(self._responses(asked, answers)))
        with costs.of(party, "make admissions"):
            made = present(setting, ONE, drafts, given, os.urandom(64))
        messages = [message for registrar_messages in made for message in registrar_messages]
        with costs.of("registrar", "check and admit cards"):
            receipts = registrar.admit(messages)
        with costs.of(party, "check receipts"):
            for message, receipt in zip(messages, receipts, strict=True):
                if not isinstance(read_receipt(setting, message, receipt), CardReceipt):
                    raise PsephosError("the registrar refuses a card")
        self.cards += len(messages)
        self.own_cards += len(messages) if party == DEVICES else 0
        self.admission_bytes = len(messages[0])

    def _responses(
        self, asked: Sequence[PendingTokens], answers: Sequence[bytes | None]
    ) -> Iterator[TokenResponse]:
        for request, answer in zip(asked, answers, strict=True):
            response = read_response(self._simulation.setting, request, answer or b"")
            if not isinstance(response, TokenResponse):
                raise PsephosError("the registrar refuses a token")
            yield response

    def _decide(self, plan: GroupPlan) -> None:
        """What a voter with these cards will cast."""
        secrets = rows(plan.secrets, _SECRET)
        counting_secret = secrets.pop(plan.counts or 0)
        self._cast_some_day(Casting(counting_secret, self._option(), True))
        if self._coins.randrange(DECOY) == 0:
            self._cast_some_day(Casting(self._coins.choice(secrets), self._option(), False))

    def _option(self) -> int | None:
        drawn = self._coins.randrange(len(OPTIONS) + 1)
        return None if drawn == len(OPTIONS) else drawn

    def _cast_some_day(self, casting: Casting) -> None:
        self._coins.choice(self.castings).append(casting)

    def _enrol_cover(self, index: int) -> None:
        """A trustee's cover for the region."""
        simulation, setting = self._simulation, self._simulation.setting
        holder = draw_cover(simulation, 0)
        secrets = os.urandom(_SECRET * holder.cards)
        with self._costs.of("trustees", "make cover"):
            [draft] = make_drafts(setting, [GroupPlan(0, secrets, None, os.urandom(32))], os.urandom(32))
            key = simulation.keys.trustees[index - 1]
            asked = ask_decoys(setting, ONE, draft, holder.cards, key, os.urandom(32))
        self._admit([draft], [asked], "trustees")
        for secret in rows(secrets, _SECRET)[: len(holder.voting)]:
            self._coins.choice(self.cover).append(Casting(secret, self._option(), False))

    # -- voting

    def vote(self, day: int) -> None:
        """All ballots of a day, in rounds, in no particular order."""
        ballots = [*self._ballots(self.castings[day - 1], day, DEVICES, "make ballots")]
        ballots += self._ballots(self.cover[day - 1], day, "trustees", "make cover")
        self._coins.shuffle(ballots)
        waiting = iter(ballots)
        while call := list(islice(waiting, AT_ONCE)):
            self._send(call, day)
            with self._costs.of("board", "log ballots"):
                self._simulation.board.round()

    def _send(self, ballots: Sequence[bytes], day: int) -> None:
        simulation = self._simulation
        with self._costs.of("board", "check and promise ballots"):
            answers = simulation.board.receive(ballots)
        seal = simulation.board.record.windows[0].plans[day - 1][1]
        with self._costs.of(DEVICES, "check promises"):
            for ballot, answer in zip(ballots, answers, strict=True):
                promise = check_promise(simulation.definition, simulation.election, ballot, answer, seal)
                if not isinstance(promise, Promise):
                    raise PsephosError(f"the board refuses a ballot: {promise.reason} {promise.detail}")

    def _ballots(self, castings: Sequence[Casting], day: int, party: str, step: str) -> Iterator[bytes]:
        waiting = iter(castings)
        while batch := list(islice(waiting, AT_ONCE)):
            with self._costs.of(party, step):
                ballots = self._sign(batch, day)
            yield from ballots

    def _sign(self, castings: Sequence[Casting], day: int) -> list[bytes]:
        simulation = self._simulation
        secrets = b"".join(casting.secret for casting in castings)
        _, keys = derive_cards(simulation.election, 0, secrets)
        days, serials = [day] * len(castings), [1] * len(castings)
        choices = [[casting.option] for casting in castings]
        drafts = vote.encrypt(
            simulation.definition,
            simulation.election,
            simulation.board.record.joint_key.point,
            0,
            keys,
            days,
            serials,
            choices,
            os.urandom(32),
        )
        ballots = vote.sign(simulation.election, drafts, secrets, os.urandom(32))
        self.ballot_bytes = len(ballots[0])
        return ballots
