"""Receipts: offline proofs that an entry is in the log (C2SP tlog-proof; `spec/log.md#receipts`)."""

from __future__ import annotations

from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.log import merkle
from psephos.log.checkpoints import TreeHead
from psephos.log.merkle import HASH_SIZE
from psephos.log.note import MAX_NOTE_SIZE, decode_base64, decode_decimal, decode_text, encode_base64
from psephos.log.policy import Policy

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
MAX_EXTRA_SIZE = 64 * 1024


@dataclass(frozen=True)
class LogProof:
    """An entry's index, its inclusion proof from the leaf upwards, and a (cosigned) checkpoint.

    `extra` is not authenticated by anything; empty means that there is none.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> LogProof:
        """Parse the textual form; the checkpoint within is parsed when it is verified."""
        if len(data) > MAX_NOTE_SIZE + 2 * MAX_EXTRA_SIZE:
            raise FormatError(
                f"log proof: {len(data):,} bytes exceed the limit of {MAX_NOTE_SIZE + 2 * MAX_EXTRA_SIZE:,}"
            )
        head, blank, checkpoint = decode_text(data, "log proof").partition("\n\n")
        header, *lines = head.split("\n")
        if header != HEADER or not blank:
            raise FormatError(f"log proof: does not begin with {HEADER}, or has no blank line")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0)[6:], "log proof: extra data")
            if not 0 < len(extra) <= MAX_EXTRA_SIZE:
                raise FormatError(f"log proof: {len(extra):,} bytes of extra data exceed the limit")
        if not lines or not lines[0].startswith("index "):
            raise FormatError("log proof: no index line")
        index = decode_decimal(lines[0][6:], "log proof: index")
        return cls(index, parse_hashes(lines[1:], "log proof"), checkpoint.encode(), extra)

    def encode(self) -> bytes:
        """The one encoding."""
        lines = [HEADER] + ([f"extra {encode_base64(self.extra)}"] if self.extra else [])
        lines += [f"index {self.index}", *map(encode_base64, self.hashes)]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint

    def verify(self, entry: bytes, policy: Policy) -> TreeHead:
        """The checkpoint, if it satisfies the policy and `entry` is under its root; LogError otherwise."""
        checkpoint, _ = policy.verify(self.checkpoint)
        leaf = merkle.leaf_hash(entry)
        merkle.verify_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint


def parse_hashes(lines: list[str], subject: str) -> tuple[bytes, ...]:
    """At most 63 base64 lines of 32 bytes each."""
    if len(lines) > MAX_HASHES:
        raise FormatError(f"{subject}: more than {MAX_HASHES} hashes")
    hashes = tuple(decode_base64(line, f"{subject}: hash {number}") for number, line in enumerate(lines))
    if any(len(node) != HASH_SIZE for node in hashes):
        raise FormatError(f"{subject}: a hash is not {HASH_SIZE} bytes long")
    return hashes
