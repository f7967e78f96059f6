"""Registrars at work on one log in memory, and voters who enrol at all of them."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.protocol.enrolment import presentation, response, token
from psephos.protocol.enrolment.cards import CardsDraft, GroupPlan, make_drafts
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import Payload, decode
from psephos.registrar.registrar import Registrar
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum


@dataclass
class Voter:
    """Somebody on the rolls, with an opening by each registrar."""

    region: int
    openings: dict[int, RollOpening]


class Town:
    """Registrars with their states on disk, the log, and a clock."""

    def __init__(self, path: Path, registrars: int = 2, voters: int = 6, **shape) -> None:
        document, keys = sample(registrars=registrars, **{"regions": ("piraeus",)} | shape)
        self.held = Referendum(document, keys)
        self.held.publish()
        self.path = path
        self.rng = random.Random(7)
        self.lock = Lock.draw()
        self.registrars = {number: self.open(number) for number in self.held.registrars}
        self.turn()
        self.held.ceremony()
        self.voters = [
            self._voter(at, region.index) for region in self.definition.regions for at in range(voters)
        ]
        for number, registrar in self.registrars.items():
            for region in self.definition.regions:
                openings = [one.openings[number] for one in self.voters if one.region == region.index]
                registrar.enter(region.index, openings)
                self.held.log(*registrar.roll_entries(region.index))
        self.turn()

    def _voter(self, number: int, region: int) -> Voter:
        return Voter(
            region, {at: RollOpening(self.rng.randbytes(16), f"{number} at {at}") for at in self.registrars}
        )

    @property
    def definition(self):
        return self.held.definition

    @property
    def setting(self) -> Setting:
        return self.held.record.setting

    def open(self, number: int, path: Path | None = None) -> Registrar:
        """A registrar with the state at a path, its own unless that is given."""
        place = path or self.path / f"registrar-{number}"
        keys = KeyStore(self.path / f"keys-{number}", self.lock)
        key = self.held.keys.registrars[number - 1]
        return Registrar(place, self.definition, key, keys, lambda: self.held.now, os.urandom)

    def restart(self, number: int) -> None:
        """A registrar ends, and comes back with what it has on disk."""
        self.registrars[number].close()
        self.registrars[number] = self.open(number)
        self.registrars[number].follow(self.held.record)

    def close(self) -> None:
        for registrar in self.registrars.values():
            registrar.close()

    # -- the registrars' turns

    def turn(self, numbers: Sequence[int] | None = None) -> list[Payload]:
        """Let registrars do what is due until nothing is; what they logged."""
        chosen = [number for number in self.registrars if numbers is None or number in numbers]
        logged, idle = list[Payload](), 0
        while idle < 2:
            done = [payload for number in chosen for payload in self.one(number)]
            self.ask(chosen)
            logged += done
            idle = 0 if done else idle + 1
        return logged

    def one(self, number: int) -> list[Payload]:
        """Log what is due of one registrar."""
        registrar = self.registrars[number]
        registrar.follow(self.held.record)
        due = registrar.due(self.held.record)
        self.held.log(*due)
        registrar.follow(self.held.record)
        return [decode(entry).payload for entry in due]

    def ask(self, chosen: Sequence[int]) -> None:
        """Carry the lead's questions to those who answer, and the answers back."""
        for question in self.registrars[1].questions():
            if question.registrar in chosen and 1 in chosen:
                answer = self.registrars[question.registrar].answer_query(question.message)
                if answer is not None:
                    self.registrars[1].take(question, answer)

    def shut(self) -> None:
        """Let enrolment close, and witnesses see it."""
        self.held.shut(0)

    # -- voters

    def draft(self, region: int = 0, cards: int = 2, counts: int | None = 0) -> CardsDraft:
        plan = GroupPlan(region, self.rng.randbytes(16 * cards), counts, self.rng.randbytes(32))
        return make_drafts(self.setting, [plan], self.rng.randbytes(32))[0]

    def ask_tokens(self, voter: Voter, draft: CardsDraft) -> dict[int, token.PendingTokens]:
        """The requests of a voter, by registrar."""
        return {
            number: token.ask(self.setting, number, [draft], [opening], self.rng.randbytes(32))[0]
            for number, opening in voter.openings.items()
        }

    def give(self, number: int, *messages: bytes) -> list[bytes | None]:
        return self.registrars[number].give(messages, self.rng.randbytes(32))

    def enrol(self, voter: Voter, cards: int = 2) -> tuple[CardsDraft, dict[int, list[bytes]]]:
        """Tokens of all registrars, and the admissions that they make, by registrar."""
        draft = self.draft(voter.region, cards)
        asked = self.ask_tokens(voter, draft)
        for number, one in asked.items():
            assert self.give(number, one.message) == [None]
        self.turn()
        responses = [self.read(one) for one in asked.values()]
        tokens = response.tokens(self.setting, list(asked.values()), responses)
        made = {}
        for number, mine in zip(asked, tokens, strict=True):
            [made[number]] = presentation.present(
                self.setting, number, [draft], [mine], self.rng.randbytes(64)
            )
        return draft, made

    def read(self, asked: token.PendingTokens):
        """The response to a request that was covered."""
        [answer] = self.give(asked.registrar, asked.message)
        assert answer is not None
        return response.read_response(self.setting, asked, answer)

    def admit(self, made: dict[int, list[bytes]]) -> dict[int, list[Payload]]:
        """What each registrar says to its messages."""
        return {
            number: payloads(self.registrars[number].admit(messages)) for number, messages in made.items()
        }


def payloads(messages: Sequence[bytes]) -> list[Payload]:
    return [decode(message, message=True).payload for message in messages]
