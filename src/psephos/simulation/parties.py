"""The institutions of a rehearsal, each with its own folder, working on one log, directory to directory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from psephos.board.board import Board
from psephos.errors import PhaseError, PsephosError
from psephos.files import write_secret
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.log.client import Client
from psephos.log.note import ED25519, VerifierKey
from psephos.log.policy import Policy
from psephos.log.submission import Ask, Submission
from psephos.organiser.organiser import Organiser
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.pin import Pin, policy_text
from psephos.reader import Reader
from psephos.registrar.registrar import Registrar
from psephos.relay.relay import Relay
from psephos.relay.store import RelayStore
from psephos.scratch import Scratch
from psephos.simulation.clock import Clock
from psephos.simulation.definitions import Keys, draw, key_seed
from psephos.simulation.relaying import make_relay
from psephos.trustee.trustee import Trustee
from psephos.witness.witness import Witness


def check_empty(directory: Path) -> None:
    """Raise PsephosError unless a directory is there to be filled."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise PsephosError(f"{directory} is not an empty directory")


@dataclass(frozen=True)
class Size:
    """How many of each there are."""

    regions: int
    trustees: int
    witnesses: int
    registrars: int = 1


class Simulation:
    """All roles but the voters. Entries go through the board; everybody else reads the published record."""

    def __init__(self, directory: Path, call: Callable[[Keys], bytes], size: Size, clock: Clock) -> None:
        """`call` makes the definition's document, once every role has drawn its keys."""
        self.directory = directory
        self.clock = clock
        self._stores: dict[str, KeyStore] = {}
        self.keys = self._draw_keys(size)
        self.definition: Definition = parse(call(self.keys))
        self._open = ExitStack()
        self.record_directory = directory / "record"
        keys = self.keys
        self.organiser = Organiser(self.definition, keys.organiser)
        self.board = Board(
            self._room("board"), self.definition.board.origin, keys.board, self._witnesses(), clock
        )
        self._open.callback(self.board.close)
        policy = Policy.parse(policy_text(self.definition).encode())
        self.trustees = {
            index: Trustee(self._stores[f"trustee {index}"], key, os.urandom)
            for index, key in enumerate(keys.trustees, 1)
        }
        self._readers = {
            name: Reader(self._open.enter_context(Client(self.record_directory)), policy, storage=Scratch())
            for name in self._stores
            if name.startswith(("registrar", "trustee"))
        }
        self.registrars = {number: self._registrar(number) for number in range(1, size.registrars + 1)}
        self.relay: Relay | None = None

    def close(self) -> None:
        """Everybody stops."""
        self._open.close()

    def _registrar(self, number: int) -> Registrar:
        state, name = self._room(f"registrar-{number}") / "state.sqlite", f"registrar {number}"
        key, secrets = self.keys.registrars[number - 1], self._stores[name]
        return self._open.enter_context(
            Registrar(state, self.definition, key, secrets, self.clock, os.urandom)
        )

    def _room(self, role: str) -> Path:
        path = self.directory / role
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def _draw_keys(self, size: Size) -> Keys:
        """Fresh keys; each role keeps its own, sealed to an identity that lies, in the clear, beside them."""
        seed = os.urandom(32)
        roles = ["organiser", "board"]
        roles += [f"registrar {index}" for index in range(1, size.registrars + 1)]
        roles += [f"trustee {index}" for index in range(1, size.trustees + 1)]
        roles += [f"witness {index}" for index in range(1, size.witnesses + 1)]
        for role in roles:
            room = self._room(role.replace(" ", "-"))
            lock = Lock.draw()
            write_secret(room / "identity.txt", lock.encode().encode())
            self._stores[role] = KeyStore(room / "keys", lock)
            self._stores[role].write("signing", key_seed(seed, role))
        return draw(seed, size.regions, size.trustees, size.witnesses, size.registrars)

    def _witnesses(self) -> dict[str, Ask]:
        board = self.definition.board
        log = VerifierKey(board.origin, ED25519, self.keys.board.public)
        asks: dict[str, Ask] = {}
        for index, (party, key) in enumerate(
            zip(self.definition.witnesses.members, self.keys.witnesses, strict=True), 1
        ):
            room = self._room(f"witness-{index}")
            witness = self._open.enter_context(Witness(party.name, key, [log], room / "seen.sqlite"))
            asks[party.name] = self._asking(witness)
        return asks

    def _asking(self, witness: Witness) -> Ask:
        def ask(submission: Submission) -> bytes:
            return witness.add_checkpoint(
                submission.old_size, submission.proof, submission.checkpoint, self.clock()
            )

        return ask

    # -- the record

    def publish(self) -> None:
        """Witness the log and export it."""
        self.board.publish(self.record_directory)

    def seen_by(self, reader: str) -> Record:
        """The record as `trustee 1`, `registrar 2`, .. has read and verified it."""
        return self._readers[reader].read()

    def secret(self, role: str, name: str) -> bytes | None:
        """What a role keeps under a name: for those to whom it gives everything away."""
        return self._stores[role].read(name)

    @property
    def election(self) -> bytes:
        """The election hash, once the ceremony is complete."""
        return self.board.record.joint_key.election_hash

    @property
    def setting(self) -> Setting:
        """What enrolment needs to know, once the ceremony is complete."""
        return self.board.record.setting

    @property
    def pin(self) -> Pin:
        """What a verifier needs from elsewhere."""
        return Pin.of(self.definition)

    def wait_until(self, time: int) -> None:
        """Let the clock reach a time, and the log show that witnesses saw it."""
        self.clock.reach(time)
        self.board.confer()
        self.board.log_witnessed()

    # -- steps

    def call(self, rolls: Sequence[Sequence[Sequence[RollOpening]]]) -> None:
        """Publish the definition and the rolls; each voter of a region has an opening for each registrar."""
        self.board.submit(self.organiser.publish())
        for region, voters in enumerate(rolls):
            for number, registrar in self.registrars.items():
                registrar.enter(region, [openings[number - 1] for openings in voters])
                self.board.submit(registrar.roll_entries(region))
        self.publish()
        for number, registrar in self.registrars.items():
            record = self.seen_by(f"registrar {number}")
            registrar.follow(record)
            self.board.submit(registrar.due(record, self.address(number)))
        self.publish()

    def address(self, registrar: int) -> str:
        """Where relays reach a registrar; nowhere without relays."""
        return f"https://registrar-{registrar}.example/post" if self.definition.relays else ""

    def ceremony(self) -> None:
        """All trustees make the key, together; then enrolment begins."""
        while not self.board.record.ceremony.complete:
            self.board.log_checkpoint()
            self.publish()
            for index, trustee in self.trustees.items():
                self.board.submit(trustee.ceremony(self.seen_by(f"trustee {index}")))
        self.board.log_checkpoint()
        self.publish()
        for number, registrar in self.registrars.items():
            registrar.follow(self.seen_by(f"registrar {number}"))
        if self.definition.relays:
            held = RelayStore(self._room("relay") / "held.sqlite")
            self._open.callback(held.close)
            self.relay = make_relay(self.board.record, self.registrars, held, self.clock)

    def open(self, days: Sequence[tuple[int, int]]) -> None:
        """Open days of regions, (region, day), and have them witnessed."""
        for region, day in days:
            self.board.open(region, day)
        self.board.log_checkpoint()

    def seal(self, days: Sequence[tuple[int, int]]) -> None:
        """Seal days of regions, and have them witnessed."""
        for region, day in days:
            self.board.seal(region, day)
        self.board.log_checkpoint()

    def weigh(self, present: Sequence[int]) -> int:
        """Bring all chains to their length, as far as those present can; returns how often one stood in."""
        stood_in = 0
        for stand_in in (False, True):
            for _ in range(self.definition.trustees.threshold):
                for index in present:
                    self.publish()
                    done = list(
                        self.trustees[index].weigh(self.seen_by(f"trustee {index}"), stand_in=stand_in)
                    )
                    if done:
                        self.board.weighed(done)
                        stood_in += len(done) if stand_in else 0
        return stood_in

    def count(self, present: Sequence[int]) -> bytes:
        """Close, release, certify; returns the result document."""
        self.board.log_checkpoint()
        self.publish()
        for index in present[: self.definition.trustees.close]:
            self.board.submit(self.trustees[index].close(self.seen_by(f"trustee {index}")))
        self.board.log_checkpoint()
        if not self.board.record.closed:
            raise PhaseError("not everything that counts is sealed and weighed, or too few trustees close")
        while self.board.record.phase != "counted":
            for index in present[: self.definition.trustees.threshold]:
                self.publish()
                self.board.submit(self.trustees[index].release(self.seen_by(f"trustee {index}")))
        self.board.submit([self.organiser.certify(self.board.record)])
        self.board.log_checkpoint()
        self.publish()
        for trustee in self.trustees.values():
            trustee.forget()
        return self.board.record.result_document()
