"""Requests as clients would not send them: line by line."""

from __future__ import annotations

import socket
from typing import NamedTuple

from tests.server.waiting import TIMEOUT


class Raw(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    port: int, line: str, *headers: str, body: bytes = b"", raw: bytes = b"", host: str | None = "localhost"
) -> Raw:
    """What a server answers to a request with these header lines; `raw` is a body that has its own length."""
    lines = [f"{line} HTTP/1.1", *([f"Host: {host}"] if host else []), *headers, "Connection: close"]
    if not raw:
        lines.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + (raw or body))
        if raw:
            connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *named = head.decode().split("\r\n")
    told = dict(one.lower().split(": ", 1) for one in named)
    return Raw(int(first.split()[1]), told, content)
