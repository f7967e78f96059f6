"""Voters' devices and trustees' cover, in bulk: through the doors of registrar and board, as in earnest."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bench.costs import DEVICES, Costs
from bench.definition import CARDS, DAYS, MIN_BATCH, OPTIONS
from psephos.crypto.card import derive_cards
from psephos.errors import PsephosError
from psephos.protocol.enrolment import group, token
from psephos.protocol.enrolment.token import Opening, Token, rows
from psephos.protocol.entry import GroupReceipt, Promise
from psephos.protocol.voting import vote
from psephos.rehearsal.stage import Stage
from psephos.trustee.cover import Cover, CoverBallot
from psephos.voter.enrolment import check_receipts
from psephos.voter.promise import check_promise

AT_ONCE = 500
"""Requests that registrar and board get in one call, and ballots of one round."""
DECOY = 3
"""One voter in so many casts a ballot with a card that weighs nothing, too."""
_SECRET = 16


@dataclass(frozen=True)
class Casting:
    """A ballot to be cast by a card's secret; no option is a blank vote."""

    secret: bytes = field(repr=False)
    option: int | None
    counts: bool


class Voters:
    """All who hold cards of one region; who does what on which day is drawn from `coins`."""

    def __init__(self, stage: Stage, costs: Costs, coins: random.Random) -> None:
        self._stage, self._costs, self._coins = stage, costs, coins
        self.castings: list[list[Casting]] = [[] for _ in range(DAYS)]
        self.cover: list[list[tuple[Cover, CoverBallot]]] = [[] for _ in range(DAYS)]
        self.cards = 0
        self.ballot_bytes = 0

    # -- enrolment

    def enrol(self, openings: Sequence[Opening]) -> None:
        """Enrol everybody, a batch after the other, and every trustee's cover for each."""
        for first in range(0, len(openings), MIN_BATCH):
            for index in self._stage.trustees:
                self._enrol_cover(index)
            some = iter(openings[first : first + MIN_BATCH])
            while call := list(islice(some, AT_ONCE)):
                self._enrol(call)
            self._cut()
        with self._costs.of("registrar", "sign batches"):
            last = [*self._stage.registrar.close_enrolment(0), *self._stage.registrar.issued_entries(0)]
        with self._costs.of("board", "check and log batches"):
            self._stage.board.submit(last)

    def _cut(self) -> None:
        while True:
            with self._costs.of("registrar", "sign batches"):
                batch = self._stage.registrar.cut(0)
            if not batch:
                return
            with self._costs.of("board", "check and log batches"):
                self._stage.board.submit(batch)

    def _enrol(self, openings: Sequence[Opening]) -> None:
        stage, costs = self._stage, self._costs
        with costs.of(DEVICES, "ask for tokens"):
            none = [0] * len(openings)
            requests = token.ask(stage.definition, stage.election, 0, openings, none, os.urandom(32))
        tokens = [one for [one] in self._tokens(requests, DEVICES)]
        with costs.of(DEVICES, "make groups"):
            plans = [self._plan(one) for one in tokens]
            drafts = group.make_groups(stage.definition, stage.election, self._key, plans, os.urandom(32))
            messages = group.sign_groups(drafts, os.urandom(32))
        self._admit(drafts, messages, DEVICES)
        for plan in plans:
            self._decide(plan)

    @property
    def _key(self) -> bytes:
        return self._stage.board.record.keys.key

    def _plan(self, one: Token) -> group.Plan:
        size = self._coins.randint(2, CARDS)
        counts = self._coins.randrange(size)
        return group.Plan(one, os.urandom(_SECRET * size), counts, os.urandom(32))

    def _tokens(self, requests: Sequence[token.Request], party: str) -> list[list[Token]]:
        stage = self._stage
        with self._costs.of("registrar", "issue tokens"):
            answers = stage.registrar.issue([request.message for request in requests], os.urandom(32))
        with self._costs.of(party, "finish tokens"):
            found = token.finish(stage.definition, stage.election, requests, answers)
        if any(not isinstance(one, list) for one in found):
            raise PsephosError("the registrar refuses a token")
        return [one for one in found if isinstance(one, list)]

    def _admit(self, drafts: Sequence[group.GroupDraft], messages: Sequence[bytes], party: str) -> None:
        stage = self._stage
        with self._costs.of("registrar", "check and admit groups"):
            answers = stage.registrar.enrol(messages)
        with self._costs.of(party, "check receipts"):
            receipts = check_receipts(stage.definition, stage.election, drafts, answers)
        if not all(isinstance(receipt, GroupReceipt) for receipt in receipts):
            raise PsephosError("the registrar refuses a group")
        self.cards += sum(len(draft.weights) for draft in drafts)

    def _decide(self, plan: group.Plan) -> None:
        """What a voter with these cards will cast."""
        secrets = rows(plan.secrets, _SECRET)
        own = secrets.pop(plan.counts or 0)
        self._cast_some_day(Casting(own, self._option(), True))
        if self._coins.randrange(DECOY) == 0:
            self._cast_some_day(Casting(self._coins.choice(secrets), self._option(), False))

    def _option(self) -> int | None:
        drawn = self._coins.randrange(len(OPTIONS) + 1)
        return None if drawn == len(OPTIONS) else drawn

    def _cast_some_day(self, casting: Casting) -> None:
        self._coins.choice(self.castings).append(casting)

    def _enrol_cover(self, index: int) -> None:
        """A trustee's cover for one batch."""
        stage, costs = self._stage, self._costs
        with costs.of("trustees", "make cover"):
            cover = Cover(stage.definition, stage.board.record.keys, 0, os.urandom(32))
            requests = cover.ask(stage.keys.trustees[index - 1])
        tokens = [one for some in self._tokens(requests, "trustees") for one in some]
        with costs.of("trustees", "make cover"):
            drafts, messages = cover.enrol(tokens)
        self._admit(drafts, messages, "trustees")
        for ballot in cover.ballots:
            self.cover[ballot.day - 1].append((cover, ballot))

    # -- voting

    def vote(self, day: int) -> None:
        """All ballots of a day, in rounds, in no particular order."""
        ballots = [*self._ballots(day), *self._cover_ballots(day)]
        self._coins.shuffle(ballots)
        waiting = iter(ballots)
        while call := list(islice(waiting, AT_ONCE)):
            self._send(call, day)
            with self._costs.of("board", "log ballots"):
                self._stage.board.round()

    def _send(self, ballots: Sequence[bytes], day: int) -> None:
        stage = self._stage
        with self._costs.of("board", "check and promise ballots"):
            answers = stage.board.receive(ballots)
        seal = stage.board.record.windows[0].plans[day - 1][1]
        with self._costs.of(DEVICES, "check promises"):
            for ballot, answer in zip(ballots, answers, strict=True):
                promise = check_promise(stage.definition, stage.election, ballot, answer, seal)
                if not isinstance(promise, Promise):
                    raise PsephosError(f"the board refuses a ballot: {promise.reason} {promise.detail}")

    def _ballots(self, day: int) -> Iterator[bytes]:
        waiting = iter(self.castings[day - 1])
        while some := list(islice(waiting, AT_ONCE)):
            with self._costs.of(DEVICES, "make ballots"):
                ballots = self._sign(some, day)
            yield from ballots

    def _sign(self, castings: Sequence[Casting], day: int) -> list[bytes]:
        stage = self._stage
        secrets = b"".join(casting.secret for casting in castings)
        _, keys = derive_cards(stage.election, 0, secrets)
        days, serials = [day] * len(castings), [1] * len(castings)
        choices = [[casting.option] for casting in castings]
        drafts = vote.encrypt(
            stage.definition,
            stage.election,
            self._key,
            0,
            keys,
            days,
            serials,
            choices,
            os.urandom(32),
        )
        ballots = vote.sign(stage.election, drafts, secrets, os.urandom(32))
        self.ballot_bytes = len(ballots[0])
        return ballots

    def _cover_ballots(self, day: int) -> list[bytes]:
        """Cover of a day; a card that votes again takes its next serial."""
        used: dict[tuple[int, int], int] = {}
        made = []
        with self._costs.of("trustees", "make cover"):
            for cover, ballot in self.cover[day - 1]:
                card = id(cover), ballot.card
                used[card] = used.get(card, 0) + 1
                if used[card] <= 20:
                    made.append(cover.cast(ballot, day, used[card]))
        return made
