"""How `psephos trustee cover` gets cover enrolled and cast: by post, like a voter's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psephos.cli.home.home import Home
from psephos.cli.process.stop import WAITING, Stop
from psephos.crypto.signature import SigningKey
from psephos.errors import PsephosError
from psephos.post.answers import read_answers
from psephos.post.bundle import Bundle
from psephos.protocol.enrolment import token
from psephos.protocol.entry import Refusal
from psephos.protocol.record import Record
from psephos.trustee.cover import Cover
from psephos.trustee.covering import Covering, Progress, due, next_serial
from psephos.voter.enrolment import check_receipts
from psephos.voter.promise import check_promise


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
                    enrolled += self._enrol(self._cover(roster.region, progress))
                    progress.enrolled = True  # or it came too late, and is never asked for again
                    self._covering.keep(roster.region, batch, progress)
        return enrolled

    def _cover(self, region: int, progress: Progress) -> Cover:
        return Cover(self.record.definition, self.record.keys, region, progress.seed)

    def _enrol(self, cover: Cover) -> bool:
        """Enrol a batch's cover, which is none by chance; False when enrolment has ended before it came."""
        if not cover.groups:
            return True
        definition, election = self.record.definition, self.record.keys.election_hash
        requests = cover.ask(self.key)
        responses = self._ask_registrar([request.message for request in requests])
        tokens = []
        for some in token.finish(definition, election, requests, responses):
            if isinstance(some, Refusal):
                return _closed("tokens", some)
            tokens += some
        drafts, messages = cover.enrol(tokens)
        for receipt in check_receipts(definition, election, drafts, self._ask_registrar(messages)):
            if isinstance(receipt, Refusal):
                return _closed("a group", receipt)
        return True

    def _ask_registrar(self, messages: Sequence[bytes]) -> list[bytes]:
        """The answers to messages, which are all sent before any is waited for."""
        post = self.home.channel("registrar")
        for message in messages:
            post.send(message)
        answers = [post.exchange(message, self.patience) for message in messages]
        if None in answers:
            raise Stop("waits for the registrar: requests for cover are not answered yet", WAITING)
        return [one for one in answers if one is not None]

    def vote(self, now: int) -> int:
        """Cast what is due on days that are open; returns how many ballots the board has promised to log."""
        castings = []
        for region, batch, progress in list(self._drawn()):
            cover, day = self._cover(region, progress), self.record.windows[region].open_day
            if day is not None:
                self._settle(cover, progress, day, now)
                self._covering.keep(region, batch, progress)  # before anybody sees them
            for place, (cast_on, serial, done) in progress.cast.items():
                if not done:
                    ballot = cover.cast(cover.ballots[place], cast_on, serial)
                    castings.append(_Casting(region, batch, progress, place, ballot))
        for casting in castings:
            self.home.channel("board").send(casting.request)
        return sum(self._conclude(casting) for casting in castings)

    def _settle(self, cover: Cover, progress: Progress, day: int, now: int) -> None:
        """Decide which ballots are cast on a day, with which serials; none by a card that came too late."""
        for place, ballot in due(cover, progress, self.record.windows[cover.region], now):
            if self.record.rosters[cover.region].has(cover.card(ballot)):
                progress.cast[place] = day, next_serial(cover, progress, ballot, day), 0

    def _drawn(self) -> Iterator[tuple[int, int, Progress]]:
        for roster in self.record.rosters:
            for batch in range(1, len(roster.batches) + 2):
                if progress := self._covering.get(roster.region, batch):
                    yield roster.region, batch, progress

    def _conclude(self, casting: _Casting) -> bool:
        """Note the promise that a ballot has got; one that is refused may be cast on another day."""
        post, progress, ballot = self.home.channel("board"), casting.progress, casting.ballot
        answer = post.exchange(casting.request, self.patience)
        if answer is None:
            raise Stop("waits for the board: ballots of the cover are not answered yet", WAITING)
        definition, election = self.record.definition, self.record.keys.election_hash
        (said,) = read_answers(answer, [ballot], definition.board.key)
        day, serial, _ = progress.cast[casting.place]
        if isinstance(said, Refusal):
            del progress.cast[casting.place]
        else:
            seal = self.record.windows[casting.region].plans[day - 1][1]
            check_promise(definition, election, ballot, Bundle.parse(answer).entries[0], seal)
            progress.cast[casting.place] = day, serial, 1
        self._covering.keep(casting.region, casting.batch, progress)
        return casting.place in progress.cast


@dataclass(frozen=True, repr=False)
class _Casting:
    """A ballot on its way."""

    region: int
    batch: int
    progress: Progress
    place: int
    ballot: bytes

    @property
    def request(self) -> bytes:
        """What the board is sent: one ballot, as voters send them."""
        return Bundle((self.ballot,)).encode()


def _closed(what: str, refusal: Refusal) -> bool:
    """False: enrolment has ended; PsephosError for any other refusal."""
    if refusal.reason != "closed":
        raise PsephosError(f"the registrar refuses {what}: {refusal.reason}: {refusal.detail}")
    return False


def said_of_batches(enrolled: int) -> str:
    """How a trustee is told for how many batches its cover was enrolled."""
    if not enrolled:
        return "cover is enrolled for every batch so far"
    return f"cover enrolled for {enrolled} more {'batch' if enrolled == 1 else 'batches'}"


def said_of_ballots(cast: int) -> str:
    """How a trustee is told how many ballots its cover has cast."""
    if not cast:
        return "no ballot of the cover is due now"
    return f"{cast} {'ballot' if cast == 1 else 'ballots'} of the cover cast, and promised by the board"
