"""How `psephos trustee cover` gets cover enrolled and cast: by post, like a voter's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psephos.cli.home import Home
from psephos.cli.stop import WAITING, Stop
from psephos.crypto.column import match_keys
from psephos.crypto.signature import SigningKey
from psephos.errors import PsephosError
from psephos.post.answers import read_answers
from psephos.post.bundle import Bundle
from psephos.protocol import token
from psephos.protocol.entry import Refusal
from psephos.protocol.record import Record
from psephos.trustee.cover import Cover
from psephos.trustee.covering import Covering, Progress, due, next_serial
from psephos.voter.enrolment import check_receipts
from psephos.voter.promise import check_promise

_ABSENT = b"\xff\xff\xff\xff"


@dataclass
class Coverer:
    """One trustee at work on its cover, with the record as it is published."""

    home: Home
    record: Record
    key: SigningKey
    patience: float

    def __post_init__(self) -> None:
        self._covering = Covering(self.home.keys, os.urandom)

    def enrol(self) -> int:
        """Draw for every batch up to the open one, and enrol what is not; returns how many batches were."""
        enrolled = 0
        for roster in self.record.rosters:
            if roster.complete or roster.roll is None:
                continue
            for batch in range(1, len(roster.batches) + 2):
                progress = self._covering.draw(roster.region, batch)
                if not progress.enrolled:
                    self._enrol(self._cover(roster.region, progress))
                    progress.enrolled = True
                    self._covering.keep(roster.region, batch, progress)
                    enrolled += 1
        return enrolled

    def _cover(self, region: int, progress: Progress) -> Cover:
        return Cover(self.record.definition, self.record.keys, region, progress.seed)

    def _enrol(self, cover: Cover) -> None:
        if not cover.groups:
            return
        definition, election = self.record.definition, self.record.keys.election_hash
        requests = cover.ask(self.key)
        responses = self._ask_registrar([request.message for request in requests])
        tokens = []
        for some in token.finish(definition, election, requests, responses):
            if isinstance(some, Refusal):
                raise PsephosError(f"the registrar refuses tokens: {some.reason}: {some.detail}")
            tokens += some
        drafts, messages = cover.enrol(tokens)
        for receipt in check_receipts(definition, election, drafts, self._ask_registrar(messages)):
            if isinstance(receipt, Refusal):
                raise PsephosError(f"the registrar refuses a group: {receipt.reason}: {receipt.detail}")

    def _ask_registrar(self, messages: Sequence[bytes]) -> list[bytes]:
        """The answers to messages, which are all sent before any is waited for."""
        post = self.home.post("registrar")
        for message in messages:
            post.send(message)
        answers = [post.exchange(message, self.patience) for message in messages]
        if None in answers:
            raise Stop("waits for the registrar: requests for cover are not answered yet", WAITING)
        return [one for one in answers if one is not None]

    def vote(self, now: int) -> int:
        """Cast what is due on days that are open; returns how many ballots the board has promised to log."""
        promised = 0
        for region, batch, progress in list(self._drawn()):
            cover, windows = self._cover(region, progress), self.record.windows[region]
            day = windows.open_day
            for place, ballot in due(cover, progress, windows, now):
                if day and self._may_vote(region, cover.card(ballot)):
                    progress.cast[place] = day, next_serial(cover, progress, ballot, day), 0
            self._covering.keep(region, batch, progress)  # before anybody sees them
            for place, (cast_on, serial, done) in list(progress.cast.items()):
                if not done and cast_on == day:
                    self._cast(cover, progress, place, cover.cast(cover.ballots[place], day, serial))
                    self._covering.keep(region, batch, progress)
                    promised += place in progress.cast
        return promised

    def _drawn(self) -> Iterator[tuple[int, int, Progress]]:
        for roster in self.record.rosters:
            for batch in range(1, len(roster.batches) + 2):
                if progress := self._covering.get(roster.region, batch):
                    yield roster.region, batch, progress

    def _may_vote(self, region: int, card: bytes) -> bool:
        """Whether a card is in a batch: the registrar may have closed before it was enrolled."""
        return match_keys(self.record.rosters[region].keys, card) != _ABSENT

    def _cast(self, cover: Cover, progress: Progress, place: int, ballot: bytes) -> None:
        """Send a ballot, and note its promise; one that is refused may be cast on another day."""
        post = self.home.post("board")
        name = post.send(request := Bundle((ballot,)).encode())
        answer = post.exchange(request, self.patience)
        if answer is None:
            raise Stop("waits for the board: a cover ballot is not answered yet", WAITING)
        definition, election = self.record.definition, self.record.keys.election_hash
        read_answers(answer, [ballot], definition.board.key)
        day, serial, _ = progress.cast[place]
        seal = self.record.windows[cover.region].plans[day - 1][1]
        said = check_promise(definition, election, ballot, Bundle.parse(answer).entries[0], seal)
        if isinstance(said, Refusal):
            post.withdraw(name)
            del progress.cast[place]
        else:
            progress.cast[place] = day, serial, 1
