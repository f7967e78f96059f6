"""The board's desk: answers what comes by post, entry by entry (`spec/messages.md#post`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

from psephos.board.board import Board
from psephos.board.gate import Gate
from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError
from psephos.post.answers import NO_REFERENDUM, place
from psephos.post.bundle import MOST, Bundle
from psephos.post.post import Requests
from psephos.protocol import entry as entries
from psephos.protocol.enrolment.admission import Fault
from psephos.protocol.entry import BALLOT_HEAD, Accepted, Payload, Refusal
from psephos.protocol.record import WEIGHING_HEAD


class Desk:
    """Takes entries and ballots for a board. What it answers is on disk before the answer is."""

    def __init__(self, board: Board, key: SigningKey, definition: bytes) -> None:
        """`definition` is the pinned definition hash."""
        self._board = board
        self._key = key
        self._gate = Gate(board, definition)

    def serve(self, post: Requests) -> int:
        """Answer every request that waits; returns how many there were."""
        served, ballots = 0, dict[str, Bundle]()
        for name, data in post.waiting():
            served += 1
            try:
                bundle = Bundle.parse(data)
            except FormatError as error:
                refusal = self._refuse(sha256(data).digest(), NO_REFERENDUM, Fault("form", str(error)))
                post.answer(name, Bundle((refusal,)).encode())
                continue
            if bundle.entries[0][:3] == BALLOT_HEAD:
                ballots[name] = bundle
            else:
                post.answer(name, Bundle(tuple(self._take(bundle))).encode())
            if sum(len(one.entries) for one in ballots.values()) >= MOST:
                self._receive(post, ballots)
                ballots.clear()
        self._receive(post, ballots)
        return served

    def _take(self, bundle: Bundle) -> Iterator[bytes]:
        """An answer to each entry; after the first that is refused only weighings, of other chunks, go on."""
        blobs = {sha256(blob).digest(): blob for blob in bundle.blobs}
        taken: int | Fault = 0
        for data in bundle.entries:
            name, referendum = place(data)
            if isinstance(taken, Fault) and data[: len(WEIGHING_HEAD)] != WEIGHING_HEAD:
                taken = Fault("order", "an entry before it was refused")
            else:
                taken = self._gate.take(data, blobs)
            if isinstance(taken, Fault):
                yield self._refuse(name, referendum, taken)
            else:
                yield self._sign(Accepted(name, taken), referendum)

    def _receive(self, post: Requests, requests: Mapping[str, Bundle]) -> None:
        """Answer ballots, those of all requests together: proofs are cheaper by the dozen."""
        ballots = [one for bundle in requests.values() for one in bundle.entries]
        if self._board.record.election is not None:
            answers = self._board.receive(ballots)
        else:
            fault = Fault("closed", "no ballots before the ceremony is complete")
            answers = [self._refuse(*place(one), fault) for one in ballots]
        rest = iter(answers)
        for name, bundle in requests.items():
            post.answer(name, Bundle(tuple(next(rest) for _ in bundle.entries)).encode())

    def _refuse(self, name: bytes, referendum: bytes, fault: Fault) -> bytes:
        return self._sign(Refusal(name, fault.reason, fault.detail, b""), referendum)

    def _sign(self, payload: Payload, referendum: bytes) -> bytes:
        return entries.encode(payload, referendum, self._key.public.raw, self._key.sign)
