"""The invitations of a voter, one by each registrar, taken in any order and judged at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from psephos.errors import FormatError, PhaseError
from psephos.post.channel import Channel
from psephos.protocol.enrolment.invitation import Invitation
from psephos.protocol.enrolment.ready import ask_ready, read_ready
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.entries import Ready, Refusal
from psephos.protocol.record import Record


class Said(NamedTuple):
    """What a registrar has signed, and what that is."""

    message: bytes
    payload: Ready | Refusal


@dataclass(repr=False)
class Invitations:
    """Those that were taken, by registrar; all are to one region."""

    record: Record
    taken: dict[int, Invitation] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """The registrars whose invitation is not there yet."""
        return [number for number in self.record.setting.registrars if number not in self.taken]

    @property
    def region(self) -> int | None:
        """The position of their region; None before there is one."""
        names = [region.id for region in self.record.definition.regions]
        return next((names.index(invitation.region) for invitation in self.taken.values()), None)

    @property
    def openings(self) -> dict[int, RollOpening]:
        """What is shown to each registrar."""
        return {number: invitation.opening for number, invitation in sorted(self.taken.items())}

    def take(self, invitation: Invitation) -> int:
        """Take one more, the same one again too; returns its registrar.

        FormatError for one that is of another referendum, of another region than those before, or that is not
        on its registrar's roll; PhaseError once enrolment in its region is over.
        """
        definition, number = self.record.definition, invitation.registrar
        if invitation.definition != definition.hash:
            raise FormatError(
                "an invitation to another referendum: take it to the site that its letter names"
            )
        if number not in self.record.setting.registrars:
            most = len(definition.registrars)
            raise FormatError(f"an invitation of registrar {number}, where there are {most}: was it changed?")
        names = [region.id for region in definition.regions]
        if invitation.region not in names:
            raise FormatError(f"there is no region {invitation.region}: was the invitation changed?")
        if any(other.region != invitation.region for other in self.taken.values()):
            raise FormatError(
                f"an invitation to {invitation.region}, and the one before was to another region"
            )
        if self.taken.get(number, invitation) != invitation:
            raise FormatError(f"another invitation of registrar {number}: take one of each registrar")
        self._check_roll(names.index(invitation.region), invitation)
        self.taken[number] = invitation
        return number

    def _check_roll(self, region: int, invitation: Invitation) -> None:
        roster, number = self.record.rosters[region], invitation.registrar
        if not roster.enrolling:
            raise PhaseError("enrolment in this region is over: its last batch of cards is in the log")
        name = invitation.opening.hash(self.record.definition.hash, number, region)
        if number in roster.rolls and not roster.enters(number, name):
            raise FormatError(
                f"the roll of registrar {number} has no such voter: was the invitation changed? Take it "
                "again from where it came, or ask this registrar today"
            )


def ask_whether_ready(
    record: Record, registrar: int, region: int, opening: RollOpening, post: Channel, timeout: float
) -> Said | None:
    """What a registrar says of a voter; None while it says nothing.

    What it said is taken back at its post: the same may be asked again later, and is judged anew.
    """
    message = ask_ready(record.setting, region, opening)
    answer = post.exchange(message, timeout)
    if answer is None:
        return None
    said = read_ready(record.setting, registrar, region, opening, answer)
    post.withdraw(post.send(message))
    return Said(answer, said)
