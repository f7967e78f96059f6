"""The registrar: says who may vote, gives out blind tokens, and makes batches of the cards that come back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from psephos.crypto.signature import SigningKey
from psephos.errors import PhaseError
from psephos.keystore.store import KeyStore
from psephos.protocol.enrolment.token import Opening
from psephos.protocol.setup.definition import Definition
from psephos.registrar import intake, issuance, roll
from psephos.registrar.batches import Batches
from psephos.registrar.numbers import Numbers, count
from psephos.registrar.office import Office
from psephos.registrar.store import Store


class Registrar:
    """A referendum's registrar with its state in a file and its token keys in a key store; safe to call from
    any thread.

    What it returns as entries is for the board, in this order. Everything is on disk before it is returned.
    """

    def __init__(
        self, path: Path, definition: Definition, signing_key: SigningKey, secrets: KeyStore
    ) -> None:
        self._store = Store(path)
        try:
            self._office = Office(definition, signing_key, self._store, secrets)
            self._batches = Batches(self._office)
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

    def begin(self, election: bytes, key: bytes) -> None:
        """Take note of the ceremony's result, election hash and H: after every start, before any request."""
        self._office.begin(election, key)

    def keep_token_keys(self, region: int, voter: bytes, decoy: bytes | None) -> None:
        """Store a region's secret token keys, once; FormatError unless they are the definition's."""
        self._office.keep_token_keys(region, voter, decoy)

    def enter(self, region: int, openings: Sequence[Opening]) -> None:
        """Add voters to a region's roll, all or none; PhaseError once the roll was given out."""
        roll.enter(self._office, region, openings)

    def openings(self, region: int) -> list[Opening]:
        """All voters on a region's roll, by name."""
        return roll.openings(self._office, region)

    def roll_entries(self, region: int) -> list[bytes]:
        """The entries that log a region's roll, which from now on does not change."""
        return roll.entries(self._office, region)

    def issue(self, requests: Sequence[bytes], seed: bytes) -> list[bytes]:
        """A token-response or refusal to each token-request. `seed` is 32 random bytes."""
        return issuance.issue(self._office, requests, seed)

    def enrol(self, groups: Sequence[bytes]) -> list[bytes]:
        """A group-receipt or refusal for each group."""
        return intake.enrol(self._office, self._batches, groups)

    def cut(self, region: int) -> list[bytes]:
        """The entries of the region's next batch if it is due, or none; its groups are erased."""
        return self._batches.cut(region)

    def close_enrolment(self, region: int) -> list[bytes]:
        """End enrolment: the entries of the region's last batch, the same each time; none without voters."""
        return self._batches.close(region)

    def closed(self, region: int) -> bool:
        """Whether a region's enrolment is over."""
        return self._office.closed(region)

    def numbers(self, region: int) -> Numbers:
        """How far a region's enrolment is."""
        return count(self._store.read, region)

    def batch_entries(self, region: int, batch: int) -> list[bytes]:
        """The entries of a batch signed before, for a board that has not got them; none if there is none."""
        return self._batches.entries(region, batch)

    def issued_entries(self, region: int) -> list[bytes]:
        """The entries that log which hashes got a token; PhaseError while the region's enrolment goes on."""
        if not self._office.closed(region):
            raise PhaseError(f"region {region}: enrolment is not over")
        return issuance.entries(self._office, region)
