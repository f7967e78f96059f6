"""Everybody who holds cards in a rehearsal: in bulk, but through the same doors as one voter."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from psephos.crypto.card import derive_cards
from psephos.errors import PsephosError
from psephos.protocol.enrolment import group, token
from psephos.protocol.enrolment.cover import noise
from psephos.protocol.enrolment.token import Opening, Request, Token
from psephos.protocol.entry import Refusal
from psephos.protocol.voting import vote
from psephos.rehearsal.plot import BLANK, Casting, Holder
from psephos.rehearsal.stage import Stage
from psephos.voter.enrolment import check_receipts
from psephos.voter.promise import check_promise

_SECRET = 16


class Crowd:
    """Acts for holders; their secrets are in the holders, as cards would be in people's pockets."""

    def __init__(self, stage: Stage, coins: random.Random) -> None:
        self._stage = stage
        self._coins = coins
        self.sent: dict[Casting, bytes] = {}
        """Every ballot's entry, as whoever cast it keeps it."""

    # -- enrolment

    def enrol(self, holders: Sequence[Holder], openings: Sequence[Opening]) -> None:
        """Enrol voters of one region: a token each and decoy tokens as needed, then all groups, shuffled."""
        stage, region = self._stage, holders[0].region
        decoys = [len(holder.groups) - 1 for holder in holders]
        requests = token.ask(stage.definition, stage.election, region, openings, decoys, os.urandom(32))
        self._admit(holders, self._tokens(requests))

    def cover(self, trustee: int, region: int, silent: int, voting: int) -> Holder:
        """Enrol decoy groups of a trustee that hold so many cards together."""
        groups, cards = [], silent + voting
        while cards > 0:
            groups.append(min(cards, self._coins.randint(1, self._stage.definition.cards)))
            cards -= groups[-1]
        holder = Holder(region, groups, None, silent=silent)
        key = self._stage.keys.trustees[trustee - 1]
        asked = token.ask_decoys(self._stage.election, region, len(groups), key, os.urandom(32))
        tokens = [one for some in self._tokens(asked) for one in some]
        self._admit([holder], [tokens] if tokens else [])
        return holder

    def _tokens(self, requests: Sequence[Request]) -> list[list[Token]]:
        stage = self._stage
        responses = stage.registrar.issue([request.message for request in requests], os.urandom(32))
        found = []
        for answer in token.finish(stage.definition, stage.election, requests, responses):
            if isinstance(answer, Refusal):
                raise PsephosError(f"the registrar refuses a token: {answer.reason} {answer.detail}")
            found.append(answer)
        return found

    def _admit(self, holders: Sequence[Holder], tokens: Sequence[Sequence[Token]]) -> None:
        """Make all groups, send them in random order, keep the cards once the receipts are there."""
        stage, plans, owners = self._stage, [], []
        for holder, some in zip(holders, tokens, strict=False):
            for place, (size, one) in enumerate(zip(holder.groups, some, strict=True)):
                counts = holder.counting if place == 0 else None
                plans.append(group.Plan(one, os.urandom(_SECRET * size), counts, os.urandom(32)))
                owners.append(holder)
        keys = stage.board.record.keys
        drafts = group.make_groups(stage.definition, stage.election, keys.key, plans, os.urandom(32))
        order = list(range(len(drafts)))
        self._coins.shuffle(order)
        messages = group.sign_groups([drafts[at] for at in order], os.urandom(32))
        answers = dict(zip(order, stage.registrar.enrol(messages), strict=True))
        receipts = check_receipts(
            stage.definition, stage.election, drafts, [answers[at] for at in range(len(drafts))]
        )
        for holder, plan, receipt in zip(owners, plans, receipts, strict=True):
            if isinstance(receipt, Refusal):
                raise PsephosError(f"the registrar refuses a group: {receipt.reason} {receipt.detail}")
            holder.secrets += [plan.secrets[at : at + _SECRET] for at in range(0, len(plan.secrets), _SECRET)]

    # -- voting

    def vote(self, castings: Iterable[Casting]) -> None:
        """Encrypt, sign and send ballots, region by region, as promised by the board."""
        ordered = sorted(castings, key=lambda casting: casting.holder.region)
        for region, some in groupby(ordered, key=attrgetter("holder.region")):
            self._vote(region, list(some))

    def _vote(self, region: int, castings: Sequence[Casting]) -> None:
        stage = self._stage
        secrets = b"".join(casting.holder.secrets[casting.card] for casting in castings)
        _, publics = derive_cards(stage.election, region, secrets)
        drafts = vote.encrypt(
            stage.definition,
            stage.election,
            stage.board.record.keys.key,
            region,
            publics,
            [casting.day for casting in castings],
            [casting.serial for casting in castings],
            [[None if one == BLANK else one for one in casting.choices] for casting in castings],
            os.urandom(32),
        )
        ballots = vote.sign(stage.election, drafts, secrets, os.urandom(32))
        plans = stage.board.record.windows[region].plans
        for casting, ballot, answer in zip(castings, ballots, stage.board.receive(ballots), strict=True):
            seal = plans[casting.day - 1][1]
            promise = check_promise(stage.definition, stage.election, ballot, answer, seal)
            if isinstance(promise, Refusal):
                raise PsephosError(f"the board refuses a ballot: {promise.reason} {promise.detail}")
        self.sent.update(zip(castings, ballots, strict=True))


def openings(region: str, voters: int) -> list[Opening]:
    """What so many voters of a region prove their eligibility with."""
    return [Opening(os.urandom(16), f"{region} voter {number}") for number in range(1, voters + 1)]


def cover_cards(stage: Stage) -> tuple[int, int]:
    """How many cards of a trustee's cover for a batch never vote, and how many do: the system's coins."""
    if stage.definition.cover is None:
        return 0, 0
    return noise(stage.definition).draw(random.SystemRandom().randrange)
