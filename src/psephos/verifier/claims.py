"""What the board and others signed outside the log, held against the log (`spec/messages.md`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from psephos.protocol import entries
from psephos.protocol.entries import CardReceipt, Payload, Promise, Refusal, TokenReceipt, TokenResponse
from psephos.protocol.message import read
from psephos.protocol.record import Record
from psephos.protocol.voting.window import overdue
from psephos.protocol.witnessed import Witnessed
from psephos.verifier.enrolment_claims import LeftOut, Unlisted, WrongTokens
from psephos.verifier.evidence import Exhibit, NotProven, containing
from psephos.verifier.refusals import UnjustRefusal
from psephos.verifier.run import Verification

_Word = TypeVar("_Word", bound=Payload)


@dataclass(frozen=True)
class BrokenPromise(Exhibit, kind="promise"):
    """A promise of the board, and a checkpoint without its ballot (`spec/messages.md#ballots`).

    Broken is what the log shows to be late: the ballot stands behind its day's seal or behind a checkpoint
    entry witnessed later than deadline and tolerance, or is not there once the log has one of these. Where it
    has neither yet, a log without the ballot, witnessed as late as that, shows it too.
    """

    message: bytes
    checkpoint: bytes

    def proves(self, log: Verification) -> str:
        containing(log, self.checkpoint)
        board = log.record.definition.board.key
        promise = _said(Promise, self.message, log.record, board)
        found, tolerance = log.find(promise.leaf), log.record.definition.tolerance
        due = overdue(promise, log.record.windows, log.record.checkpoints, tolerance)
        ballot = f"board promised ballot {promise.ballot.hex()} by {promise.deadline}"
        if found is not None and (due is None or found < due):
            raise NotProven(f"{ballot}: it is entry {found}, and nothing shows that this was late")
        if found is not None:
            return f"{ballot}, and logged it as entry {found}, behind entry {due}"
        if due is not None:
            return f"{ballot}, and it is not in the log, which has come to entry {due}"
        if log.record.cancelled is not None:
            raise NotProven(f"{ballot}, but the referendum was cancelled")
        last = promise.deadline + tolerance
        if (time := _witnessed(log)) <= last:
            raise NotProven(f"{ballot}: it is not in the log, last witnessed at {time}, but may be late only")
        return f"{ballot}, and it was not in the log that was witnessed at {time}"

    @property
    def subject(self) -> bytes:
        return self.message


def claim(message: bytes, checkpoint: bytes, request: bytes | None = None) -> Exhibit:
    """What a message might prove under a checkpoint: a promise, a receipt, or what answers `request`.

    FormatError for what is no message, NotProven for one of another kind.
    """
    payload = entries.decode(message, message=True).payload
    match payload:
        case Promise():
            return BrokenPromise(message, checkpoint)
        case CardReceipt():
            return LeftOut((message,), checkpoint)
        case TokenReceipt():
            return Unlisted(message, checkpoint)
        case TokenResponse() if request is not None:
            return WrongTokens(request, message)
        case Refusal() if request is not None:
            return UnjustRefusal(request, message, checkpoint)
    raise NotProven(f"a {payload.type_name()} binds nobody to anything in the log")


def _said(kind: type[_Word], message: bytes, record: Record, author: bytes) -> _Word:
    """A message of that kind in this election, signed by `author`."""
    if record.election is None:
        raise NotProven("the ceremony is not complete: nothing was promised in this election yet")
    payload = read(message, record.election, author).payload
    if not isinstance(payload, kind):
        raise NotProven(f"it is a {payload.type_name()}, no {kind.type_name()}")
    return payload


def _witnessed(log: Verification) -> int:
    """The log's latest checkpoint was cosigned no earlier, whatever false clocks say."""
    checkpoint, times = log.policy.verify(log.note)
    size = checkpoint.size
    return Witnessed.of(size, size, checkpoint.root, list(times.values())).passed
