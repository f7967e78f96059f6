"""Cards on their way to the registrars of a rehearsal: all at once, or sealed and through its relay."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from psephos.errors import PsephosError
from psephos.protocol.enrolment.presentation import read_receipt
from psephos.protocol.enrolment.sealed import open_response, seal_all
from psephos.protocol.entries import Refusal
from psephos.simulation.parties import Simulation


@dataclass(frozen=True, repr=False)
class Sent:
    """A sealed request: its name at the relay, what opens the response, and the admission in it, if any."""

    name: bytes
    opener: bytes
    admission: bytes | None


class Delivery:
    """Takes the admissions of one device at a time; `finish` brings them all, and reads the receipts."""

    def __init__(self, simulation: Simulation, coins: random.Random) -> None:
        self._simulation, self._coins = simulation, coins
        self._plain: dict[int, list[bytes]] = {number: [] for number in simulation.registrars}
        self._sealed: list[Sent] = []
        self.delivered: dict[int, list[bytes]] = {number: [] for number in simulation.registrars}
        """Every admission that a registrar has had, by its number."""

    def take(self, registrar: int, admissions: Sequence[bytes]) -> None:
        """The admissions of one device to one registrar."""
        self.delivered[registrar] += admissions
        if self._simulation.relay is None:
            self._plain[registrar] += admissions
            return
        gateway = self._simulation.board.record.registrar_keys.gateways[registrar]
        count = 1 + self._simulation.definition.decoys
        for start in range(0, len(admissions), count):  # a trustee has more cards than a voter
            chunk = admissions[start : start + count]
            for position, sealed in seal_all(gateway, chunk, count, os.urandom):
                self._simulation.relay.hold(registrar, sealed.message)
                admission = None if position is None else chunk[position]
                name = sha256(sealed.message).digest()
                self._sealed.append(Sent(name, sealed.opener, admission))

    def finish(self) -> None:
        """All that was taken is admitted: without relays now, with them by the end of the window."""
        self._finish_sealed()
        for number, messages in self._plain.items():
            self._coins.shuffle(messages)
            answers = self._simulation.registrars[number].admit(messages)
            for message, answer in zip(messages, answers, strict=True):
                self._check(message, answer)
            messages.clear()

    def _finish_sealed(self) -> None:
        relay, simulation = self._simulation.relay, self._simulation
        if relay is None or not self._sealed:
            return
        window = relay.served.periods.window(simulation.clock())
        end = window[1] if window else simulation.clock()
        simulation.clock.reach(end - 1)  # the last second of it
        while relay.turn():
            pass
        simulation.clock.reach(end)
        for sent in self._sealed:
            answer = open_response(sent.opener, relay.response(sent.name) or b"")
            if sent.admission is not None:
                self._check(sent.admission, answer)
        self._sealed.clear()

    def _check(self, admission: bytes, answer: bytes) -> None:
        receipt = read_receipt(self._simulation.setting, admission, answer)
        if isinstance(receipt, Refusal):
            raise PsephosError(f"a registrar refuses a card: {receipt.reason} {receipt.detail}")
