"""Signed notes and their verifier keys (C2SP signed-note; `spec/log.md#notes`)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from psephos.crypto.signature import KEY_SIZE, PublicKey, SigningKey
from psephos.errors import FormatError, LogError, VerificationError

ED25519 = 0x01
COSIGNATURE_V1 = 0x04

MAX_NOTE_SIZE = 256 * 1024
MAX_SIGNATURES = 100
KEY_ID_SIZE = 4

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_IN_NAMES = re.compile(r"[\s+\x7f-\x9f]")


@dataclass(frozen=True)
class VerifierKey:
    """A named Ed25519 key with the kind of signature it makes: ED25519 or COSIGNATURE_V1."""

    name: str
    algorithm: int
    public: PublicKey

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.algorithm not in (ED25519, COSIGNATURE_V1):
            raise FormatError(f"verifier key {self.name}: algorithm 0x{self.algorithm:02x} is not supported")

    @cached_property
    def id(self) -> bytes:
        """The 4 bytes that, with the name, identify the key."""
        material = bytes([self.algorithm]) + self.public.raw
        return sha256(self.name.encode() + b"\n" + material).digest()[:KEY_ID_SIZE]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Parse `name+hex key id+base64 material`."""
        parts = text.split("+", 2)  # base64 may itself contain a plus
        if len(parts) != 3:
            raise FormatError("verifier key: not of the form name+id+key")
        material = decode_base64(parts[2], "verifier key")
        if len(material) != 1 + KEY_SIZE:
            raise FormatError(f"verifier key {parts[0]!r}: {len(material)} bytes instead of {1 + KEY_SIZE}")
        key = cls(parts[0], material[0], PublicKey(material[1:]))
        if key.id.hex() != parts[1]:
            raise FormatError(f"verifier key {key.name}: its id is {key.id.hex()}, not {parts[1]!r}")
        return key

    def __str__(self) -> str:
        material = bytes([self.algorithm]) + self.public.raw
        return f"{self.name}+{self.id.hex()}+{encode_base64(material)}"


@dataclass(frozen=True)
class Signature:
    """One signature line: key name, 4-byte key id, and what the key's algorithm makes of it."""

    name: str
    key_id: bytes
    value: bytes

    @classmethod
    def parse(cls, line: str) -> Signature:
        """Parse a line without its newline."""
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise FormatError("note: a signature line is not of the form '— name base64'")
        check_name(parts[1])
        raw = decode_base64(parts[2], f"note: signature by {parts[1]}")
        if len(raw) <= KEY_ID_SIZE:
            raise FormatError(f"note: signature by {parts[1]} has only {len(raw)} bytes")
        return cls(parts[1], raw[:KEY_ID_SIZE], raw[KEY_ID_SIZE:])

    def encode(self) -> bytes:
        """The line with its newline."""
        return f"— {self.name} {encode_base64(self.key_id + self.value)}\n".encode()


@dataclass(frozen=True)
class Note:
    """A text, which ends in a newline, and its signatures, none of them verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Parse a note of at most MAX_NOTE_SIZE bytes."""
        if len(data) > MAX_NOTE_SIZE:
            raise FormatError(f"note: more than {MAX_NOTE_SIZE} bytes")
        whole = decode_text(data, "note")
        blank = whole.rfind("\n\n")
        if blank < 0 or not whole.endswith("\n"):
            raise FormatError("note: no blank line between text and signatures, or no final newline")
        lines = whole[blank + 2 : -1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise FormatError(f"note: more than {MAX_SIGNATURES} signatures")
        return cls(whole[: blank + 1], tuple(map(Signature.parse, lines)))

    def encode(self) -> bytes:
        """The one encoding."""
        return self.text.encode() + b"\n" + b"".join(line.encode() for line in self.signatures)

    def signed_by(self, key: VerifierKey) -> Signature | None:
        """The signature that carries the key's name and id, not verified; unknown keys do not matter."""
        signatures = [line for line in self.signatures if line.name == key.name and line.key_id == key.id]
        if len(signatures) > 1:
            raise LogError(f"note: signed more than once by {key.name}")
        return signatures[0] if signatures else None

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """The same text with more signatures."""
        return Note(self.text, self.signatures + tuple(more))


def sign(text: str, name: str, key: SigningKey) -> Note:
    """A note signed with Ed25519; the text must end in a newline."""
    check_text(text, "note")
    if not text.endswith("\n"):
        raise FormatError("note: the text does not end in a newline")
    verifier = VerifierKey(name, ED25519, key.public)
    return Note(text, (Signature(name, verifier.id, key.sign(text.encode())),))


def verify(note: Note, key: VerifierKey) -> Signature:
    """The line with which the Ed25519 key signed the note; LogError if there is none or it is wrong."""
    if key.algorithm != ED25519:
        raise LogError(f"note: {key.name} is not a plain Ed25519 key")
    signature = note.signed_by(key)
    if signature is None:
        raise LogError(f"note: not signed by {key.name}")
    check_signature(key, note.text.encode(), signature.value)
    return signature


def check_signature(key: VerifierKey, message: bytes, signature: bytes) -> None:
    """Raise LogError unless the 64-byte signature of the message is right."""
    try:
        key.public.verify(message, signature)
    except (FormatError, VerificationError) as error:
        raise LogError(f"note: bad signature by {key.name}") from error


def check_name(name: str) -> None:
    """Raise FormatError unless the key name has neither white space, plus nor control characters."""
    check_text(name, "key name")
    if not name or _NOT_IN_NAMES.search(name):
        raise FormatError(f"key name {name!r}: empty, or with white space, plus or control characters")


def check_text(text: str, subject: str) -> None:
    """Raise FormatError unless the text can be UTF-8 and newline is its only control character."""
    if _CONTROL.search(text):
        raise FormatError(f"{subject}: holds a control character")
    if _SURROGATE.search(text):
        raise FormatError(f"{subject}: holds a surrogate")


def decode_text(data: bytes, subject: str) -> str:
    """Strict UTF-8 without control characters other than newline."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"{subject}: not UTF-8 at byte {error.start}") from None
    check_text(text, subject)
    return text


def encode_base64(data: bytes) -> str:
    """RFC 4648, section 4, with padding."""
    return base64.b64encode(data).decode()


def decode_base64(text: str, subject: str) -> bytes:
    """The one encoding of RFC 4648, section 4; anything else is refused."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise FormatError(f"{subject}: not base64") from None
    if encode_base64(data) != text:
        raise FormatError(f"{subject}: not the one base64 encoding")
    return data


def decode_decimal(text: str, subject: str, limit: int = (1 << 63) - 1) -> int:
    """An ASCII decimal without leading zeroes, at most `limit`."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0") or len(text) > 20:
        raise FormatError(f"{subject}: not a decimal number without leading zeroes")
    if int(text) > limit:
        raise FormatError(f"{subject}: more than {limit}")
    return int(text)
