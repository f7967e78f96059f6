"""The organiser: calls a referendum, keeps its ceremony moving, amends, cancels, certifies its result."""

from __future__ import annotations

from psephos.crypto.signature import SigningKey
from psephos.protocol import entries
from psephos.protocol.entries import Payload
from psephos.protocol.record import Record
from psephos.protocol.setup.arrival import payloads
from psephos.protocol.setup.definition import Definition
from psephos.protocol.tally import result


class Organiser:
    """Writes the organiser's entries; the key stays here."""

    def __init__(self, definition: Definition, key: SigningKey) -> None:
        self._definition = definition
        self._key = key

    def _write(self, payload: Payload, referendum: bytes) -> bytes:
        return entries.encode(payload, referendum, self._key.public.raw, self._key.sign)

    def publish(self) -> list[bytes]:
        """Entry 0, and what the definition is too long for it to hold."""
        definition = self._definition
        return [self._write(payload, definition.hash) for payload in payloads(definition.document)]

    def deadline(self, attempt: int, number: int, time: int) -> bytes:
        """End a round of the ceremony without those who are missing at a time, in UTC seconds."""
        return self._write(entries.CeremonyDeadline(attempt, number, time), self._definition.hash)

    def accredit(self, key: bytes, name: str, role: str) -> bytes:
        """Let an observer's key make statements."""
        return self._write(entries.Grant(key, name, role), self._definition.hash)

    def amend(self, region: int, day: int, opens: int, seals: int, reason: str) -> bytes:
        """Give a window that is not sealed a later plan, UTC seconds."""
        return self._write(entries.Amend(region, day, opens, seals, reason), self._definition.hash)

    def cancel(self, reason: str) -> bytes:
        """Call the referendum off."""
        return self._write(entries.Cancel(reason), self._definition.hash)

    def certify(self, record: Record) -> bytes:
        """Log the result that follows from the record."""
        return self._write(entries.Result(result.logged(record.result_document())), record.election or b"")
