"""Entries that a worker reads by itself: a job names them, and a checkpoint that fixes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import get_ident

from psephos.errors import ExecutorError, PsephosError
from psephos.log import checkpoints
from psephos.log.checkpoints import TreeHead
from psephos.log.client import Client
from psephos.log.tiles import TILE_WIDTH
from psephos.log.tree import Fetch, Tree

_KEPT = 4
"""Logs, and bundles of up to 16 MiB, that a worker keeps at hand."""


@dataclass(frozen=True)
class Log:
    """A log as the one who makes the jobs has verified it: where it is, and under which checkpoint."""

    location: str
    """An http(s) URL, or a directory that every worker has under the same path."""
    checkpoint: TreeHead

    def entries(self, indices: Sequence[int]) -> list[bytes]:
        """Entries by their indices, each checked to be under the checkpoint.

        ExecutorError where they cannot be had: whoever made the job has seen them.
        """
        with _reading(self.location):
            thread = get_ident()
            return [_bundle(self, thread, index // TILE_WIDTH)[index % TILE_WIDTH] for index in indices]


class Followed:
    """A log that is read here and by workers: under the checkpoint that was read here last."""

    def __init__(self, client: Client, location: str) -> None:
        self.fetch: Fetch = client.fetch
        self._client = client
        self._location = location
        self._note = b""

    def checkpoint(self) -> bytes:
        """The latest checkpoint, unverified; nobody is to ask for `log` unless it is found to be right."""
        self._note = self._client.checkpoint()
        return self._note

    def log(self) -> Log:
        """The log for jobs."""
        return Log(self._location, checkpoints.read(self._note)[0])


@lru_cache(_KEPT)
def _tree(log: Log, _thread: int) -> Tree:
    """A log's tree for one thread: a client serves no two at a time."""
    return Tree(log.checkpoint, Client(log.location).fetch)


@lru_cache(_KEPT)
def _bundle(log: Log, thread: int, number: int) -> list[bytes]:
    """A bundle, of which several jobs may want entries one after the other."""
    return _tree(log, thread).bundle(number)


@contextmanager
def _reading(location: str) -> Iterator[None]:
    try:
        yield
    except (PsephosError, IndexError) as error:
        raise ExecutorError(f"a worker cannot read {location}: {error}") from error
