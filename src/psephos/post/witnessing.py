"""Asking a witness by post, and answering as one (C2SP tlog-witness; `spec/messages.md#post`)."""

from __future__ import annotations

from psephos.errors import FormatError, LogError, PhaseError
from psephos.log.note import decode_decimal
from psephos.log.submission import STATUS, Ask, Conflict, Submission
from psephos.post.post import Post

OK, OTHER = 200, 400
_REFUSALS = {status: kind for kind, status in STATUS.items() if kind not in (Conflict, FormatError)}


def reply(post: Post, ask: Ask) -> int:
    """Answer everything that waits, as `ask` does; returns how many cosignatures were given."""
    given = 0
    for name, data in post.waiting():
        status, content = _decide(data, ask)
        given += status == OK
        post.answer(name, f"{status}\n".encode() + content)
    return given


def _decide(data: bytes, ask: Ask) -> tuple[int, bytes]:
    try:
        return OK, ask(Submission.parse(data))
    except Conflict as conflict:
        return STATUS[Conflict], f"{conflict.size}\n".encode()
    except (FormatError, LogError) as error:
        return STATUS.get(type(error), OTHER), f"{' '.join(str(error).split())}\n".encode()


class WitnessPost:
    """Hands submissions to one witness; what it answered stays in its post until `forget`."""

    def __init__(self, post: Post, timeout: float) -> None:
        """`timeout`: seconds to wait for an answer, unless an earlier one is still waited for."""
        self._post = post
        self._timeout = timeout
        self._asked: list[str] = []

    def ask(self, submission: Submission) -> bytes:
        """Its signature lines, or its refusal; PhaseError while it has not answered."""
        late = [name for name, _ in self._post.waiting()]
        answer = self._post.exchange(submission.encode(), 0.0 if late else self._timeout)
        name = self._post.send(submission.encode())
        if answer is None:
            for earlier in set(late) - {name}:
                self._post.withdraw(earlier)  # out of date
            raise PhaseError("has not answered yet")
        self._asked.append(name)
        return self._understand(answer, first=submission.old_size == 0)

    def _understand(self, answer: bytes, first: bool) -> bytes:
        status, content = _parse(answer)
        if status == OK:
            return content.encode()
        if status != STATUS[Conflict] or not first:
            self.forget()  # it may say something else next time
        if status == STATUS[Conflict]:
            raise Conflict(decode_decimal(content.removesuffix("\n"), "witness: last size"))
        raise _REFUSALS.get(status, LogError)(f"answers {status}: {content.rstrip()}")

    def forget(self) -> None:
        """Remove what was answered."""
        for name in self._asked:
            self._post.withdraw(name)
        self._asked.clear()


def _parse(answer: bytes) -> tuple[int, str]:
    try:
        status, newline, content = answer.decode().partition("\n")
    except UnicodeDecodeError:
        raise FormatError("witness: invalid answer: not UTF-8") from None
    if not newline:
        raise FormatError("witness: invalid answer: no status line")
    return decode_decimal(status, "witness: status"), content
