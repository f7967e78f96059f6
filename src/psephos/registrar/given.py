"""Who got tokens: the table, and the entries that count it (`spec/entries.md#given`).

Responses leave only once the log counts them. So a table that does not fit the registrar's own last entry was
restored from an older copy, and nothing is answered until it fits.
"""

from __future__ import annotations

from collections.abc import Sequence

from psephos.crypto.signature import PublicKey
from psephos.crypto.transcript import transcript_hash
from psephos.errors import FormatError, PhaseError
from psephos.protocol.enrolment.token_keys import RegistrarKeys
from psephos.protocol.entries import Given, TokenReceipt, decode
from psephos.protocol.labels import GIVEN
from psephos.registrar.issuer import Issuer
from psephos.registrar.roll import listed

_FIRST = "SELECT region, hash FROM given WHERE number <= ?"
_ADD = """INSERT INTO given (number, region, hash)
    VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM given), ?, ?) ON CONFLICT (region, hash) DO NOTHING"""


def counted(issuer: Issuer) -> int:
    """How many voters got tokens, or will get them once the log counts them."""
    return int(issuer.store.read("SELECT COALESCE(MAX(number), 0) FROM given")[0][0])


def given_in(issuer: Issuer, region: int) -> int:
    """To how many voters of a region tokens were given, as the log counts them."""
    covered, count = issuer.given_in.get(region, (0, 0))
    if covered != issuer.covered:
        statement = "SELECT COUNT(*) FROM given WHERE region = ? AND number > ? AND number <= ?"
        count += issuer.store.read(statement, region, covered, issuer.covered)[0][0]
        issuer.given_in[region] = issuer.covered, count
    return count


def digest(issuer: Issuer, count: int) -> bytes:
    """What an entry of a count says of the table's first rows."""
    rows = issuer.store.read(_FIRST, count)
    hashes = b"".join(sorted(region.to_bytes(2, "little") + name for region, name in rows))
    return transcript_hash(GIVEN, ("salt", issuer.secrets.salt(count)), ("hashes", hashes))


def entries(issuer: Issuer) -> list[bytes]:
    """The entry that counts all of the table; none where the log's last one does."""
    count = counted(issuer)
    return [issuer.sign(Given(count, digest(issuer, count)))] if count > issuer.covered else []


def cover(issuer: Issuer, keys: RegistrarKeys) -> None:
    """Take note of the registrar's last entry in the log; PhaseError where the table does not fit it."""
    logged = keys.given.get(issuer.number, 0)
    if logged == issuer.covered:
        return
    count = counted(issuer)
    if count < logged:
        what = f"the log counts {logged} voters who got tokens, and the state has {count} of them"
        raise PhaseError(f"{_OLDER}: {what}. {_REBUILD}")
    if digest(issuer, logged) != keys.digests[issuer.number]:
        what = "the log counts other voters who got tokens than the state has"
        raise PhaseError(f"{_OLDER}: {what}. {_REBUILD}")
    issuer.covered = logged


_OLDER = "registrar's state: an older copy, which would give second tokens"
_REBUILD = (
    "Put back the newest copy of the state; or collect the token receipts that voters' devices keep, and run "
    "`psephos registrar recover RECEIPT..`"
)


def rebuild(issuer: Issuer, receipts: Sequence[bytes]) -> int:
    """Add the voters whom token receipts name to the table; returns how many were missing.

    FormatError for what is no receipt of this registrar's.
    """
    named = [_read(issuer, receipt) for receipt in receipts]
    before = counted(issuer)
    with issuer.store.write() as database:
        for receipt in named:
            database.execute(_ADD, [receipt.region, receipt.hash])
    return counted(issuer) - before


def _read(issuer: Issuer, message: bytes) -> TokenReceipt:
    entry = decode(message, message=True)
    named = entry.author, entry.referendum
    if not isinstance(entry.payload, TokenReceipt) or named != (issuer.key, issuer.election):
        raise FormatError("not a token receipt of this registrar and referendum")
    PublicKey(issuer.key).verify(entry.signed_bytes, entry.signature)
    if not listed(issuer, entry.payload.region, [entry.payload.hash]):
        raise FormatError("a token receipt of nobody on the roll: is the roll in the state?")
    return entry.payload
