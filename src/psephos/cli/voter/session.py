"""What every command of a device begins with: the home, the record, and what the device remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psephos.cli.home.home import Home, Where, open_home
from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop
from psephos.observer.text import plain
from psephos.post.files import write_whole
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition
from psephos.voter.device import Answer, Device

ADVICE = {
    "roll": "Was the invitation copied from another referendum, or changed? If not, ask the registrar today.",
    "issued": "If it was you who used it: vote with the cards made then, and burn all made since. If it was "
    "not, tell the registrar today: somebody else has your cards.",
    "closed": "Nothing was enrolled or cast. psephos voter status says when days open.",
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
        return self.record.keys.election_hash

    @property
    def key(self) -> bytes:
        """H."""
        return self.record.keys.key

    def language(self, wanted: str | None) -> str:
        """A language of the definition."""
        languages = self.definition.languages
        if wanted is not None and wanted not in languages:
            raise Stop(f"--language {wanted}: there are {', '.join(languages)}", USAGE)
        return wanted or languages[0]

    def complain(self, answer: Answer) -> None:
        """Stop when it is a refusal, which is kept: it is signed, and can be shown."""
        if (refusal := answer.refusal) is None:
            return
        folder = self.home.directory / "refusals"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / refusal.request.hex()[:16]
        write_whole(path, answer.message, 0o600)
        detail = plain(refusal.detail).plain
        advice = f"\n{ADVICE[refusal.reason]}" if refusal.reason in ADVICE else ""
        raise Stop(f"refused: {plain(refusal.reason).plain}: {detail} (signed: {path}){advice}", FAILED)


@contextmanager
def at_device(where: Where) -> Iterator[Session]:
    """The device, once there is an election to enrol in; Stop before."""
    with open_home(where, "voter") as home, home.record() as record:
        if not record.begun or not record.ceremony.complete:
            raise Stop("waits for the trustees: the ceremony is not complete", WAITING)
        yield Session(home, record, Device(record.definition, record.keys.election_hash, home.keys))
