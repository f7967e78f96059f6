"""Bars for a tally, drawn as SVG by the server."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_WIDTH, _ROW, _BAR, _LABEL = 400, 38, 14, 18
_COLOURS = ("#1b4f8a", "#b3541e", "#3d7a37", "#6b3f8f", "#8a6d1b", "#2b7f7f")
_BLANK = "#8a8a8a"


def bars(rows: Sequence[tuple[str, int, str]], title: str, blank_last: bool) -> str:
    """One bar a row of label, count and what is printed behind it; as long as its part of the largest."""
    most = max((count for _, count, _ in rows), default=0) or 1
    height = _ROW * len(rows)
    parts = [
        f'<svg class="bars" viewBox="0 0 {_WIDTH} {height}" role="img" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(title)}</title>",
    ]
    for place, (label, count, said) in enumerate(rows):
        last = blank_last and place == len(rows) - 1
        colour = _BLANK if last else _COLOURS[place % len(_COLOURS)]
        top, length = place * _ROW, _WIDTH * count // most
        parts.append(
            f'<text x="0" y="{top + _LABEL - 2}" font-size="14">{escape(label)}: {escape(said)}</text>'
        )
        parts.append(f'<rect x="0" y="{top + _LABEL + 2}" width="{length}" height="{_BAR}" fill="{colour}"/>')
    return "".join([*parts, "</svg>"])
