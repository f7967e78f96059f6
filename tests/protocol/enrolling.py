"""A referendum after its ceremony with registrars in memory, and how tests enrol in it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from psephos.crypto.group import base_multiples, random_scalars
from psephos.crypto.signature import SigningKey
from psephos.crypto.token import evaluate
from psephos.protocol.enrolment import admission, presentation, response, token
from psephos.protocol.enrolment.cards import CardsDraft, GroupPlan, make_drafts
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.enrolment.token import NOBODY, PendingTokens
from psephos.protocol.enrolment.token_keys import RegistrarKeys
from psephos.protocol.entries import (
    CardReceipt,
    Payload,
    Ready,
    ReadyRequest,
    Refusal,
    TokenReceipt,
    TokenRequest,
    TokenResponse,
    decode,
    encode,
)
from psephos.protocol.message import refused_as, request_id
from psephos.protocol.setup.document import parse
from psephos.simulation.definitions import Keys, sample, token_publics, token_secrets

ELECTION = hashlib.sha256(b"an election").digest()


class Referendum:
    """Definition, keys and the ceremony's result; whatever is random comes from one seeded source."""

    def __init__(self, registrars: int = 2, **shape) -> None:
        document, self.keys = sample(registrars=registrars, **shape)
        self.definition = parse(document)
        self.trustees = random_scalars(bytes([7]) * 32, 1)
        self.rng = random.Random(1)
        self.setting = self._setting()
        self.registrars = {
            number: Registrar(number, self.setting, self.keys, self.seed())
            for number in self.setting.registrars
        }

    def _setting(self) -> Setting:
        keys, regions, decoys = (
            RegistrarKeys(self.definition),
            len(self.definition.regions),
            self.definition.decoys,
        )
        for number in range(1, len(self.definition.registrars) + 1):
            publics = token_publics(self.keys, number, regions, decoys)
            keys.publics[number] = [publics[at : at + 32] for at in range(0, len(publics), 32)]
            keys.entries[number] = bytes([number]) * 32
        return Setting(self.definition, ELECTION, base_multiples(self.trustees), keys)

    @property
    def context(self):
        """What functions about ballots begin with."""
        return self.definition, self.setting.election, self.setting.key

    def seed(self, size: int = 32) -> bytes:
        return self.rng.randbytes(size)

    def openings(self, region: int = 0) -> dict[int, RollOpening]:
        """A voter's openings by all registrars, on whose rolls the voter is from now on."""
        openings = {
            number: RollOpening(self.seed(16), f"citizen {self.rng.getrandbits(64)}")
            for number in self.registrars
        }
        for number, opening in openings.items():
            self.registrars[number].enter(region, opening)
        return openings

    def draft(self, cards: int = 3, counts: int | None = 0, region: int = 0) -> CardsDraft:
        [draft] = make_drafts(
            self.setting, [GroupPlan(region, self.seed(16 * cards), counts, self.seed())], self.seed()
        )
        return draft

    def ask(self, draft: CardsDraft, openings: dict[int, RollOpening]) -> dict[int, PendingTokens]:
        asked = {}
        for number, opening in openings.items():
            [asked[number]] = token.ask(self.setting, number, [draft], [opening], self.seed())
        return asked

    def responses(self, asked: dict[int, PendingTokens]) -> dict[int, TokenResponse | Refusal]:
        return {
            number: response.read_response(self.setting, one, self.registrars[number].give(one.message))
            for number, one in asked.items()
        }

    def admissions(
        self, draft: CardsDraft, asked: dict[int, PendingTokens], responses
    ) -> dict[int, list[bytes]]:
        """Messages of a draft's cards, by registrar."""
        found = response.tokens(self.setting, list(asked.values()), list(responses.values()))
        made = {}
        for number, tokens in zip(asked, found, strict=True):
            [made[number]] = presentation.present(self.setting, number, [draft], [tokens], self.seed(64))
        return made

    def enrol(
        self, draft: CardsDraft, openings: dict[int, RollOpening] | None = None
    ) -> dict[int, list[bytes]]:
        """From the request to the messages, all in order."""
        asked = self.ask(draft, openings or self.openings(draft.region))
        return self.admissions(draft, asked, self.responses(asked))


