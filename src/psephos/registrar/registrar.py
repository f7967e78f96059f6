"""One registrar of a referendum: its roll, blind tokens, the admission of cards, and its part in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from psephos.crypto.signature import SigningKey
from psephos.errors import PhaseError
from psephos.keystore.store import KeyStore
from psephos.protocol.enrolment.roll import RollOpening
from psephos.protocol.enrolment.roster import LEAD
from psephos.protocol.enrolment.setting import Setting
from psephos.protocol.entries import TokenKeys
from psephos.protocol.record import Record
from psephos.protocol.setup.definition import Definition
from psephos.registrar import admission, cards, endorsing, given, issuance, issued, roll
from psephos.registrar.attempts import PendingQuery
from psephos.registrar.endorsing import Endorser
from psephos.registrar.gateway import SealedPost
from psephos.registrar.issuer import Clock, Issuer
from psephos.registrar.leading import Lead
from psephos.registrar.numbers import EnrolmentNumbers, count
from psephos.registrar.store import RegistrarStore
from psephos.registrar.token_secrets import TokenSecrets

_EMPTIED_AFTER = 60
"""Seconds after which the state's log of transactions is emptied."""
Random = Callable[[int], bytes]
"""So many fresh random bytes."""


class NoAddress(PhaseError):
    """Token keys are to be logged, relays are to forward to their registrar, and nobody knows where it is."""


