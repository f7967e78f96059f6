"""What the board promises for a ballot, checked before it is believed (`spec/messages.md#ballots`)."""

from __future__ import annotations

from functools import partial

from psephos.errors import FormatError, VerificationError
from psephos.log.merkle import leaf_hash
from psephos.protocol.entries import Ballot, Promise, Refusal, decode
from psephos.protocol.message import answer, refused_as
from psephos.protocol.setup.definition import Definition


def check_promise(
    definition: Definition, election: bytes, ballot: bytes, message: bytes, seal: int
) -> Promise | Refusal:
    """The board's promise to log a ballot's entry, or its signed refusal.

    `seal` is when the ballot's day is planned to be sealed, UTC seconds. VerificationError through the board
    for an answer that is not its, is about another ballot, or promises too late a time.
    """
    entry = decode(ballot)
    cast = entry.payload
    if not isinstance(cast, Ballot):
        raise FormatError(f"a {cast.type_name()} is no ballot")
    refused = partial(refused_as, ballot, message=False)
    promise = answer(message, election, definition.board.key, refused).payload
    if isinstance(promise, Refusal):
        return promise
    about = entry.body_hash, leaf_hash(ballot), cast.region, cast.day
    if not isinstance(promise, Promise) or about != (
        promise.ballot,
        promise.leaf,
        promise.region,
        promise.day,
    ):
        raise VerificationError("promise", "board", "the promise is about another ballot")
    if promise.deadline > seal:
        raise VerificationError("promise", "board", "the promise is for after the day's seal")
    return promise
