"""A witness served over HTTP: add-checkpoint of C2SP tlog-witness (`spec/log.md#witnesses`).

Plain HTTP, one request a connection; TLS is for a proxy in front. Nobody's address is written anywhere.
"""

from __future__ import annotations

import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

from psephos.errors import FormatError, PsephosError
from psephos.log.note import decode_decimal
from psephos.log.submission import (
    ADD_CHECKPOINT,
    MAX_SUBMISSION_SIZE,
    SIZE_TYPE,
    STATUS,
    Conflict,
    Submission,
)
from psephos.witness.witness import Witness

MAX_CONNECTIONS = 64
TIME_LIMIT = 10.0
"""Seconds from a connection to the end of its answer."""

_TEXT = "text/plain; charset=utf-8"


class WitnessServer(ThreadingTCPServer):
    """Answers for one witness, a thread a request, until `shutdown`."""

    allow_reuse_address = True
    request_queue_size = MAX_CONNECTIONS

    def __init__(
        self,
        address: tuple[str, int],
        witness: Witness,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
    ) -> None:
        """`address`: host and port, 0 for any. `clock`: POSIX seconds, which go into cosignatures."""
        self.witness = witness
        self.clock = clock
        self._time_limit = time_limit
        self._deadlines: dict[socket.socket, float] = {}
        super().__init__(address, _Handler)

    def verify_request(self, *_: object) -> bool:
        """Whether there is room for one more; if not, the connection is closed unread."""
        return len(self._deadlines) < MAX_CONNECTIONS

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand the connection to a thread of its own, and note when it must be done."""
        self._deadlines[request] = time.monotonic() + self._time_limit
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End the connection."""
        self._deadlines.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """End connections that are too slow; the server calls this at least twice a second."""
        self._end(time.monotonic())

    def server_close(self) -> None:
        """Stop listening, end what is under way, and wait for its threads."""
        self._end(float("inf"))
        super().server_close()

    def _end(self, before: float) -> None:
        for request, deadline in self._deadlines.copy().items():
            if deadline <= before:
                with suppress(OSError):  # it may have ended by itself
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Show what is wrong with the witness on standard error; peers may break off as they like."""
        if not isinstance(sys.exception(), OSError):
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer, whatever was asked."""
        status, kind, content = self._decide()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _decide(self) -> tuple[int, str, bytes]:
        if self.path != ADD_CHECKPOINT:
            return HTTPStatus.NOT_FOUND, _TEXT, b"no such path\n"
        try:
            body = self._body()  # OSError where the peer breaks off: nobody is there to be answered
        except FormatError as error:
            return _refusal(error)
        try:
            asked = Submission.parse(body)
            add, now = self.server.witness.add_checkpoint, self.server.clock()
            return HTTPStatus.OK, _TEXT, add(asked.old_size, asked.proof, asked.checkpoint, now)
        except Conflict as conflict:
            return STATUS[Conflict], SIZE_TYPE, b"%d\n" % conflict.size
        except PsephosError as error:
            return _refusal(error)
        except Exception:
            traceback.print_exc()  # for the operator; whoever asked learns only that it failed
            return HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, b"internal error\n"

    def _body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise FormatError("submission: expected a Content-Length")
        text = self.headers.get("Content-Length", "")
        length = decode_decimal(text, "submission: Content-Length", MAX_SUBMISSION_SIZE)
        body = self.rfile.read(length)
        if len(body) != length:
            raise FormatError("submission: cut short")
        return body

    def log_message(self, *_: object) -> None:
        """Who asked, and what, is nobody's business."""

    def version_string(self) -> str:
        """What the Server header says."""
        return "psephos"


def _refusal(error: PsephosError) -> tuple[int, str, bytes]:
    status = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    return status, _TEXT, f"{error}\n".encode()
