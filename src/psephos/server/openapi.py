"""What the server offers to programs, as an OpenAPI document: written by hand, and held to by tests."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from psephos.post.post import LARGEST
from psephos.protocol.enrolment.sealed import (
    REQUEST_TYPE,
    RESPONSE_TYPE,
    SEALED_REQUEST,
    SEALED_RESPONSE,
)
from psephos.server.problem import MEDIA_TYPE

_BYTES = "application/octet-stream"
_BINARY = {_BYTES: {"schema": {"type": "string", "format": "binary"}}}
_TEXT = {"text/plain; charset=utf-8": {"schema": {"type": "string"}}}
_PIN = {"application/json": {"schema": {"$ref": "#/components/schemas/Pin"}}}
_JSON = {"application/json": {"schema": {"type": "object"}}}
_RESULT = {"application/json": {"schema": {"$ref": "#/components/schemas/Result"}}}
_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
_TABLE = {"text/csv; charset=utf-8": {"schema": {"type": "string"}}}
_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "SHA-256 of the request.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
_TRACKER = _ID | {"description": "The entry's body hash."}
_PARTY = {
    "name": "party",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^(board|registrar(-[2-8])?)$"},
}
_PREFER = {
    "name": "Prefer",
    "in": "header",
    "description": "`wait=<seconds>`, RFC 7240. Anything else is passed over.",
    "schema": {"type": "string"},
}
_RETRY = {"Retry-After": {"required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}}
_ANY_ORIGIN = {
    "Access-Control-Allow-Origin": {
        "description": "Pages of any origin may read it.",
        "required": True,
        "schema": {"const": "*"},
    }
}
_LOCATION = {
    "Location": {"required": True, "schema": {"type": "string", "pattern": "^/post/[a-z0-9-]+/[0-9a-f]{64}$"}}
}


def _problem(description: str, **more: Any) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        **more,
    }


def _file(
    summary: str, content: dict[str, Any], *parameters: dict[str, Any], anywhere: bool = True
) -> dict[str, Any]:
    """What is got; `anywhere`: also by pages of other origins."""
    answer = {"description": "The file.", "headers": _ANY_ORIGIN if anywhere else {}, "content": content}
    return {
        "get": {
            "summary": summary,
            "parameters": list(parameters),
            "responses": {
                "200": answer,
                "404": _problem("There is no such file, or not yet."),
            },
        }
    }


def _in_path(name: str, pattern: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}


_LEVEL = _in_path("level", "^(entries|[0-9]|[1-5][0-9]|6[0-3])$")
_NUMBER = _in_path("number", "^[0-9]{3}$")
_WIDTH = _in_path("width", "^([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])$")
_PLACE = {"application/json": {"schema": {"$ref": "#/components/schemas/Place"}}}
_ANSWER = {"description": "The answer.", "content": _BINARY}
_SEALED = {
    "schema": {
        "type": "string",
        "format": "binary",
        "minLength": SEALED_RESPONSE,
        "maxLength": SEALED_RESPONSE,
    }
}
_WAITS = {
    "description": "There is no answer yet.",
    "headers": _RETRY | _LOCATION,
    "content": {_BYTES: {"schema": {"type": "string", "maxLength": 0}}},
}
_SEND = {
    "summary": "Ask a party. The same bytes are one request.",
    "parameters": [_PARTY, _PREFER],
    "requestBody": {
        "required": True,
        "content": {
            _BYTES: {"schema": {"type": "string", "minLength": 1, "maxLength": LARGEST}},
            REQUEST_TYPE: {
                "schema": {"type": "string", "minLength": SEALED_REQUEST, "maxLength": SEALED_REQUEST}
            },
        },
    },
    "responses": {
        "200": _ANSWER | {"content": {**_BINARY, RESPONSE_TYPE: _SEALED}},
        "202": _WAITS,
        "400": _problem("The body is no request."),
        "404": _problem("That party has no post here."),
        "408": _problem("The body came too slowly."),
        "413": _problem("The body is too long: more than 256 KiB, and no party has signed its first entry."),
        "429": _problem("This address has sent too many ballots or other requests.", headers=_RETRY),
        "503": _problem("Too much waits: in so many seconds it may be taken.", headers=_RETRY),
    },
}
_FETCH = {
    "summary": "Ask after an earlier request.",
    "parameters": [_PARTY, _ID],
    "responses": {"200": _ANSWER, "202": _WAITS, "404": _problem("Nothing is known of it: send it again.")},
}
_WITHDRAW = {
    "summary": "Have a request and its answer forgotten.",
    "parameters": [_PARTY, _ID],
    "responses": {"204": {"description": "They are."}, "404": _problem("That is no id, or no party.")},
}
_PIN_OBJECT = {
    "type": "object",
    "required": ["version", "definition", "policy"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": 1},
        "definition": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "policy": {"type": "string"},
    },
}
_PLACE_OBJECT = {
    "type": "object",
    "description": "The entry's index in the log: a hint, to be checked there.",
    "required": ["index"],
    "additionalProperties": False,
    "properties": {"index": {"type": "integer", "minimum": 0}},
}
_RESULT_OBJECT = {
    "type": "object",
    "description": "Byte by byte as it was logged; the whole schema is spec/schemas/result.json.",
    "required": ["version", "definition", "election", "status", "coercion_resistant", "regions", "contests"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": 1},
        "definition": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "election": {"type": "string", "pattern": "^([0-9a-f]{64})?$"},
        "status": {"enum": ["counted", "cancelled"]},
        "coercion_resistant": {"enum": [0, 1]},
        "regions": {"type": "array", "items": {"type": "object"}},
        "contests": {"type": "array", "items": {"type": "object"}},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457: `detail` says what is wrong, `instance` where.",
    "required": ["type", "title", "status", "detail", "instance"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Psephos",
        "version": "1",
        "description": "The log of a referendum (C2SP tlog-tiles), its documents, and the posts of board and"
        " registrar, whose requests and answers spec/messages.md describes. Tiles from number 1000 on have"
        " longer paths.",
        "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
    },
    "paths": {
        "/pin.json": _file("What a verifier must know beforehand.", _PIN),
        "/definition.json": _file("The definition, as it was logged.", _JSON),
        "/definition/{id}": _file("What a device loads of it: head, names, a region, a style.", _JSON, _ID),
        "/result.json": _file("The certified result, as it was logged.", _RESULT),
        "/result.csv": _file("A line for each area and option, blank and total among them.", _TABLE),
        "/verifier.pyz": _file("The second verifier, for Python 3.11: run it, or unpack it.", _ZIP),
        "/openapi.json": _file("This document.", _JSON),
        "/log/checkpoint": _file("The latest checkpoint.", _TEXT),
        "/log/tile/{level}/{number}": _file("A full tile or bundle.", _BINARY, _LEVEL, _NUMBER),
        "/log/tile/{level}/{number}.p/{width}": _file("A partial one.", _BINARY, _LEVEL, _NUMBER, _WIDTH),
        "/log/blob/{id}": _file("Bytes by their SHA-256.", _BINARY, _ID),
        "/contact": _file(
            "Whom voters ask for help, in a line of text; empty for nobody.", _TEXT, anywhere=False
        ),
        "/trackers/{id}": _file("Where the log has an entry.", _PLACE, _TRACKER, anywhere=False),
        "/post/{party}": {"post": _SEND},
        "/post/{party}/{id}": {"get": _FETCH, "delete": _WITHDRAW},
    },
    "components": {
        "schemas": {
            "Pin": _PIN_OBJECT,
            "Place": _PLACE_OBJECT,
            "Problem": _PROBLEM,
            "Result": _RESULT_OBJECT,
        }
    },
}


@get("/openapi.json")
async def openapi() -> Response[dict[str, Any]]:
    """This document."""
    return Response(
        DOCUMENT,
        media_type="application/json",
        headers={"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"},
    )
