"""Who got tokens, published once the last batch is in effect, with the region's secrets."""

from __future__ import annotations

from hashlib import sha256

from psephos.protocol.enrolment.roster import Roster
from psephos.protocol.entries import Issued
from psephos.registrar.given import counted
from psephos.registrar.issuer import Issuer


def entries(issuer: Issuer, roster: Roster) -> list[bytes]:
    """The entries that log which hashes got tokens, where the log lacks some (`spec/entries.md#issued`).

    First the log has to count all who got tokens: what is listed and what was counted is compared.
    """
    if not roster.complete or roster.opened or roster.out or counted(issuer) > issuer.covered:
        return []
    known = issuer.store.read("SELECT hash FROM given WHERE region = ? ORDER BY hash", roster.region)
    hashes = b"".join(hashed for (hashed,) in known)
    logged = issuer.number in roster.issued
    if logged and len(known) <= roster.issued_by(issuer.number):
        return []
    secrets = issuer.secrets.of_region(roster.region)
    return issuer.bundle(hashes, Issued(roster.region, secrets, len(known), sha256(hashes).digest()))
