"""The ceremony as everybody sees it: a fold of its entries (`spec/ceremony.md`)."""

from __future__ import annotations

from dataclasses import replace

from psephos.errors import FormatError, VerificationError
from psephos.protocol.entries import (
    CeremonyAnswer,
    CeremonyCommit,
    CeremonyComplain,
    CeremonyConfirm,
    CeremonyDeadline,
    CeremonyDeal,
    CeremonyReveal,
    CeremonySign,
    Entry,
    Payload,
)
from psephos.protocol.setup.attempt import (
    COMMIT,
    COMPLETE,
    CONFIRM,
    DEAL,
    REVEAL,
    SEALED_SHARE,
    SIGN,
    Attempt,
)
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.key_generation import Context, JointKey, election_hash, is_share
from psephos.protocol.witnessed import Witnessed

# The round to which each part of a participant belongs.
ROUNDS: dict[type[Payload], int] = {
    CeremonyCommit: COMMIT,
    CeremonyReveal: REVEAL,
    CeremonyDeal: DEAL,
    CeremonyConfirm: CONFIRM,
    CeremonyComplain: CONFIRM,
    CeremonyAnswer: CONFIRM,
    CeremonySign: SIGN,
}

SHORTEST = 60
"""Seconds of a round, at least, before a deadline may end it."""


