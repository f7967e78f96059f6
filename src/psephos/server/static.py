"""Files that are the same for everybody: with a validator, and compressed once for all.

Nothing else is compressed. Where an answer mixes what somebody sends with what nobody else may know, its
length would tell about the secret (BREACH); these files hold neither.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from typing import Any, NamedTuple

from litestar import Request, Response

_LEAST = 1024
"""Bytes from which on compression is worth it."""


class _Variant(NamedTuple):
    """The bytes of a file in one coding, and their strong entity tag (RFC 9110, section 8.8.3)."""

    tag: str
    content: bytes


@lru_cache(128)
def _variants(content: bytes) -> tuple[_Variant, _Variant | None]:
    """The file as it is, and compressed where that makes it shorter."""
    digest = sha256(content).hexdigest()[:32]
    plain = _Variant(f'"{digest}"', content)
    packed = gzip.compress(content, 9, mtime=0) if len(content) >= _LEAST else content
    return plain, _Variant(f'"{digest}-gzip"', packed) if len(packed) < len(content) else None


def static(
    request: Request[Any, Any, Any], content: bytes, kind: str, headers: Mapping[str, str]
) -> Response[bytes]:
    """A file, or 304 for who has it already; `kind` is its media type."""
    plain, packed = _variants(content)
    takes = _takes_gzip(request.headers.get("Accept-Encoding", ""))
    variant = packed if takes and packed is not None else plain
    said = {**headers, "ETag": variant.tag, "Vary": "Accept-Encoding"}
    if _known(variant.tag, request.headers.get("If-None-Match", "")):
        return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, media_type=kind, headers=said)
    if variant is packed:
        said["Content-Encoding"] = "gzip"
    return Response(variant.content, media_type=kind, headers=said)


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is named, and not with a weight of 0."""
    for coding_part in accepted.lower().split(","):
        coding, _, weight = (part.strip() for part in coding_part.partition(";"))
        if coding in ("gzip", "*"):
            return weight.replace(" ", "").rstrip("0").rstrip(".") != "q="
    return False


def _known(tag: str, condition: str) -> bool:
    """Whether a list of entity tags has this one, by the weak comparison that If-None-Match asks for."""
    return condition.strip() == "*" or tag in (
        known_tag.strip().removeprefix("W/") for known_tag in condition.split(",")
    )
