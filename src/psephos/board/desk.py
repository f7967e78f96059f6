"""The board's desk: answers what comes by post, entry by entry (`spec/messages.md#post`)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

from psephos.board.board import Board
from psephos.board.gate import OVERTAKEN, Gate
from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError
from psephos.post.answers import NO_REFERENDUM, place
from psephos.post.envelope import Envelope
from psephos.post.post import Requests
from psephos.protocol import entries
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.entries import BALLOT_HEAD, Accepted, Payload, Refusal
from psephos.protocol.message import refused_as

_CHECKED_AT_ONCE = 1 << 18
"""Bytes of ballots whose proofs are checked together: more of them gain little, and keep others waiting."""


class Desk:
    """Takes entries and ballots for a board. What it answers is on disk before the answer is."""

    def __init__(
        self,
        board: Board,
        key: SigningKey,
        definition: bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`definition` is the pinned definition hash; `clock` measures seconds."""
        self._board, self._clock = board, clock
        self._key = key
        self._gate = Gate(board, definition)

    def serve(self, post: Requests, seconds: float = math.inf) -> int:
        """Answer requests that wait, until none is left or so many seconds are over; returns how many.

        A request that has been taken is answered, so it may take longer by as much as one request does.
        """
        until = self._clock() + seconds
        served, waiting, ballots = 0, 0, dict[str, Envelope]()
        for name, data in post.waiting():
            served += 1
            self._sort(post, name, data, ballots)
            waiting += len(data)
            if waiting >= _CHECKED_AT_ONCE:
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
            bundle = Envelope.parse(data)
        except FormatError as error:
            refusal = self._refuse(sha256(data).digest(), NO_REFERENDUM, Rejection("form", str(error)))
            post.answer(name, Envelope((refusal,)).encode())
            return
        if bundle.entries[0][:3] != BALLOT_HEAD:
            post.answer(name, Envelope(tuple(self._take(bundle))).encode())
        elif (fault := self._whole(bundle)) is not None:
            post.answer(name, Envelope((fault,)).encode())
        else:
            ballots[name] = bundle

    def _take(self, bundle: Envelope) -> Iterator[bytes]:
        """An answer to each entry, up to the first that is refused; overtaken weighings end nothing."""
        blobs = {sha256(blob).digest(): blob for blob in bundle.blobs}
        for data in bundle.entries:
            taken = self._gate.take(data, blobs)
            name, referendum = place(data)
            if not isinstance(taken, Rejection):
                yield self._sign(Accepted(name, taken), referendum)
                continue
            yield self._refuse(refused_as(data, message=False), referendum, taken)
            if taken.reason != OVERTAKEN:
                return

    def _whole(self, bundle: Envelope) -> bytes | None:
        """The one refusal of all ballots of a request, if there must be one: it is never longer than they."""
        if self._board.record.election is None:
            fault = Rejection("closed", "no ballots before the ceremony is complete")
            return self._refuse_ballot(bundle.entries[0], fault)
        if len(bundle.entries) == 1 or (misfit := self._board.misfit(bundle.entries)) is None:
            return None
        fault = Rejection("form", f"entry {bundle.entries.index(misfit)} is not a ballot of this referendum")
        return self._refuse_ballot(misfit, fault)

    def _refuse_ballot(self, data: bytes, fault: Rejection) -> bytes:
        return self._refuse(refused_as(data, message=False), place(data)[1], fault)

    def _receive(self, post: Requests, requests: Mapping[str, Envelope]) -> None:
        """Answer ballots, those of all requests together: proofs are cheaper by the dozen."""
        if not requests:
            return
        answers = iter(self._board.receive([one for bundle in requests.values() for one in bundle.entries]))
        for name, bundle in requests.items():
            post.answer(name, Envelope(tuple(next(answers) for _ in bundle.entries)).encode())

    def _refuse(self, name: bytes, referendum: bytes, fault: Rejection) -> bytes:
        return self._sign(Refusal(name, fault.reason, fault.detail, fault.evidence), referendum)

    def _sign(self, payload: Payload, referendum: bytes) -> bytes:
        return entries.encode(payload, referendum, self._key.public.raw, self._key.sign)
