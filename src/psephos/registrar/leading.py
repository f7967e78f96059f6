"""What the first registrar does: asks the others what they have admitted, and cuts batches of it.

Nothing is cut of which another registrar has signed that it lacks it (`spec/messages.md#batches`). Who does
not answer holds up what stands, by not endorsing it: the log shows that, and not that the lead asked in vain.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from psephos.crypto.column import rows, sort_records
from psephos.protocol.enrolment.agreement import queries, read_answer
from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.entries import Batch, BatchAnswer
from psephos.registrar.attempts import (
    ASKING,
    CUT,
    NONE,
    SAME,
    BatchAttempt,
    BatchAttempts,
    BatchId,
    PendingQuery,
)
from psephos.registrar.cards import admitted, is_waiting, waiting
from psephos.registrar.given import given_in
from psephos.registrar.issuer import Issuer

TIMEOUT = 600
"""Seconds for which answers are waited for; and after which those are asked who have not endorsed a batch."""
MOST_CUTS = 16
"""Batches of one number: as many as a board takes in place of one another."""


class Lead:
    """Cuts the batches of all regions."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._attempts = BatchAttempts(issuer.store)
        self._others = range(2, len(issuer.definition.registrars) + 1)
        self._seen: dict[BatchId, tuple[int, int]] = {}
        """Of each batch the last attempt's number, and since when this process knows it as it stands."""

    def questions(self) -> list[PendingQuery]:
        """What is to be asked of whom."""
        return self._attempts.questions()

    def take(self, question: PendingQuery, answer: bytes) -> bool:
        """Keep an answer, but for a refusal; VerificationError when it is none to this question."""
        payload = read_answer(self._issuer.setting, question.registrar, question.message, answer)
        if isinstance(payload, BatchAnswer):
            self._attempts.take(question, answer)
        return isinstance(payload, BatchAnswer)

    def entries(self, roster: Roster) -> list[bytes]:
        """The entries of the region's next batch that the log lacks; none while there is nothing to cut."""
        if not roster.enrolling:
            self._attempts.end(roster.region)
        if not roster.enrolling or len(roster.rolls) < roster.registrars:
            return []
        place = roster.region, len(roster.batches) + 1
        if (asked := self._to_ask(roster, place)) is not None:
            digests, registrars = asked
            shut = self._issuer.is_shut(roster.region)
            messages = [self._issuer.sign(query) for query in queries(*place, shut, digests)]
            self._attempts.begin(place, shut, registrars, messages)
        last = self._attempts.last(place)
        if last is not None and last.state == ASKING and self._may_settle(place, last):
            self._settle(place, last)
        return self._lacking(roster, place)

    # -- whom to ask about what

    def _to_ask(self, roster: Roster, place: BatchId) -> tuple[list[bytes], Sequence[int]] | None:
        """The records of an attempt that is to be begun now, and who is to be asked about them."""
        last, region = self._attempts.last(place), roster.region
        if last is None:
            return (waiting(self._issuer, region), self._others) if self._due(place) else None
        if last.state == NONE:
            shut_since = self._issuer.is_shut(region) and not last.shut
            again = shut_since or self._is_old(place, last)
            return (waiting(self._issuer, region), self._others) if again else None
        if last.state == ASKING or not self._is_old(place, last):
            return None
        return self._about_cut(roster, place)

    def _due(self, place: BatchId) -> bool:
        """Whether voters and cards are enough for one more batch and the last; or the region is shut."""
        region, number = place
        least = self._issuer.definition.min_batch
        if self._issuer.is_shut(region):
            return True
        enough = given_in(self._issuer, region) >= (number + 1) * least
        return enough and is_waiting(self._issuer, region, least)

    def _is_old(self, place: BatchId, attempt: BatchAttempt) -> bool:
        number, since = self._seen.get(place, (0, 0))
        if number != attempt.number:
            since = self._issuer.now
            self._seen[place] = attempt.number, since
        return self._issuer.now >= since + TIMEOUT

    def _about_cut(self, roster: Roster, place: BatchId) -> tuple[list[bytes], Sequence[int]] | None:
        """The cards of the batch that stands, for those who do not endorse it: do they lack some now?"""
        cuts, standing = self._attempts.cuts(place), roster.standing
        if standing is None or standing.entry != cuts[-1].body_hash or len(cuts) >= MOST_CUTS:
            return None
        missing = [number for number in self._others if number not in standing.endorsed]
        content = self._attempts.content(place, cuts[-1])
        return [sha256(record).digest() for record in rows(content, self._issuer.setting.width)], missing

    # -- what is cut

    def _may_settle(self, place: BatchId, attempt: BatchAttempt) -> bool:
        return self._attempts.answered(place, attempt) or self._is_old(place, attempt)

    def _settle(self, place: BatchId, attempt: BatchAttempt) -> None:
        """Cut the batch that the answers allow, unless it is the one that was cut before."""
        region, cuts = place[0], self._attempts.cuts(place)
        self._seen[place] = attempt.number, self._issuer.now
        agreed = self._attempts.agreed(place, attempt) if self._others else waiting(self._issuer, region)
        records = admitted(self._issuer, region, agreed)
        width = self._issuer.setting.width
        whole, _ = sort_records(b"".join(records.values()), width)
        content = whole[: self._issuer.definition.budgets.parts // width * width]  # as a board takes it
        last = attempt.shut and len(content) == len(whole)
        if cuts and self._attempts.content(place, cuts[-1]) == content:
            self._attempts.settle(place, attempt, SAME)
        elif not last and not content:
            self._attempts.settle(place, attempt, NONE)
        else:
            batch = Batch(*place, len(content) // width, int(last), sha256(content).digest())
            self._attempts.settle(place, attempt, CUT, content, self._issuer.sign(batch))

    def _lacking(self, roster: Roster, place: BatchId) -> list[bytes]:
        """The entries of the last cut, unless the log has had it."""
        cuts = self._attempts.cuts(place)
        if not cuts or cuts[-1].body_hash in roster.stood:
            return []
        return [*self._issuer.parts(self._attempts.content(place, cuts[-1])), cuts[-1].entry]
