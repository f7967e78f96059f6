"""How far a trustee's cover is: kept with its keys, for it tells which cards weigh nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from psephos.crypto import cbor
from psephos.errors import FormatError
from psephos.keystore.store import KeyStore
from psephos.protocol.voting.window import Windows
from psephos.trustee.cover import MOMENTS, Cover, CoverBallot
from psephos.trustee.trustee import Random

MOST_SERIALS = 20


@dataclass(repr=False)
class Progress:
    """Of the cover for one batch: its seed, whether its groups are enrolled, and what is cast.

    `cast` has, by a ballot's position, day and serial, and 1 once the board has promised to log it.
    """

    seed: bytes
    enrolled: bool = False
    cast: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The bytes to keep."""
        flat = [number for place, one in self.cast.items() for number in (place, *one)]
        return cbor.encode([self.seed, int(self.enrolled), *flat])

    @classmethod
    def decode(cls, data: bytes) -> Progress:
        """From the bytes kept."""
        seed, enrolled, *flat = cbor.decode(data)
        numbers = [one for one in flat if isinstance(one, int)]
        if not isinstance(seed, bytes) or len(numbers) < len(flat) or len(flat) % 4:
            raise FormatError("cover: not a seed and ballots that were cast")
        ballots = (numbers[at : at + 4] for at in range(0, len(numbers), 4))
        return cls(seed, bool(enrolled), {place: (day, serial, done) for place, day, serial, done in ballots})


class Covering:
    """The progress of all batches of all regions."""

    def __init__(self, secrets: KeyStore, random: Random) -> None:
        self._secrets = secrets
        self._random = random

    def get(self, region: int, batch: int) -> Progress | None:
        """Of a batch; None where nothing was drawn for it."""
        stored = self._secrets.read(_name(region, batch))
        return Progress.decode(stored) if stored else None

    def draw(self, region: int, batch: int) -> Progress:
        """Of a batch, for which is drawn once and for all."""
        found = self.get(region, batch)
        if found is None:
            found = Progress(self._random(32))
            self.keep(region, batch, found)
        return found

    def keep(self, region: int, batch: int, progress: Progress) -> None:
        """Write down how far it is: before anybody is told."""
        self._secrets.write(_name(region, batch), progress.encode())


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


def _name(region: int, batch: int) -> str:
    return f"cover-{region}-{batch}"
