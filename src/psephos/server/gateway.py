"""The gateway at a registrar's post: sealed requests from relays (`spec/messages.md#sealed-messages`).

What is sealed is the registrar's own process's to open: here nobody learns what was a dummy.
"""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus

from litestar import Response
from litestar.exceptions import ClientException

from psephos.protocol.enrolment.sealed import (
    REQUEST_TYPE,
    RESPONSE_TYPE,
    SEALED_REQUEST,
    SEALED_RESPONSE,
    is_sealed,
)
from psephos.server.mailbox import Mailbox
from psephos.server.problem import Busy

__all__ = ["OFTEN", "REQUEST_TYPE", "answer_sealed"]

GRID = 5.0
"""Seconds: every answer leaves at a multiple of it after its request came."""
OFTEN = 20
"""How many times as many sealed requests one sender may make: a relay passes on those of many."""
_TIMEOUT = 20.0
"""Seconds after which a registrar is away."""


async def answer_sealed(box: Mailbox, data: bytes, sender: bytes) -> Response[bytes]:
    """The sealed response, as late as every other; 400 or Busy as late as that too, without one."""
    if not is_sealed(data):
        raise ClientException(f"a sealed request has {SEALED_REQUEST} bytes, the first a registrar's number")
    came = asyncio.get_running_loop().time()
    try:
        answer = await box.exchange(data, _TIMEOUT, sender)
    finally:
        await _wait(came)
    if answer is None:
        raise Busy("the registrar does not answer now: send the request again")
    if len(answer) != SEALED_RESPONSE:
        raise ClientException("invalid sealed request: sealed to another key, or not for this registrar")
    headers = {"Cache-Control": "no-store"}
    return Response(answer, status_code=HTTPStatus.OK, headers=headers, media_type=RESPONSE_TYPE)


async def _wait(came: float) -> None:
    """Until the next multiple of the grid."""
    passed = asyncio.get_running_loop().time() - came
    await asyncio.sleep(max(1, math.ceil(passed / GRID)) * GRID - passed)
