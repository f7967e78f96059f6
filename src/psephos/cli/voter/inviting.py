"""The invitations of all registrars: given as files or pasted, in any order, each judged at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from psephos.cli.process.stop import FAILED, USAGE, WAITING, Stop, stopping
from psephos.cli.source import read_file
from psephos.cli.voter.asking import ask_block
from psephos.cli.voter.session import Session
from psephos.errors import PsephosError
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.entry import Ready
from psephos.voter.enrolling import Answer
from psephos.voter.expected import take
from psephos.voter.invitations import Invitations, ask_whether_ready
from psephos.voter.pasted import Pasted, look, read


class Guest:
    """A voter's invitations, and within how many seconds each registrar answers its holder."""

    def __init__(self, session: Session, patience: float) -> None:
        self.invitations = Invitations(session.record)
        self.waits: dict[int, int] = {}
        self._session, self._patience = session, patience

    def take_files(self, files: Sequence[Path]) -> None:
        """All invitations that files hold; Stop for one that is of no use."""
        for file in files:
            with stopping(USAGE, str(file)):
                found = _invitations(read(read_file(file)))
            for one in found:
                with stopping(FAILED, str(file)):
                    self._take(one)

    def ask_missing(self) -> None:
        """Ask for those that are not there yet, and say whose."""
        while missing := self.invitations.missing:
            names = ", ".join(map(self._session.registrar, missing))
            for one in ask_block(f"The invitation of {names}:", lambda text: _invitations(look(text))):
                try:
                    self._take(one)
                except (PsephosError, Stop) as error:
                    print(error)

    def _take(self, invitation: Invitation) -> None:
        """Judge one: by the log, and by what its registrar says."""
        session, known = self._session, invitation.registrar in self.waits
        number = self.invitations.take(invitation)
        if not known:
            try:
                self.waits[number] = self._ready(number)
            except BaseException:
                del self.invitations.taken[number]
                raise
        print(
            f"invitation  of {session.registrar(number)}: it is ready, and answers in {self.waits[number]} s"
        )

    def _ready(self, number: int) -> int:
        session, region = self._session, self.invitations.region
        opening, post = self.invitations.openings[number], session.posts[number]
        said = ask_whether_ready(session.record, number, region or 0, opening, post, self._patience)
        if said is None:
            raise Stop(
                f"waits for {session.registrar(number)}: it does not say whether it is ready. Nothing is "
                "lost: the invitation is unused; run the same command again later, or ask the registrar",
                WAITING,
            )
        if isinstance(said.payload, Ready):
            return said.payload.wait
        raise Stop(
            f"{session.registrar(number)} {session.refusal(Answer(said.message, said.payload))}", FAILED
        )


def _invitations(pasted: Pasted) -> list[Invitation]:
    """All that a text has: one by each registrar may be pasted at once."""
    blocks = [piece.block for piece in pasted.pieces if piece.kind == "invitation" and piece.block]
    return [Invitation.parse(block.encode()) for block in blocks or [take(pasted, "invitation")]]
