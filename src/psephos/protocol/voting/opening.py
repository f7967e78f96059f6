"""Openings as files, from the device that made something to the one that checks it.

Nobody signs them: a commitment, or a ballot's hash, was recorded before (`spec/messages.md#opening-files`).
"""

from __future__ import annotations

import struct

from psephos.crypto.ballot import BLANK
from psephos.errors import FormatError
from psephos.protocol import entries
from psephos.protocol.enrolment.token import NOBODY, UNSIGNED
from psephos.protocol.entries import LONGEST_MESSAGE, CardsOpening, Payload
from psephos.protocol.setup.definition import Definition
from psephos.protocol.voting.vote import ChallengedBallot


def write_cards(election: bytes, opening: CardsOpening) -> bytes:
    """The file of opened cards."""
    return _write(election, opening)


def read_cards(definition: Definition, election: bytes, data: bytes) -> CardsOpening:
    """The opened cards that a file holds; FormatError unless there is one, and all columns are as long."""
    opening = _read(election, data)
    if not isinstance(opening, CardsOpening):
        raise FormatError(f"a {opening.type_name()} is no cards-opening")
    count, pair = len(opening.weights), 96 if definition.coercion_resistant else 32
    columns = len(opening.pairs), len(opening.secrets), len(opening.randomness)
    if not count or columns != (pair * count, 16 * count, 32 * count) or max(opening.weights) > 1:
        raise FormatError("cards-opening: no cards, columns that do not fit, or a weight that is no bit")
    return opening


def write_ballot(election: bytes, opening: ChallengedBallot) -> bytes:
    """The file of an opened ballot."""
    choices = [BLANK if choice is None else choice for choice in opening.choices]
    packed = struct.pack(f"<{len(choices)}H", *choices)
    return _write(election, entries.BallotOpening(opening.body, packed, opening.randomness))


def read_ballot(election: bytes, data: bytes) -> ChallengedBallot:
    """The opened ballot that a file holds; FormatError unless choices and randomness are whole columns."""
    opening = _read(election, data)
    if not isinstance(opening, entries.BallotOpening):
        raise FormatError(f"a {opening.type_name()} is no ballot-opening")
    if len(opening.choices) % 2 or len(opening.randomness) % 32:
        raise FormatError("ballot-opening: choices or randomness are cut short")
    choices = struct.unpack(f"<{len(opening.choices) // 2}H", opening.choices)
    shown = tuple(None if choice == BLANK else choice for choice in choices)
    return ChallengedBallot(opening.body, shown, opening.randomness)


def _write(election: bytes, payload: Payload) -> bytes:
    return entries.seal(entries.encode_body(payload, election, NOBODY), UNSIGNED, LONGEST_MESSAGE)


def _read(election: bytes, data: bytes) -> Payload:
    entry = entries.decode(data, message=True)
    if entry.referendum != election or entry.author != NOBODY or entry.signature != UNSIGNED:
        raise FormatError(f"{entry.payload.type_name()}: of another referendum, or with author or signature")
    return entry.payload
