"""Sealed requests through a relay, for those who send them (`spec/messages.md#relays`)."""

from __future__ import annotations

import http.client
from contextlib import closing
from http import HTTPStatus
from urllib.parse import urljoin

from psephos.errors import PsephosError
from psephos.log.connection import connect
from psephos.protocol.enrolment.sealed import REQUEST_TYPE, SEALED_RESPONSE


class RelayAway(PsephosError):
    """A relay cannot be reached, or does not take requests now."""


class Gone(PsephosError):
    """A relay knows nothing of a request any more, or never did."""


class RelayPost:
    """A relay at an address, for one definition; one connection a request, redirects are not followed."""

    def __init__(self, address: str, definition: bytes, timeout: float = 30.0) -> None:
        """`definition` is its hash; `timeout` is in seconds, for each step of an answer."""
        self.address, self._prefix, self._timeout = address, f"{address}/{definition.hex()}", timeout

    def leave(self, registrar: int, sealed: bytes, later: bool) -> str | bytes:
        """Have a request forwarded within the period: where its response will be; not `later`, the response.

        RelayAway when it did not take the request.
        """
        url = f"{self._prefix}/{registrar}"
        headers = {"Content-Type": REQUEST_TYPE} | ({"Prefer": "respond-async"} if later else {})
        status, body, location = self._request("POST", url, sealed, headers)
        if status == HTTPStatus.OK:
            return body
        place = urljoin(url, location)
        if status != HTTPStatus.ACCEPTED or not place.startswith(f"{self.address}/") or not location:
            raise RelayAway(f"relay: HTTP {status}")
        return place

    def fetch(self, location: str) -> bytes | None:
        """The response to a request that was left; None while there is none. Gone when none will come."""
        status, body, _ = self._request("GET", location, None, {})
        if status == HTTPStatus.NOT_FOUND:
            raise Gone("the relay has nothing under this name")
        return body if status == HTTPStatus.OK else None

    def _request(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, str]:
        """Status, body and location of an answer."""
        connection, path = connect(url, self._timeout)
        with closing(connection):
            try:
                connection.request(method, path, body, headers | {"User-Agent": "psephos"})
                with connection.getresponse() as response:
                    data = response.read(SEALED_RESPONSE + 1)
                    return response.status, data, response.getheader("Location") or ""
            except (OSError, http.client.HTTPException) as error:
                raise RelayAway("relay: no answer") from error
