"""What every registrar but the first does: says what it has admitted, and endorses batches of that alone."""

from __future__ import annotations

from psephos.crypto.column import rows
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.admission import Fault
from psephos.protocol.enrolment.agreement import answer_query, read_query
from psephos.protocol.enrolment.roster import LEAD, Roster, Standing
from psephos.protocol.entry import Endorse
from psephos.protocol.message import identity, refused_as
from psephos.registrar.cards import admitted, lacking, open_batch
from psephos.registrar.given import given_in
from psephos.registrar.issuer import Issuer

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
        return issuer.refuse(name, Fault("form", str(error)))
    except VerificationError as error:
        return issuer.refuse(name, Fault("author", error.message))
    if issuer.number == LEAD:
        return issuer.refuse(name, Fault("author", "the first registrar asks, and is not asked"))
    with issuer.store.write() as database:
        due = open_batch(issuer, query.region)
        if query.batch < due:
            return issuer.refuse(name, Fault("form", f"batch-query: batch {due} is the next"))
        if query.batch > due or (query.last and not issuer.is_shut(query.region)):
            return None
        here = admitted(issuer, query.region, rows(query.records, 32))
        answered = issuer.sign(answer_query(message, query, here))
        kept = [identity(message), query.region, query.batch, message, answered]
        database.execute("INSERT OR REPLACE INTO answers VALUES (NULL, ?, ?, ?, ?, ?)", kept)
        database.execute(_FORGET, [query.region, query.batch, KEPT])
    return answered


def entries(issuer: Issuer, roster: Roster) -> list[bytes]:
    """The endorsement of the batch that stands, where it is due and is not logged yet."""
    standing = roster.standing
    if standing is None or issuer.number in standing.endorsed or objection(issuer, roster, standing):
        return []
    return [issuer.sign(Endorse(roster.region, standing.batch.batch, standing.entry))]


def objection(issuer: Issuer, roster: Roster, standing: Standing) -> str:
    """Why this registrar does not endorse a batch, for people; empty where it does."""
    number, least = standing.batch.batch, issuer.definition.min_batch
    given = given_in(issuer, roster.region)
    if given < number * least and not issuer.is_shut(roster.region):
        return f"batch {number} came when {given} voters had tokens here, fewer than {number * least}"
    missing = lacking(issuer, roster.region, standing.content)
    if missing:
        return f"batch {number} has {missing} cards that were not admitted here"
    return ""
