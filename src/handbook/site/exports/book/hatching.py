"""Diagonal lines in the place of a pattern: Chromium prints a pattern as a coarse picture, and some readers not at all.

The lines are those that the pattern of `figures.svg` draws: six units apart, at 45 degrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, sqrt
from xml.etree.ElementTree import Element

_APART = 6 * sqrt(2)  # along an axis
_HATCH = "-hatch)"


def with_lines(svg: Element) -> None:
    """Replace every rectangle that a pattern fills by the pattern's lines; then drop the pattern."""
    strokes = next((path.attrib for path in svg.findall("defs/pattern/path")), {})
    for parent in list(svg.iter()):
        for place, child in enumerate(list(parent)):
            if child.tag == "rect" and child.get("fill", "").endswith(_HATCH):
                parent[place] = Element("path", {**strokes, "d": " ".join(_lines(child))})
    for defs in svg.findall("defs"):
        svg.remove(defs)


def _lines(rect: Element) -> Iterator[str]:
    """The lines x + y = c inside a rectangle, as parts of a path."""
    x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    right, below = x + width, y + height
    for number in range(ceil((x + y) / _APART), floor((right + below) / _APART) + 1):
        c = number * _APART
        left = max(x, c - below)
        end = min(right, c - y)
        if left < end:
            yield f"M{left:.1f} {c - left:.1f}L{end:.1f} {c - end:.1f}"
