"""What adversaries do to a referendum in memory: lead a copy astray, and see what the record says of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from psephos.crypto.signature import SigningKey
from psephos.errors import VerificationError
from psephos.protocol import entries
from psephos.protocol.checks import CHECKS
from psephos.simulation.referendum import Referendum

Refusal = tuple[str, str]
"""Check and culprit."""


def fork(parent: Referendum, logged: list[bytes] | None = None) -> Referendum:
    """The same parties and secrets over a copy of the log, or over another log, folded anew."""
    made = Referendum(parent.document, parent.keys, parent.coins, now=parent.now)
    made.secrets, made.cards = dict(parent.secrets), {r: list(cards) for r, cards in parent.cards.items()}
    made._drawn = parent._drawn
    made.log(*(parent.logged if logged is None else logged))
    return made


def refused(referendum: Referendum, *data: bytes) -> list[Refusal]:
    """Log entries; the check and the culprit of each that is void. What is fatal is raised."""
    before = len(referendum.record.void)
    referendum.log(*data)
    return [(void.check, void.culprit) for void in referendum.record.void[before:]]


def fatal(referendum: Referendum, *data: bytes) -> Refusal:
    """Log entries; the check and the culprit through which they end the referendum."""
    try:
        refusals = refused(referendum, *data)
    except VerificationError as error:
        if CHECKS[error.check].severity != "fatal":
            raise
        return error.check, error.culprit
    raise AssertionError(f"nothing fatal, void: {refusals}")


def resigned(referendum: Referendum, entry: bytes, key: SigningKey, /, **changes: Any) -> bytes:
    """An entry with other values in its payload, signed by the holder of a key."""
    payload = entries.decode(entry).payload
    return referendum.write(replace(payload, **changes), key)


def of_type(referendum: Referendum, payload: type[entries.Payload]) -> list[int]:
    """Where entries of a type stand in the log."""
    return [
        position
        for position, data in enumerate(referendum.logged)
        if isinstance(entries.decode(data).payload, payload)
    ]
