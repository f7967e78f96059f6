"""Admissions through a relay, dummies among them, so that no registrar sees whose cards are whose.

To each registrar always `1 + decoys` requests go, all at once and through one relay, which forwards each in
the window of its period (`spec/messages.md#sealed-messages`). Where a response is missing after that, be it
of a dummy, as many go to that registrar again, sealed anew: a relay does not learn what was a dummy. Dummies
stand for what was answered: a registrar that leaves a card unanswered does not see which others come again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from psephos.errors import FormatError, PsephosError, VerificationError
from psephos.post.leaving import Leaving, Relays, SealedEnvelope, drawn, fetch_all, kept_relay
from psephos.protocol.enrolment.presentation import read_receipt
from psephos.protocol.enrolment.sealed import open_response, seal_all
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import NO_CARD
from psephos.protocol.setup.periods import Periods
from psephos.voter.enrolling import Random
from psephos.voter.memory import Made, Memory
from psephos.voter.sending import unanswered, with_answer

FEW = 16
"""Voters among whom a card should hide, at least."""
Logged = Callable[[int], bool]
"""Whether the log has a card, by its position: then it is sent to nobody again."""


def _in_no_log(_card: int) -> bool:
    return False


class TooLate(PsephosError):
    """Enrolment in the region is closed: relays are given nothing more of it."""


class Relaying:
    """Sends what has no answer, through one relay; `relays` makes a way to the relay at an address."""

    def __init__(self, setting: Setting, memory: Memory, relays: Relays, random: Random) -> None:
        self._setting, self._memory, self._relays, self._random = setting, memory, relays, random
        self._periods = Periods.of(setting.definition)

    def run(self, now: int, logged: Logged = _in_no_log) -> Made | None:
        """Go on as far as it goes at a time, UTC seconds; None without an enrolment.

        RelayAway when no relay takes the requests, TooLate when they would be sent after the close.
        """
        made = self._memory.made
        if made is None:
            return None
        if made.envelopes:
            return self._gone_on(made, now, logged) if now >= made.due else self._left(made, now)
        numbers = {number for number, _ in unanswered(made)}
        return self._sent_anew(made, now, logged, numbers) if numbers else made

    def _closed(self, made: Made, now: int) -> bool:
        return now >= self._setting.definition.regions[made.region].closes

    # -- sealing

    def _sent_anew(self, made: Made, now: int, logged: Logged, numbers: Iterable[int]) -> Made:
        """Requests to these registrars; on disk before any leaves."""
        if self._closed(made, now):
            made = replace(made, envelopes=())
            self._memory.keep_made(made)
            return self._too_late(made)
        envelopes = [envelope for number in sorted(numbers) for envelope in self._to(made, number, logged)]
        made = replace(made, envelopes=tuple(envelopes), due=self._until(now))
        self._memory.keep_made(made)
        return self._left(made, now)

    @staticmethod
    def _too_late(made: Made) -> Made:
        if unanswered(made) and not any(envelope.relay for envelope in made.envelopes):
            raise TooLate("enrolment in this region is closed: relays take no more of its cards")
        return made

    def _until(self, now: int) -> int:
        window = self._periods.window(now)
        return now if window is None else window[1]

    def _to(self, made: Made, number: int, logged: Logged) -> Iterator[SealedEnvelope]:
        gateway = self._setting.registrar_keys.gateways[number]
        count = 1 + self._setting.definition.decoys
        cards = [card for registrar, card in unanswered(made) if registrar == number and not logged(card)]
        messages = [made.messages[number - 1][card] for card in cards]
        for place, sealed in seal_all(gateway, messages, count, self._random):
            yield SealedEnvelope(
                number, NO_CARD if place is None else cards[place], sealed.message, sealed.opener
            )

    # -- leaving

    def _left(self, made: Made, now: int) -> Made:
        """Every request is at a relay; after the close those that are not stay here."""
        if all(envelope.taken for envelope in made.envelopes):
            return made
        if self._closed(made, now):
            return self._too_late(made)
        made = replace(made, due=max(made.due, self._until(now)))

        def keep(envelopes: Sequence[SealedEnvelope]) -> None:
            nonlocal made
            made = replace(made, envelopes=tuple(envelopes))
            self._memory.keep_made(made)

        addresses = [relay.address for relay in self._setting.definition.relays]
        order = drawn(addresses, made.envelopes, made.relay, self._random)
        Leaving(made.envelopes, self._relays, keep).run(order)
        return made

    # -- fetching

    def _gone_on(self, made: Made, now: int, logged: Logged) -> Made:
        """After the window: all responses. Where one is missing the same registrar gets as many again.

        A relay may be late, or away: it is waited for as long as a window again.
        """
        responses, waits = fetch_all(made.envelopes, self._relays)
        missing, answers = set[int](), list[bool]()
        for envelope, response in zip(made.envelopes, responses, strict=True):
            answered = self._opened(made, envelope, response)
            missing |= {envelope.registrar} if answered is None else set()
            answers.append(answered is not None)
            made = answered or made
        made = replace(made, relay=kept_relay(made.envelopes, answers, made.relay))
        self._memory.keep_made(made)
        if waits and now < made.due + self._periods.hold:
            return made
        if missing:
            return self._sent_anew(made, now, logged, missing)
        made = replace(made, envelopes=())
        self._memory.keep_made(made)
        return made

    def _opened(self, made: Made, envelope: SealedEnvelope, response: bytes) -> Made | None:
        """Take the answer that a response holds; None where it does not open, or is of another card."""
        try:
            answer = open_response(envelope.opener, response)
            if envelope.card == NO_CARD:
                return made
            read_receipt(self._setting, made.messages[envelope.registrar - 1][envelope.card], answer)
        except (FormatError, VerificationError):
            return None
        return with_answer(made, envelope.registrar, envelope.card, answer)
