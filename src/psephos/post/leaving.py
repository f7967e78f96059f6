"""All sealed requests of a device at one relay, none of them at two (`spec/messages.md#sealed-messages`).

Cards that came twice, through two relays, would show which belong together. So what a relay has
taken, or may have, is given to no other; a relay takes the same bytes as often as they come, for one request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from psephos.post.relayed import Gone, RelayAway, Unsure

Random = Callable[[int], bytes]
"""So many random bytes, from the operating system."""
_NOBODY = "no relay takes the cards now: they are kept; run the same command again later"


@dataclass(frozen=True, repr=False)
class SealedEnvelope:
    """A sealed request on its way: to which registrar, of which card (NO_CARD: a dummy), and its opener.

    `relay` is the address of the one that it was given to, empty before that; `taken` once that said so.
    """

    registrar: int
    card: int
    message: bytes
    opener: bytes
    relay: str = ""
    taken: bool = False


class RelayChannel(Protocol):
    """A way to a relay: `psephos.post.relayed.RelayPost`."""

    def leave(self, registrar: int, sealed: bytes) -> None:
        """Have a request forwarded; RelayAway when it was not taken, Unsure when it may have been."""

    def fetch(self, sealed: bytes) -> bytes | None:
        """The response to a request; None while there is none, Gone when none will come."""


Relays = Callable[[str], RelayChannel]
"""Makes a way to the relay at an address."""
Keep = Callable[[Sequence[SealedEnvelope]], None]
"""Writes down where all requests are."""


def drawn(
    addresses: Sequence[str], envelopes: Sequence[SealedEnvelope], relay: str, random: Random
) -> list[str]:
    """Relays as they are tried: first that which has some of these requests, or else `relay`."""
    first = next((envelope.relay for envelope in reversed(envelopes) if envelope.relay), relay)
    left = [address for address in addresses if address != first]
    order = [first] if first in addresses else []
    while left:
        order.append(left.pop(int.from_bytes(random(16), "big") % len(left)))
    return order


def kept_relay(envelopes: Sequence[SealedEnvelope], answered: Sequence[bool], before: str) -> str:
    """The relay through which more is sent: it brought an answer, now or `before`; empty where none ever did.

    Once it has, its device keeps to it: a registrar that is silent has nobody draw another.
    """
    brought = [
        envelope.relay for envelope, is_answered in zip(envelopes, answered, strict=True) if is_answered
    ]
    return brought[-1] if brought else before


class Leaving:
    """Gives requests to the first of some relays, and the rest to the next where that fails."""

    def __init__(self, envelopes: Sequence[SealedEnvelope], relays: Relays, keep: Keep) -> None:
        """`keep` is called before a request is given away, and once it is taken."""
        self.envelopes = list(envelopes)
        self._relays, self._keep = relays, keep

    def run(self, order: Sequence[str]) -> None:
        """Until all are taken, or may have been; RelayAway when no relay is left for the rest."""
        left = list(order)
        for place, envelope in enumerate(self.envelopes):
            if envelope.relay:
                self._remind(place)
                continue
            while left and not self._give(place, left[0]):
                left.pop(0)
            if not self.envelopes[place].relay:
                raise RelayAway(_NOBODY)
            if not self.envelopes[place].taken:
                left.pop(0)

    def _give(self, place: int, address: str) -> bool:
        """Whether a relay has taken a request, or may have."""
        self._set(place, address, False)
        try:
            self._leave(place)
        except RelayAway:
            self._set(place, "", False)
            return False
        except Unsure:
            return True
        self._set(place, address, True)
        return True

    def _remind(self, place: int) -> None:
        """Give a request to the same relay again, unless that has said that it took it."""
        envelope = self.envelopes[place]
        if envelope.taken:
            return
        try:
            self._leave(place)
        except (RelayAway, Unsure):
            return
        self._set(place, envelope.relay, True)

    def _leave(self, place: int) -> None:
        envelope = self.envelopes[place]
        self._relays(envelope.relay).leave(envelope.registrar, envelope.message)

    def _set(self, place: int, relay: str, taken: bool) -> None:
        self.envelopes[place] = replace(self.envelopes[place], relay=relay, taken=taken)
        self._keep(self.envelopes)


def fetch_all(envelopes: Sequence[SealedEnvelope], relays: Relays) -> tuple[list[bytes], bool]:
    """Of each request the response, empty where there is none; and whether one may still come.

    Those to dummies too: otherwise relays would count the cards.
    """
    responses, waits = [], False
    for envelope in envelopes:
        response: bytes | None = b""
        if envelope.relay:
            try:
                response = relays(envelope.relay).fetch(envelope.message)
            except Gone:
                response = b""
            except RelayAway:
                response = None
        waits |= response is None
        responses.append(response or b"")
    return responses, waits
