"""How a relay forwards: a sealed request to a registrar's post, and nothing of the sender's with it."""

from __future__ import annotations

import http.client
from contextlib import closing
from http import HTTPStatus

from psephos.errors import FormatError, PsephosError
from psephos.log.connection import connect
from psephos.protocol.enrolment.sealed import REQUEST_TYPE, RESPONSE_TYPE, SEALED_RESPONSE

_TIMEOUT = 30.0
"""Seconds for connecting, and for each step of an answer."""
_FINAL = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)


class NotForwarded(PsephosError):
    """The gateway is away, busy or broken: it may be tried again."""


class NotTaken(PsephosError):
    """The gateway refuses the request as a whole: it was sealed to another key, or to none."""


def forward(address: str, message: bytes, timeout: float = _TIMEOUT) -> bytes:
    """The sealed response of the gateway at a registrar's address; NotForwarded or NotTaken without one."""
    try:
        connection, path = connect(address, timeout)
        with closing(connection):
            connection.request("POST", path or "/", message, {"Content-Type": REQUEST_TYPE})
            with connection.getresponse() as response:
                status, kind = response.status, response.headers.get_content_type()
                data = response.read(SEALED_RESPONSE + 1)
    except (OSError, http.client.HTTPException, FormatError) as error:
        raise NotForwarded(f"the registrar's gateway is away: {type(error).__name__}") from error
    if status in _FINAL:
        raise NotTaken(f"the registrar's gateway refuses it: HTTP {status}")
    if (status, kind, len(data)) != (HTTPStatus.OK, RESPONSE_TYPE, SEALED_RESPONSE):
        raise NotForwarded(f"the registrar's gateway answers HTTP {status}, {len(data)} bytes of {kind}")
    return data
