"""Asks a witness for its cosignature over http(s) (C2SP tlog-witness; `spec/log.md#witnesses`)."""

from __future__ import annotations

from http import HTTPStatus

from psephos.errors import FormatError, LogError
from psephos.http_client import AnswerTooLong, HttpClient, HttpError, LateAnswer, WebResponse
from psephos.log.note import MAX_NOTE_SIZE, decode_decimal
from psephos.log.submission import ADD_CHECKPOINT, SIZE_TYPE, STATUS, Conflict, Submission

_REFUSALS = {status: kind for kind, status in STATUS.items() if kind is not Conflict}


def ask(url: str, submission: Submission, timeout: float = 10.0) -> bytes:
    """The signature lines of the witness at `url`, unverified; `partial(ask, url)` is an `Ask` for `collect`.

    `timeout`: seconds for connecting, for each step, and for the answer's body. Redirects are not followed.
    Raises the refusal that the status stands for, LogError for any other, and OSError without an answer.
    """
    headers = {"Content-Type": "application/octet-stream"}
    try:
        with HttpClient(url, timeout) as client:
            response = client.request(
                "POST", ADD_CHECKPOINT, body=submission.encode(), headers=headers, limit=MAX_NOTE_SIZE
            )
    except AnswerTooLong as error:
        raise LogError(f"witness: its answer has {error}") from error
    except LateAnswer as error:
        raise TimeoutError(f"witness: its answer {error}") from error
    except HttpError as error:
        raise ConnectionError(f"witness: {error}") from error
    return _understand(response)


def _understand(response: WebResponse) -> bytes:
    status, body = response.status, response.body
    if status == HTTPStatus.OK:
        return body
    if status == STATUS[Conflict] and response.headers["Content-Type"] == SIZE_TYPE:
        try:
            size = body.decode("ascii")
        except UnicodeDecodeError:
            raise FormatError("witness: its last size is not a number") from None
        raise Conflict(decode_decimal(size.removesuffix("\n"), "witness: its last size"))
    raise _REFUSALS.get(status, LogError)(f"witness: HTTP {status}")
