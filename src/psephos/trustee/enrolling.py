"""How a card of the cover gets to all registrars: as a voter's does (`spec/messages.md#sealed-messages`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from psephos.errors import FormatError, PsephosError, VerificationError
from psephos.post.channel import Channel
from psephos.post.leaving import Leaving, Relays, SealedEnvelope, drawn, fetch_all, kept_relay
from psephos.protocol.enrolment.presentation import read_receipt
from psephos.protocol.enrolment.sealed import open_response, seal_all
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import NO_CARD
from psephos.protocol.entries import Refusal
from psephos.protocol.setup.periods import Periods
from psephos.trustee.covering import Covering, Way
from psephos.trustee.trustee import Random

TOO_LATE = "closed"


class CoverEnrolment:
    """Sends cards one by one; each method may be called again at any time, and goes on."""

    def __init__(
        self,
        setting: Setting,
        covering: Covering,
        posts: Mapping[int, Channel],
        relays: Relays,
        random: Random,
        timeout: float,
    ) -> None:
        """`posts` are registrars' by number, `relays` makes a way to an address; `timeout` in seconds."""
        self._setting, self._covering, self._posts = setting, covering, posts
        self._relays, self._random, self._timeout = relays, random, timeout

    def send(self, region: int, card: int, messages: Sequence[bytes], now: int) -> bool:
        """Have a card admitted; whether all registrars have answered by now, UTC seconds, or never will.

        RelayAway when no relay takes the messages.
        """
        if not self._setting.definition.relays:
            return self._send_openly(messages)
        closed = now >= self._setting.definition.regions[region].closes
        way, keep = self._covering.way(region, card), partial(self._covering.keep_way, region, card)
        if way is not None and now < way.due:
            self._leave(way, keep, now, closed)
            return False
        missing: dict[int, bool] | None = dict.fromkeys(self._setting.registrars, True)
        if way is not None:
            way, missing = self._fetched(way, messages, now)
            keep(way)
        if missing is None:
            return False
        if not missing or closed:
            keep(None)
            return True
        way = Way(self._until(now), self._sealed(missing, messages), way.relay if way else "")
        keep(way)
        self._leave(way, keep, now, closed)
        return False

    def _send_openly(self, messages: Sequence[bytes]) -> bool:
        for number, message in enumerate(messages, 1):
            self._posts[number].send(message)
        answers = [self._posts[number].exchange(one, self._timeout) for number, one in enumerate(messages, 1)]
        for message, answer in zip(messages, answers, strict=True):
            if answer is not None:
                self._check(message, answer)
        return None not in answers

    def _fetched(self, way: Way, messages: Sequence[bytes], now: int) -> tuple[Way, dict[int, bool] | None]:
        """Registrars of which a response is missing, and whether the card's is; None while it may come."""
        responses, waits = fetch_all(way.envelopes, self._relays)
        missing, answers = dict[int, bool](), list[bool]()
        for one, response in zip(way.envelopes, responses, strict=True):
            answers.append(self._opened(one, messages[one.registrar - 1], response))
            if not answers[-1]:
                missing[one.registrar] = missing.get(one.registrar, False) or one.card != NO_CARD
        way = replace(way, relay=kept_relay(way.envelopes, answers, way.relay))
        return way, None if waits and now < way.due + self._setting.definition.hold else missing

    def _sealed(
        self, registrars: Mapping[int, bool], messages: Sequence[bytes]
    ) -> tuple[SealedEnvelope, ...]:
        """Requests to these registrars: dummies, and the card where it has no answer."""
        count, envelopes = 1 + self._setting.definition.decoys, list[SealedEnvelope]()
        for number, of_card in registrars.items():
            gateway = self._setting.registrar_keys.gateways[number]
            sealed = seal_all(gateway, [messages[number - 1]] if of_card else [], count, self._random)
            envelopes += (
                SealedEnvelope(number, NO_CARD if place is None else place, one.message, one.opener)
                for place, one in sealed
            )
        return tuple(envelopes)

    def _until(self, now: int) -> int:
        window = Periods.of(self._setting.definition).window(now)
        return now if window is None else window[1]

    def _leave(self, way: Way, keep: Callable[[Way], None], now: int, closed: bool) -> None:
        """All requests at one relay, as voters' are; what is not there at the close stays here."""
        if closed or all(one.taken for one in way.envelopes):
            return
        way = replace(way, due=max(way.due, self._until(now)))
        addresses = [relay.address for relay in self._setting.definition.relays]
        order = drawn(addresses, way.envelopes, way.relay, self._random)
        leaving = Leaving(way.envelopes, self._relays, lambda all_: keep(replace(way, envelopes=tuple(all_))))
        leaving.run(order)

    def _opened(self, envelope: SealedEnvelope, message: bytes, response: bytes) -> bool:
        try:
            answer = open_response(envelope.opener, response)
        except FormatError:
            return False
        return envelope.card == NO_CARD or self._check(message, answer)

    def _check(self, message: bytes, answer: bytes) -> bool:
        """Whether an answer is one; PsephosError for a refusal, but of a card that came too late."""
        try:
            said = read_receipt(self._setting, message, answer)
        except (FormatError, VerificationError):
            return False
        if isinstance(said, Refusal) and said.reason != TOO_LATE:
            raise PsephosError(f"a registrar refuses a card: {said.reason}: {said.detail}")
        return True
