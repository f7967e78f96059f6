"""Bars for a tally, drawn as SVG by the server: all of one scale, from nothing to all votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

_WIDTH, _ROW, _BAR, _LABEL, _AXIS = 400, 40, 14, 18, 18
_MARGIN = 20
"""On either side, for what stands at the ends of the scale."""
_COLOURS = ("#1b4f8a", "#b3541e", "#3d7a37", "#6b3f8f", "#8a6d1b", "#2b7f7f")
_TICKS = {0: "0", 50: "50\u00a0%", 100: "100\u00a0%"}


@dataclass(frozen=True)
class Bar:
    """An option: its share of all votes, what is printed with it, and the share that a rule asks of it."""

    label: str
    share: Fraction
    said: str
    needed: Fraction | None = None


def bars(rows: Sequence[Bar], title: str) -> str:
    """A bar for each option on a scale from 0 to 100 %, and a line where an option must get to."""
    height = _ROW * len(rows) + _AXIS
    box = f"{-_MARGIN} 0 {_WIDTH + 2 * _MARGIN} {height}"
    parts = [
        f'<svg class="bars" viewBox="{box}" role="img" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(title)}</title>",
        *(_tick(share, said, height) for share, said in _TICKS.items()),
        *(_bar(bar, place) for place, bar in enumerate(rows)),
    ]
    return "".join([*parts, "</svg>"])


def _tick(share: int, said: str, height: int) -> str:
    place = _WIDTH * share // 100
    return (
        f'<line class="scale" x1="{place}" x2="{place}" y1="0" y2="{height - _AXIS + 2}"/>'
        f'<text x="{place}" y="{height - 4}" font-size="11" text-anchor="middle">{said}</text>'
    )


def _bar(bar: Bar, place: int) -> str:
    top, length = place * _ROW + _LABEL + 2, int(_WIDTH * bar.share)
    colour = _COLOURS[place % len(_COLOURS)]
    drawn = (
        f'<text x="2" y="{top - 4}" font-size="14">{escape(bar.label)}: {escape(bar.said)}</text>'
        f'<rect class="whole" x="0" y="{top}" width="{_WIDTH}" height="{_BAR}"/>'
        f'<rect x="0" y="{top}" width="{length}" height="{_BAR}" fill="{colour}"/>'
    )
    if bar.needed is not None and bar.needed <= 1:
        line = int(_WIDTH * bar.needed)
        drawn += f'<line class="needed" x1="{line}" x2="{line}" y1="{top - 3}" y2="{top + _BAR + 3}"/>'
    return drawn
