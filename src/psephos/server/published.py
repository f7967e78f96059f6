"""The published log over HTTP, file by file, as C2SP tlog-tiles says (`spec/log.md#layout`)."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from psephos.errors import FormatError
from psephos.log.export import CHECKPOINT
from psephos.log.tiles import Tile

_BLOB = re.compile(r"blob/[0-9a-f]{64}")
_FOR_EVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=5"


@get("/log/{path:path}")
async def log_file(path: FromPath[Path], state: State) -> Response[bytes]:
    """A file of the log. All but the checkpoint never change."""
    name = path.as_posix().removeprefix("/")
    if name == CHECKPOINT:
        return await _file(state.public / name, "text/plain", _SHORTLY)
    if not _BLOB.fullmatch(name):
        try:
            Tile.parse(name)
        except FormatError as error:
            raise NotFoundException(str(error)) from None
    return await _file(state.public / name, "application/octet-stream", _FOR_EVER)


@get("/pin.json")
async def pin(state: State) -> Response[bytes]:
    """What a verifier must know beforehand. Who takes it from here trusts this server once."""
    return Response(state.pin, media_type="application/json", headers={"Cache-Control": _SHORTLY})


async def _file(path: Path, media_type: str, caching: str) -> Response[bytes]:
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except OSError:
        raise NotFoundException("the log has no such file, or not yet") from None
    headers = {"Cache-Control": caching, "Access-Control-Allow-Origin": "*"}
    return Response(content, media_type=media_type, headers=headers)
