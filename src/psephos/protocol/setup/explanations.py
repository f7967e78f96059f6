"""What voters read before they decide, and what draws the regions on a map: blobs that a definition names.

`spec/definition.md#texts-and-map`. No check reads the blobs; those who show them read them here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from psephos.errors import FormatError
from psephos.protocol.encoding.form import Form, distinct
from psephos.protocol.setup.style import Contest

LONGEST_TEXT = 65_536
LONGEST_MAP = 4_194_304
LARGEST = 16_000_000
"""Bytes of all blobs of a definition together: tools make none with more."""
MOST = 200
_SIDE = 255
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Explanation:
    """Of the whole vote or a contest, or an argument for an option; positions, and digests by language."""

    contest: int | None
    option: int | None
    by: Mapping[str, str] | None
    files: Mapping[str, bytes]

    @classmethod
    def read(cls, form: Form, contests: tuple[Contest, ...], languages: tuple[str, ...]) -> Explanation:
        """An explanation or argument; FormatError unless it has its form."""
        members = form.members("files", "contest option by")
        contest = option = None
        if "contest" in members:
            contest = members["contest"].index_in({one.id: one.index for one in contests})
        if "option" in members:
            if contest is None:
                raise form.refuse("an option without a contest")
            options = contests[contest].options
            option = members["option"].index_in({one: index for index, one in enumerate(options)})
        by = members["by"].translations(languages) if "by" in members else None
        named = members["files"].members(" ".join(languages))
        return cls(contest, option, by, {tag: named[tag].key() for tag in languages})


@dataclass(frozen=True)
class Map:
    """The digest of a GeoJSON blob; a square, column and row, for each region; either may be missing."""

    geojson: bytes | None
    tiles: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, form: Form, regions: int) -> Map:
        """A map of so many regions; FormatError unless it has its form."""
        members = form.members("", "geojson tiles")
        if not members:
            raise form.refuse("neither geojson nor tiles")
        tiles: tuple[tuple[int, int], ...] = ()
        if "tiles" in members:
            items = members["tiles"].items(regions, regions)
            pairs = [item.items(2, 2) for item in items]
            tiles = distinct(items, [(x.integer(0, _SIDE), y.integer(0, _SIDE)) for x, y in pairs])
        return cls(members["geojson"].key() if "geojson" in members else None, tiles)


def read_explanations(
    members: Mapping[str, Form], contests: tuple[Contest, ...], languages: tuple[str, ...]
) -> tuple[Explanation, ...]:
    """The member `texts` of a definition, where it is there."""
    items = members["texts"].items(1, MOST) if "texts" in members else []
    return tuple(Explanation.read(item, contests, languages) for item in items)


def read_text(data: bytes, digest: bytes) -> str:
    """The text that a blob is; FormatError unless it is the one named, and plain text."""
    if sha256(data).digest() != digest:
        raise FormatError(f"the file has another SHA-256 than {digest.hex()}")
    if not 1 <= len(data) <= LONGEST_TEXT:
        raise FormatError(f"{len(data)} bytes instead of 1 to {LONGEST_TEXT}")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise FormatError("not UTF-8") from None
    if _CONTROL.search(text):
        raise FormatError("a control character other than newline")
    return text
