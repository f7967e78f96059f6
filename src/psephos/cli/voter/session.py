"""What every command of a device begins with: the home, the record, and what the device remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from psephos.cli.home.home import Home, HomeOptions, open_home
from psephos.cli.home.registrars import registrar_channels
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop
from psephos.files import write_whole
from psephos.observer.text import plain
from psephos.post.channel import Channel
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition
from psephos.voter.device import Device
from psephos.voter.enrolling import SignedAnswer

ADVICE = {
    "roll": "Was the invitation copied from another referendum, or changed? If not, ask the registrar today.",
    "issued": "If it was you who used it, on another device: go on there, or vote with the cards made then. "
    "If it was not, tell the registrar today. Whoever has this invitation alone has no cards of yours, for "
    "that takes the invitations of all registrars; but it keeps you from getting any.",
    "closed": "Nothing was enrolled or cast. psephos voter status says when days open.",
    "known": "Another record of this card was admitted: has somebody copied the card? The refusal shows what "
    "the card has signed.",
    "refused": "Once the registrar has issued, anybody can judge this refusal: keep it.",
    "card": "Vote with a card that is enrolled; psephos voter check --enrolled says whether a receipt's are.",
}
"""What to do after a refusal, by its reason."""


@dataclass(frozen=True)
class Session:
    """A device at work on a referendum whose ceremony is complete."""

    home: Home
    record: Record
    device: Device

    @property
    def definition(self) -> Definition:
        """The definition."""
        return self.record.definition

    @property
    def election(self) -> bytes:
        """The election hash."""
        return self.record.joint_key.election_hash

    @property
    def key(self) -> bytes:
        """H."""
        return self.record.joint_key.point

    def language(self, wanted: str | None) -> str:
        """A language of the definition."""
        languages = self.definition.languages
        if wanted is not None and wanted not in languages:
            raise Stop(f"--language {wanted}: there are {', '.join(languages)}", USAGE)
        return wanted or languages[0]

    def complain(self, answer: SignedAnswer) -> None:
        """Stop when it is a refusal, which is kept: it is signed, and can be shown."""
        if answer.refusal is not None:
            raise Stop(self.refusal(answer), FAILED)

    def refusal(self, answer: SignedAnswer) -> str:
        """What a refusal says, and what to do; it is kept as a file, for it is signed and can be shown."""
        if (refusal := answer.refusal) is None:
            raise TypeError("no refusal")
        path = self.keep("refusals", refusal.request.hex()[:16], answer.message)
        detail = plain(refusal.detail).plain
        advice = f"\n{ADVICE[refusal.reason]}" if refusal.reason in ADVICE else ""
        return f"refused: {plain(refusal.reason).plain}: {detail} (signed: {path}){advice}"

    def keep(self, folder: str, name: str, message: bytes) -> Path:
        """A signed message as a file of the home; where it is."""
        directory = self.home.directory / folder
        directory.mkdir(mode=0o700, exist_ok=True)
        write_whole(directory / name, message, 0o600)
        return directory / name

    @cached_property
    def posts(self) -> dict[int, Channel]:
        """The ways to all registrars."""
        return registrar_channels(self.home, self.record)

    def registrar(self, number: int) -> str:
        """What a registrar is called: its number, and the name that the definition gives it."""
        return f"registrar {number} ({plain(self.definition.registrars[number - 1].name).plain})"


@contextmanager
def at_device(options: HomeOptions) -> Iterator[Session]:
    """The device, once there is an election to enrol in; Stop before."""
    with open_home(options, "voter") as home, home.record() as record:
        if not record.begun or not record.ceremony.complete:
            raise Stop("waits for the trustees: the ceremony is not complete", WAITING)
        yield Session(home, record, Device(record.setting, home.keys))