class Registrar:
    """A registrar with its state in a file and its secrets in a key store; safe to call from any thread.

    `follow` the record first, and again whenever it has grown. Everything is on disk before it is returned.
    """

    def __init__(
        self,
        path: Path,
        definition: Definition,
        signing_key: SigningKey,
        keys: KeyStore,
        clock: Clock,
        random: Random,
    ) -> None:
        """FormatError for a key that is no registrar's of the definition, or secrets of another one."""
        self._store = RegistrarStore(path)
        self._random = random
        self._sealed: SealedPost | None = None
        self._emptied = 0
        self._anew_from = 0
        """A full disk delays other work once a minute, and not at each turn."""
        try:
            self._issuer = Issuer(
                definition,
                signing_key,
                self._store,
                lambda of, number: TokenSecrets.draw(of, number, keys, random),
                clock,
            )
            self._lead = Lead(self._issuer) if self._issuer.number == LEAD else None
            self._endorser = Endorser(self._issuer)
        except BaseException:
            self._store.close()
            raise

    def __enter__(self) -> Registrar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the state."""
        self._store.close()

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return self._issuer.number

    @property
    def secrets(self) -> TokenSecrets:
        """Its secrets for this definition; the gateway's key is one of them."""
        return self._issuer.secrets

    # -- the roll

    def enter(self, region: int, openings: Sequence[RollOpening]) -> None:
        """Add voters to a region's roll, all or none; PhaseError once the roll was given out."""
        roll.enter(self._issuer, region, openings)

    def openings(self, region: int) -> list[RollOpening]:
        """All voters of a region's roll, by name."""
        return roll.openings(self._issuer, region)

    def roll_entries(self, region: int) -> list[bytes]:
        """The entries that log a region's roll, which from now on does not change."""
        return roll.entries(self._issuer, region)

    # -- what comes from voters, trustees and other registrars

    def give(self, requests: Sequence[bytes], seed: bytes) -> list[bytes | None]:
        """What may leave for each ready-request and token-request; None waits until the log counts it.

        `seed` is 32 random bytes.
        """
        return issuance.answer(self._issuer, requests, seed)

    def admit(self, messages: Sequence[bytes]) -> list[bytes]:
        """A card-receipt or refusal for each admission."""
        return admission.admit(self._issuer, messages)

    def open_sealed(self, requests: Sequence[bytes]) -> list[bytes]:
        """The sealed answer to each sealed request; what does not open is refused."""
        if self._sealed is None:
            return self.admit(requests)
        return self._sealed.answer(requests, self.admit, self.admit)

    def answer_query(self, message: bytes) -> bytes | None:
        """A batch-answer or refusal to a batch-query; None until it can be said."""
        return endorsing.answer(self._issuer, message)

    def recover(self, receipts: Sequence[bytes], setting: Setting) -> int:
        """Rebuild the table of who got tokens from token receipts; returns how many were missing."""
        self._issuer.begin(setting)
        return given.rebuild(self._issuer, receipts)

    # -- what the record brings about

    def follow(self, record: Record) -> None:
        """Take note of what the log has; PhaseError where state or keys are not those that wrote it."""
        self._issuer.check_keys(record.registrar_keys)
        if not record.ceremony.complete:
            return
        self._issuer.begin(record.setting)
        self._open_gateway(record)
        given.cover(self._issuer, record.registrar_keys)
        for roster, region in zip(record.rosters, record.definition.regions, strict=True):
            cards.adopt(self._issuer, roster)
            over = roster.complete or roster.out
            if over or record.time >= record.definition.shut(region):
                self._issuer.shut(region.index)
        self._forget_order()

    def _forget_order(self) -> None:
        """Leave nothing on the disk that tells in which order cards came."""
        if self._store.is_disordered and self._issuer.now >= self._anew_from:
            self._anew_from = self._issuer.now + _EMPTIED_AFTER
            self._store.write_anew()
            self._anew_from = 0
        elif self._issuer.now >= self._emptied + _EMPTIED_AFTER:
            self._store.empty_log()
        else:
            return
        self._emptied = self._issuer.now

    def _open_gateway(self, record: Record) -> None:
        gateway = record.registrar_keys.gateways[self.number]
        if gateway.address and self._sealed is None:
            self._sealed = SealedPost(gateway, self.secrets.gateway, self._random)

    def due(self, record: Record, address: str = "", counting: bool = True) -> list[bytes]:
        """The entries that the log lacks of this registrar, but for its rolls; the same until it has them.

        NoAddress where relays need `address`, and it is empty.
        `record` has everything that was sent before, and was followed. `address` is where others reach the
        registrar's post. Who is given tokens is counted in rounds: not unless `counting`.
        """
        if record.cancelled is not None or record.voting_over or record.closed:
            return []
        entries: list[bytes] = []
        if self.number not in record.registrar_keys.entries:
            content, issuer = self._issuer.secrets.publics, self._issuer
            if record.definition.relays and not address:
                raise NoAddress(
                    "this referendum has relays, and they need the address of your post, which is in your "
                    "token keys for good: give it with `psephos registrar init --address`, and run this again"
                )
            closing = TokenKeys(issuer.secrets.gateway_key, address, sha256(content).digest())
            entries += issuer.bundle(content, closing)
        if not self._issuer.begun:
            return entries
        if counting:
            entries += given.entries(self._issuer)
        for roster in record.rosters:
            seal = record.windows[roster.region].plans[0][1]
            entries += self._lead.entries(roster) if self._lead else self._endorser.entries(roster, seal)
            entries += issued.entries(self._issuer, roster)
        return entries

    def questions(self) -> list[PendingQuery]:
        """What the first registrar is to ask the others; nothing for these."""
        return self._lead.questions() if self._lead else []

    def take(self, question: PendingQuery, answer: bytes) -> bool:
        """Keep another registrar's answer; False for a refusal, VerificationError for anything else."""
        return self._lead is not None and self._lead.take(question, answer)

    def objections(self, record: Record) -> dict[int, str]:
        """Why batches that stand are not endorsed here, by region."""
        standing = [roster for roster in record.rosters if roster.standing is not None]
        found = {
            roster.region: self._endorser.objection(roster, roster.standing)
            for roster in standing
            if self._lead is None and roster.standing is not None
        }
        return {region: why for region, why in found.items() if why}

    # -- figures

    def is_shut(self, region: int) -> bool:
        """Whether nothing of a region's enrolment is taken any more."""
        return self._issuer.is_shut(region)

    def numbers(self, region: int) -> EnrolmentNumbers:
        """How far a region's enrolment is."""
        return count(self._store.read, region)
