"""A referendum after its ceremony, and how tests enrol in it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

from psephos.crypto.group import base_multiples, random_scalars
from psephos.keystore.lock import Lock
from psephos.keystore.store import KeyStore
from psephos.protocol.enrolment import token
from psephos.protocol.enrolment.group import GroupDraft, make_groups, sign_groups
from psephos.protocol.enrolment.token import Opening, Token
from psephos.protocol.entry import Payload, decode
from psephos.protocol.setup.definition import parse
from psephos.registrar.registrar import Registrar
from psephos.testing.definitions import sample
from psephos.voter.enrolment import plan

ELECTION = hashlib.sha256(b"an election").digest()


class Referendum:
    """Definition, keys and the ceremony's result; whatever is random comes from one seeded source."""

    def __init__(self, **shape) -> None:
        document, self.keys = sample(**shape)
        self.definition = parse(document)
        self.election = ELECTION
        self.key = base_multiples(random_scalars(bytes([7]) * 32, 1))
        self.rng = random.Random(1)
        self.lock = Lock.draw()

    @property
    def context(self):
        """What many functions begin with."""
        return self.definition, self.election, self.key

    def seed(self) -> bytes:
        return self.rng.randbytes(32)

    def openings(self, count: int) -> list[Opening]:
        return [Opening(self.rng.randbytes(16), f"citizen {self.rng.getrandbits(64)}") for _ in range(count)]

    def registrar(self, path: Path, rolls: Sequence[Sequence[Opening]] = ()) -> Registrar:
        """A registrar with its token keys and rolls, after the ceremony."""
        secrets = KeyStore(path.with_name(f"{path.name}-keys"), self.lock)
        registrar = Registrar(path, self.definition, self.keys.registrar, secrets)
        weighted = self.definition.coercion_resistant
        for region in range(len(self.definition.regions)):
            decoy = self.keys.decoy_tokens[region] if weighted else None
            registrar.keep_token_keys(region, self.keys.voter_tokens[region], decoy)
        for region, openings in enumerate(rolls):
            registrar.enter(region, openings)
        registrar.begin(self.election, self.key)
        return registrar

    def tokens(
        self, registrar: Registrar, region: int, openings: Sequence[Opening], decoys: int = 0
    ) -> list[list[Token]]:
        """Tokens of voters, each its own first."""
        requests = token.ask(
            self.definition, self.election, region, openings, [decoys] * len(openings), self.seed()
        )
        responses = registrar.issue([request.message for request in requests], self.seed())
        return token.finish(self.definition, self.election, requests, responses)

    def drafts(self, tokens: Sequence[Token], cards: int | None = None) -> list[GroupDraft]:
        plans = [plan(self.definition, one, self.rng, cards) for one in tokens]
        return make_groups(*self.context, plans, self.seed())

    def groups(self, tokens: Sequence[Token], cards: int | None = None) -> list[bytes]:
        return sign_groups(self.drafts(tokens, cards), self.seed())


def payloads(messages: Sequence[bytes]) -> list[Payload]:
    return [decode(message, message=True).payload for message in messages]


def reasons(messages: Sequence[bytes]) -> list[str]:
    """The reason of each refusal; the type's name of anything else."""
    return [getattr(payload, "reason", payload.type_name()) for payload in payloads(messages)]
