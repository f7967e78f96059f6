"""The published log over HTTP, file by file, as C2SP tlog-tiles says (`spec/log.md#layout`)."""

from __future__ import annotations

import re
from pathlib import Path

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException

from psephos.errors import FormatError
from psephos.log.export import CHECKPOINT
from psephos.log.tiles import Tile

_BLOB = re.compile(r"blob/[0-9a-f]{64}")
_FOR_EVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=5"


@get("/log/{path:path}", sync_to_thread=True)
def log_file(path: str, state: State) -> Response[bytes]:
    """A file of the log. All but the checkpoint never change."""
    path = path.removeprefix("/")
    if path == CHECKPOINT:
        return _file(state.public / path, "text/plain; charset=utf-8", _SHORTLY)
    if not _BLOB.fullmatch(path):
        try:
            Tile.parse(path)
        except FormatError as error:
            raise NotFoundException(str(error)) from None
    return _file(state.public / path, "application/octet-stream", _FOR_EVER)


@get("/pin.json", sync_to_thread=False)
def pin(state: State) -> Response[bytes]:
    """What a verifier must know beforehand. Who takes it from here trusts this server once."""
    return Response(state.pin, media_type="application/json", headers={"Cache-Control": _SHORTLY})


def _file(path: Path, media_type: str, caching: str) -> Response[bytes]:
    try:
        content = path.read_bytes()
    except OSError:
        raise NotFoundException("the log has no such file, or not yet") from None
    headers = {"Cache-Control": caching, "Access-Control-Allow-Origin": "*"}
    return Response(content, media_type=media_type, headers=headers)
