"""The second verifier, as one file that whoever reads the pages can run (`reference/pack.py`)."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files

from litestar import Response, get
from litestar.exceptions import NotFoundException

from psephos.server.config import Config

VERSION = version("psephos")
_NAME = "verifier.pyz"


def packed() -> bytes:
    """What `make build` has made; empty where it has not."""
    file = files("psephos.server") / _NAME
    return file.read_bytes() if file.is_file() else b""


@get(f"/{_NAME}", sync_to_thread=False)
def verifier(config: Config) -> Response[bytes]:
    """The verifier, a zip file that Python runs."""
    if not config.verifier:
        raise NotFoundException("this server offers no verifier: it comes with the source code")
    headers = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
    return Response(config.verifier, media_type="application/zip", headers=headers)
