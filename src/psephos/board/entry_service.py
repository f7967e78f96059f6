"""What the board answers to requests, entry by entry (`spec/messages.md#post`)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

from psephos.board.board import Board
from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, VerificationError
from psephos.post.answers import NO_REFERENDUM
from psephos.post.envelope import Envelope
from psephos.post.post import Requests
from psephos.protocol import entries
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.entries import BALLOT_HEAD, Accepted, Entry, Payload, Refusal
from psephos.protocol.message import refusal_id
from psephos.protocol.setup.head import hash_of
from psephos.protocol.words import WORDS, attached

OVERTAKEN = "7.1"
"""The reason for which a weighing that has no place in its chain is refused."""
_CHECKED_TOGETHER = 1 << 18
"""Bytes of ballots whose proofs are checked together: more of them gain little, and keep others waiting."""


class EntryService:
    """Logs valid entries once, promises ballots, refuses the rest.

    What it answers is on disk before the answer is.
    """

    def __init__(
        self,
        board: Board,
        key: SigningKey,
        definition: bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`definition` is the pinned definition hash: no other referendum begins in this log.

        `clock` measures seconds.
        """
        self._board, self._key, self._definition, self._clock = board, key, definition, clock
        self._logged_evidence: set[tuple[int, int, int, int, int]] = set()
        """Where a weighing that failed 7.1 through its trustee was logged: one of them is evidence enough."""

    # -- requests

    def serve(self, post: Requests, seconds: float = math.inf) -> int:
        """Answer the waiting requests, for at most `seconds`; returns how many were answered.

        A request that has been taken is answered, so it may take longer by as much as one request does.
        """
        until = self._clock() + seconds
        served, waiting, ballots = 0, 0, dict[str, Envelope]()
        for name, data in post.waiting():
            served += 1
            self._sort(post, name, data, ballots)
            waiting += len(data)
            if waiting >= _CHECKED_TOGETHER:
                self._receive(post, ballots)
                ballots.clear()
                waiting = 0
            if self._clock() >= until:
                break
        self._receive(post, ballots)
        return served

    def _sort(self, post: Requests, name: str, data: bytes, ballots: dict[str, Envelope]) -> None:
        """Answer a request at once, or put it to the `ballots` that are checked together."""
        try:
            envelope = Envelope.parse(data)
        except FormatError as error:
            refusal = self._refuse(sha256(data).digest(), NO_REFERENDUM, Rejection("form", str(error)))
            post.answer(name, Envelope((refusal,)).encode())
            return
        if envelope.entries[0][:3] != BALLOT_HEAD:
            post.answer(name, Envelope(tuple(self._answers(envelope))).encode())
        elif (refusal_of_all := self._refuse_all(envelope)) is not None:
            post.answer(name, Envelope((refusal_of_all,)).encode())
        else:
            ballots[name] = envelope

    def _answers(self, envelope: Envelope) -> Iterator[bytes]:
        """An answer to each entry, up to the first that is refused; overtaken weighings end nothing."""
        blobs = {sha256(blob).digest(): blob for blob in envelope.blobs}
        for data in envelope.entries:
            try:
                entry = entries.decode(data)
            except FormatError as error:
                yield self._refuse(sha256(data).digest(), NO_REFERENDUM, Rejection("form", str(error)))
                return
            taken = self.take(entry, blobs)
            if not isinstance(taken, Rejection):
                yield self._sign(Accepted(entry.body_hash, taken), entry.referendum)
                continue
            yield self._refuse(refusal_id(entry), entry.referendum, taken)
            if taken.reason != OVERTAKEN:
                return

    # -- ballots

    def _refuse_all(self, envelope: Envelope) -> bytes | None:
        """The one refusal of all ballots of a request, if there must be one: it is never longer than they."""
        if self._board.record.election is None:
            rejection = Rejection("closed", "no ballots before the ceremony is complete")
            return self._refuse_ballot(envelope.entries[0], rejection)
        if len(envelope.entries) == 1 or (misfit := self._board.misfit(envelope.entries)) is None:
            return None
        number = envelope.entries.index(misfit)
        rejection = Rejection("form", f"entry {number} is not a ballot of this referendum")
        return self._refuse_ballot(misfit, rejection)

    def _refuse_ballot(self, data: bytes, rejection: Rejection) -> bytes:
        try:
            entry = entries.decode(data)
        except FormatError:
            return self._refuse(sha256(data).digest(), NO_REFERENDUM, rejection)
        return self._refuse(refusal_id(entry), entry.referendum, rejection)

    def _receive(self, post: Requests, requests: Mapping[str, Envelope]) -> None:
        """Answer ballots, those of all requests together: proofs are cheaper by the dozen."""
        if not requests:
            return
        ballots = [ballot for envelope in requests.values() for ballot in envelope.entries]
        answers = iter(self._board.receive(ballots))
        for name, envelope in requests.items():
            post.answer(name, Envelope(tuple(next(answers) for _ in envelope.entries)).encode())

    # -- entries

    def take(self, entry: Entry, blobs: Mapping[bytes, bytes]) -> int | Rejection:
        """The index of an entry that is in the log, now or before; or what is wrong with it.

        `blobs` go by their SHA-256.
        """
        if (logged := self._board.index.find(entry.data)) is not None:
            return logged
        try:
            if not self._board.record.begun:
                return self._foreign(entry) or self._begin(entry, blobs)
            return self._log(entry, blobs)
        except FormatError as error:
            return Rejection("form", str(error))
        except VerificationError as error:
            return Rejection(error.check, error.message)

    def _foreign(self, entry: Entry) -> Rejection | None:
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

    def _begin(self, entry: Entry, blobs: Mapping[bytes, bytes]) -> int | Rejection:
        """The definition; with its last entry all blobs that it names."""
        definition = self._board.record.begun_by(entry)
        named = sorted(definition.blobs) if definition else []
        if missing := [digest.hex() for digest in named if digest not in blobs]:
            return Rejection("blob", f"the file {missing[0]} that the definition names is not there")
        return self._board.log([entry], [blobs[digest] for digest in named])[0]

    def _log(self, entry: Entry, blobs: Mapping[bytes, bytes]) -> int | Rejection:
        match entry.payload:
            case entries.Ballot():
                return Rejection("form", "a ballot among entries")
            case entries.Weighing() as weighing:
                return self._log_weighing(entry, weighing)
            case entries.Part() | entries.Request() | entries.Batch() | entries.Issued():
                return self._board.over_budget(entry) or self._board.log([entry])[0]
            case payload if isinstance(payload, WORDS):
                return self._log_words(entry, blobs)
        return self._board.log([entry])[0]

    def _log_words(self, entry: Entry, blobs: Mapping[bytes, bytes]) -> int | Rejection:
        """What is for people, with its attachment where it names one."""
        digest = attached(entry.payload)
        if digest and digest not in blobs:
            return Rejection("blob", f"the attachment {digest.hex()} is not there")
        files = [blobs[digest]] if digest else []
        return self._board.over_budget(entry, *files) or self._board.log([entry], files)[0]

    def _log_weighing(self, entry: Entry, weighing: entries.Weighing) -> int | Rejection:
        """Its author first: strangers are told nothing else."""
        self._board.check_author(entry)
        return self._displaced(entry, weighing) or self._board.log_weighing(entry)

    def _displaced(self, entry: Entry, weighing: entries.Weighing) -> Rejection | None:
        """Too late, or failed before: refused. What never could be right is logged once a position."""
        misplaced = self._board.record.misplaced(entry)
        if misplaced is None:
            return None
        trustee = misplaced.culprit.removeprefix("trustee ")
        if trustee.isdecimal():
            position = (weighing.region, weighing.day, weighing.chunk, weighing.position, int(trustee))
            if position not in self._logged_evidence:
                self._logged_evidence.add(position)
                return None
        return Rejection(OVERTAKEN, misplaced.message)

    # -- answers

    def _refuse(self, name: bytes, referendum: bytes, rejection: Rejection) -> bytes:
        refusal = Refusal(name, rejection.reason, rejection.detail, rejection.evidence)
        return self._sign(refusal, referendum)

    def _sign(self, payload: Payload, referendum: bytes) -> bytes:
        return entries.encode(payload, referendum, self._key.public.raw, self._key.sign)
