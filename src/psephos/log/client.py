"""Reads a log from a directory or over http(s) within limits; `tree` verifies what it reads."""

from __future__ import annotations

import re
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from psephos.errors import EvidenceMissing, FormatError, LogError, NotThere
from psephos.http_client import AnswerTooLong, HttpClient, HttpError
from psephos.log.note import MAX_NOTE_SIZE
from psephos.log.policy import Policy
from psephos.log.tree import Fetch, Tree

MAX_BLOB_SIZE = 64 << 20


class Client:
    """A log at a directory's path or at an http(s) URL. One thread at a time."""

    def __init__(self, location: str | Path, timeout: float = 30.0) -> None:
        """`timeout`: seconds for connecting, for each step of an answer, and for its body to be whole."""
        remote = isinstance(location, str) and re.match(r"https?://", location)
        self._source = _Web(str(location), timeout) if remote else _Directory(Path(location))
        self.fetch: Fetch = self._source.fetch

    def checkpoint(self) -> bytes:
        """The bytes of the log's checkpoint, unverified."""
        return self.fetch("checkpoint", MAX_NOTE_SIZE)

    def tree(self, policy: Policy) -> Tree:
        """The log as its checkpoint fixes it, which must satisfy the policy."""
        checkpoint, _ = policy.verify(self.checkpoint())
        return Tree(checkpoint, self.fetch)

    def blob(self, digest: str, limit: int = MAX_BLOB_SIZE) -> bytes:
        """The blob whose SHA-256 is `digest`, 64 lowercase hex digits."""
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise FormatError(f"blob: {digest[:80]!r} is not a SHA-256 in hex")
        data = self.fetch(f"blob/{digest}", limit)
        if sha256(data).hexdigest() != digest:
            raise LogError(f"blob/{digest}: does not hash to its name")
        return data

    def close(self) -> None:
        """Close the connection, if there is one."""
        self._source.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Directory:
    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, path: str, limit: int) -> bytes:
        try:
            with (self._root / path).open("rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError as error:
            raise NotThere(f"{path}: {error.strerror}") from error
        except OSError as error:
            raise EvidenceMissing(f"{path}: {error.strerror}") from error
        if len(data) > limit:
            raise LogError(f"{path}: more than {limit:,} bytes")
        return data

    def close(self) -> None:
        """Nothing is open between reads."""


class _Web:
    """One connection, kept between requests."""

    def __init__(self, url: str, timeout: float) -> None:
        self._client = HttpClient(url, timeout)

    def fetch(self, path: str, limit: int) -> bytes:
        try:
            response = self._client.request("GET", f"/{path}", limit=limit, gzip=True)
        except AnswerTooLong as error:
            raise LogError(f"{path}: {error}") from error
        except HttpError as error:
            raise EvidenceMissing(f"{path}: {error}") from error
        if response.status != HTTPStatus.OK:
            missing = NotThere if is_none(response.status) else EvidenceMissing
            raise missing(f"{path}: HTTP {response.status}")
        return response.body

    def close(self) -> None:
        self._client.close()


def is_none(status: int) -> bool:
    """Whether a server says with this status that it does not have a file (`spec/log.md#layout`)."""
    busy = HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus(400) <= status < HTTPStatus(500) and status not in busy
