"""A served board with its day open, ballots for it, and clients that never rest: for measuring the server."""

from __future__ import annotations

import asyncio
import os
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from psephos.crypto.ballot import encrypt_ballots, sign_ballots
from psephos.post.envelope import Envelope
from psephos.protocol.voting.vote import split
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from tests.server.deployment import OPENS, SEALS, BoardDeployment

SERIALS = 20
"""Ballots that a card may cast a day."""
_TIMEOUT = 60
_TRY_AGAIN = (202, 429, 503)


def prepared(ballots: int, seconds: int = 5) -> tuple[Referendum, list[bytes]]:
    """A referendum on a question of yes or no whose cards are enrolled, and at least so many ballots.

    `seconds` is the definition's round.
    """
    document, keys = sample(
        regions=("piraeus",), windows=((OPENS, SEALS),), seconds=seconds, questions=(HARBOUR,)
    )
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.ceremony()
    referendum.enrol(0, [[1, 0]] * max(1, -(-ballots // (2 * SERIALS))))
    serials = range(1, SERIALS + 1)
    return referendum, [ballot for serial in serials for ballot in _ballots(referendum, serial)]


def _ballots(referendum: Referendum, serial: int) -> list[bytes]:
    cards, keys = referendum.cards[0], referendum.record.joint_key
    shape, count = referendum.definition.regions[0].style.shape, len(cards)
    bodies, lengths, _ = encrypt_ballots(
        keys.election_hash,
        keys.point,
        0,
        shape,
        b"".join(card.key for card in cards),
        array("H", [1] * count),
        bytes([serial]) * count,
        array("H", [number % 2 for number in range(count)]),
        referendum.random(),
    )
    signed = sign_ballots(bodies, lengths, b"".join(card.scalar for card in cards), referendum.random())
    return split(*signed)


def opened(directory: Path, referendum: Referendum, database: str | None = None) -> BoardDeployment:
    """A served board whose day is open."""
    directory.mkdir(parents=True)
    deployment = BoardDeployment(directory, referendum, database)
    deployment.start("--limit", "0")
    deployment.until(
        lambda: deployment.published and deployment.read().windows[0].open_day == 1, "the day is open"
    )
    return deployment


def cpu(pid: int) -> float:
    """Seconds of processor that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """MiB that a process has in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass
class Load:
    """Clients that keep their connections, each with one new ballot a request."""

    port: int
    ballots: Sequence[bytes]
    taken: int = 0
    """Ballots that were sent."""
    answers: dict[int, bytes] = field(default_factory=dict)
    """By the ballot's place."""
    statuses: dict[int, int] = field(default_factory=dict)

    def run(self, clients: int, seconds: float = float("inf"), until: int | None = None) -> float:
        """Send for so many seconds, or until so many are sent; returns the seconds that it took."""
        began = monotonic()
        most = len(self.ballots) if until is None else until

        async def work() -> None:
            await asyncio.gather(*(self._client(began + seconds, most) for _ in range(clients)))

        asyncio.run(work())
        return monotonic() - began

    async def _client(self, over: float, most: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while monotonic() < over and self.taken < most:
            place, self.taken = self.taken, self.taken + 1
            body = Envelope((self.ballots[place],)).encode()
            head = f"POST /post/board HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            while True:
                writer.write(head.encode() + body)
                status, answer = await asyncio.wait_for(_answer(reader), _TIMEOUT)
                self.statuses[status] = self.statuses.get(status, 0) + 1
                if status not in _TRY_AGAIN:
                    break
                await asyncio.sleep(0.5)
            if status == 200:
                self.answers[place] = answer
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    return int(head[9:12]), await reader.readexactly(int(lines.get("content-length", "0")))
