"""The head of a definition, whose SHA-256 is the definition hash, and the excerpts that it names.

`spec/definition.md#head`. A phone loads the head and a few excerpts instead of the whole document.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any

from psephos.errors import FormatError
from psephos.protocol.encoding import canonical_json
from psephos.protocol.encoding.canonical_json import JSON

LARGEST = 262_144
"""Bytes of head, names, a region and its style together."""


class Head:
    """The head of a document, encoded, and the bytes that it names by their SHA-256."""

    def __init__(self, value: JSON, length: int) -> None:
        """Of what a document of so many bytes says; FormatError where it has no head."""
        document = _document(value)
        regions, styles = document["regions"], document["styles"]
        self._regions = [canonical_json.encode(region) for region in regions]
        self._styles = {style["id"]: canonical_json.encode(style) for style in styles}
        self._names = {
            language: canonical_json.encode([region["name"][language] for region in regions])
            for language in document["languages"]
        }
        short = document | {
            "regions": _named(regions),
            "styles": _named(styles),
            "whole": {
                "bytes": length,
                "closes": sorted({region["closes"] for region in regions}),
                "names": {language: _digest(names) for language, names in self._names.items()},
            },
        }
        if "divisions" in document:
            short["divisions"] = _digest(canonical_json.encode(document["divisions"]))
        self.encoded = canonical_json.encode(short)
        self.hash = sha256(self.encoded).digest()
        self._chosen = [region.get("style") for region in regions]

    def check_size(self) -> None:
        """FormatError where a region's voter would load too much (`spec/definition.md#validity`, 11)."""
        common = len(self.encoded) + max(map(len, self._names.values()), default=0)
        for index, (region, style) in enumerate(zip(self._regions, self._chosen, strict=True)):
            size = common + len(region) + len(self._styles.get(style, b""))
            if size > LARGEST:
                raise FormatError(
                    f"$.regions[{index}]: head, names, region and style have {size} bytes together,"
                    f" at most {LARGEST} are allowed: shorten texts, or ask less of one region"
                )

    @cached_property
    def excerpts(self) -> Mapping[bytes, bytes]:
        """Head, regions, styles and lists of names, by their SHA-256."""
        parts = [self.encoded, *self._regions, *self._styles.values(), *self._names.values()]
        return {sha256(part).digest(): part for part in parts}


def hash_of(document: bytes) -> bytes | None:
    """The definition hash of a document, 32 bytes; None where it has no head."""
    try:
        return Head(canonical_json.decode(document), len(document)).hash
    except FormatError:
        return None


def _document(value: JSON) -> dict[str, Any]:
    """A document of which a head can be made."""
    if not isinstance(value, dict) or "whole" in value:
        raise FormatError("$: no object, or one with a member `whole`")
    languages = value.get("languages")
    if not isinstance(languages, list) or not all(isinstance(tag, str) for tag in languages):
        raise FormatError("$.languages: no list of texts")
    if len(set(languages)) < len(languages):
        raise FormatError("$.languages: one stands there twice")
    for region in _objects(value, "regions"):
        name = region.get("name")
        named = isinstance(name, dict) and all(isinstance(name.get(tag), str) for tag in languages)
        if not named or not isinstance(region.get("closes"), int):
            raise FormatError("$.regions: one has no name in each language, or no time of closing")
    _objects(value, "styles")
    if not isinstance(value.get("divisions", []), list):
        raise FormatError("$.divisions: no list")
    return value


def _objects(document: dict[str, Any], member: str) -> list[dict[str, Any]]:
    """The objects that a member lists, each with an `id`."""
    items = document.get(member)
    if not isinstance(items, list):
        raise FormatError(f"$.{member}: no list")
    if not all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in items):
        raise FormatError(f"$.{member}: one is no object with an id")
    return items


def _named(items: list[dict[str, Any]]) -> JSON:
    return [{"id": item["id"], "sha256": _digest(canonical_json.encode(item))} for item in items]


def _digest(part: bytes) -> str:
    return sha256(part).hexdigest()
