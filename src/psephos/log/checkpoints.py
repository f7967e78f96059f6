"""A log's signed statement of its size and root (C2SP tlog-checkpoint; `spec/log.md#checkpoints`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, LogError
from psephos.log import note
from psephos.log.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE
from psephos.log.note import Note, VerifierKey


@dataclass(frozen=True)
class TreeHead:
    """Origin, number of leaves and 32-byte root of a log. Extension lines are refused."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        note.check_name(self.origin)
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_SIZE:
            raise FormatError(f"checkpoint of {self.origin}: size or root out of range")

    @classmethod
    def parse(cls, text: str) -> TreeHead:
        """Parse a note's text, trailing newline included."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise FormatError("checkpoint: not exactly three lines")
        size = note.decode_decimal(lines[1], "checkpoint size")
        return cls(lines[0], size, note.decode_base64(lines[2], "checkpoint root"))

    @property
    def text(self) -> str:
        """The text that the log signs."""
        return f"{self.origin}\n{self.size}\n{note.encode_base64(self.root)}\n"


def sign(checkpoint: TreeHead, key: SigningKey) -> bytes:
    """The checkpoint as a note signed by the log, whose key name is the origin."""
    return note.sign(checkpoint.text, checkpoint.origin, key).encode()


@lru_cache(4)  # a log's latest is asked for again and again
def read(data: bytes) -> tuple[TreeHead, Note]:
    """Parse a signed checkpoint without verifying anything."""
    signed = Note.parse(data)
    return TreeHead.parse(signed.text), signed


def verify(checkpoint: TreeHead, signed: Note, log_key: VerifierKey) -> None:
    """Raise LogError unless the log named by the origin has signed, and an empty tree has the empty root."""
    if checkpoint.origin != log_key.name:
        raise LogError(f"checkpoint: of {checkpoint.origin}, not of {log_key.name}")
    note.verify(signed, log_key)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise LogError(f"checkpoint of {checkpoint.origin}: size 0 with a root that is not the empty tree's")


def open_checkpoint(data: bytes, log_key: VerifierKey) -> TreeHead:
    """Parse a signed checkpoint and verify the log's own signature."""
    checkpoint, signed = read(data)
    verify(checkpoint, signed, log_key)
    return checkpoint