@dataclass
class Registrar:
    """What a registrar answers, with nothing written down."""

    number: int
    setting: Setting
    keys: Keys
    coins: bytes
    rolls: dict[tuple[int, bytes], RollOpening] = field(default_factory=dict)
    given: dict[tuple[int, bytes], tuple[bytes, bytes]] = field(default_factory=dict)
    admitted: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    batch: int = 1
    wait: int = 60

    @property
    def key(self) -> SigningKey:
        return self.keys.registrars[self.number - 1]

    def seed(self) -> bytes:
        self.coins = hashlib.sha256(self.coins).digest()
        return self.coins

    def write(self, payload: Payload) -> bytes:
        return encode(payload, self.setting.election, self.key.public.raw, self.key.sign)

    def enter(self, region: int, opening: RollOpening) -> None:
        self.rolls[region, opening.hash(self.setting.definition.hash, self.number, region)] = opening

    def secrets(self, region: int) -> bytes:
        return token_secrets(self.keys, self.number, region, self.setting.definition.decoys)

    def refuse(self, message: bytes, reason: str, evidence: bytes = b"") -> bytes:
        return self.write(Refusal(refused_as(message, message=True), reason, "", evidence))

    def ready(self, message: bytes) -> bytes:
        payload = decode(message, message=True).payload
        assert isinstance(payload, ReadyRequest)
        name, reason = self._looked_up(payload)
        if reason or (payload.region, name) in self.given:
            return self.refuse(message, reason or "issued")
        return self.write(Ready(request_id(message, message=True), payload.region, name, self.wait))

    def _looked_up(self, payload: ReadyRequest | TokenRequest) -> tuple[bytes, str]:
        opening = RollOpening(payload.salt, payload.voter)
        name = opening.hash(self.setting.definition.hash, self.number, payload.region)
        if payload.region in self.closed:
            return name, "closed"
        return name, "" if (payload.region, name) in self.rolls else "roll"

    def give(self, message: bytes) -> bytes:
        entry = decode(message, message=True)
        payload = entry.payload
        assert isinstance(payload, TokenRequest)
        if entry.author != NOBODY:
            return self.write(self._decoys(message, payload))
        name, reason = self._looked_up(payload)
        if reason:
            return self.refuse(message, reason)
        request, answer = self.given.get((payload.region, name), (message, b""))
        if request != message:
            return self.refuse(message, "issued", request)
        receipt = self.write(TokenReceipt(payload.region, name))
        answer = answer or self.write(self._response(message, payload, name, receipt))
        self.given[payload.region, name] = message, answer
        return answer

    def _response(self, message: bytes, payload: TokenRequest, name: bytes, receipt: bytes) -> TokenResponse:
        voter, proof = self._evaluated(payload.region, 1, payload.voter_blinded)
        decoys, decoy_proof = self._evaluated(payload.region, 0, payload.decoys)
        return TokenResponse(
            payload.region,
            request_id(message, message=True),
            name,
            voter,
            proof,
            decoys,
            decoy_proof,
            receipt,
        )

    def _decoys(self, message: bytes, payload: TokenRequest) -> TokenResponse:
        given = self._evaluated(payload.region, 0, payload.decoys)
        return TokenResponse(
            payload.region, request_id(message, message=True), NOBODY, bytes(32), bytes(96), *given, b""
        )

    def _evaluated(self, region: int, kind: int, blinded: bytes) -> tuple[bytes, bytes]:
        if not blinded:
            return b"", b""
        secret = self.secrets(region)[:32] if kind else self.secrets(region)[32:]
        place, count = (region, self.number, kind), len(blinded) // 32
        return evaluate(self.setting.election, [place], [count], secret, blinded, self.seed())

    def admit(self, message: bytes) -> bytes:
        entries, faults = admission.decode_admissions(self.setting, self.number, [message])
        faults = faults or admission.check_authors(entries)
        if faults:
            return self.refuse(message, *_word(faults))
        payload = admission.admission_of(entries[0])
        card = payload.record[:32]
        if card in self.admitted and self.admitted[card] != (payload.region, payload.record):
            fault = admission.known(self.setting, *self.admitted[card])
            return self.refuse(message, fault.reason, fault.evidence)
        if card not in self.admitted and payload.region in self.closed:
            return self.refuse(message, "closed")
        faults = admission.check_admissions(self.setting, self.number, self.secrets, entries)
        if faults:
            return self.refuse(message, *_word(faults))
        self.admitted[card] = payload.region, payload.record
        name = hashlib.sha256(payload.record).digest()
        return self.write(CardReceipt(payload.region, card, name, self.batch))


def _word(faults: dict[int, admission.Rejection]) -> tuple[str, bytes]:
    return faults[0].reason, faults[0].evidence


def payloads(messages: Sequence[bytes]) -> list[Payload]:
    return [decode(message, message=True).payload for message in messages]


def reasons(messages: Sequence[bytes]) -> list[str]:
    """The reason of each refusal; the type's name of anything else."""
    return [getattr(payload, "reason", payload.type_name()) for payload in payloads(messages)]
