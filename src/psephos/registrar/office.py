"""What every part of the registrar works with: the definition, its keys and its state."""

from __future__ import annotations

from collections.abc import Iterator

from psephos.crypto.group import base_multiples
from psephos.crypto.signature import SigningKey
from psephos.errors import FormatError, PhaseError
from psephos.keystore.store import KeyStore
from psephos.protocol.bundle import cut
from psephos.protocol.enrolment.admission import Fault
from psephos.protocol.enrolment.token import DECOY, VOTER
from psephos.protocol.entry import Payload, Refusal, encode
from psephos.protocol.setup.definition import Definition
from psephos.registrar.store import Store


class Office:
    """Signs for the registrar; `election` and `key` (H) are there once the ceremony is complete."""

    def __init__(
        self, definition: Definition, signing_key: SigningKey, store: Store, secrets: KeyStore
    ) -> None:
        if signing_key.public.raw != definition.registrar.key:
            raise FormatError("registrar: the signing key is not that of the definition")
        store.belong("definition", definition.hash)
        self.definition = definition
        self.store = store
        self._signing_key = signing_key
        self.secrets = secrets
        self._ceremony: tuple[bytes, bytes] | None = None

    def begin(self, election: bytes, key: bytes) -> None:
        """Take note of the ceremony's result: election hash and H."""
        self.store.belong("election", election)
        self._ceremony = election, key

    @property
    def election(self) -> bytes:
        """The election hash; PhaseError before the ceremony is complete."""
        return self._result()[0]

    @property
    def key(self) -> bytes:
        """H; PhaseError before the ceremony is complete."""
        return self._result()[1]

    def _result(self) -> tuple[bytes, bytes]:
        if self._ceremony is None:
            raise PhaseError("registrar: the ceremony is not complete")
        return self._ceremony

    def sign(self, payload: Payload) -> bytes:
        """The registrar's entry or message."""
        referendum = self.election if payload.scope == "election" else self.definition.hash
        return encode(payload, referendum, self._signing_key.public.raw, self._signing_key.sign)

    def bundle(self, content: bytes) -> Iterator[bytes]:
        """The parts of a bundle as entries; what closes it comes after them."""
        return (self.sign(part) for part in cut(content))

    def refuse(self, request: bytes, fault: Fault, evidence: bytes = b"") -> bytes:
        """A signed refusal of the request of that body hash."""
        return self.sign(Refusal(request, fault.reason, fault.detail, evidence))

    def keep_token_keys(self, region: int, voter: bytes, decoy: bytes | None) -> None:
        """Store a region's secret token keys; FormatError unless they are those of the definition."""
        named = self.definition.regions[region]
        for secret, public in ((voter, named.voter_key), (decoy, named.decoy_key)):
            if (None if secret is None else base_multiples(secret)) != public:
                raise FormatError(f"region {named.id}: a token key is not that of the definition")
        with self.store.lock:
            for kind, secret in ((VOTER, voter), (DECOY, decoy)):
                if secret is not None:
                    self.secrets.write(_name(region, kind), secret)

    def token_key(self, region: int, kind: int) -> bytes:
        """A region's secret key for tokens of a kind; PhaseError when it was never stored."""
        secret = self.secrets.read(_name(region, kind))
        if secret is None:
            raise PhaseError(f"registrar: no {_name(region, kind)}")
        return secret

    def closed(self, region: int) -> bool:
        """Whether a region's enrolment is over."""
        return bool(self.store.read("SELECT 1 FROM regions WHERE region = ? AND closed", region))


def _name(region: int, kind: int) -> str:
    """What the key store calls a token key."""
    return f"{'voter' if kind == VOTER else 'decoy'}-token-{region}"
