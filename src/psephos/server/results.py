"""Definition and result to download, as JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from psephos.server.config import Config, ServerConfig
from psephos.server.pages.snapshot import Snapshot

_SHORTLY = {"Cache-Control": "public, max-age=10", "Access-Control-Allow-Origin": "*"}
_FOR_EVER = _SHORTLY | {"Cache-Control": "public, max-age=31536000, immutable"}
_HASH = re.compile(r"[0-9a-f]{64}")
_COLUMNS = ("contest", "area", "option", "votes", "voted", "enrolled", "roll")


@get("/definition.json")
async def definition(config: Config) -> Response[bytes]:
    """The definition, byte by byte as it was logged."""
    return Response(_shown(config).definition.document, media_type="application/json", headers=_SHORTLY)


@get("/definition/{digest:str}")
async def excerpt(digest: FromPath[str], config: Config) -> Response[bytes]:
    """What a device loads of the definition, by its SHA-256: that of the head is the definition hash."""
    known = _shown(config).definition.head.excerpts
    excerpt_bytes = known.get(bytes.fromhex(digest)) if _HASH.fullmatch(digest) else None
    if excerpt_bytes is None:
        raise NotFoundException("the definition has no such excerpt")
    return Response(excerpt_bytes, media_type="application/json", headers=_FOR_EVER)


@get("/result.json")
async def result(config: Config) -> Response[bytes]:
    """The certified result, byte by byte as it was logged."""
    return Response(_result(config), media_type="application/json", headers=_SHORTLY)


@get("/result.csv")
async def result_table(config: Config) -> Response[str]:
    """The certified result, a line for each area, division and option; blank votes and total too."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    for contest in json.loads(_result(config))["contests"]:
        for area in [*contest["areas"], *contest.get("levels", ()), contest["total"] | {"id": "total"}]:
            if area.get("counted", 1):
                table.writerows(_lines(contest["id"], area))
    return Response(text.getvalue(), media_type="text/csv", headers=_SHORTLY)


def _lines(contest: str, area: dict[str, Any]) -> list[list[object]]:
    votes = area["votes"] | {"blank": area["blank"]}
    numbers = [area["voted"], area["enrolled"], area["roll"]]
    name = f"{area['id']} remainder" if "remainder" in area else area["id"]
    return [[contest, name, option, count, *numbers] for option, count in votes.items()]


def _shown(config: ServerConfig) -> Snapshot:
    snapshot = config.page_data.snapshot
    if snapshot is None:
        raise NotFoundException("nothing is published yet")
    return snapshot


def _result(config: ServerConfig) -> bytes:
    document = _shown(config).result
    if document is None:
        raise NotFoundException("there is no result yet")
    return document
