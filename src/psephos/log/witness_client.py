"""Asks a witness for its cosignature over http(s) (C2SP tlog-witness; `spec/log.md#witnesses`)."""

from __future__ import annotations

import http.client
import time

from psephos.errors import FormatError, LogError
from psephos.log.connection import connect
from psephos.log.note import MAX_NOTE_SIZE, decode_decimal
from psephos.log.submission import ADD_CHECKPOINT, SIZE_TYPE, STATUS, Conflict, Submission

_REFUSALS = {status: kind for kind, status in STATUS.items() if kind is not Conflict}


def ask(url: str, submission: Submission, timeout: float = 10.0) -> bytes:
    """The signature lines of the witness at `url`, unverified; `partial(ask, url)` is an `Ask` for `collect`.

    `timeout`: seconds for connecting, for each step, and for the answer's body. Redirects are not followed.
    Raises the refusal that the status stands for, LogError for any other, and OSError without an answer.
    """
    connection, prefix = connect(url, timeout)
    headers = {"Content-Type": "application/octet-stream", "User-Agent": "psephos"}
    deadline = time.monotonic() + timeout
    try:
        connection.request("POST", prefix + ADD_CHECKPOINT, submission.encode(), headers)
        with connection.getresponse() as response:
            return _understand(response, _body(response, deadline))
    except http.client.HTTPException as error:
        raise ConnectionError(f"witness: {type(error).__name__} instead of an answer") from error
    finally:
        connection.close()


def _body(response: http.client.HTTPResponse, deadline: float) -> bytes:
    data = bytearray()
    while chunk := response.read1(MAX_NOTE_SIZE):
        data += chunk
        if len(data) > MAX_NOTE_SIZE:
            raise LogError(f"witness: its answer has more than {MAX_NOTE_SIZE} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError("witness: its answer did not come whole in time")
    if response.length:
        raise ConnectionError("witness: its answer was cut short")
    return bytes(data)


def _understand(response: http.client.HTTPResponse, body: bytes) -> bytes:
    status = response.status
    if status == http.HTTPStatus.OK:
        return body
    if status == STATUS[Conflict] and response.getheader("Content-Type") == SIZE_TYPE:
        try:
            size = body.decode("ascii")
        except UnicodeDecodeError:
            raise FormatError("witness: its last size is not a number") from None
        raise Conflict(decode_decimal(size.removesuffix("\n"), "witness: its last size"))
    raise _REFUSALS.get(status, LogError)(f"witness: HTTP {status}")
