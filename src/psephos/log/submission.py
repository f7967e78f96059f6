"""What a log asks of a witness, and how that says no (C2SP tlog-witness; `spec/log.md#witnesses`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from psephos.errors import FormatError, LogError, PsephosError
from psephos.log import cosignature
from psephos.log.note import (
    MAX_NOTE_SIZE,
    Note,
    Signature,
    VerifierKey,
    decode_decimal,
    decode_text,
    encode_base64,
)
from psephos.log.policy import Policy
from psephos.log.proof import MAX_HASHES, parse_hashes

ADD_CHECKPOINT = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
"""The path behind a witness's URL, and the media type of the size in a refusal with 409."""

MAX_SUBMISSION_SIZE = MAX_NOTE_SIZE + 50 * MAX_HASHES


class UnknownLog(LogError):
    """The witness does not know this origin (HTTP 404)."""


class Unsigned(LogError):
    """The log's own signature is missing or wrong (HTTP 403)."""


class Conflict(LogError):
    """The old size is not the one the witness last cosigned, which is `size` (HTTP 409)."""

    def __init__(self, size: int) -> None:
        super().__init__(f"witness: last cosigned size {size}")
        self.size = size


class Inconsistent(LogError):
    """The checkpoint does not extend what the witness last cosigned (HTTP 422)."""


STATUS: dict[type[PsephosError], int] = {
    FormatError: 400,
    Unsigned: 403,
    UnknownLog: 404,
    Conflict: 409,
    Inconsistent: 422,
}
"""The HTTP status of each refusal."""


@dataclass(frozen=True)
class Submission:
    """The old size, the consistency proof from there, and the signed checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    @classmethod
    def parse(cls, data: bytes) -> Submission:
        """Parse a request's body."""
        if len(data) > MAX_SUBMISSION_SIZE:
            raise FormatError(f"submission: {len(data):,} bytes exceed the limit of {MAX_SUBMISSION_SIZE:,}")
        head, blank, checkpoint = decode_text(data, "submission").partition("\n\n")
        first, *lines = head.split("\n")
        if not first.startswith("old ") or not blank:
            raise FormatError("submission: no old size line, or no blank line")
        old_size = decode_decimal(first[4:], "submission: old size")
        return cls(old_size, parse_hashes(lines, "submission"), checkpoint.encode())

    def encode(self) -> bytes:
        """The one encoding."""
        lines = [f"old {self.old_size}", *map(encode_base64, self.proof)]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint


Ask = Callable[[Submission], bytes]
"""Hands a submission to a witness; returns its signature lines, or raises a refusal or OSError."""


class Cosigned(NamedTuple):
    """A checkpoint with cosignatures, all of them verified.

    `times` go by the policy's names, in POSIX seconds; `fresh` names those that it did not have before.
    """

    checkpoint: bytes
    times: dict[str, int]
    fresh: list[str]


def collect(
    checkpoint: bytes,
    proof_for: Callable[[int], Sequence[bytes]],
    witnesses: Mapping[str, Ask],
    policy: Policy,
    refused: Callable[[str, Exception], None],
    sizes: dict[str, int],
) -> Cosigned:
    """The checkpoint with the cosignatures of all witnesses that give one, whether they are a quorum or not.

    `proof_for(old_size)` proves consistency from there to the checkpoint; `witnesses` goes by the policy's
    names, and so does `sizes`: what each has cosigned, as far as is known, kept up to date here. `refused` is
    told of each witness that gave none, and why.
    """
    new, signed = policy.verify_log(checkpoint)
    times, fresh = policy.cosigned(signed), list[str]()

    def submission(old: int) -> Submission:
        return Submission(old, tuple(proof_for(old)), checkpoint)

    for name in [name for name in witnesses if name not in times]:
        try:
            lines = _ask(name, witnesses[name], submission, sizes)
            line, times[name] = _cosignature(checkpoint + lines, policy.witnesses[name])
        except (PsephosError, OSError) as error:
            refused(name, error)
        else:
            sizes[name] = new.size
            signed = signed.with_signatures([line])
            fresh.append(name)
    return Cosigned(signed.encode(), times, fresh)


def _ask(name: str, ask: Ask, submission: Callable[[int], Submission], sizes: dict[str, int]) -> bytes:
    try:  # whoever does not know what the witness last saw may begin at zero
        return ask(submission(sizes.get(name, 0)))
    except Conflict as conflict:
        from_there = submission(conflict.size)
        sizes[name] = conflict.size
        return ask(from_there)


def _cosignature(answered: bytes, key: VerifierKey) -> tuple[Signature, int]:
    """The witness's line behind a checkpoint, and its time."""
    answer = Note.parse(answered)
    time, line = cosignature.verify(answer, key), answer.signed_by(key)
    if time is None or line is None:
        raise LogError(f"witness {key.name}: its answer does not hold its cosignature")
    return line, time
