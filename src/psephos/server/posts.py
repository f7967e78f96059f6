"""The posts of board and registrar over HTTP (`spec/messages.md#over-http`)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, TypeAlias

from litestar import Request, Response, delete, get, post
from litestar.exceptions import ClientException, HTTPException, InternalServerException, NotFoundException
from litestar.params import FromPath, HeaderParameter

from psephos.server.bodies import BODY_LIMIT, Bodies
from psephos.server.config import Boxes, Limits
from psephos.server.gateway import REQUEST_TYPE, answer_sealed
from psephos.server.mailbox import Mailbox

LONGEST_WAIT = 10
"""Seconds for which an answer is waited for at most, and unless the sender prefers less."""
UNSIGNED = 1 << 18
"""Bytes after which a box is asked how long a request may be that begins so."""
_ID = re.compile(r"[0-9a-f]{64}")
_WAIT = re.compile(r"wait=([0-9]{1,4})", re.ASCII)
_BYTES = "application/octet-stream"
# A registrar's post is asked by booths of other origins. Whoever asks gets no more than any program would.
_SAID = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}

Prefer = Annotated[str | None, HeaderParameter(name="Prefer")]
Asked: TypeAlias = Request[Any, Any, Any]


@post("/post/{party:str}", status_code=HTTPStatus.OK)
async def send(
    party: FromPath[str], request: Asked, boxes: Boxes, limits: Limits, prefer: Prefer = None
) -> Response[bytes]:
    """Take a request, and answer it at once where that is possible; a sealed one as late as all others."""
    box = _box(boxes, party)
    address = limits.sender(request)
    sender = address.encode()
    if request.content_type[0] == REQUEST_TYPE:
        limits.sealed.check(address)
        return await answer_sealed(box, await _body(request, box, limits.bodies, sender), sender)
    limits.posts.check(address)
    data = await _body(request, box, limits.bodies, sender)
    if (more := box.price(data) - 1) > 0:
        limits.posts.check(address, more)
    answer = await box.exchange(data, _timeout(prefer), sender)
    return _reply(answer, f"/post/{party}/{sha256(data).hexdigest()}")


@get("/post/{party:str}/{name:str}")
async def fetch(party: FromPath[str], name: FromPath[str], boxes: Boxes) -> Response[bytes]:
    """The answer to an earlier request."""
    box = _box(boxes, party)
    _check_id(name)
    answer = await asyncio.to_thread(box.answered, name)
    if answer is None and not box.waits(name):
        raise NotFoundException("this request is not known here: send it again")
    return _reply(answer, f"/post/{party}/{name}")


@delete("/post/{party:str}/{name:str}")
async def withdraw(party: FromPath[str], name: FromPath[str], boxes: Boxes) -> None:
    """Forget a request and its answer."""
    box = _box(boxes, party)
    _check_id(name)
    await asyncio.to_thread(box.withdraw, name)


def _box(boxes: Mapping[str, Mailbox], party: str) -> Mailbox:
    box = boxes.get(party)
    if box is None:
        raise NotFoundException(f"no post for {party[:40]!r}")
    return box


def _check_id(name: str) -> None:
    if not _ID.fullmatch(name):
        raise NotFoundException("the id of a request is its SHA-256, 64 lower-case hex digits")


def _timeout(prefer: str | None) -> float:
    """Seconds to wait; 0 still lets an answer pass that is there at once."""
    wait = _WAIT.search(prefer or "")
    return float(min(LONGEST_WAIT, int(wait.group(1)) if wait else LONGEST_WAIT))


async def _body(request: Asked, box: Mailbox, bodies: Bodies, sender: bytes) -> bytes:
    """The request's bytes, within limits of size and time."""
    declared = request.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > box.largest:
        raise _too_long(box.largest)  # before anything of it is asked for
    data, longest = bytearray(), min(box.largest, UNSIGNED)
    try:
        async with asyncio.timeout(BODY_LIMIT) as timeout:
            with bodies.body(sender, timeout) as body:
                async for chunk in request.stream():
                    body.add(len(chunk))
                    data += chunk
                    if len(data) > longest and len(data) > (longest := box.longest(bytes(data))):
                        raise _too_long(longest)
    except InternalServerException as error:  # the server could not read on, or nobody is there any more
        raise ClientException("the body is cut short, or its chunks are invalid") from error
    except TimeoutError:
        body.check()
        raise HTTPException(
            f"the body did not come within {BODY_LIMIT:g} seconds", status_code=HTTPStatus.REQUEST_TIMEOUT
        ) from None
    if not data:
        raise ClientException("expected a request, found an empty body")
    return bytes(data)


def _too_long(longest: int) -> HTTPException:
    return HTTPException(
        f"at most {longest:,} bytes are taken",
        status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        headers={"Connection": "close"},
    )


def _reply(answer: bytes | None, location: str) -> Response[bytes]:
    if answer is None:
        headers = {"Location": location, "Retry-After": "1", **_SAID}
        return Response(b"", status_code=HTTPStatus.ACCEPTED, headers=headers, media_type=_BYTES)
    return Response(answer, status_code=HTTPStatus.OK, headers=_SAID, media_type=_BYTES)
