"""How a card of the cover gets to all registrars: as a voter's does (`spec/messages.md#sealed-messages`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from psephos.errors import FormatError, PsephosError, VerificationError
from psephos.post.channel import Channel
from psephos.post.relayed import Gone, RelayAway
from psephos.protocol.enrolment.presentation import read_receipt
from psephos.protocol.enrolment.sealed import open_response, seal_all
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entry import Refusal
from psephos.protocol.setup.periods import Periods
from psephos.trustee.covering import Covering, Way
from psephos.trustee.trustee import Random

TOO_LATE = "closed"


class Relay(Protocol):
    """A way to a relay: `psephos.post.relayed.RelayPost`."""

    def leave(self, registrar: int, sealed: bytes, later: bool) -> str | bytes:
        """Where the response will be; not `later`, the response itself."""

    def fetch(self, location: str) -> bytes | None:
        """The response; None while there is none."""


class Enrolling:
    """Sends cards one by one; each method may be called again at any time, and goes on."""

    def __init__(
        self,
        setting: Setting,
        covering: Covering,
        posts: Mapping[int, Channel],
        relays: Callable[[str], Relay],
        random: Random,
        patience: float,
    ) -> None:
        """`posts` are registrars' by number, `relays` makes a way to an address; `patience` in seconds."""
        self._setting, self._covering, self._posts = setting, covering, posts
        self._relays, self._random, self._patience = relays, random, patience

    def send(self, region: int, card: int, messages: Sequence[bytes], now: int) -> bool:
        """Have a card admitted; whether all registrars have answered by now, UTC seconds.

        RelayAway when no relay takes the messages.
        """
        if not self._setting.definition.relays:
            return self._send_openly(messages)
        way = self._covering.way(region, card)
        if way is not None and now < way.due:
            return False
        missing = [*self._setting.registrars] if way is None else self._unanswered(way, messages)
        left = self._leave(missing, messages, now) if missing else None
        self._covering.keep_way(region, card, left)
        return left is None

    def _send_openly(self, messages: Sequence[bytes]) -> bool:
        for number, message in enumerate(messages, 1):
            self._posts[number].send(message)
        answers = [
            self._posts[number].exchange(one, self._patience) for number, one in enumerate(messages, 1)
        ]
        for message, answer in zip(messages, answers, strict=True):
            if answer is not None:
                self._check(message, answer)
        return None not in answers

    def _unanswered(self, way: Way, messages: Sequence[bytes]) -> list[int]:
        """The registrars whose answers are not at the relay, now that the period is over."""
        relay = self._relays(way.relay)
        return [
            number
            for number, location, opener in way.sent
            if not self._answered(relay, location, opener, messages[number - 1])
        ]

    def _answered(self, relay: Relay, location: str, opener: bytes, message: bytes) -> bool:
        try:
            response = relay.fetch(location)
            if response is None:
                return False
            answer = open_response(opener, response)
        except (Gone, RelayAway, FormatError):
            return False
        return self._check(message, answer)

    def _leave(self, registrars: Sequence[int], messages: Sequence[bytes], now: int) -> Way | None:
        """All sealed messages to these registrars at one relay that is drawn; another where that fails.

        None when all have answered at once, as after the last close.
        """
        left = [relay.address for relay in self._setting.definition.relays]
        while left:
            address = left.pop(int.from_bytes(self._random(16), "big") % len(left))
            try:
                return self._leave_at(address, registrars, messages, now)
            except RelayAway:
                continue
        raise RelayAway("no relay takes the cover now: run the same command again later")

    def _leave_at(
        self, address: str, registrars: Sequence[int], messages: Sequence[bytes], now: int
    ) -> Way | None:
        period, relay = Periods.of(self._setting.definition).at(now), self._relays(address)
        sent = []
        for number in registrars:
            gateway, message = self._setting.registrar_keys.gateways[number], messages[number - 1]
            count = 1 + self._setting.definition.decoys
            for place, sealed in seal_all(gateway, [message], count, self._random):
                answer = relay.leave(number, sealed.message, period is not None)
                if place is None:
                    continue
                if isinstance(answer, str):
                    sent.append((number, answer, sealed.opener))
                elif not self._opened(message, sealed.opener, answer):
                    sent.append((number, "", sealed.opener))
        return Way(now if period is None else period[1], address, tuple(sent)) if sent else None

    def _opened(self, message: bytes, opener: bytes, response: bytes) -> bool:
        try:
            return self._check(message, open_response(opener, response))
        except FormatError:
            return False

    def _check(self, message: bytes, answer: bytes) -> bool:
        """Whether an answer is one; PsephosError for a refusal, but of a card that came too late."""
        try:
            said = read_receipt(self._setting, message, answer)
        except (FormatError, VerificationError):
            return False
        if isinstance(said, Refusal) and said.reason != TOO_LATE:
            raise PsephosError(f"a registrar refuses a card: {said.reason}: {said.detail}")
        return True
