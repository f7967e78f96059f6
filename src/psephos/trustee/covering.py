"""How far a trustee's cover is: kept with its keys, for it tells which cards weigh nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from psephos.crypto import cbor
from psephos.errors import FormatError
from psephos.keystore.store import KeyStore
from psephos.post.leaving import SealedEnvelope
from psephos.protocol.enrolment.token import NO_CARD
from psephos.protocol.voting.window import Windows
from psephos.trustee.cover import MOMENTS, Cover, CoverBallot
from psephos.trustee.trustee import Random


@dataclass(repr=False)
class Progress:
    """Of the cover for a region: its seed, when it began, UTC seconds, and what is done.

    `cards` are those that all registrars have answered; `cast` has, by a ballot's position, day and serial,
    and 1 once the board has promised to log it.
    """

    seed: bytes
    began: int
    cards: set[int] = field(default_factory=set)
    cast: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The bytes to keep."""
        flat = [number for place, one in self.cast.items() for number in (place, *one)]
        return cbor.encode([self.seed, self.began, len(self.cards), *sorted(self.cards), *flat])

    @classmethod
    def decode(cls, data: bytes) -> Progress:
        """From the bytes kept."""
        seed, *rest = cbor.decode(data)
        numbers = [one for one in rest if isinstance(one, int)]
        if not isinstance(seed, bytes) or len(numbers) < max(2, len(rest)):
            raise FormatError("cover: not a seed and numbers")
        began, count, *numbers = numbers
        cards, flat = numbers[:count], numbers[count:]
        if len(cards) < count or len(flat) % 4:
            raise FormatError("cover: not cards that were enrolled and ballots that were cast")
        ballots = (flat[at : at + 4] for at in range(0, len(flat), 4))
        cast = {place: (day, serial, done) for place, day, serial, done in ballots}
        return cls(seed, began, set(cards), cast)


@dataclass(frozen=True, repr=False)
class Way:
    """A card's sealed messages at relays, until their window ends, UTC seconds.

    To each registrar that has not answered `1 + decoys`; `card` is 0 of the card's own, NO_CARD of dummies.
    `relay` has brought an answer, and is kept to; empty where none has.
    """

    due: int
    envelopes: tuple[SealedEnvelope, ...]
    relay: str = ""

    def encode(self) -> bytes:
        """The bytes to keep."""
        flat = [item for one in self.envelopes for item in _sent(one)]
        return cbor.encode([self.due, self.relay, *flat])

    @classmethod
    def decode(cls, data: bytes) -> Way:
        """From the bytes kept."""
        due, relay, *flat = cbor.decode(data)
        if not isinstance(due, int) or not isinstance(relay, str):
            raise FormatError("cover: not a time and a relay")
        return cls(due, tuple(_envelope(flat[at : at + 6]) for at in range(0, len(flat), 6)), relay)


def _sent(one: SealedEnvelope) -> list[cbor.Item]:
    return [one.registrar, one.card - NO_CARD, one.message, one.opener, one.relay, int(one.taken)]


def _envelope(items: Sequence[cbor.Item]) -> SealedEnvelope:
    match items:
        case [int(registrar), int(card), bytes(message), bytes(opener), str(relay), int(taken)]:
            return SealedEnvelope(registrar, card + NO_CARD, message, opener, relay, bool(taken))
    raise FormatError("cover: not what was sent to a registrar")


class Covering:
    """The cover of all regions."""

    def __init__(self, secrets: KeyStore, random: Random) -> None:
        self._secrets = secrets
        self._random = random

    def get(self, region: int) -> Progress | None:
        """Of a region; None where nothing was drawn for it."""
        stored = self._secrets.read(_name(region))
        return Progress.decode(stored) if stored else None

    def draw(self, region: int, now: int) -> Progress:
        """Of a region, for which is drawn once and for all."""
        found = self.get(region)
        if found is None:
            found = Progress(self._random(32), now)
            self.keep(region, found)
        return found

    def keep(self, region: int, progress: Progress) -> None:
        """Write down how far it is: before anybody is told."""
        self._secrets.write(_name(region), progress.encode())

    def messages(self, region: int, registrars: int) -> list[tuple[bytes, ...]] | None:
        """Of each card its messages to all registrars; None until they are made."""
        stored = self._secrets.read(f"{_name(region)}-messages")
        if stored is None:
            return None
        items = [one for one in cbor.decode(stored) if isinstance(one, bytes)]
        return [tuple(items[at : at + registrars]) for at in range(0, len(items), registrars)]

    def keep_messages(self, region: int, messages: Sequence[tuple[bytes, ...]]) -> None:
        """Keep them before any is sent. The first item stands for there being none, too."""
        self._secrets.write(
            f"{_name(region)}-messages", cbor.encode([0, *(one for row in messages for one in row)])
        )

    def way(self, region: int, card: int) -> Way | None:
        """Where a card's messages are."""
        stored = self._secrets.read(f"{_name(region)}-card-{card}")
        return Way.decode(stored) if stored else None

    def keep_way(self, region: int, card: int, way: Way | None) -> None:
        """Keep it, or forget it."""
        if way is None:
            self._secrets.erase(f"{_name(region)}-card-{card}")
        else:
            self._secrets.write(f"{_name(region)}-card-{card}", way.encode())


def due_cards(cover: Cover, progress: Progress, closes: int, now: int) -> list[int]:
    """The cards that are to be enrolled by now, in the order of their moments.

    They are spread over the time from when the cover was drawn to when enrolment closes, as voters' are.
    """
    left = max(0, closes - progress.began)
    times = {card: progress.began + left * moment // MOMENTS for card, moment in enumerate(cover.moments)}
    cards = [card for card, time in times.items() if time <= now and card not in progress.cards]
    return sorted(cards, key=lambda card: times[card])


def due(cover: Cover, progress: Progress, windows: Windows, now: int) -> Iterator[tuple[int, CoverBallot]]:
    """The ballots whose time has come on the day that is open, with their positions; late ones too."""
    day = windows.open_day
    if day is None:
        return
    opens, seals = windows.plans[day - 1]
    for place, ballot in enumerate(cover.ballots):
        time = opens + (seals - opens) * ballot.moment // MOMENTS
        if place not in progress.cast and (ballot.day < day or (ballot.day == day and time <= now)):
            yield place, ballot


def next_serial(cover: Cover, progress: Progress, ballot: CoverBallot, day: int) -> int:
    """The next serial of a ballot's card on a day, from 1."""
    used = [
        serial
        for place, (on, serial, _) in progress.cast.items()
        if on == day and cover.ballots[place].card == ballot.card
    ]
    return max(used, default=0) + 1


def _name(region: int) -> str:
    return f"cover-{region}"
