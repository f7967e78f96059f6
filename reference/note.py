"""Signed notes, checkpoints, cosignatures and policies: spec/log.md."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

import ed25519
from group import FormatError

LOG, WITNESS = 1, 4  # signature algorithms
FORBIDDEN = re.compile("[\x00- \x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def _base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise FormatError("not the one base64")
    return data


def check_name(name: str) -> str:
    """A key name: spec/log.md#notes"""
    if not name or "+" in name or FORBIDDEN.search(name):
        raise FormatError("not a key name")
    return name


@dataclass(frozen=True)
class Key:
    """Whose signature lines are believed: a verifier key."""

    name: str
    algorithm: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of a hash over name, algorithm and key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:4]

    def __str__(self) -> str:
        material = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{material}"


def verifier_key(text: str, algorithm: int) -> Key:
    """A key from `<name>+<id>+<base64>`."""
    pieces = text.split("+", 2)
    if len(pieces) != 3:
        raise FormatError("not a verifier key")
    material = _base64(pieces[2])
    if len(material) != 33 or material[0] != algorithm:
        raise FormatError("verifier key of another algorithm")
    key = Key(check_name(pieces[0]), algorithm, material[1:])
    if str(key) != text:
        raise FormatError("verifier key has a wrong id")
    return key


@dataclass(frozen=True)
class Note:
    """A text and its signature lines: (name, key id, signature)."""

    text: str
    lines: tuple[tuple[str, bytes, bytes], ...]

    def signatures(self, keys: list[Key]) -> dict[Key, bytes]:
        """Of each key that has a line what it holds; a key with two lines refuses the note."""
        signatures: dict[Key, bytes] = {}
        for key in keys:
            held = [wire for name, key_id, wire in self.lines if (name, key_id) == (key.name, key.id)]
            if len(held) > 1:
                raise FormatError(f"{key.name} has two signatures")
            if held:
                signatures[key] = held[0]
        return signatures


def parse_note(data: bytes) -> Note:
    """spec/log.md#notes"""
    if len(data) > 262_144:
        raise FormatError("note is too long")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("note is not UTF-8") from error
    if any(ord(c) < 32 and c != "\n" for c in whole):
        raise FormatError("note has control characters")
    text, blank, signed = whole.rpartition("\n\n")
    lines = signed.split("\n")
    if not blank or lines.pop() or not 1 <= len(lines) <= 100:
        raise FormatError("note has no signature lines")
    return Note(text + "\n", tuple(map(_line, lines)))


def _line(line: str) -> tuple[str, bytes, bytes]:
    words = line.split(" ")
    if len(words) != 3 or words[0] != "—":
        raise FormatError("not a signature line")
    wire = _base64(words[2])
    if len(wire) < 5:
        raise FormatError("signature is too short")
    return check_name(words[1]), wire[:4], wire[4:]


@dataclass(frozen=True)
class Checkpoint:
    """A log's size and root, with the note they were read from."""

    origin: str
    size: int
    root: bytes
    note: Note

    def signed_by(self, log: Key) -> bool:
        """Whether the log's own signature is there and holds."""
        wire = self.note.signatures([log]).get(log)
        return wire is not None and ed25519.verify(log.public, self.note.text.encode(), wire)

    def cosignatures(self, witnesses: list[Key]) -> dict[Key, int]:
        """The time of each witness's cosignature; FormatError when one of them is wrong."""
        times = {}
        for key, wire in self.note.signatures(witnesses).items():
            time = int.from_bytes(wire[:8], "big")
            message = f"cosignature/v1\ntime {time}\n{self.note.text}".encode()
            if len(wire) != 72 or not 1 <= time < 2**63 or not ed25519.verify(key.public, message, wire[8:]):
                raise FormatError(f"cosignature by {key.name} is wrong")
            times[key] = time
        return times


