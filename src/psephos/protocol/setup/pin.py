"""What a verifier must know from elsewhere: referendum, log, witnesses (`spec/checks.md`)."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.form import Form
from psephos.protocol.setup.definition import Definition
from psephos.protocol.setup.parties import BoardParty, Witnesses

ED25519 = 0x01
COSIGNATURE_V1 = 0x04
ANYTHING = re.compile(r".+", re.DOTALL)


@dataclass(frozen=True)
class Pin:
    """The definition hash and a C2SP tlog-policy; the same as `spec/schemas/pin.json` has them."""

    definition: bytes
    policy: str

    @classmethod
    def of(cls, definition: Definition) -> Pin:
        """The pin that an organiser publishes with a definition."""
        return cls(definition.hash, policy_text(definition))

    @classmethod
    def parse(cls, document: bytes) -> Pin:
        """A pin from its canonical JSON; the policy's own syntax is the log's matter."""
        members = Form(canonical_json.decode(document)).members("version definition policy")
        members["version"].integer(1, 1)
        return cls(members["definition"].key(), members["policy"].match(ANYTHING, "a policy"))

    def encode(self) -> bytes:
        """Canonical JSON."""
        return canonical_json.encode(
            {"version": 1, "definition": self.definition.hex(), "policy": self.policy}
        )


def policy_text(definition: Definition) -> str:
    """The log and witness quorum that a definition names, as a C2SP tlog-policy.

    Inside the policy witnesses go by w1, w2, .., which no name can clash with; their keys carry their names.
    """
    return _policy_text(definition.board, definition.witnesses)


@lru_cache(8)
def _policy_text(board: BoardParty, witnesses: Witnesses) -> str:
    names = [f"w{index}" for index in range(1, len(witnesses.members) + 1)]
    lines = [f"log {verifier_key(board.origin, ED25519, board.key)}"]
    for name, party in zip(names, witnesses.members, strict=True):
        lines.append(f"witness {name} {verifier_key(party.name, COSIGNATURE_V1, party.key)}")
    lines += [f"group quorum {witnesses.quorum} {' '.join(names)}", "quorum quorum"]
    return "\n".join(lines) + "\n"


def verifier_key(name: str, algorithm: int, key: bytes) -> str:
    """`name+id+key` as C2SP signed-note writes a verifier key."""
    material = bytes([algorithm]) + key
    key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(material).decode()}"
