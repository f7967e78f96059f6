"""How `psephos trustee cover` gets cover enrolled and cast: by post or through relays, like a voter's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from psephos.cli.home.home import Home
from psephos.cli.home.registrars import registrar_channels
from psephos.cli.process.stop import WAITING, Stop
from psephos.crypto.signature import SigningKey
from psephos.errors import PsephosError
from psephos.post.answers import read_answers
from psephos.post.channel import Channel
from psephos.post.envelope import Envelope
from psephos.post.relayed import RelayAway, RelayPost
from psephos.protocol.enrolment.response import read_response
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.entries import Refusal, TokenResponse
from psephos.protocol.record import Record
from psephos.trustee.cover import Cover
from psephos.trustee.covering import Covering, Progress, due, due_cards, next_serial
from psephos.trustee.enrolling import CoverEnrolment
from psephos.voter.promise import check_promise


@dataclass
class Coverer:
    """One trustee at work on its cover, with the record as it is published."""

    home: Home
    record: Record
    key: SigningKey
    timeout: float

    def __post_init__(self) -> None:
        self._covering = Covering(self.home.keys, os.urandom)

    @cached_property
    def _posts(self) -> dict[int, Channel]:
        return registrar_channels(self.home, self.record)

    @cached_property
    def _enrolling(self) -> CoverEnrolment:
        setting = self.record.setting
        return CoverEnrolment(
            setting,
            self._covering,
            self._posts,
            lambda address: RelayPost(address, setting.definition.hash),
            os.urandom,
            self.timeout,
        )

    def turn(self, now: int, hurry: bool = False) -> tuple[int, int, Stop | None]:
        """Enrol and cast what is due: how many cards and ballots that were, and what is waited for.

        Ballots of cards that are enrolled are cast whatever keeps others from it: a cover that does not vote
        hides nobody.
        """
        before, stops = self._done(), list[Stop]()
        for act in (partial(self.enrol, now, hurry), partial(self.vote, now)):
            try:
                act()
            except Stop as stop:
                stops.append(stop)
        enrolled, cast = (after - earlier for earlier, after in zip(before, self._done(), strict=True))
        return enrolled, cast, min(stops, key=lambda stop: stop.code == WAITING, default=None)

    def _done(self) -> tuple[int, int]:
        """How many cards are enrolled, and how many ballots promised, of all regions."""
        drawn = [progress for _, progress in self._drawn()]
        promised = [promise for progress in drawn for _, _, promise in progress.cast.values()]
        return sum(len(progress.cards) for progress in drawn), sum(promised)

    def enrol(self, now: int, hurry: bool = False) -> int:
        """Draw for every region, and enrol the cards that are due, or in a `hurry` all; returns how many.

        Stop, once everything was tried, while registrars or relays are waited for, or where a registrar
        refuses: no region and no card waits for another.
        """
        admitted, stops = 0, list[Stop]()
        for roster in self.record.rosters:
            try:
                admitted += self._enrol(roster, now, hurry)
            except Stop as stop:
                stops.append(stop)
            except PsephosError as error:
                stops.append(Stop(str(error), WAITING))
        for first in stops:
            raise first
        return admitted

    def _enrol(self, roster: Roster, now: int, hurry: bool) -> int:
        region, closes = roster.region, self.record.definition.regions[roster.region].closes
        begun = self._covering.get(region)
        ready = len(roster.rolls) == roster.registrars and now < closes
        if not roster.enrolling or (begun is None and not ready):
            return 0
        progress = begun or self._covering.draw(region, now)
        cover = self._cover(region, progress)
        messages = self._covering.messages(region, roster.registrars)
        if messages is None:
            messages = self._make(cover)
            if messages is None:  # it began too late to get tokens
                return 0
        cards = due_cards(cover, progress, closes, closes if hurry else now)
        return self._send(region, progress, {card: messages[card] for card in cards}, now)

    def _send(self, region: int, progress: Progress, cards: Mapping[int, Sequence[bytes]], now: int) -> int:
        """Have cards admitted; Stop where a relay is waited for, or, behind all others, one is refused."""
        admitted, refused = 0, list[Stop]()
        for card, messages in cards.items():
            try:
                answered = self._enrolling.send(region, card, messages, now)
            except RelayAway as error:
                raise Stop(f"waits for a relay: {error}", WAITING) from error
            except PsephosError as error:
                refused.append(Stop(str(error), WAITING))
                continue
            if answered:
                progress.cards.add(card)
                self._covering.keep(region, progress)
                admitted += 1
        for first in refused:
            raise first
        return admitted

    def _cover(self, region: int, progress: Progress) -> Cover:
        return Cover(self.record.setting, region, progress.seed)

    def _make(self, cover: Cover) -> list[tuple[bytes, ...]] | None:
        """Ask all registrars for tokens, then make all messages of all cards; None when they are closed."""
        asked = [one for number in self._posts for one in cover.ask(number, self.key)]
        for one in asked:
            self._posts[one.registrar].send(one.message)
        responses: list[TokenResponse] = []
        for one in asked:
            answer = self._posts[one.registrar].exchange(one.message, self.timeout)
            if answer is None:
                raise Stop(
                    f"waits for registrar {one.registrar}: tokens for cover are not there yet", WAITING
                )
            said = read_response(self.record.setting, one, answer)
            if isinstance(said, Refusal):
                self._posts[one.registrar].withdraw(self._posts[one.registrar].send(one.message))
                _check_closed(one.registrar, said)
                return None
            responses.append(said)
        messages = cover.admissions(asked, responses)
        self._covering.keep_messages(cover.region, messages)
        return messages

    def left(self) -> int:
        """How many cards are drawn and not admitted yet, of regions where people still enrol."""
        drawn = ((region, progress) for region, progress in self._drawn() if self._open(region))
        return sum(
            len(self._cover(region, progress).moments) - len(progress.cards) for region, progress in drawn
        )

    def _open(self, region: int) -> bool:
        return self.record.rosters[region].enrolling

    def vote(self, now: int) -> int:
        """Cast what is due on days that are open; returns how many ballots the board has promised to log."""
        castings = []
        for region, progress in list(self._drawn()):
            cover, day = self._cover(region, progress), self.record.windows[region].open_day
            if day is not None:
                self._settle(cover, progress, day, now)
                self._covering.keep(region, progress)  # before anybody sees them
            for place, (cast_on, serial, done) in progress.cast.items():
                if not done:
                    ballot = cover.cast(cover.ballots[place], cast_on, serial)
                    castings.append(_Casting(region, progress, place, ballot))
        for casting in castings:
            self.home.channel("board").send(casting.request)
        return sum(self._conclude(casting) for casting in castings)

    def _settle(self, cover: Cover, progress: Progress, day: int, now: int) -> None:
        """Decide which ballots are cast on a day, with which serials; none by a card that came too late."""
        for place, ballot in due(cover, progress, self.record.windows[cover.region], now):
            if self.record.rosters[cover.region].has(cover.card(ballot)):
                progress.cast[place] = day, next_serial(cover, progress, ballot, day), 0

    def _drawn(self) -> Iterator[tuple[int, Progress]]:
        for roster in self.record.rosters:
            if progress := self._covering.get(roster.region):
                yield roster.region, progress

    def _conclude(self, casting: _Casting) -> bool:
        """Note the promise that a ballot has got; one that is refused may be cast on another day."""
        post, progress, ballot = self.home.channel("board"), casting.progress, casting.ballot
        answer = post.exchange(casting.request, self.timeout)
        if answer is None:
            raise Stop("waits for the board: ballots of the cover are not answered yet", WAITING)
        definition, election = self.record.definition, self.record.joint_key.election_hash
        (said,) = read_answers(answer, [ballot], definition.board.key)
        day, serial, _ = progress.cast[casting.place]
        if isinstance(said, Refusal):
            del progress.cast[casting.place]
        else:
            seal = self.record.windows[casting.region].plans[day - 1][1]
            check_promise(definition, election, ballot, Envelope.parse(answer).entries[0], seal)
            progress.cast[casting.place] = day, serial, 1
        self._covering.keep(casting.region, progress)
        return casting.place in progress.cast


@dataclass(frozen=True, repr=False)
class _Casting:
    """A ballot on its way."""

    region: int
    progress: Progress
    place: int
    ballot: bytes

    @property
    def request(self) -> bytes:
        """What the board is sent: one ballot, as voters send them."""
        return Envelope((self.ballot,)).encode()


def _check_closed(registrar: int, refusal: Refusal) -> None:
    """Enrolment has ended; PsephosError for any other refusal."""
    if refusal.reason != "closed":
        raise PsephosError(f"registrar {registrar} refuses tokens: {refusal.reason}: {refusal.detail}")


def said_of_cards(enrolled: int, left: int) -> str:
    """How a trustee is told how far the cards of its cover are."""
    done = f"{enrolled} {'card' if enrolled == 1 else 'cards'} of the cover enrolled now"
    return f"{done}; {left} more until enrolment closes: run this again" if left else f"{done}; none is left"


def said_of_ballots(cast: int) -> str:
    """How a trustee is told how many ballots its cover has cast."""
    if not cast:
        return "no ballot of the cover is due now"
    return f"{cast} {'ballot' if cast == 1 else 'ballots'} of the cover cast, and promised by the board"
