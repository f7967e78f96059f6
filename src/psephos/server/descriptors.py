"""How many files and connections the process may have open, and how many of them are for connections."""

from __future__ import annotations

import resource
from contextlib import suppress

MOST_CONNECTIONS = 16_384
"""Connections that are open at one time; more wait in the system's queue until one ends."""
RESERVED = 256
"""Descriptors that connections never take: the log, posts, witnesses and the database need them."""


def raise_limit() -> None:
    """Let the process open as many files as connections and the board need, or as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + RESERVED
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # some systems have a lower limit of their own
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """Connections that the process's limit leaves room for; at least half of the limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(soft - RESERVED, soft // 2))
