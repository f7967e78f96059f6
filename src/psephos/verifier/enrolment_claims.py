"""What registrars signed outside the log, held against the log (`spec/messages.md#batches`, `#tokens`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psephos.protocol import entries
from psephos.protocol.enrolment.evidence import Answers, evaluates_wrongly, left_out
from psephos.protocol.enrolment.roster import LEAD
from psephos.protocol.entries import (
    BatchAnswer,
    BatchQuery,
    CardReceipt,
    Entry,
    TokenReceipt,
    TokenRequest,
    TokenResponse,
)
from psephos.protocol.message import read, request_id
from psephos.protocol.record import Record
from psephos.verifier.evidence import WITHOUT_LOG, Exhibit, NotProven, containing
from psephos.verifier.run import Verification


@dataclass(frozen=True)
class LeftOut(Exhibit, kind="receipts"):
    """Receipts of all registrars for a card that no batch has; and what the lead asked and was answered.

    The culprit is the registrar whose answer denies the card, or, where none is shown, the lead.
    """

    messages: tuple[bytes, ...]
    checkpoint: bytes

    def proves(self, log: Verification) -> str:
        containing(log, self.checkpoint)
        record = log.record
        said = [signed_by_registrar(record, message) for message in self.messages]
        receipts = {number: one.payload for number, one in said if isinstance(one.payload, CardReceipt)}
        if set(receipts) != set(record.setting.registrars):
            raise NotProven("not all registrars have receipted the card")
        region, card = receipts[LEAD].region, receipts[LEAD].card.hex()
        if region >= len(record.rosters):
            return f"registrar {LEAD} receipted card {card} of region {region}, which there is not"
        culprit = left_out(record.rosters[region], receipts, _answers(said))
        if culprit is None:
            raise NotProven("the receipts are of different cards, or the log has it, or it is not due yet")
        return f"registrar {culprit} left out card {card} of region {region}, which all had receipted"

    @property
    def subject(self) -> bytes:
        return self.messages[0] if self.messages else b""


@dataclass(frozen=True)
class Unlisted(Exhibit, kind="issued"):
    """A token receipt whose hash its registrar has not listed (`spec/messages.md#tokens`)."""

    message: bytes
    checkpoint: bytes

    def proves(self, log: Verification) -> str:
        containing(log, self.checkpoint)
        rosters = log.record.rosters
        registrar, entry = signed_by_registrar(log.record, self.message)
        receipt = entry.payload
        if not isinstance(receipt, TokenReceipt):
            raise NotProven(f"it is a {receipt.type_name()}, no token-receipt")
        if receipt.region >= len(rosters):
            return f"registrar {registrar} gave tokens of region {receipt.region}, which there is not"
        if not rosters[receipt.region].opened:
            raise NotProven(f"region {receipt.region} has not opened, so the list may still grow")
        if rosters[receipt.region].lists(registrar, receipt.hash):
            raise NotProven("the hash is listed")
        return f"registrar {registrar} gave tokens for {receipt.hash.hex()}, and has not listed it"

    @property
    def subject(self) -> bytes:
        return self.message


@dataclass(frozen=True)
class WrongTokens(Exhibit, kind="tokens"):
    """A request for tokens, and a response to it whose elements are not all of the registrar's keys."""

    request: bytes
    message: bytes

    def proves(self, log: Verification) -> str:
        registrar, entry = signed_by_registrar(log.record, self.message)
        response, request = entry.payload, entries.decode(self.request, message=True).payload
        if not isinstance(response, TokenResponse) or not isinstance(request, TokenRequest):
            raise NotProven(f"a {response.type_name()} to a {request.type_name()}")
        if response.request != request_id(self.request, message=True):
            raise NotProven("the response is to another request")
        wrong = evaluates_wrongly(log.record.setting, registrar, request, response)
        if not wrong:
            raise NotProven("the response is right")
        return f"registrar {registrar} answered a token-request wrongly: {wrong}"

    @property
    def subject(self) -> bytes:
        return self.message


def signed_by_registrar(record: Record, message: bytes) -> tuple[int, Entry]:
    """A message in this election, and the number of the registrar that signed it."""
    if not record.begun:
        raise NotProven(WITHOUT_LOG)
    if record.election is None:
        raise NotProven("the ceremony is not complete: registrars have signed nothing in this election yet")
    author = entries.decode(message, message=True).author
    if not record.authors.culprit(author).startswith("registrar "):
        raise NotProven("a message of nobody who is a registrar")
    return record.authors.registrar(author), read(message, record.election, author)


def _answers(said: Sequence[tuple[int, Entry]]) -> Answers:
    """What others answered to queries of the lead's, by registrar."""
    queries = {
        entry.body_hash: entry.payload
        for number, entry in said
        if number == LEAD and isinstance(entry.payload, BatchQuery)
    }
    pairs = [(number, entry.payload) for number, entry in said if number != LEAD]
    answered = [
        (number, answer)
        for number, answer in pairs
        if isinstance(answer, BatchAnswer) and answer.query in queries
    ]
    return {
        registrar: [(queries[answer.query], answer) for number, answer in answered if number == registrar]
        for registrar, _ in answered
    }
