"""Where an http(s) URL leads: a connection to its host, and the path that goes before every request's."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from psephos.errors import FormatError


def connect(url: str, timeout: float) -> tuple[http.client.HTTPConnection, str]:
    """A connection that opens when it is first used, and the URL's path without its last slash.

    `timeout`: seconds for connecting and for each step. FormatError does not repeat the URL, which may hold
    a password.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise FormatError("URL: not of the form http(s)://host[:port]/prefix") from None
    plain = not parts.query and not parts.fragment and parts.username is None
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise FormatError("URL: not of the form http(s)://host[:port]/prefix")
    try:
        address = parts.hostname, parts.port
    except ValueError:
        raise FormatError("URL: invalid port: a port is a number of at most 65535") from None
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(*address, timeout=timeout), parts.path.rstrip("/")
