"""What every registrar but the first does: says what it has admitted, and endorses batches of that alone."""

from __future__ import annotations

from psephos.crypto.column import rows
from psephos.errors import FormatError, VerificationError
from psephos.protocol.enrolment.admission import Fault
from psephos.protocol.enrolment.agreement import answer_query, read_query
from psephos.protocol.enrolment.roster import LEAD, Roster, Standing
from psephos.protocol.entry import BatchQuery, Endorse
from psephos.protocol.message import identity
from psephos.registrar.admission import open_batch
from psephos.registrar.cards import admitted, lacking
from psephos.registrar.given import given_in
from psephos.registrar.issuer import Issuer


def answer(issuer: Issuer, message: bytes) -> bytes:
    """The batch-answer to a batch-query, kept; or a signed refusal."""
    try:
        query = read_query(issuer.setting, message)
    except FormatError as error:
        return issuer.refuse(identity(message), Fault("form", str(error)))
    except VerificationError as error:
        return issuer.refuse(identity(message), Fault("author", error.message))
    if issuer.number == LEAD:
        return issuer.refuse(identity(message), Fault("author", "the first registrar asks, and is not asked"))
    if not _may_be_answered(issuer, query):
        return issuer.refuse(identity(message), Fault("form", "about a batch that is not next here yet"))
    with issuer.store.write() as database:
        here = admitted(issuer, query.region, rows(query.records, 32))
        answered = issuer.sign(answer_query(message, query, here))
        kept = [identity(message), message, answered]
        database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", kept)
    return answered


def _may_be_answered(issuer: Issuer, query: BatchQuery) -> bool:
    """Whether an answer without a record can only have come before its receipt (`spec/messages.md#batches`).

    Else the first registrar could ask early, and show the answer when it leaves out what came later.
    """
    shut = not query.last or issuer.is_shut(query.region)
    return shut and query.batch == open_batch(issuer, query.region)


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
