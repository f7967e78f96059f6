"""Evidence that something went wrong, for anybody to check again (`spec/schemas/evidence.json`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from psephos.errors import EvidenceMissing, LogError, PsephosError
from psephos.log.note import decode_base64, encode_base64
from psephos.log.tree import Tree
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import LONGEST_TEXT, Form
from psephos.verifier.run import Verification

WITHOUT_LOG = "this cannot be checked without the log"
_kinds: dict[str, type[Exhibit]] = {}


class NotProven(PsephosError):
    """Evidence that shows nothing against anybody, or not yet, or not without the log."""


@dataclass(frozen=True)
class Exhibit(ABC):
    """Signed notes, messages and proofs as they came; a subclass says what they have to show."""

    kind: ClassVar[str]

    def __init_subclass__(cls, kind: str, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.kind = kind
        _kinds[kind] = cls

    @abstractmethod
    def proves(self, log: Verification) -> str:
        """What is proven, in a sentence that names the culprit; raises a PsephosError where nothing is.

        `log` is the pinned log as far as it was read: perhaps not at all, and NotProven where that is needed.
        """

    @property
    @abstractmethod
    def subject(self) -> bytes:
        """What it is about: two exhibits of a kind with the same subject are one alarm."""


@dataclass(frozen=True)
class Evidence:
    """An exhibit of a referendum, when it was found (UTC seconds), and what it is said to show."""

    referendum: bytes
    time: int
    shows: str
    exhibit: Exhibit

    @classmethod
    def of(cls, exhibit: Exhibit, log: Verification, time: int, shows: str) -> Evidence:
        """An exhibit about the pinned log; `shows` is cut to what a document takes."""
        return cls(log.pin.definition, time, shows[:LONGEST_TEXT], exhibit)

    def proves(self, log: Verification) -> str:
        """What is proven, whatever it is said to show; raises a PsephosError where nothing is."""
        if self.referendum != log.pin.definition:
            raise NotProven("it is about another referendum than the pinned one")
        return self.exhibit.proves(log)

    def encode(self) -> bytes:
        """Canonical JSON."""
        exhibit = {column.name: _write(getattr(self.exhibit, column.name)) for column in fields(self.exhibit)}
        head = {"version": 1, "kind": self.exhibit.kind, "referendum": self.referendum.hex()}
        return canonical_json.encode({**head, "time": self.time, "shows": self.shows, "exhibit": exhibit})

    @classmethod
    def parse(cls, document: bytes) -> Evidence:
        """The one encoding of evidence of a known kind; FormatError for everything else."""
        members = Form(canonical_json.decode(document)).members("version kind referendum time shows exhibit")
        members["version"].integer(1, 1)
        kind = list(_kinds.values())[members["kind"].index_in({name: at for at, name in enumerate(_kinds)})]
        columns = fields(kind)
        shown = members["exhibit"].members(" ".join(column.name for column in columns))
        exhibit = kind(**{column.name: _read(shown[column.name], str(column.type)) for column in columns})
        referendum, time = members["referendum"].key(), members["time"].integer(0)
        return cls(referendum, time, members["shows"].text(), exhibit)


def containing(log: Verification, checkpoint: bytes) -> Tree:
    """The log's tree, if it was read and extends a checkpoint that satisfies its policy."""
    old, _ = log.policy.verify(checkpoint)
    if log.tree is None:
        raise NotProven(f"the log cannot be read: {log.stopped}" if log.stopped else WITHOUT_LOG)
    try:
        log.tree.check_extends(old)
    except EvidenceMissing:
        raise
    except LogError as error:
        raise NotProven(f"this log is not the one that the evidence is about: {error}") from error
    return log.tree


def _write(value: bytes | str | tuple[bytes, ...]) -> str | list[str]:
    if isinstance(value, bytes):
        return encode_base64(value)
    return value if isinstance(value, str) else list(map(encode_base64, value))


def _read(form: Form, wanted: str) -> bytes | str | tuple[bytes, ...]:
    if wanted == "str":
        return form.text()
    if wanted == "bytes":
        return _bytes(form)
    return tuple(map(_bytes, form.items(0)))


def _bytes(form: Form) -> bytes:
    if not isinstance(form.value, str):
        raise form.refuse("not a text")
    return decode_base64(form.value, form.path)
