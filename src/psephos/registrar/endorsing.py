"""What every registrar but the first does: says what it has admitted, and endorses batches of that alone.

To a batch that stands for long, and that it cannot endorse, it objects in the log
(`spec/messages.md#batches`).
"""

from __future__ import annotations

from typing import NamedTuple

from psephos.crypto.column import rows
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.enrolment.agreement import answer_query, read_query
from psephos.protocol.enrolment.roster import LEAD, PendingBatch, Roster
from psephos.protocol.entries import Endorse, Objection
from psephos.protocol.message import refused_as, request_id
from psephos.protocol.opening import TIME_TO_FOLLOW
from psephos.registrar.cards import admitted, count, lacking, open_batch
from psephos.registrar.given import given_in
from psephos.registrar.issuer import Issuer
from psephos.registrar.leading import TIMEOUT

KEPT = 256
"""Answers about one batch that are kept, the last ones: a lead that asks without end fills no disk."""
_FORGET = """DELETE FROM answers WHERE number IN (SELECT number FROM answers WHERE region = ? AND batch = ?
    ORDER BY number DESC LIMIT -1 OFFSET ?)"""


def answer(issuer: Issuer, message: bytes) -> bytes | None:
    """The batch-answer to a batch-query, kept; or a signed refusal.

    None while the log, or the close of the region, is not seen here yet: what is said then is about all that
    can have got a receipt under an earlier number, or under any.
    """
    name = refused_as(message, message=True)
    try:
        query = read_query(issuer.setting, message)
    except FormatError as error:
        return issuer.refuse(name, Rejection("form", str(error)))
    except VerificationError as error:
        return issuer.refuse(name, Rejection("author", error.message))
    if issuer.number == LEAD:
        return issuer.refuse(name, Rejection("author", "the first registrar asks, and is not asked"))
    with issuer.store.write() as database:
        due = open_batch(issuer, query.region)
        if query.batch < due:
            return issuer.refuse(name, Rejection("form", f"batch-query: batch {due} is the next"))
        if query.batch > due or (query.last and not issuer.is_shut(query.region)):
            return None
        here = admitted(issuer, query.region, rows(query.records, 32))
        answered = issuer.sign(answer_query(message, query, here))
        kept = [request_id(message, message=True), query.region, query.batch, message, answered]
        database.execute("INSERT OR REPLACE INTO answers VALUES (NULL, ?, ?, ?, ?, ?)", kept)
        database.execute(_FORGET, [query.region, query.batch, KEPT])
    return answered


class Endorser:
    """Endorses batches, or objects to them, in all regions."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._judged: dict[int, _Judged] = {}
        self._since: dict[bytes, int] = {}
        """The lead asks again first: when this process first saw a batch entry stand, by body hash."""

    def entries(self, roster: Roster, seal: int) -> list[bytes]:
        """What the log lacks about the batch that stands: an endorsement or, in the end, an objection.

        `seal` is when the region's first window is planned to be sealed, UTC seconds.
        """
        standing, number = roster.standing, self._issuer.number
        if standing is None or number in standing.endorsed:
            return []
        why = self.objection(roster, standing)
        if not why:
            return [self._issuer.sign(Endorse(roster.region, standing.batch.batch, standing.entry))]
        if number in standing.objected or not self._has_waited(roster.region, standing.entry, seal):
            return []
        subject = f"batch {standing.batch.batch} of {self._issuer.definition.regions[roster.region].id}"
        return [self._issuer.sign(Objection(standing.entry, subject, "en", why, b""))]

    def _has_waited(self, region: int, entry: bytes, seal: int) -> bool:
        """Whether a batch has stood for long, or its region has no time left."""
        now = self._issuer.now
        ends = self._issuer.is_shut(region) and now > seal - TIME_TO_FOLLOW
        return ends or now >= self._since.setdefault(entry, now) + 2 * TIMEOUT

    def objection(self, roster: Roster, standing: PendingBatch) -> str:
        """Why this registrar does not endorse a batch, for people; empty where it does.

        It is judged anew only once that could come out differently.
        """
        given = given_in(self._issuer, roster.region)
        state = standing.entry, given, self._issuer.is_shut(roster.region), count(self._issuer, roster.region)
        known = self._judged.get(roster.region)
        if known is None or known.state != state:
            known = self._judged[roster.region] = _Judged(state, _objection(self._issuer, roster, standing))
        return known.why


class _Judged(NamedTuple):
    """What was found about a batch, and what it hangs on: entry, tokens given, close, cards admitted."""

    state: tuple[bytes, int, bool, int]
    why: str


def _objection(issuer: Issuer, roster: Roster, standing: PendingBatch) -> str:
    number, least = standing.batch.batch, issuer.definition.min_batch
    given = given_in(issuer, roster.region)
    if given < number * least and not issuer.is_shut(roster.region):
        return f"batch {number} came when {given} voters had tokens here, fewer than {number * least}"
    missing = lacking(issuer, roster.region, standing.content)
    if missing:
        return f"batch {number} has {missing} cards that were not admitted here"
    return ""
