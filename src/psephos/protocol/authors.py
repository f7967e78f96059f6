"""Who may write what, and what the report calls them (`spec/entries.md`, `spec/checks.md`)."""

from __future__ import annotations

from collections.abc import Callable

from psephos.crypto.signature import PublicKey
from psephos.errors import FormatError, VerificationError
from psephos.protocol import entry as entries
from psephos.protocol.entry import Entry, Payload
from psephos.protocol.setup.definition import Definition

_WRITERS: dict[type[Payload], str] = {
    entries.Definition: "organiser",
    entries.Checkpoint: "board",
    entries.Roll: "registrar",
    entries.CeremonyCommit: "trustee",
    entries.CeremonyReveal: "trustee",
    entries.CeremonyDeal: "trustee",
    entries.CeremonyConfirm: "trustee",
    entries.CeremonyComplain: "trustee",
    entries.CeremonyAnswer: "trustee",
    entries.CeremonyDeadline: "organiser",
    entries.CeremonySign: "trustee",
    entries.Batch: "lead",
    entries.TokenKeys: "registrar",
    entries.Given: "registrar",
    entries.Endorse: "endorser",
    entries.Issued: "registrar",
    entries.Open: "board",
    entries.Seal: "board",
    entries.Weighing: "trustee",
    entries.Close: "trustee",
    entries.Shares: "trustee",
    entries.Result: "organiser",
    entries.Accreditation: "organiser",
    entries.Amend: "organiser",
    entries.Cancel: "organiser",
    entries.BoothManifest: "board",
}


class Authors:
    """The keys of a referendum: parties by name, observers once they are accredited."""

    def __init__(self, definition: Definition) -> None:
        self._names = {
            definition.organiser.key: "organiser",
            definition.board.key: "board",
        }
        for number, registrar in enumerate(definition.registrars, 1):
            self._names[registrar.key] = f"registrar {number}"
        for index, trustee in enumerate(definition.trustees.members, 1):
            self._names[trustee.key] = f"trustee {index}"
        self._observers: set[bytes] = set()
        self._keys: dict[bytes, PublicKey] = {}

    def culprit(self, author: bytes) -> str:
        """What the report calls the holder of a key."""
        return (
            self._names.get(author) or f"{'observer' if author in self._observers else 'key'} {author.hex()}"
        )

    def known(self, author: bytes) -> bool:
        """Whether a key is a named party's or an accredited observer's."""
        return author in self._names or author in self._observers

    def accredit(self, key: bytes) -> None:
        """Let an observer write statements."""
        self._observers.add(key)

    def registrar(self, author: bytes) -> int:
        """The number, from 1, of the registrar that holds a key."""
        return int(self._names[author].removeprefix("registrar "))

    def check(self, entry: Entry, referendum: bytes | None) -> None:
        """Check 1.5; `referendum` is what the entry must name, or None while there is none of its scope."""
        if entry.referendum != referendum:
            raise _refuse(f"{entry.payload.type_name()} names another referendum")
        if not self._may_write(entry):
            raise _refuse(f"{self.culprit(entry.author)} may not write a {entry.payload.type_name()}")
        try:
            key = self._keys.setdefault(entry.author, PublicKey(entry.author))
            key.verify(entry.signed_bytes, entry.signature)
        except (VerificationError, FormatError):
            culprit = self.culprit(entry.author)
            raise _refuse(f"{entry.payload.type_name()} is not signed by {culprit}, whom it names") from None

    def _may_write(self, entry: Entry) -> bool:
        if isinstance(entry.payload, entries.Part):
            return entry.author in self._names
        if isinstance(entry.payload, entries.Statement):
            return self.known(entry.author)
        role, name = _WRITERS[type(entry.payload)], self._names.get(entry.author, "")
        if role in ("lead", "endorser"):
            return name.startswith("registrar ") and (name == "registrar 1") == (role == "lead")
        return name.split(" ")[0] == role


def _refuse(message: str) -> VerificationError:
    return VerificationError("1.5", "board", message)


Signer = Callable[[bytes], bytes]
