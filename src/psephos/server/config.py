"""What a server serves and whom it asks to wait; handlers get both by their types."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from psephos.server.bodies import Bodies
from psephos.server.gateway import OFTEN
from psephos.server.mailbox import Mailbox
from psephos.server.pages.page_data import PageData
from psephos.server.rate import Rate
from psephos.server.sender import PREFIX, Sender, sender_of

_LOOKS = 2
"""How many pages, look-ups and questions after answers one sender may ask for, for each post."""


@dataclass(frozen=True)
class ServerConfig:
    """What is served: a published log, its pin, and posts."""

    public: Path
    """The directory of the published log."""
    pin: bytes
    boxes: Mapping[str, Mailbox]
    """Posts by the party that answers."""
    page_data: PageData = field(default_factory=PageData)
    """What the pages show."""
    url: str = ""
    """Where others reach it, for what pages tell people to type; empty where it is not known."""
    limit: int = 0
    """Ballots and other requests to posts that one address may send a minute; 0: any number."""
    proxied: bool = False
    """Whether a proxy in front says in X-Forwarded-For who asks."""
    prefix: int = PREFIX
    """Bits of an IPv6 address that are one sender's."""
    booth: Mapping[str, bytes] = field(default_factory=dict)
    """The voter's pages, by file name."""
    sign_in: str = ""
    """Where people sign in for their invitation, if the registrar has such a door."""
    contact: str = ""
    """Whom voters ask for help, in a line of text."""
    verifier: bytes = b""
    """The second verifier as one file, to be downloaded; empty where it was not built."""


@dataclass(frozen=True)
class RequestLimits:
    """What one sender may ask for in a minute, and what of it may be under way."""

    posts: Rate
    """Ballots and other requests."""
    sealed: Rate
    looks: Rate
    """Pages, look-ups and questions after answers."""
    bodies: Bodies
    sender: Sender
    """Whose a request is."""

    @classmethod
    def of(cls, limit: int, proxied: bool, prefix: int) -> RequestLimits:
        """`limit`, `proxied` and `prefix` as in `ServerConfig`."""

        def rate(most: int) -> Rate:
            return Rate(most, time.monotonic, os.urandom)

        return cls(
            rate(limit), rate(OFTEN * limit), rate(_LOOKS * limit), Bodies(), sender_of(proxied, prefix)
        )


Config: TypeAlias = NamedDependency[SkipValidation[ServerConfig]]
Limits: TypeAlias = NamedDependency[SkipValidation[RequestLimits]]
Boxes: TypeAlias = NamedDependency[SkipValidation[Mapping[str, Mailbox]]]


def provided(**values: Any) -> dict[str, Provide]:
    """Dependencies that are these values, by the names that handlers have for them."""

    def provide(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False)

    return {name: provide(value) for name, value in values.items()}
