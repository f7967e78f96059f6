"""One attempt at the ceremony: who takes part, what each has done, whom it waits for (`spec/ceremony.md`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from psephos.protocol.entries import CeremonyCommit
from psephos.protocol.setup.key_generation import JointKey

COMMIT, REVEAL, DEAL, CONFIRM, SIGN, COMPLETE = range(1, 7)
SEALED_SHARE = 80


@dataclass
class Attempt:
    """The state of an attempt; what participants did is held by trustee, from 1."""

    number: int
    participants: tuple[int, ...]
    commits: dict[int, CeremonyCommit] = field(default_factory=dict)
    points: dict[int, bytes] = field(default_factory=dict)
    deals: dict[int, bytes] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)
    complaints: dict[tuple[int, int], bytes | None] = field(default_factory=dict)
    """By complainant and accused: the share that answered, if one has."""
    result: JointKey | None = None
    signed: set[int] = field(default_factory=set)

    @property
    def round(self) -> int:
        """COMMIT to SIGN, or COMPLETE."""
        for number, done in ((COMMIT, self.commits), (REVEAL, self.points), (DEAL, self.deals)):
            if len(done) < len(self.participants):
                return number
        if self.result is None:
            return CONFIRM
        return SIGN if len(self.signed) < len(self.participants) else COMPLETE

    @property
    def accused(self) -> set[int]:
        """Those with an unanswered complaint."""
        return {accused for (_, accused), share in self.complaints.items() if share is None}

    @property
    def complainants(self) -> set[int]:
        """Those who wait for an answer."""
        return {complainant for (complainant, _), share in self.complaints.items() if share is None}

    def done(self) -> set[int]:
        """Those who have nothing left to do in the round."""
        match self.round:
            case 1:
                return set(self.commits)
            case 2:
                return set(self.points)
            case 3:
                return set(self.deals)
            case 4:
                return self.confirmed - self.accused
            case 5:
                return self.signed
            case _:
                return set(self.participants)

    def waiting_for(self) -> tuple[int, ...]:
        """Those whose part in the round is missing, ascending."""
        return tuple(sorted(set(self.participants) - self.done()))

    def missing(self) -> set[int]:
        """Those who are out at a deadline: who waits for an answer is not to blame, unless accused too."""
        patient = self.complainants - self.accused if self.round == CONFIRM else set()
        return set(self.waiting_for()) - patient

    def others(self, trustee: int) -> list[int]:
        """The other participants, ascending."""
        return [index for index in self.participants if index != trustee]

    def sealed(self, dealer: int, receiver: int) -> bytes:
        """The share that a dealer sealed to another participant."""
        start = SEALED_SHARE * self.others(dealer).index(receiver)
        return self.deals[dealer][start : start + SEALED_SHARE]
