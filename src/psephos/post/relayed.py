"""Sealed requests through a relay, for those who send them (`spec/messages.md#relays`)."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus

from psephos.errors import PsephosError
from psephos.http_client import HttpClient, HttpError, Unreachable
from psephos.protocol.enrolment.sealed import REQUEST_TYPE, SEALED_RESPONSE


class RelayAway(PsephosError):
    """A relay cannot be reached, or does not take requests now: it has not taken this one."""


class Unsure(PsephosError):
    """A relay may have taken a request: nothing says whether it has."""


class Gone(PsephosError):
    """A relay knows nothing of a request any more, or never did."""


class RelayPost:
    """A relay at an address, for one definition; one connection a request, redirects are not followed."""

    def __init__(self, address: str, definition: bytes, timeout: float = 30.0) -> None:
        """`definition` is its hash; `timeout` is in seconds, for each step of an answer."""
        self.address, self._definition, self._timeout = address, definition.hex(), timeout

    def leave(self, registrar: int, sealed: bytes) -> None:
        """Have a request forwarded in its window; the same bytes are one request, however often they come.

        RelayAway when the relay has not taken it, Unsure when it may have.
        """
        url = f"{self.address}/{self._definition}/{registrar}"
        status, _ = self._request("POST", url, sealed, {"Content-Type": REQUEST_TYPE})
        if 400 <= status < 500 or status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise RelayAway(f"relay: HTTP {status}")
        if status != HTTPStatus.ACCEPTED:  # of a proxy, say, which did not wait for the relay
            raise Unsure(f"relay: HTTP {status}")

    def fetch(self, sealed: bytes) -> bytes | None:
        """The response to a request that was left; None while there is none. Gone when none will come."""
        url = f"{self.address}/held/{sha256(sealed).hexdigest()}"
        try:
            status, body = self._request("GET", url, None, {})
        except Unsure as error:
            raise RelayAway(str(error)) from error
        if status == HTTPStatus.NOT_FOUND:
            raise Gone("the relay has nothing under this name")
        if status not in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
            raise RelayAway(f"relay: HTTP {status}")
        return body if status == HTTPStatus.OK else None

    def _request(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Status and body of an answer; RelayAway while nothing was sent, Unsure after that."""
        try:
            with HttpClient(url, self._timeout) as client:
                response = client.request(method, "", body=body, headers=headers, limit=SEALED_RESPONSE)
        except Unreachable as error:
            raise RelayAway("relay: it cannot be reached") from error
        except HttpError as error:
            raise Unsure("relay: no answer") from error
        return response.status, response.body
