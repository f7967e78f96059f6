"""What may be wrong with the ways by which a voter is reached: e-mail, post, an account to sign in with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from psephos.registrar.voter_list.doubt import Doubt
from psephos.registrar.voter_list.row import Row

LONGEST_ACCOUNT = 255  # of `sub`, by OpenID Connect
MOST_LINES, LONGEST_LINE = 6, 100
_LONGEST_EMAIL = 254
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)


def is_email(text: str) -> bool:
    """Whether this is an address that any mail server takes."""
    return len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def is_account(text: str) -> bool:
    """Whether an identity provider may call somebody this."""
    return text == text.strip() and 1 <= len(text) <= LONGEST_ACCOUNT and text.isprintable()


def contact_doubts(row: Row) -> Iterator[Doubt]:
    """Doubts of a row by itself."""
    if row.email and not is_email(row.email):
        yield Doubt(row.line, "email", {"email": row.email})
    if len(row.address) > MOST_LINES or not all(map(_plain, row.address)):
        yield Doubt(row.line, "address", {"most": MOST_LINES, "longest": LONGEST_LINE})
    if row.account and not is_account(row.account):
        yield Doubt(row.line, "account", {"account": row.account, "most": LONGEST_ACCOUNT})


def _plain(line: str) -> bool:
    return 1 <= len(line) <= LONGEST_LINE and line.isprintable()


def shared_doubts(rows: Sequence[Row]) -> Iterator[Doubt]:
    """E-mail addresses and accounts that several rows have; rows that have no contact, where others have."""
    yield from _shared(rows, "email", lambda row: row.email)
    yield from _shared(rows, "account", lambda row: row.account)
    if any(row.reached for row in rows):
        yield from (Doubt(row.line, "unreached", {"name": row.name}) for row in rows if not row.reached)


def _shared(rows: Sequence[Row], what: str, value_of: Callable[[Row], str]) -> Iterator[Doubt]:
    first = dict[str, int]()
    for row in rows:
        value = value_of(row)
        if value and (other := first.setdefault(value, row.line)) != row.line:
            yield Doubt(row.line, f"{what}-again", {what: value, "other": other})
