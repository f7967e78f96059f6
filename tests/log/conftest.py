"""Keys and a policy that the tests of the log share."""

from __future__ import annotations

import pytest

from psephos.crypto.signature import SigningKey
from psephos.log.note import COSIGNATURE_V1, ED25519, VerifierKey
from psephos.log.policy import Policy

ORIGIN = "example.org/log"


class Keys:
    """One log, three witnesses, and a policy that asks for two of them."""

    def __init__(self) -> None:
        self.origin = ORIGIN
        self.log = SigningKey(bytes([1]) * 32)
        self.log_key = VerifierKey(ORIGIN, ED25519, self.log.public)
        self.witnesses = {f"example.org/w{n}": SigningKey(bytes([10 + n]) * 32) for n in range(3)}
        self.witness_keys = {
            name: VerifierKey(name, COSIGNATURE_V1, key.public) for name, key in self.witnesses.items()
        }
        lines = [f"log {self.log_key}"]
        lines += [f"witness W{n} {key}" for n, key in enumerate(self.witness_keys.values())]
        lines += ["group all-of-them 2 W0 W1 W2", "quorum all-of-them", ""]
        self.policy_text = "\n".join(lines).encode()
        self.policy = Policy.parse(self.policy_text)


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys()
