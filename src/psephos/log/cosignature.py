"""A witness's timestamped word for a checkpoint (C2SP tlog-cosignature, v1; `spec/log.md#cosignatures`)."""

from __future__ import annotations

from psephos.crypto.signature import SIGNATURE_SIZE, SigningKey
from psephos.errors import LogError
from psephos.log.merkle import MAX_SIZE
from psephos.log.note import COSIGNATURE_V1, Note, Signature, VerifierKey, check_signature

_TIME_SIZE = 8


def sign(text: str, time: int, name: str, key: SigningKey) -> Signature:
    """Cosign a checkpoint's text at `time`, in POSIX seconds above zero."""
    if not 0 < time <= MAX_SIZE:
        raise LogError(f"cosignature by {name}: time {time} is out of range")
    verifier = VerifierKey(name, COSIGNATURE_V1, key.public)
    signature = key.sign(_message(text, time))
    return Signature(name, verifier.id, time.to_bytes(_TIME_SIZE, "big") + signature)


def verify(signed: Note, key: VerifierKey) -> int | None:
    """The time in POSIX seconds at which `key` cosigned the note; None if it did not.

    A cosignature that carries the key's name and id but is wrong raises LogError.
    """
    if key.algorithm != COSIGNATURE_V1:
        raise LogError(f"cosignature: {key.name} is not a cosigner's key")
    line = signed.signed_by(key)
    if line is None:
        return None
    if len(line.value) != _TIME_SIZE + SIGNATURE_SIZE:
        raise LogError(f"cosignature by {key.name}: invalid length, {len(line.value)} bytes")
    time = int.from_bytes(line.value[:_TIME_SIZE], "big")
    if not 0 < time <= MAX_SIZE:
        raise LogError(f"cosignature by {key.name}: time is out of range")
    check_signature(key, _message(signed.text, time), line.value[_TIME_SIZE:])
    return time


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
