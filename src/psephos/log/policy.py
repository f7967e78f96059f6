"""Whom to believe: logs, witnesses and a quorum (C2SP tlog-policy; `spec/log.md#policy`)."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from psephos.errors import FormatError, LogError
from psephos.log import checkpoints, cosignature
from psephos.log.checkpoints import TreeHead
from psephos.log.note import COSIGNATURE_V1, ED25519, Note, VerifierKey, decode_decimal

MAX_POLICY_SIZE = 64 * 1024
MAX_NAMES = 64
NONE = "none"


@dataclass(frozen=True)
class Group:
    """Witnesses a checkpoint when at least `threshold` of its members, witnesses or groups, do."""

    threshold: int
    members: tuple[str, ...]


@dataclass
class Policy:
    """Log keys by origin, witness keys and groups by name, and the name that must witness (or `none`).

    Names of witnesses and groups are opaque octets, held as UTF-8 with surrogate escapes.
    """

    logs: dict[str, VerifierKey] = field(default_factory=dict)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    urls: dict[VerifierKey, str] = field(default_factory=dict)
    quorum: str | None = None

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """Parse a policy's text of at most 64 KiB."""
        if len(data) > MAX_POLICY_SIZE or re.search(rb"[^\t\n\x20-\x7e\x80-\xff]", data):
            raise FormatError(f"policy: more than {MAX_POLICY_SIZE} bytes, or with a control character")
        if not data.endswith(b"\n"):
            raise FormatError("policy: no final newline")
        policy = cls()
        for number, line in enumerate(data.decode(errors="surrogateescape").split("\n"), 1):
            items = re.findall(r"[^ \t]+", line)
            if items and not items[0].startswith("#"):
                policy._add(items, f"policy line {number}")
            if max(len(policy.logs), len(policy.witnesses), len(policy.groups)) > MAX_NAMES:
                raise FormatError(f"policy line {number}: more than {MAX_NAMES} logs, witnesses or groups")
        if policy.quorum is None:
            raise FormatError("policy: expected a quorum line, found none")
        return policy

    def _add(self, items: list[str], line: str) -> None:
        match items:
            case ["log", vkey, *url] if len(url) < 2:
                key = self._key(vkey, ED25519, self.logs, line)
                self._check_new(key.name, [*self.logs], line)
                self.logs[key.name] = key
                self._locate(key, url)
            case ["witness", name, vkey, *url] if len(url) < 2:
                self._check_new(name, [NONE, *self.witnesses, *self.groups], line)
                key = self._key(vkey, COSIGNATURE_V1, self.witnesses, line)
                self.witnesses[name] = key
                self._locate(key, url)
            case ["group", name, threshold, *members] if members:
                self._check_new(name, [NONE, *self.witnesses, *self.groups], line)
                self.groups[name] = self._group(threshold, members, line)
            case ["quorum", name] if self.quorum is None:
                if name != NONE and name not in self.witnesses and name not in self.groups:
                    raise FormatError(f"{line}: {name!r} is not defined above")
                self.quorum = name
            case _:
                raise FormatError(f"{line}: not a log, witness, group or (only) quorum line")

    @staticmethod
    def _key(vkey: str, algorithm: int, known: Mapping[str, VerifierKey], line: str) -> VerifierKey:
        key = VerifierKey.parse(vkey)
        if key.algorithm != algorithm:
            raise FormatError(f"{line}: key {key.name} is of type 0x{key.algorithm:02x}")
        if any(key.public == known_key.public for known_key in known.values()):
            raise FormatError(f"{line}: key {key.name} is already in use")
        return key

    @staticmethod
    def _check_new(name: str, taken: list[str], line: str) -> None:
        if name in taken:
            raise FormatError(f"{line}: name {name!r} is already taken")

    def _locate(self, key: VerifierKey, url: list[str]) -> None:
        if url:
            self.urls[key] = url[0]

    def _group(self, threshold: str, members: list[str], line: str) -> Group:
        used = {member for group in self.groups.values() for member in group.members}
        for member in members:
            if (member not in self.witnesses and member not in self.groups) or member in used:
                raise FormatError(f"{line}: {member!r} is not defined above, or already a member")
            used.add(member)
        words = {"any": 1, "all": len(members)}
        count = words.get(threshold) or decode_decimal(threshold, f"{line}: threshold", len(members))
        if count == 0:
            raise FormatError(f"{line}: a threshold is at least 1")
        return Group(count, tuple(members))

    def satisfied(self, cosigned: Container[str]) -> bool:
        """Whether these witnesses, by name, are a quorum."""
        return self.quorum == NONE or self._witnessed(str(self.quorum), cosigned)

    def _witnessed(self, name: str, cosigned: Container[str]) -> bool:
        if name in self.witnesses:
            return name in cosigned
        group = self.groups[name]
        return sum(self._witnessed(member, cosigned) for member in group.members) >= group.threshold

    def smallest_quorum(self) -> int:
        """The least number of witnesses that satisfies the policy."""
        return 0 if self.quorum == NONE else self._least(str(self.quorum))

    def _least(self, name: str) -> int:
        if name in self.witnesses:
            return 1
        group = self.groups[name]
        return sum(sorted(self._least(member) for member in group.members)[: group.threshold])

    def cosigned(self, signed: Note) -> dict[str, int]:
        """The witnesses that cosigned, with their times in POSIX seconds; LogError if one is bad."""
        times = {name: cosignature.verify(signed, key) for name, key in self.witnesses.items()}
        return {name: time for name, time in times.items() if time is not None}

    def verify_log(self, data: bytes) -> tuple[TreeHead, Note]:
        """Parse a checkpoint and verify that one of the logs signed it, whether or not it is cosigned."""
        checkpoint, signed = checkpoints.read(data)
        if checkpoint.origin not in self.logs:
            raise LogError(f"checkpoint: origin {checkpoint.origin!r} is not a log of the policy")
        checkpoints.verify(checkpoint, signed, self.logs[checkpoint.origin])
        return checkpoint, signed

    def verify(self, data: bytes) -> tuple[TreeHead, dict[str, int]]:
        """A checkpoint signed by one of the logs and cosigned by a quorum, and who cosigned it when."""
        checkpoint, signed = self.verify_log(data)
        times = self.cosigned(signed)
        if not self.satisfied(times):
            names = ", ".join(sorted(times)) or "nobody"
            raise LogError(f"{checkpoint.origin}, size {checkpoint.size}: no quorum, cosigned by {names}")
        return checkpoint, times
