"""A device, registrars and relays in memory, any of which can be away; it may end at any step."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from psephos.crypto.hpke import public_key
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.post.relayed import Gone, RelayAway, Unsure
from psephos.protocol.enrolment import sealed
from psephos.protocol.enrolment.cards import CardsDraft
from psephos.protocol.enrolment.ready import ask_ready, read_ready
from psephos.protocol.enrolment.token_keys import Gateway
from psephos.protocol.entries import Ready, decode
from psephos.voter.enrolling import VoterEnrolment
from psephos.voter.memory import Made, Memory
from psephos.voter.relaying import Relaying
from psephos.voter.sending import send
from tests.protocol.enrolling import Referendum, Registrar

NOW = 1_899_000_000


class Killed(Exception):
    """The process ends here."""


@dataclass
class Life:
    """How many more steps a process makes: everything that it writes, sends or asks is one."""

    steps: int = 10**9

    def step(self) -> None:
        if self.steps <= 0:
            raise Killed
        self.steps -= 1


@dataclass
class MemoryPost:
    """A registrar's post; `away` it takes requests and gives no answers."""

    registrar: Registrar
    life: Life
    away: bool = False
    answers: dict[str, bytes] = field(default_factory=dict)
    seen: list[bytes] = field(default_factory=list)

    def send(self, data: bytes) -> str:
        self.life.step()
        name = hashlib.sha256(data).hexdigest()
        if name not in self.answers and not self.away:
            self.seen.append(data)
            kind = decode(data, message=True).payload.type_name()
            answer = {
                "ready-request": self.registrar.ready,
                "token-request": self.registrar.give,
                "admission": self.registrar.admit,
            }[kind]
            self.answers[name] = answer(data)
        return name

    def exchange(self, data: bytes, timeout: float = 0.0) -> bytes | None:
        answer = self.answers.get(self.send(data))
        self.life.step()
        return answer

    def withdraw(self, name: str) -> None:
        self.life.step()
        self.answers.pop(name, None)


class MortalStore(KeyStore):
    """A key store that ends with its process, before or after it has written."""

    life = Life()

    def write(self, name: str, data: bytes) -> None:
        self.life.step()
        super().write(name, data)
        self.life.step()

    def erase(self, name: str) -> None:
        self.life.step()
        super().erase(name)
        self.life.step()


@dataclass
class MemoryRelay:
    """Holds requests until it is told to forward them; writes down what it could have seen.

    `away` it takes nothing; `mute` it takes requests and says nothing; `breaks` after so many requests more.
    """

    registrars: dict[int, Registrar]
    gateways: dict[int, tuple[Gateway, bytes]]
    life: Life
    away: bool = False
    mute: bool = False
    breaks: int = 10**9
    held: dict[bytes, int] = field(default_factory=dict)
    responses: dict[bytes, bytes] = field(default_factory=dict)
    seen: list[tuple[int, bytes]] = field(default_factory=list)
    fetched: list[bytes] = field(default_factory=list)

    def leave(self, registrar: int, message: bytes) -> None:
        self.life.step()
        if self.away:
            raise RelayAway("relay: no answer")
        if message not in self.held:
            self.seen.append((registrar, message))
        self.held[message] = registrar
        self.breaks -= 1
        if self.breaks < 0:
            self.away = True
        if self.mute or self.breaks < 0:
            raise Unsure("relay: no answer")
        self.life.step()

    def fetch(self, message: bytes) -> bytes | None:
        self.life.step()
        if self.away:
            raise RelayAway("relay: no answer")
        self.fetched.append(message)
        if message not in self.held:
            raise Gone("nothing")
        return self.responses.get(message)

    def forward(self, lost: Callable[[int], bool] = lambda at: False) -> None:
        """The end of the window; `lost` says which requests, by their number, no registrar ever gets."""
        for at, (message, registrar) in enumerate([*self.held.items()]):
            if lost(at):
                del self.held[message]
            elif message not in self.responses:
                self.responses[message] = self._pass_on(registrar, message)

    def _pass_on(self, registrar: int, message: bytes) -> bytes:
        gateway, private = self.gateways[registrar]
        opened = sealed.open_request(gateway, private, message)
        answer = self.registrars[registrar].admit(opened.content) if opened.content else b""
        return sealed.seal_response(opened, answer, random.randbytes(32))


class Stage:
    """A voter with a device, and two registrars; with relays, where the definition has some."""

    def __init__(self, directory: Path, relays: int = 0, seed: int = 1, **shape) -> None:
        addresses = [f"https://relay-{number}.example" for number in range(relays)]
        members = [{"name": f"Relay {address}", "address": address} for address in addresses]
        hold = {"hold": 3_600} if relays else {}
        self.referendum = Referendum(relays=members, **hold, **shape)
        self.setting = self.referendum.setting
        self.life, self.lock, self.directory = Life(), Lock.draw(), directory
        self.rng = random.Random(seed)
        self.posts = {
            number: MemoryPost(registrar, self.life)
            for number, registrar in self.referendum.registrars.items()
        }
        gateways = {number: self._gateway(number) for number in self.posts}
        self.setting.registrar_keys.gateways.update({number: one for number, (one, _) in gateways.items()})
        self.relays = {
            address: MemoryRelay(self.referendum.registrars, gateways, self.life) for address in addresses
        }
        self.openings = self.referendum.openings()
        self.now = NOW

    def _gateway(self, number: int) -> tuple[Gateway, bytes]:
        private = self.referendum.seed()
        return Gateway(number, public_key(private), f"https://registrar-{number}.example/post"), private

    @property
    def memory(self) -> Memory:
        """The device's, opened anew as after a start."""
        store = MortalStore(self.directory / "keys", self.lock)
        store.life = self.life
        return Memory(store)

    @property
    def enrolling(self) -> VoterEnrolment:
        return VoterEnrolment(self.setting, self.memory)

    def waits(self) -> dict[int, int]:
        """All registrars' `ready`."""
        found = {}
        for number, opening in self.openings.items():
            answer = self.posts[number].exchange(ask_ready(self.setting, 0, opening))
            said = read_ready(self.setting, number, 0, opening, answer or b"")
            assert isinstance(said, Ready)
            found[number] = said.wait
        return found

    def begin(self, draft: CardsDraft) -> None:
        self.enrolling.begin(draft, self.openings, self.waits(), self.now, self.rng.randbytes)

    def collect(self):
        return self.enrolling.collect(self.posts, 0, lambda: self.now)

    def make(self) -> Made:
        return self.enrolling.make(self.collect().responses, self.rng.randbytes)

    def send(self) -> Made | None:
        if self.relays:
            relaying = Relaying(self.setting, self.memory, self.relays.__getitem__, self.rng.randbytes)
            return relaying.run(self.now)
        return send(self.setting, self.memory, self.posts, 0)

    def go_on(self) -> None:
        """From wherever the device is to all answers."""
        if self.memory.asking:
            self.make()
        self.send()
        for relay in self.relays.values():
            relay.forward()
        if self.relays:
            self.now = max(self.now, self.memory.made.due)
            self.send()

    def survive(self, lives: Callable[[], int]) -> int:
        """Go on again and again, each process with so many steps; returns how many were killed."""
        killed = 0
        while True:
            self.life.steps = lives()
            try:
                self.go_on()
            except Killed:
                killed += 1
                continue
            finally:
                self.life.steps = 10**9
            return killed
