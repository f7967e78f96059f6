"""What the definition hash is of: a document that names the rest by hashes. spec/definition.md#head"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import jcs
from group import FormatError

MOST = 262_144  # bytes that a device loads of any definition


def definition_hash(data: bytes) -> bytes | None:
    """Of a document; None where it has no head."""
    try:
        return sha256(encode(jcs.decode(data), len(data))).digest()
    except FormatError:
        return None


def encode(document: Any, length: int) -> bytes:
    """The head of a document of so many bytes; FormatError where it has none."""
    _check(document)
    regions = document["regions"]
    whole = {
        "bytes": length,
        "closes": sorted({region["closes"] for region in regions}),
        "names": {tag: _hash(names(regions, tag)) for tag in document["languages"]},
    }
    head = {**document, "regions": _named(regions), "styles": _named(document["styles"]), "whole": whole}
    if "divisions" in document:
        head["divisions"] = _hash(document["divisions"])
    return jcs.encode(head)


def names(regions: list[Any], tag: str) -> list[str]:
    """The names of all regions in a language."""
    return [region["name"][tag] for region in regions]


def check_size(document: Any, length: int) -> None:
    """What a voter's device loads is bounded: spec/definition.md#validity, 11."""
    regions, styles = document["regions"], {style["id"]: style for style in document["styles"]}
    longest = max(len(jcs.encode(names(regions, tag))) for tag in document["languages"])
    common = len(encode(document, length)) + longest
    lengths = {name: len(jcs.encode(style)) for name, style in styles.items()}
    for region in regions:
        if common + len(jcs.encode(region)) + lengths[region["style"]] > MOST:
            raise FormatError(f"region {region['id']}: more than {MOST} bytes for one voter to load")


def _check(document: Any) -> None:
    if not isinstance(document, dict) or "whole" in document:
        raise FormatError("no object, or one with a member `whole`")
    tags = document.get("languages")
    if not isinstance(tags, list) or not all(_is_member(tag) for tag in tags) or len(set(tags)) < len(tags):
        raise FormatError("no list of different languages")
    for region in _items(document, "regions"):
        name = region.get("name")
        if not isinstance(name, dict) or not all(isinstance(name.get(tag), str) for tag in tags):
            raise FormatError("a region without a name in each language")
        if not isinstance(region.get("closes"), int):
            raise FormatError("a region that says not when it closes")
    _items(document, "styles")
    if not isinstance(document.get("divisions", []), list):
        raise FormatError("divisions that are no list")


def _is_member(tag: Any) -> bool:
    return isinstance(tag, str) and tag != "" and tag.isascii() and tag.isprintable()


def _items(document: Any, member: str) -> list[Any]:
    items = document.get(member)
    if not isinstance(items, list):
        raise FormatError(f"no list of {member}")
    if not all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in items):
        raise FormatError(f"{member} without ids")
    return items


def _named(items: list[Any]) -> list[dict[str, str]]:
    return [{"id": item["id"], "sha256": _hash(item)} for item in items]


def _hash(value: Any) -> str:
    return sha256(jcs.encode(value)).hexdigest()
