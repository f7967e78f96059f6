"""A trustee: ceremony, weighing, close and release, each a function of the record and its secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from psephos.crypto.signature import SigningKey
from psephos.errors import PhaseError
from psephos.executor.execution import LOCAL, Execution
from psephos.executor.release import release
from psephos.executor.weighing import weighings
from psephos.keystore.store import KeyStore
from psephos.protocol import entries, multipart
from psephos.protocol.entries import Payload
from psephos.protocol.record import Record
from psephos.protocol.setup.areas import close_pairs
from psephos.protocol.setup.dealing import SEED, Secret, advance
from psephos.protocol.tally.weighing import Chain

Random = Callable[[int], bytes]
"""So many random bytes, from the operating system."""


class Trustee:
    """Reads the record and writes entries; each method may be called again at any time, and goes on."""

    def __init__(self, secrets: KeyStore, key: SigningKey, random: Random) -> None:
        self._secrets = secrets
        self._key = key
        self._random = random

    def index(self, record: Record) -> int:
        """Which trustee of the definition this is, from 1."""
        return record.trustee(self._key.public.raw)

    def _write(self, record: Record, payload: Payload) -> bytes:
        referendum = record.election if payload.scope == "election" else record.definition.hash
        if referendum is None:
            raise PhaseError("the ceremony is not complete")
        return entries.encode(payload, referendum, self._key.public.raw, self._key.sign)

    def ceremony(self, record: Record) -> list[bytes]:
        """The next entries of the ceremony; none while others are waited for. The secret is stored first."""
        stored = self._secrets.read("ceremony")
        secret = Secret.decode(stored) if stored else None
        secret, payloads = advance(record.ceremony, self.index(record), secret, self._random(SEED))
        if secret is not None:
            self._secrets.write("ceremony", secret.encode())
        return [self._write(record, payload) for payload in payloads]

    def weigh(self, record: Record, stand_in: bool = False, site: Execution = LOCAL) -> Iterator[bytes]:
        """Weighings of the chunks whose turn it is, or, standing in, of all that it can extend."""
        index, over = self.index(record), record.over
        if record.weighing_chains is None or over or index not in record.joint_key.participants:
            return
        own = (
            chain
            for chain in record.weighing_chains.chains.values()
            if len(chain.weighers) < record.weighing_chains.length
            and index not in chain.weighers
            and (stand_in or turn(record.joint_key.participants, chain) == index)
        )
        for payload in weighings(site, record.weighing_chains, own, index, self._random):
            yield self._write(record, payload)

    def close(self, record: Record) -> list[bytes]:
        """The close, once the record fixes it; on disk before it is signed, and no other is ever signed."""
        right = record.closing.right
        over = record.over
        index = self.index(record)
        if right is None or over or index not in record.joint_key.participants:
            return []
        self._settle_for(record, right)
        return [] if index in record.closing.closers else [self._write(record, right)]

    def _settle_for(self, record: Record, right: entries.Close) -> None:
        """Write down for good which close this trustee has a part in; PhaseError if it was another."""
        body = entries.encode_body(right, record.election or b"", self._key.public.raw)
        settled = self._secrets.read("closed")
        if settled not in (None, body):
            raise PhaseError(
                "another close was signed before: the record was forked; nothing will be released"
            )
        self._secrets.write("closed", body)

    def release(self, record: Record, site: Execution = LOCAL) -> list[bytes]:
        """Shares of the stage that is due, of ciphertexts that the record alone names."""
        index, right = self.index(record), record.closing.right
        if record.count is None or right is None or not record.released or record.count.stage is None:
            return []
        if index in record.count.shares[record.count.stage] or index not in record.joint_key.participants:
            return []
        check_apart(record)
        self._settle_for(record, right)
        stored = self._secrets.read("ceremony")
        share = Secret.decode(stored).share if stored else b""
        if not share:
            raise PhaseError("the share of the key is lost")
        stage, content = release(site, record.count, index, share, self._random)
        shares = entries.Shares(stage, multipart.digest(content))
        return [self._write(record, payload) for payload in (*multipart.cut(content), shares)]

    def forget(self) -> None:
        """Delete the share of the key, after the result is certified."""
        self._secrets.erase("ceremony")


def check_apart(record: Record) -> None:
    """PhaseError unless every two areas differ by enough voters, or not at all: else nothing is opened."""
    voters = [roster.enrolled for roster in record.rosters]
    for one, other in close_pairs(record.definition, voters):
        names = (one.name(record.definition), other.name(record.definition))
        raise PhaseError(f"areas {names[0]} and {names[1]} differ by too few voters: nothing is released")


def turn(participants: tuple[int, ...], chain: Chain) -> int:
    """Whose turn it is to extend a chain: all begin as many."""
    return participants[(sum(chain.chunk) + len(chain.weighers)) % len(participants)]
