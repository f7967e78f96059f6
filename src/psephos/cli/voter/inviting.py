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
from psephos.protocol.enrolment.ready import ask_ready
from psephos.protocol.entries import Ready
from psephos.voter.enrolling import SignedAnswer
from psephos.voter.expected import take
from psephos.voter.invitations import Invitations, ask_whether_ready
from psephos.voter.pasted import Pasted, look, read


class Guest:
    """A voter's invitations, and within how many seconds each registrar answers its holder."""

    def __init__(self, session: Session, timeout: float) -> None:
        self.invitations = Invitations(session.record)
        self.waits: dict[int, int] = {}
        self._session, self._timeout = session, timeout

    def take_files(self, files: Sequence[Path]) -> None:
        """All invitations that files hold; Stop for a useless one. All registrars are asked at once."""
        for file in files:
            with stopping(USAGE, str(file)):
                found = _invitations(read(read_file(file)))
            for one in found:
                with stopping(FAILED, str(file)):
                    self.invitations.take(one)
        for number, opening in self.invitations.openings.items():
            message = ask_ready(self._session.record.setting, self.invitations.region or 0, opening)
            self._session.posts[number].send(message)
        for number in self.invitations.openings:
            self._hear(number)

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
        number = self.invitations.take(invitation)
        if number in self.waits:
            return
        try:
            self._hear(number)
        except BaseException:
            del self.invitations.taken[number]
            raise

    def _hear(self, number: int) -> None:
        """Whether a registrar is ready for who holds its invitation; Stop when it is not."""
        session, region = self._session, self.invitations.region
        name, opening = session.registrar(number), self.invitations.openings[number]
        post = session.posts[number]
        said = ask_whether_ready(session.record, number, region or 0, opening, post, self._timeout)
        if said is None:
            raise Stop(
                f"waits for {name}: it does not say whether it is ready. Nothing is lost: the invitation is "
                "unused; run the same command again later, or ask the registrar",
                WAITING,
            )
        if not isinstance(said.payload, Ready):
            raise Stop(f"{name} {session.refusal(SignedAnswer(said.message, said.payload))}", FAILED)
        self.waits[number] = said.payload.wait
        print(f"invitation  of {name}: it is ready, and answers in {said.payload.wait} s")


def _invitations(pasted: Pasted) -> list[Invitation]:
    """All that a text has: one by each registrar may be pasted at once."""
    blocks = [piece.block for piece in pasted.pieces if piece.kind == "invitation" and piece.block]
    return [Invitation.parse(block.encode()) for block in blocks or [take(pasted, "invitation")]]
