"""A board on disk after enrolment, with its witnesses, and cards in memory: where tests of roles begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from psephos.board.board import Board
from psephos.board.board_loop import BoardLoop
from psephos.board.entry_service import EntryService
from psephos.board.places import places
from psephos.log.note import ED25519, VerifierKey
from psephos.log.policy import Policy
from psephos.log.store import LogStore
from psephos.log.submission import Ask
from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.protocol.message import read
from psephos.protocol.setup.pin import Pin
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from psephos.witness.witness import Witness
from tests.databases import Backend

DAYS = ((1_900_000_000, 1_900_036_000), (1_900_086_400, 1_900_122_400))
OPENS, SEALS = DAYS[0]
GROUPS = {0: [[1, 0], [0, 1], [1, 0, 0], [0]], 1: [[1, 0], [0, 1], [1, 0]]}


def enrolled() -> Referendum:
    """A referendum in memory whose cards are enrolled, in two regions with two days each."""
    document, keys = sample(windows=DAYS)
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    for region, groups in GROUPS.items():
        referendum.enrol(region, groups)
    return referendum


def vote(referendum: Referendum) -> None:
    """Enrol in both regions, and hold two days of voting in each: four chunks are to be weighed."""
    for region, groups in GROUPS.items():
        referendum.enrol(region, groups)
    for day in (1, 2):
        for region in GROUPS:
            referendum.open(region, day)
            cards = referendum.cards[region][day - 1 : day + 2]
            referendum.log(*(referendum.ballot(card, (0, 1), day) for card in cards))
            referendum.seal(region, day)


class Station:
    """The board's directory or database, a clock, and witnesses that can be told to refuse."""

    def __init__(self, directory: Path, referendum: Referendum, database: str | None = None) -> None:
        self.directory = directory
        self.database = database
        self.referendum = referendum
        self.now = OPENS
        self.refusing: set[str] = set()
        self.witnesses: list[Witness] = []
        origin = referendum.definition.board.origin
        with LogStore(places(directory, database).log, origin) as store:
            store.append(referendum.logged).result()
        self._asks = self._ask_all()
        self._board: Board | None = None

    def _ask_all(self) -> dict[str, Ask]:
        definition, keys = self.referendum.definition, self.referendum.keys
        log = VerifierKey(definition.board.origin, ED25519, keys.board.public)
        asks = {}
        for party, key in zip(definition.witnesses.members, keys.witnesses, strict=True):
            witness = Witness(party.name, key, [log], self.directory / f"{party.name}.sqlite")
            self.witnesses.append(witness)
            asks[party.name] = self._ask(party.name, witness)
        return asks

    def _ask(self, name: str, witness: Witness) -> Ask:
        def ask(submission) -> bytes:
            if name in self.refusing:
                raise OSError("nobody answers")
            return witness.add_checkpoint(
                submission.old_size, submission.proof, submission.checkpoint, self.now
            )

        return ask

    @property
    def board(self) -> Board:
        """The board, as it was started last."""
        if self._board is None:
            keys, origin = self.referendum.keys, self.referendum.definition.board.origin
            self._board = Board(
                self.directory, origin, keys.board, self._asks, lambda: self.now, self.database
            )
        return self._board

    def entry_service(self) -> EntryService:
        """What answers requests to the board."""
        return EntryService(self.board, self.referendum.keys.board, self.referendum.definition.hash)

    def board_loop(self, public: Path) -> BoardLoop:
        """The board's periodic work, without posts; `public` is the directory of the published log."""
        return BoardLoop(self.board, self.entry_service(), [], public, [])

    def restart(self) -> Board:
        """End the process that runs the board, and start another on the same directory."""
        self.board.close()
        self._board = None
        return self.board

    def close(self) -> None:
        if self._board is not None:
            self._board.close()
        for witness in self.witnesses:
            witness.close()

    def seal(self, region: int, day: int) -> None:
        """Let the planned time come, and seal a day."""
        self.now = max(self.now, self.board.record.windows[region].plans[day - 1][1])
        self.board.seal(region, day)

    @property
    def policy(self) -> Policy:
        return Policy.parse(Pin.of(self.referendum.definition).policy.encode())

    def ballot(
        self, card: int, choices: Sequence[int] = (0, 0), day: int = 1, serial: int = 1, **other
    ) -> bytes:
        """A ballot by a card of region 0, or another `of`."""
        region = other.pop("of", 0)
        return self.referendum.ballot(self.referendum.cards[region][card], choices, day, serial, **other)

    def answers(self, *ballots: bytes) -> list[Payload]:
        """What the board answers, each checked to be signed by it."""
        election, key = self.board.record.joint_key.election_hash, self.referendum.definition.board.key
        return [read(one, election, key).payload for one in self.board.receive(ballots)]

    def logged(self, start: int = 0) -> list[bytes]:
        return self.board.store.entries(start, self.board.store.size)

    def ballots(self) -> list[bytes]:
        """All ballots in the log."""
        return [one for one in self.logged() if isinstance(entries.decode(one).payload, entries.Ballot)]


@pytest.fixture
def station(backend: Backend) -> Iterator[Station]:
    """A board whose region 0 has its first day open, on either kind of database."""
    station = Station(backend.directory, enrolled(), backend.url)
    station.board.open(0, 1)
    yield station
    station.close()
