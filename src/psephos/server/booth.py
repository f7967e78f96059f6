"""The booth: pages that voters' browsers run, held to their manifest (`spec/entries.md#booth-manifest`)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from psephos.errors import FormatError
from psephos.protocol.encoding import canonical_json
from psephos.server.config import Config
from psephos.server.static import static

MANIFEST = "manifest.json"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src {}; img-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
}
# The names stay when a booth changes, and pages name what they load by its hash: all must be of one age.
_CACHED = {"Cache-Control": "no-cache"}


def policy(elsewhere: Sequence[str] = ()) -> str:
    """The booth's content security policy: it talks to this server, and to these origins."""
    return _POLICY.format(" ".join(["'self'", *elsewhere]))


def read_booth(directory: Path) -> dict[str, bytes]:
    """The files of a built booth by name, its manifest too; FormatError unless they are those it names."""
    manifest = _read(directory / MANIFEST)
    named = canonical_json.decode(manifest)
    files = {path.name: _read(path) for path in directory.iterdir() if path.name != MANIFEST}
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    if named != {"version": 1, "files": hashes}:
        raise FormatError(f"{directory}: not the files that {MANIFEST} names: build the booth again")
    return {**files, MANIFEST: manifest}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path}: {error.strerror}") from error


@get("/booth", sync_to_thread=False)
def booth_front() -> Redirect:
    """To the front page, which leads to what is due."""
    return Redirect("/", status_code=303)


@get("/booth/{name:str}", sync_to_thread=False)
def booth_file(
    name: FromPath[str], request: Request[Any, Any, Any], config: Config
) -> Response[bytes] | Redirect:
    """A file of the booth."""
    content = config.booth.get(name)
    if content is not None and request.scope["raw_path"].endswith(b"/"):  # what it loads lies beside it
        return Redirect(f"/booth/{name}", status_code=308)
    if content is None:
        raise NotFoundException("the booth has no such file")
    kind = _TYPES.get(Path(name).suffix, "application/octet-stream")
    snapshot = config.page_data.snapshot
    talks = {"Content-Security-Policy": policy(snapshot.elsewhere if snapshot else ())}
    return static(request, content, kind, _CACHED | talks)