class Ceremony:
    """Takes every entry of types 5 to 12 whose author and signature hold (check 1.5), and every checkpoint.

    An entry that disqualifies its author is void too: `apply` begins the next attempt, then raises check 3.2.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.witnessed: Witnessed | None = None
        """The first valid checkpoint entry that covers the beginning of the round, or its last complaint."""
        self.seen: int | None = None
        """When witnesses had seen that, UTC seconds."""
        self.passed = 0
        """The latest time that witnesses saw pass, UTC seconds."""
        self._token_keys = b""
        self._began = 0
        self.current = Attempt(1, tuple(range(1, len(definition.trustees.members) + 1)))

    @property
    def attempt(self) -> int:
        """The number of the attempt, from 1."""
        return self.current.number

    @property
    def round(self) -> int:
        """The round of the attempt, 1 to 5; 6 when the ceremony is complete."""
        return self.current.round

    @property
    def participants(self) -> tuple[int, ...]:
        """The participants of the attempt, ascending."""
        return self.current.participants

    @property
    def complete(self) -> bool:
        """Whether all participants have signed the result."""
        return self.round == COMPLETE

    @property
    def result(self) -> JointKey | None:
        """The joint key and the shares' public keys, once the ceremony is complete."""
        made = self.current.result
        if made is None or not self.complete:
            return None
        bound = (self.definition.hash, made.attempt, made.point, made.public_shares, self._token_keys)
        return replace(made, election_hash=election_hash(*bound))

    @property
    def election_hash(self) -> bytes | None:
        """The election hash, once the ceremony is complete."""
        return self.result.election_hash if self.result else None

    def waiting_for(self) -> tuple[int, ...]:
        """The trustees whose part in the round is missing."""
        return self.current.waiting_for()

    def context(self, trustee: int) -> Context:
        """What the parts of a trustee are bound to in this attempt."""
        return Context(self.definition.hash, self.attempt, trustee)

    def take_token_keys(self, index: int, entries: bytes) -> None:
        """All registrars' keys are logged (the hashes of their entries, joined): a round 5 may begin."""
        self._token_keys = entries
        if self.round == SIGN:
            self._began, self.witnessed, self.seen = index, None, None

    @property
    def waits_for_registrars(self) -> bool:
        """Whether nobody can sign because token keys are missing."""
        return self.round == SIGN and not self._token_keys

    def checkpoint(self, checkpoint: Witnessed) -> None:
        """Take note of a valid checkpoint entry: the first that covers the end of round 4 is to be signed."""
        self.passed = max(self.passed, checkpoint.passed)
        if checkpoint.size > self._began:
            self.witnessed = self.witnessed or checkpoint
            self.seen = min(self.seen or checkpoint.seen, checkpoint.seen)

    def apply(self, index: int, entry: Entry) -> None:
        """Take the entry at a log index; raises check 3.1, 3.2 or 3.3 (void), or 3.4 (fatal)."""
        payload, before = entry.payload, self._moment
        try:
            if isinstance(payload, CeremonyDeadline):
                self._deadline(payload)
            else:
                self._act(self._author(entry), payload)
            if self.round == CONFIRM and not self.waiting_for():
                self._end_confirming()
        finally:
            if self._moment != before:
                self._began, self.witnessed, self.seen = index, None, None

    @property
    def _moment(self) -> tuple[int, int, int]:
        """What changes when a deadline is to be counted anew."""
        return self.attempt, self.round, len(self.current.complaints)

    def _author(self, entry: Entry) -> int:
        """The participant whose turn it is to write this; check 3.1."""
        trustee, payload = self.definition.trustees.index(entry.author), entry.payload
        if trustee is None:
            raise VerificationError("3.1", f"key {entry.author.hex()}", "not a trustee")
        attempt, due = getattr(payload, "attempt", None), ROUNDS.get(type(payload))
        if attempt != self.attempt or due != self.round or self.waits_for_registrars:
            raise misplaced(f"{payload.type_name()} of attempt {attempt} comes in {self._now}")
        if trustee not in self.participants:
            raise misplaced(f"trustee {trustee} is no participant of attempt {attempt}")
        return trustee

    @property
    def _now(self) -> str:
        return f"round {self.round} of attempt {self.attempt}"

    def _act(self, author: int, payload: Payload) -> None:
        answering = isinstance(payload, CeremonyAnswer)
        finished = self.current.confirmed if self.round == CONFIRM else self.current.done()
        if author in finished and not answering:
            raise misplaced(f"trustee {author} has done its part in {self._now}")
        match payload:
            case CeremonyCommit():
                self.current.commits[author] = payload
            case CeremonyReveal():
                self._reveal(author, payload)
            case CeremonyDeal():
                self._deal(author, payload)
            case CeremonyConfirm():
                self.current.confirmed.add(author)
            case CeremonyComplain():
                self._complain(author, payload)
            case CeremonyAnswer():
                self._answer(author, payload)
            case CeremonySign():
                self._sign(author, payload)

    def _reveal(self, author: int, reveal: CeremonyReveal) -> None:
        commitment = self.current.commits[author].commitment
        try:
            self.context(author).check_reveal(
                commitment, reveal.points, reveal.proof, self.definition.trustees.threshold
            )
        except FormatError as error:
            raise self._disqualified(author, f"reveal: {error}") from error
        self.current.points[author] = reveal.points

    def _deal(self, author: int, deal: CeremonyDeal) -> None:
        length = SEALED_SHARE * (len(self.participants) - 1)
        if len(deal.sealed) != length:
            raise self._disqualified(author, f"deal of {len(deal.sealed)} bytes instead of {length}")
        self.current.deals[author] = deal.sealed

    def _complain(self, author: int, complain: CeremonyComplain) -> None:
        accused = complain.accused
        if accused not in self.current.others(author):
            message = f"complains of {accused}, who has dealt it nothing"
            raise VerificationError("3.1", f"trustee {author}", message)
        if (author, accused) in self.current.complaints:
            raise misplaced(f"trustee {author} has complained of {accused} before")
        self.current.complaints[author, accused] = None

    def _answer(self, author: int, answer: CeremonyAnswer) -> None:
        complaint = answer.complainant, author
        if complaint not in self.current.complaints:
            message = f"answers {answer.complainant}, who has not complained of it"
            raise VerificationError("3.1", f"trustee {author}", message)
        if self.current.complaints[complaint] is not None:
            raise misplaced(f"trustee {author} has answered {answer.complainant} before")
        if not is_share(answer.share, self.current.points[author], answer.complainant):
            raise self._disqualified(author, f"the share that answers {answer.complainant} is wrong")
        self.current.complaints[complaint] = answer.share

    def _end_confirming(self) -> None:
        try:
            self.current.result = JointKey.of(self.attempt, self.current.points)
        except FormatError as error:
            raise VerificationError("3.4", "trustees", str(error)) from error

    def _sign(self, author: int, sign: CeremonySign) -> None:
        """Check 3.3."""
        if sign != self.statement():
            raise VerificationError(
                "3.3", f"trustee {author}", "signs something else than what all must sign"
            )
        self.current.signed.add(author)

    def statement(self) -> CeremonySign | None:
        """What every participant signs in round 5, once it is known."""
        result, witnessed = self.current.result, self.witnessed
        if result is None or witnessed is None or self.waits_for_registrars:
            return None
        return CeremonySign(self.attempt, result.point, result.joined_shares, witnessed.size, witnessed.root)

    def earliest_deadline(self) -> int | None:
        """The earliest time that a deadline of the round may name, once witnesses have seen it begin."""
        timeout = max(self.definition.tolerance, self.definition.round, SHORTEST)
        return None if self.seen is None else self.seen + timeout

    def _deadline(self, deadline: CeremonyDeadline) -> None:
        other = (deadline.attempt, deadline.round) != (self.attempt, self.round)
        if other or self.complete or self.waits_for_registrars:
            number, attempt = deadline.round, deadline.attempt
            raise misplaced(f"deadline of round {number} of attempt {attempt} comes in {self._now}")
        earliest = self.earliest_deadline()
        if earliest is None or deadline.time < earliest:
            raise misplaced(f"deadline {deadline.time}: {self._now} was not seen to begin early enough")
        if self.passed < deadline.time:
            raise misplaced(f"deadline {deadline.time}: no checkpoint before it was witnessed so late")
        self._begin_without(self.current.missing(), "organiser")

    def _disqualified(self, trustee: int, message: str) -> VerificationError:
        """Begin the next attempt without a trustee, and say so."""
        self._begin_without({trustee}, "trustees")
        return VerificationError("3.2", f"trustee {trustee}", message)

    def _begin_without(self, out: set[int], culprit: str) -> None:
        """The next attempt; check 3.4: who is left must be able to decrypt, and to close."""
        left = tuple(index for index in self.participants if index not in out)
        needed = max(self.definition.trustees.threshold, self.definition.trustees.close)
        if len(left) < needed:
            message = f"without {sorted(out)} fewer than {needed} participants are left"
            raise VerificationError("3.4", culprit, message)
        self.current = Attempt(self.attempt + 1, left)


def misplaced(message: str) -> VerificationError:
    """Check 3.1, through the board: out of its round, or again."""
    return VerificationError("3.1", "board", message)
