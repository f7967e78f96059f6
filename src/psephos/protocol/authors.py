"""Who may write what, and what the report calls them (`spec/entries.md`, `spec/checks.md`)."""

from __future__ import annotations

from collections.abc import Callable

from psephos.crypto.signature import PublicKey, check_signing_keys
from psephos.errors import FormatError, VerificationError
from psephos.protocol import entries
from psephos.protocol.entries import Entry, Payload
from psephos.protocol.setup.definition import Definition

_WRITERS: dict[type[Payload], str] = {
    entries.DefinitionEntry: "organiser",
    entries.CheckpointEntry: "board",
    entries.Roll: "registrar",
    entries.CeremonyCommit: "trustee",
    entries.CeremonyReveal: "trustee",
    entries.CeremonyDeal: "trustee",
    entries.CeremonyConfirm: "trustee",
    entries.CeremonyComplain: "trustee",
    entries.CeremonyAnswer: "trustee",
    entries.CeremonyDeadline: "organiser",
    entries.CeremonySign: "trustee",
    entries.Batch: "registrar",
    entries.TokenKeys: "registrar",
    entries.Given: "registrar",
    entries.Endorse: "registrar",
    entries.Issued: "registrar",
    entries.Open: "board",
    entries.Seal: "board",
    entries.Weighing: "trustee",
    entries.Close: "trustee",
    entries.Shares: "trustee",
    entries.Result: "organiser",
    entries.Amend: "organiser",
    entries.Cancel: "organiser",
    entries.BoothManifest: "board",
    entries.Annulment: "appeals",
}
_SPEAKERS = ("organiser", "registrar", "board", "trustee", "appeals", "observer")
_BUNDLERS = ("organiser", "registrar", "board", "trustee")
_BY_SEVERAL: dict[type[Payload], tuple[str, ...]] = {
    entries.Part: _BUNDLERS,
    entries.Grant: ("organiser", "registrar", "trustee"),
    entries.Statement: _SPEAKERS,
    entries.Declaration: _SPEAKERS,
    entries.Incident: _SPEAKERS,
    entries.Objection: _SPEAKERS,
    entries.Answer: _SPEAKERS,
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
        self._witnesses = {one.key: at for at, one in enumerate(definition.witnesses.members, 1)}
        if definition.appeals is not None:
            self._names[definition.appeals.key] = "appeals"
        self._observers: set[bytes] = set()
        self._keys: dict[bytes, PublicKey] = {}

    def culprit(self, author: bytes) -> str:
        """What the report calls the holder of a key."""
        if author in self._names:
            return self._names[author]
        if author in self._observers:
            return f"observer {author.hex()}"
        return f"witness {self._witnesses[author]}" if author in self._witnesses else f"key {author.hex()}"

    def known(self, author: bytes) -> bool:
        """Whether a key is a named party's or an accredited observer's: whose holder speaks already."""
        return author in self._names or author in self._observers

    def accredited(self, key: bytes) -> bool:
        """Whether a key is an accredited observer's."""
        return key in self._observers

    def accredit(self, key: bytes) -> None:
        """Let an observer speak."""
        self._observers.add(key)

    def registrar(self, author: bytes) -> int:
        """The number, from 1, of the registrar that holds a key."""
        return int(self._names[author].removeprefix("registrar "))

    def check(self, entry: Entry, referendum: bytes | None, signed: bool = False) -> None:
        """Check 1.5; `referendum` is what the entry must name, or None while there is none of its scope.

        `signed`: whether its signature is known to hold, by the key that it names.
        """
        if entry.referendum != referendum:
            raise _refuse(f"{entry.payload.type_name()} names another referendum")
        if not self._may_write(entry):
            raise _refuse(f"{self.culprit(entry.author)} may not write a {entry.payload.type_name()}")
        if signed and not isinstance(entry.payload, entries.Request):
            return
        try:
            self._key(entry).verify(entry.signed_bytes, entry.signature)
        except (VerificationError, FormatError):
            culprit = self.culprit(entry.author)
            raise _refuse(f"{entry.payload.type_name()} is not signed by {culprit}, whom it names") from None

    def _key(self, entry: Entry) -> PublicKey:
        """The author's; FormatError where anybody might be it and it is no proper key."""
        if not isinstance(entry.payload, entries.Request):
            if entry.author not in self._keys:
                self._keys[entry.author] = PublicKey(entry.author)
            return self._keys[entry.author]
        if check_signing_keys(entry.author):
            raise FormatError("not a canonical Ed25519 key, or one of small order")
        return PublicKey(entry.author)

    def role(self, author: bytes) -> str:
        """The role of a key: that of a party, or `observer`; empty for a stranger."""
        return self._names.get(author, "observer" if author in self._observers else "").split(" ")[0]

    def _may_write(self, entry: Entry) -> bool:
        kind = type(entry.payload)
        if kind is entries.Request:
            return True
        if kind is entries.Grant and entry.author in self._witnesses:
            return True
        if kind in (entries.Batch, entries.Endorse):
            leads = self._names.get(entry.author) == "registrar 1"
            return self.role(entry.author) == "registrar" and leads == (kind is entries.Batch)
        return self.role(entry.author) in (_BY_SEVERAL.get(kind) or (_WRITERS[kind],))

    def may_sponsor(self, key: bytes) -> bool:
        """Whether the holder of a key may countersign a request for accreditation."""
        return key in self._witnesses or self.role(key) in ("registrar", "trustee")


def _refuse(message: str) -> VerificationError:
    return VerificationError("1.5", "board", message)


Signer = Callable[[bytes], bytes]
