"""Everybody who enrols in a rehearsal: in bulk, but through the same doors as one voter."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from psephos.crypto.column import rows
from psephos.crypto.signature import SigningKey
from psephos.errors import PsephosError
from psephos.protocol.enrolment.cards import CardsDraft, GroupPlan, make_drafts
from psephos.protocol.enrolment.cover import noise
from psephos.protocol.enrolment.presentation import present
from psephos.protocol.enrolment.response import read_response, tokens
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import PendingTokens, ask, ask_decoys, ask_more, pass_on
from psephos.protocol.entries import DecoyRequest, Refusal, TokenResponse, decode
from psephos.simulation.delivery import Delivery
from psephos.simulation.parties import Simulation
from psephos.simulation.registering import give
from psephos.simulation.schedule import Holder

_SECRET = 16
Openings = Sequence[RollOpening]
"""What a voter proves eligibility with: to each registrar in order."""


class Devices:
    """Acts for holders; their secrets are in the holders, as cards would be in people's pockets."""

    def __init__(self, simulation: Simulation, coins: random.Random) -> None:
        self._simulation = simulation
        self.delivery = Delivery(simulation, coins)

    def enrol(
        self, voters: Sequence[Holder], openings: Sequence[Openings], cover: Sequence[tuple[int, Holder]]
    ) -> None:
        """Ask for the tokens of one region's voters and trustees' cover, and send all cards.

        Each of `cover` is a trustee and its cards. A voter's further decoys are asked for by a trustee too.
        """
        setting = self._simulation.setting
        voter_drafts = self._drafts([_plan(holder, holder.cards, holder.counting) for holder in voters])
        extra = [(1, holder, holder.more) for holder in voters if holder.more]
        given = [(trustee, holder, holder.cards) for trustee, holder in cover if holder.cards] + extra
        cover_drafts = self._drafts([_plan(holder, count, None) for _, holder, count in given])
        asked: list[PendingTokens] = []
        for number in setting.registrars:
            asked += ask(
                setting,
                number,
                voter_drafts,
                [voter_openings[number - 1] for voter_openings in openings],
                os.urandom(32),
            )
            for draft, (trustee, holder, _) in zip(cover_drafts, given, strict=True):
                key = self._simulation.keys.trustees[trustee - 1]
                ask_for = _ask_decoys if holder.counting is None else _ask_more
                asked.append(ask_for(setting, number, draft, key))
        self._send([*voter_drafts, *cover_drafts], asked)

    def _drafts(self, plans: Sequence[GroupPlan]) -> list[CardsDraft]:
        return make_drafts(self._simulation.setting, plans, os.urandom(32)) if plans else []

    def _send(self, drafts: Sequence[CardsDraft], asked: Sequence[PendingTokens]) -> None:
        """Make all messages of all cards, once all proofs of all responses hold, and send them."""
        setting = self._simulation.setting
        made = tokens(setting, asked, list(self._responses(asked)))
        for place, number in enumerate(setting.registrars):
            registrar_tokens = made[place * len(drafts) :][: len(drafts)]
            for messages in present(setting, number, drafts, registrar_tokens, os.urandom(64)):
                self.delivery.take(number, messages)

    def _responses(self, asked: Sequence[PendingTokens]) -> Iterator[TokenResponse]:
        for pending, message in zip(asked, give(self._simulation, asked), strict=True):
            answer = read_response(self._simulation.setting, pending, message)
            if isinstance(answer, Refusal):
                raise PsephosError(f"a registrar refuses tokens: {answer.reason} {answer.detail}")
            yield answer


def _plan(holder: Holder, cards: int, counting: int | None) -> GroupPlan:
    """New cards, which the holder keeps."""
    secrets = os.urandom(_SECRET * cards)
    holder.secrets += rows(secrets, _SECRET)
    return GroupPlan(holder.region, secrets, counting, os.urandom(32))


def _ask_decoys(setting: Setting, number: int, draft: CardsDraft, key: SigningKey) -> PendingTokens:
    """A trustee's request: of a number that says nothing of how much cover it has drawn."""
    numbers = noise(setting.definition)
    elements = max(len(draft.weights), 2 * (numbers.silent.shift + numbers.voting.shift))
    return ask_decoys(setting, number, draft, elements, key, os.urandom(32))


def _ask_more(setting: Setting, number: int, draft: CardsDraft, key: SigningKey) -> PendingTokens:
    """A voter's request for further decoys, as a trustee passes it on."""
    asked = ask_more(setting, number, draft, os.urandom(32))
    request = decode(asked.message, message=True).payload
    if not isinstance(request, DecoyRequest):
        raise TypeError("no request for decoys")
    return replace(asked, message=pass_on(setting, request, key))


def openings(region: str, voters: int, registrars: int) -> list[Openings]:
    """What so many voters of a region prove their eligibility with: each registrar names them in its way."""
    return [
        [_opening(f"{region} voter {number}", registrar) for registrar in range(1, registrars + 1)]
        for number in range(1, voters + 1)
    ]


def _opening(name: str, registrar: int) -> RollOpening:
    return RollOpening(os.urandom(_SECRET), name if registrar == 1 else f"{name}, list {registrar}")


def draw_cover(simulation: Simulation, region: int) -> Holder:
    """A trustee's cover for a region, by the system's coins: cards that never vote, and cards that do."""
    silent, voting = noise(simulation.definition).draw(random.SystemRandom().randrange)
    return Holder(region, silent + voting, None, silent=silent)
