"""A receipt checked offline: that an entry is in the pinned log (`spec/log.md#receipts`)."""

from __future__ import annotations

from dataclasses import dataclass

from psephos.errors import FormatError
from psephos.log.checkpoints import TreeHead
from psephos.log.proof import LogProof
from psephos.protocol import entries
from psephos.protocol.entries import Entry
from psephos.protocol.setup.pin import Pin
from psephos.verifier.run import policy


@dataclass(frozen=True)
class Receipt:
    """An entry, where it stands, under which checkpoint, and who cosigned that when (POSIX seconds)."""

    entry: Entry
    index: int
    checkpoint: TreeHead
    cosigned: dict[str, int]


def verify_receipt(receipt: bytes, pin: Pin, entry: bytes | None = None) -> Receipt:
    """What a receipt proves of an entry, which it carries as its extra data unless `entry` is given.

    Raises FormatError for what cannot be read, LogError for what the pinned log never promised. Whether the
    entry is valid, and so counts, only the record can tell.

    >>> receipt = Path("demo/receipt").read_bytes()
    >>> psephos.verify_receipt(receipt, psephos.load_pin("demo/pin.json")).entry.payload.type_name()
    'ballot'
    """
    proof = _proof(receipt)
    if entry is not None and proof.extra and proof.extra != entry:
        raise FormatError("receipt: carries another entry than the one given")
    data = entry if entry is not None else proof.extra
    if not data:
        raise FormatError("receipt: carries no entry, and none was given")
    pinned = policy(pin)
    checkpoint = proof.verify(data, pinned)
    _, times = pinned.verify(proof.checkpoint)
    cosigned = {pinned.witnesses[name].name: time for name, time in times.items()}
    return Receipt(entries.decode(data), proof.index, checkpoint, cosigned)


def _proof(receipt: bytes) -> LogProof:
    """FormatError that says what it is instead, where somebody mixes up what was handed out."""
    try:
        return LogProof.parse(receipt)
    except FormatError as error:
        try:
            kind = entries.decode(receipt, message=True).payload.type_name()
        except FormatError:
            raise error from None
        raise FormatError(
            f"receipt: this is a {kind}, signed outside the log: no proof of an entry"
        ) from error
