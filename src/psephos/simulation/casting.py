"""Ballots of a rehearsal, in bulk: encrypted, signed, sent, and promised by the board."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from psephos.crypto.card import derive_cards
from psephos.errors import PsephosError
from psephos.protocol.entries import Refusal
from psephos.protocol.voting import vote
from psephos.simulation.parties import Simulation
from psephos.simulation.schedule import BLANK, Casting
from psephos.voter.promise import check_promise


class Caster:
    """Casts what people have in mind."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.sent: dict[Casting, bytes] = {}
        """Every ballot's entry, as whoever cast it keeps it."""

    def vote(self, castings: Iterable[Casting]) -> None:
        """Encrypt, sign and send ballots, region by region, as promised by the board."""
        ordered = sorted(castings, key=lambda casting: casting.holder.region)
        for region, region_castings in groupby(ordered, key=attrgetter("holder.region")):
            self._vote(region, list(region_castings))

    def _vote(self, region: int, castings: Sequence[Casting]) -> None:
        simulation = self._simulation
        secrets = b"".join(casting.holder.secrets[casting.card] for casting in castings)
        _, publics = derive_cards(simulation.election, region, secrets)
        drafts = vote.encrypt(
            simulation.definition,
            simulation.election,
            simulation.board.record.joint_key.point,
            region,
            publics,
            [casting.day for casting in castings],
            [casting.serial for casting in castings],
            [[None if choice == BLANK else choice for choice in casting.choices] for casting in castings],
            os.urandom(32),
        )
        ballots = vote.sign(simulation.election, drafts, secrets, os.urandom(32))
        self._send(region, castings, ballots)

    def _send(self, region: int, castings: Sequence[Casting], ballots: Sequence[bytes]) -> None:
        simulation = self._simulation
        plans = simulation.board.record.windows[region].plans
        for casting, ballot, answer in zip(castings, ballots, simulation.board.receive(ballots), strict=True):
            seal = plans[casting.day - 1][1]
            promise = check_promise(simulation.definition, simulation.election, ballot, answer, seal)
            if isinstance(promise, Refusal):
                raise PsephosError(f"the board refuses a ballot: {promise.reason} {promise.detail}")
        self.sent.update(zip(castings, ballots, strict=True))
