"""Which entries of parties the board takes, and why not others (`spec/messages.md#post`)."""

from __future__ import annotations

from collections.abc import Mapping

from psephos.board.board import Board
from psephos.errors import FormatError, VerificationError
from psephos.protocol import entries
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.setup.head import hash_of
from psephos.protocol.words import WORDS, attached

OVERTAKEN = "7.1"
"""The reason for which a weighing that has no place in its chain is refused."""


class Gate:
    """Logs what is valid, once."""

    def __init__(self, board: Board, definition: bytes) -> None:
        """`definition` is the pinned definition hash: no other referendum begins in this log."""
        self._board = board
        self._definition = definition
        self._shown: set[tuple[int, int, int, int, int]] = set()
        """Where a weighing that failed 7.1 through its trustee was logged: one of them is evidence enough."""

    def take(self, data: bytes, blobs: Mapping[bytes, bytes]) -> int | Rejection:
        """The index of an entry that is in the log, now or before; or what is wrong with it.

        `blobs` go by their SHA-256.
        """
        if (found := self._board.index.find(data)) is not None:
            return found
        try:
            entry = entries.decode(data)
            if not self._board.record.begun:
                return self._foreign(entry) or self._begin(data, entry, blobs)
            return self._log(data, entry.payload, blobs)
        except FormatError as error:
            return Rejection("form", str(error))
        except VerificationError as error:
            return Rejection(error.check, error.message)

    def _foreign(self, entry: entries.Entry) -> Rejection | None:
        """What is wrong with an entry before the pinned definition is whole."""
        payload = entry.payload
        if not isinstance(payload, entries.DefinitionEntry | entries.Part):
            return Rejection("definition", "the log has no definition yet")
        if entry.referendum != self._definition:
            return Rejection("definition", "not the one that the board was pinned to")
        document = payload.document if isinstance(payload, entries.DefinitionEntry) else b""
        if (hash_of(document) if document else entry.referendum) != self._definition:
            return Rejection("definition", "not the one that the board was pinned to")
        return None

    def _begin(self, data: bytes, entry: entries.Entry, blobs: Mapping[bytes, bytes]) -> int | Rejection:
        """The definition; with its last entry all blobs that it names."""
        definition = self._board.record.begun_by(entry)
        named = sorted(definition.blobs) if definition else []
        if lacking := [digest.hex() for digest in named if digest not in blobs]:
            return Rejection("blob", f"the file {lacking[0]} that the definition names is not there")
        return self._board.submit([data], [blobs[digest] for digest in named])[0]

    def _weighing(self, data: bytes, weighing: entries.Weighing) -> int | Rejection:
        """Its author first: strangers are told nothing else."""
        self._board.check_author(data)
        return self._displaced(data, weighing) or self._board.weighed([data])[0]

    def _displaced(self, data: bytes, weighing: entries.Weighing) -> Rejection | None:
        """Too late, or failed before: refused. What never could be right is logged once a position."""
        misplaced = self._board.record.misplaced(entries.decode(data))
        if misplaced is None:
            return None
        trustee = misplaced.culprit.removeprefix("trustee ")
        if trustee.isdecimal():
            where = (weighing.region, weighing.day, weighing.chunk, weighing.position, int(trustee))
            if where not in self._shown:
                self._shown.add(where)
                return None
        return Rejection(OVERTAKEN, misplaced.message)

    def _log(self, data: bytes, payload: entries.Payload, blobs: Mapping[bytes, bytes]) -> int | Rejection:
        match payload:
            case entries.Ballot():
                return Rejection("form", "a ballot among entries")
            case entries.Weighing():
                return self._weighing(data, payload)
            case entries.Part() | entries.Request() | entries.Batch() | entries.Issued():
                return self._board.over_budget(data) or self._board.submit([data])[0]
            case _ if isinstance(payload, WORDS):
                return self._words(data, payload, blobs)
        return self._board.submit([data])[0]

    def _words(self, data: bytes, payload: entries.Payload, blobs: Mapping[bytes, bytes]) -> int | Rejection:
        """What is for people, with its attachment where it names one."""
        digest = attached(payload)
        if digest and digest not in blobs:
            return Rejection("blob", f"the attachment {digest.hex()} is not there")
        files = [blobs[digest]] if digest else []
        return self._board.over_budget(data, *files) or self._board.submit([data], files)[0]
