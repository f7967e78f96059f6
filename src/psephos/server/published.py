"""The published log over HTTP, file by file, as C2SP tlog-tiles says (`spec/log.md#layout`)."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from psephos.errors import FormatError
from psephos.log.export import CHECKPOINT
from psephos.log.tiles import Tile
from psephos.server.config import Config

_BLOB = re.compile(r"blob/[0-9a-f]{64}")
_RANGE = re.compile(r"bytes=([0-9]{1,9})-")
_HASH = re.compile(r"[0-9a-f]{64}")
_FOR_EVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=5"
_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
"""Pages of others may read it, too."""


@get("/log/{path:path}")
async def log_file(path: FromPath[Path], request: Request[Any, Any, Any], config: Config) -> Response[bytes]:
    """A file of the log, or its end from some byte on. All but the checkpoint never change."""
    name = path.as_posix().removeprefix("/")
    if name == CHECKPOINT:
        return await _file(config.public / name, "text/plain", _SHORTLY, None)
    if not _BLOB.fullmatch(name):
        try:
            Tile.parse(name)
        except FormatError as error:
            raise NotFoundException(str(error)) from None
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    return await _file(config.public / name, "application/octet-stream", _FOR_EVER, asked)


@get("/pin.json")
async def pin(config: Config) -> Response[bytes]:
    """What a verifier must know beforehand. Who takes it from here trusts this server once."""
    return Response(
        config.pin, media_type="application/json", headers={"Cache-Control": _SHORTLY, **_ANY_ORIGIN}
    )


@get("/contact")
async def contact(config: Config) -> Response[str]:
    """Whom voters ask for help, in a line of text; empty where nobody is named."""
    return Response(config.contact, media_type="text/plain", headers={"Cache-Control": _SHORTLY})


@get("/trackers/{tracker:str}")
async def place(tracker: FromPath[str], config: Config) -> Response[dict[str, int]]:
    """Where the log has an entry: nobody need believe it who reads what stands there."""
    trackers = config.page_data.trackers
    known = _HASH.fullmatch(tracker) is not None
    index = await asyncio.to_thread(trackers.find, bytes.fromhex(tracker)) if known else None
    if index is None:
        raise NotFoundException("the log has no entry with this tracker, or not yet")
    return Response({"index": index}, headers={"Cache-Control": "no-store"})


async def _file(path: Path, media_type: str, caching: str, asked: re.Match[str] | None) -> Response[bytes]:
    try:
        start, length, content = await asyncio.to_thread(_read, path, int(asked[1]) if asked else 0)
    except OSError:
        raise NotFoundException("the log has no such file, or not yet") from None
    headers = {"Cache-Control": caching, **_ANY_ORIGIN}
    if not start:
        return Response(content, media_type=media_type, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{length - 1}/{length}"
    return Response(content, media_type=media_type, headers=headers, status_code=206)


def _read(path: Path, start: int) -> tuple[int, int, bytes]:
    """The end of a file from `start` on, which a device asks for that passes over a long definition's parts.

    Any other kind of range, and one behind the end, is answered with the whole file, as servers may
    (RFC 9110, 14). Returns where what is read begins, the length of the file, and the bytes.
    """
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        first = file.seek(start if start < length else 0)
        return first, length, file.read()
