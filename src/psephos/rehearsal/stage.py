"""The institutions of a rehearsal, each with its own folder, working on one log, directory to directory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from psephos.board.board import Board
from psephos.errors import PhaseError, PsephosError
from psephos.keystore import file
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.log.client import Client
from psephos.log.note import ED25519, VerifierKey
from psephos.log.policy import Policy
from psephos.log.submission import Ask, Submission
from psephos.organiser.organiser import Organiser
from psephos.protocol.enrolment.token import Opening
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition, parse
from psephos.protocol.setup.pin import Pin, policy_text
from psephos.reader import Reader
from psephos.registrar.registrar import Registrar
from psephos.rehearsal.clock import Clock
from psephos.scratch import Scratch
from psephos.testing.definitions import Keys, draw, key_seed
from psephos.trustee.trustee import Trustee
from psephos.witness.witness import Witness


def check_empty(directory: Path) -> None:
    """Raise PsephosError unless a directory is there to be filled."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise PsephosError(f"{directory} is not an empty directory")


REGISTRAR = 0
"""Who reads the record besides trustees 1, 2, .."""


@dataclass(frozen=True)
class Size:
    """How many of each there are."""

    regions: int
    trustees: int
    witnesses: int


class Stage:
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
            index: Reader(self._open.enter_context(Client(self.record_directory)), policy, shelf=Scratch())
            for index in (REGISTRAR, *self.trustees)
        }
        state = self._room("registrar") / "state.sqlite"
        self.registrar = self._open.enter_context(
            Registrar(state, self.definition, keys.registrar, self._stores["registrar"])
        )
        for region, pair in enumerate(zip(keys.voter_tokens, keys.decoy_tokens, strict=True)):
            self.registrar.keep_token_keys(region, *pair)

    def close(self) -> None:
        """Everybody stops."""
        self._open.close()

    def _room(self, role: str) -> Path:
        path = self.directory / role
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def _draw_keys(self, size: Size) -> Keys:
        """Fresh keys; each role keeps its own, sealed to an identity that lies, in the clear, beside them."""
        seed = os.urandom(32)
        roles = ["organiser", "registrar", "board"]
        roles += [f"trustee {index}" for index in range(1, size.trustees + 1)]
        roles += [f"witness {index}" for index in range(1, size.witnesses + 1)]
        for role in roles:
            room = self._room(role.replace(" ", "-"))
            lock = Lock.draw()
            file.put(room / "identity.txt", lock.encode().encode())
            self._stores[role] = KeyStore(room / "keys", lock)
            self._stores[role].write("signing", key_seed(seed, role))
        return draw(seed, size.regions, size.trustees, size.witnesses)

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

    def seen_by(self, reader: int) -> Record:
        """The record as a trustee, or the registrar, has read and verified it."""
        return self._readers[reader].read()

    @property
    def election(self) -> bytes:
        """The election hash, once the ceremony is complete."""
        return self.board.record.keys.election_hash

    @property
    def pin(self) -> Pin:
        """What a verifier needs from elsewhere."""
        return Pin.of(self.definition)

    # -- steps

    def call(self, rolls: Sequence[Sequence[Opening]]) -> None:
        """Publish the definition and every region's roll of voters."""
        self.board.submit(self.organiser.publish())
        for region, openings in enumerate(rolls):
            self.registrar.enter(region, openings)
            self.board.submit(self.registrar.roll_entries(region))
        self.publish()

    def ceremony(self) -> None:
        """All trustees make the key, together; then enrolment begins."""
        while not self.board.record.ceremony.complete:
            self.board.log_checkpoint()
            self.publish()
            for index, trustee in self.trustees.items():
                self.board.submit(trustee.ceremony(self.seen_by(index)))
        self.board.log_checkpoint()
        self.publish()
        keys = self.seen_by(REGISTRAR).keys
        self.registrar.begin(keys.election_hash, keys.key)

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
                    done = list(self.trustees[index].weigh(self.seen_by(index), stand_in=stand_in))
                    if done:
                        self.board.weighed(done)
                        stood_in += len(done) if stand_in else 0
        return stood_in

    def count(self, present: Sequence[int]) -> bytes:
        """Close, release, certify; returns the result document."""
        self.board.log_checkpoint()
        self.publish()
        for index in present[: self.definition.trustees.close]:
            self.board.submit(self.trustees[index].close(self.seen_by(index)))
        self.board.log_checkpoint()
        if not self.board.record.closed:
            raise PhaseError("not everything that counts is sealed and weighed, or too few trustees close")
        while self.board.record.phase != "counted":
            for index in present[: self.definition.trustees.threshold]:
                self.publish()
                self.board.submit(self.trustees[index].release(self.seen_by(index)))
        self.board.submit([self.organiser.certify(self.board.record)])
        self.board.log_checkpoint()
        self.publish()
        for trustee in self.trustees.values():
            trustee.forget()
        return self.board.record.result_document()
