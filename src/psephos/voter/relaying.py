"""Admissions through a relay, dummies among them, so that no registrar sees whose cards are whose.

To each registrar always `1 + decoys` requests go, all at once and all through one relay, which holds each
until a time that it draws within the common period (`spec/messages.md#sealed-messages`). What is missing
after the period is sent again, among as many requests, sealed anew. Dummies stand for what was answered: a
registrar that leaves a card unanswered does not see which others come again with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from psephos.errors import FormatError, VerificationError
from psephos.post.relayed import Gone, RelayAway
from psephos.protocol.enrolment.presentation import read_receipt
from psephos.protocol.enrolment.sealed import open_response, seal_all
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import NO_CARD
from psephos.protocol.setup.periods import Periods
from psephos.voter.enrolling import Random
from psephos.voter.memory import Envelope, Made, Memory
from psephos.voter.sending import unanswered, with_answer

FEW = 16
"""Voters among whom a card should hide, at least."""


class Relay(Protocol):
    """A way to a relay: `psephos.post.relayed.RelayPost`."""

    def leave(self, registrar: int, sealed: bytes, later: bool) -> str | bytes:
        """Where the response will be; not `later`, the response itself."""

    def fetch(self, location: str) -> bytes | None:
        """The response; None while there is none."""


class Relaying:
    """Sends what has no answer, through one relay; `relays` makes a way to the relay at an address."""

    def __init__(
        self, setting: Setting, memory: Memory, relays: Callable[[str], Relay], random: Random
    ) -> None:
        self._setting, self._memory, self._relays, self._random = setting, memory, relays, random
        self._periods = Periods.of(setting.definition)

    def run(self, now: int) -> Made | None:
        """Go on as far as it goes at a time, UTC seconds; None without an enrolment.

        RelayAway when no relay takes the requests.
        """
        made = self._memory.made
        if made is None:
            return None
        if made.envelopes and now >= made.due:
            made = self._fetched(made)
        if not made.envelopes and unanswered(made):
            made = self._sealed(made, now, self._drawn([]))
        return self._left(made, now)

    # -- sealing

    def _drawn(self, tried: Sequence[str]) -> str:
        """A relay, uniformly among those that have not failed just now."""
        left = [relay.address for relay in self._setting.definition.relays if relay.address not in tried]
        if not left:
            raise RelayAway("no relay takes the cards now: they are kept; run the same command again later")
        return left[int.from_bytes(self._random(16), "big") % len(left)]

    def _sealed(self, made: Made, now: int, relay: str) -> Made:
        """Requests to all registrars whose answers are not all there; on disk before any leaves."""
        period = self._periods.at(now)
        due = now if period is None else period[1]
        numbers = sorted({number for number, _ in unanswered(made)})
        envelopes = [one for number in numbers for one in self._to(made, number)]
        made = replace(made, envelopes=tuple(envelopes), relay=relay, due=due)
        self._memory.keep_made(made)
        return made

    def _to(self, made: Made, number: int) -> Iterator[Envelope]:
        gateway = self._setting.registrar_keys.gateways[number]
        count = 1 + self._setting.definition.decoys
        cards = [card for registrar, card in unanswered(made) if registrar == number]
        messages = [made.messages[number - 1][card] for card in cards]
        for place, sealed in seal_all(gateway, messages, count, self._random):
            position = NO_CARD if place is None else cards[place]
            yield Envelope(number, position, sealed.message, sealed.opener, "")

    # -- leaving

    def _left(self, made: Made, now: int) -> Made:
        """Every request is at a relay; another is drawn, and all are sealed anew, when that fails."""
        tried: list[str] = []
        while True:
            try:
                return self._leave_all(made, now)
            except RelayAway:
                tried.append(made.relay)
                made = self._sealed(self._memory.made or made, now, self._drawn(tried))

    def _leave_all(self, made: Made, now: int) -> Made:
        relay, later = self._relays(made.relay), self._periods.at(now) is not None
        for at, one in enumerate(made.envelopes):
            if one.location:
                continue
            place = relay.leave(one.registrar, one.message, later)
            if isinstance(place, bytes):
                made, place = self._opened(made, one, place), made.relay
            made = _with(made, at, replace(one, location=place))
            self._memory.keep_made(made)
        if not later:
            made = replace(made, envelopes=())
            self._memory.keep_made(made)
        return made

    # -- fetching

    def _fetched(self, made: Made) -> Made:
        """After the period: all responses; where one is missing all are sent again in the next."""
        relay = self._relays(made.relay)
        for one in made.envelopes:
            response = self._response(relay, one.location)
            if response is not None:
                made = self._opened(made, one, response)
        made = replace(made, envelopes=())
        self._memory.keep_made(made)
        return made

    @staticmethod
    def _response(relay: Relay, location: str) -> bytes | None:
        try:
            return relay.fetch(location) if location else None
        except (Gone, RelayAway):
            return None

    def _opened(self, made: Made, envelope: Envelope, response: bytes) -> Made:
        """Take the answer that a response holds; one that does not open, or is of another card, is none."""
        if envelope.card == NO_CARD:
            return made
        try:
            answer = open_response(envelope.opener, response)
            read_receipt(self._setting, made.messages[envelope.registrar - 1][envelope.card], answer)
        except (FormatError, VerificationError):
            return made
        return with_answer(made, envelope.registrar, envelope.card, answer)


def _with(made: Made, at: int, envelope: Envelope) -> Made:
    envelopes = [*made.envelopes]
    envelopes[at] = envelope
    return replace(made, envelopes=tuple(envelopes))
