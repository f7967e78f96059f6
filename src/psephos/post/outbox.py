"""Entries on their way to the log, kept until the board has answered (`spec/messages.md#post`)."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from psephos.errors import FormatError, PhaseError, PsephosError
from psephos.files import sync, write_whole
from psephos.post.answers import read_answers
from psephos.post.channel import Channel
from psephos.post.envelope import Envelope, split
from psephos.post.post import LARGEST
from psephos.protocol.entries import LONGEST, Accepted, Refusal
from psephos.protocol.message import request_id


class Refused(PsephosError):
    """The board refused an entry; `reason` is a check's number or a word."""

    def __init__(self, refusal: Refusal, entry: bytes, message: bytes) -> None:
        """`entry` is what it refuses, `message` the signed refusal: together they may be evidence."""
        super().__init__(f"the board refuses: {refusal.reason}: {refusal.detail}")
        self.reason, self.entry, self.message = refusal.reason, entry, message


class Outbox:
    """What one party sends to the board, one request at a time. It outlives the process."""

    def __init__(self, directory: Path, post: Channel, board: bytes) -> None:
        """`directory` is the party's own; `board` is the board's public key."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory, self._post, self._board = directory, post, board

    @property
    def reached(self) -> int:
        """The log's size just after the last entry that the board has accepted; 0 before."""
        path = self._directory / "reached"
        text = path.read_bytes() if path.exists() else b"0"
        if not text.isdigit():
            raise FormatError(f"{path}: damaged: remove it, and run the same command again")
        return int(text)

    @property
    def empty(self) -> bool:
        """Whether everything has its answer."""
        return not self._kept()

    def put(self, entries: Sequence[bytes], blobs: Sequence[bytes] = ()) -> None:
        """Keep entries to be delivered, all or none; PhaseError while earlier ones are not answered.

        Blobs go with the last of them; FormatError when they are too long for one request.
        """
        if not self.empty:
            raise PhaseError("what was sent before is not answered yet")
        longest = LARGEST - sum(4 + len(blob) for blob in blobs) - 2
        runs = [Envelope(run) for run in split(entries, longest)]
        if longest < LONGEST + 2:
            raise FormatError(f"attachments: at most {LARGEST - LONGEST - 4:,} bytes in all fit one request")
        runs[-1] = Envelope(runs[-1].entries, tuple(blobs))
        new = self._directory / "new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        for number, run in enumerate(runs):
            write_whole(new / f"{number:06d}", run.encode(), 0o600)
        new.replace(self._queue)
        sync(self._directory)

    def deliver(self, timeout: float = 0.0) -> bool:
        """Send what is kept, each once its predecessor is accepted; False while an answer is waited for.

        `timeout` in seconds is for each answer. Refused when the board refuses; nothing is kept then.
        """
        for path in self._kept():
            data = path.read_bytes()
            answer = self._post.exchange(data, timeout)
            if answer is None:
                return False
            self._take(Envelope.parse(data), answer, self._post.send(data))
            path.unlink()
            sync(self._queue)
        return True

    def _take(self, sent: Envelope, answer: bytes, name: str) -> None:
        answers = read_answers(answer, sent.entries, self._board)
        size = max((verdict.index + 1 for verdict in answers if isinstance(verdict, Accepted)), default=0)
        if size > self.reached:
            write_whole(self._directory / "reached", str(size).encode(), 0o600)
        messages = Envelope.parse(answer).entries
        for number, verdict in enumerate(answers):
            if isinstance(verdict, Refusal):
                self.clear()
                self._post.withdraw(name)  # judged anew, should it be sent again
                refused = next(
                    (data for data in sent.entries if request_id(data, message=False) == verdict.request), b""
                )
                raise Refused(verdict, refused, messages[min(number, len(messages) - 1)])

    def clear(self) -> None:
        """Keep nothing any more."""
        dropped = self._directory / "dropped"
        shutil.rmtree(dropped, ignore_errors=True)
        if self._queue.exists():
            self._queue.replace(dropped)
            shutil.rmtree(dropped)

    @property
    def _queue(self) -> Path:
        return self._directory / "queue"

    def _kept(self) -> list[Path]:
        """The requests kept, in order."""
        return sorted(self._queue.iterdir()) if self._queue.exists() else []