def parse_checkpoint(data: bytes) -> Checkpoint:
    """spec/log.md#checkpoints"""
    note = parse_note(data)
    lines = note.text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise FormatError("checkpoint is not three lines")
    origin, size, root = check_name(lines[0]), lines[1], _base64(lines[2])
    if not re.fullmatch("0|[1-9][0-9]{0,18}", size) or int(size) >= 2**63 or len(root) != 32:
        raise FormatError("checkpoint has a wrong size or root")
    if size == "0" and root != sha256(b"").digest():
        raise FormatError("checkpoint of nothing has another root")
    return Checkpoint(origin, int(size), root, note)


@dataclass(frozen=True)
class Policy:
    """Which logs and witnesses are believed: spec/log.md#policy."""

    logs: list[Key]
    witnesses: dict[str, Key]
    groups: dict[str, tuple[int, list[str]]]
    quorum: str

    def satisfied(self, checkpoint: Checkpoint) -> bool:
        """Whether the quorum has cosigned; FormatError when a cosignature is wrong."""
        cosigned = checkpoint.cosignatures(list(self.witnesses.values()))
        return self.quorum == "none" or self._witnessed(self.quorum, set(cosigned))

    def _witnessed(self, name: str, cosigned: set[Key]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in cosigned
        least, members = self.groups[name]
        return sum(self._witnessed(member, cosigned) for member in members) >= least


def parse_policy(text: bytes) -> Policy:
    """spec/log.md#policy; names are bytes, read here as Latin-1 but for key names."""
    if len(text) > 65_536 or not re.fullmatch(rb"([\t\x20-\x7e\x80-\xff]*\n)*", text):
        raise FormatError("policy has control characters or no last newline")
    policy = Policy([], {}, {}, "")
    quorums: list[str] = []
    used: set[str] = set()
    for line in text.split(b"\n"):
        words = [word.decode("latin-1") for word in re.split(rb"[ \t]+", line.strip(b" \t")) if word]
        if words and not words[0].startswith("#"):
            _policy_line(policy, quorums, used, words)
    if len(quorums) != 1:
        raise FormatError("policy needs one quorum")
    return Policy(policy.logs, policy.witnesses, policy.groups, quorums[0])


def _policy_line(policy: Policy, quorums: list[str], used: set[str], words: list[str]) -> None:
    known = policy.witnesses.keys() | policy.groups.keys()
    match words:
        case ["log", key, *url] if len(url) <= 1:
            _no_duplicate(policy.logs, log := _policy_key(key, LOG), names=True)
            policy.logs.append(log)
        case ["witness", name, key, *url] if len(url) <= 1 and name not in known and name != "none":
            _no_duplicate(list(policy.witnesses.values()), witness := _policy_key(key, WITNESS))
            policy.witnesses[name] = witness
        case ["group", name, least, *members] if name not in known and name != "none" and members:
            if not set(members) <= known or len(set(members)) != len(members) or used & set(members):
                raise FormatError("a member of a group is not defined, or twice a member")
            number = {"any": "1", "all": str(len(members))}.get(least, least)
            if not re.fullmatch("[1-9][0-9]{0,4}", number) or int(number) > len(members):
                raise FormatError("group has a wrong number")
            used.update(members)
            policy.groups[name] = int(number), members
        case ["quorum", name] if name in known or name == "none":
            quorums.append(name)
        case _:
            raise FormatError("policy has an unknown line")
    if max(len(policy.logs), len(policy.witnesses), len(policy.groups)) > 64:
        raise FormatError("policy is too long")


def _policy_key(text: str, algorithm: int) -> Key:
    try:
        return verifier_key(text.encode("latin-1").decode("utf-8"), algorithm)
    except UnicodeDecodeError as error:
        raise FormatError("key name is not UTF-8") from error


def _no_duplicate(keys: list[Key], new: Key, names: bool = False) -> None:
    if any(key.public == new.public or (names and key.name == new.name) for key in keys):
        raise FormatError("policy has a key or origin twice")
