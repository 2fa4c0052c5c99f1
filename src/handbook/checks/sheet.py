"""The revision sheet: what stands on it fits two pages of A4.

What the browser prints is estimated in lines of the sheet. The numbers below were measured in Chromium with the sheet's
style (`paper.css`), and `tests/browser/test_print.py` prints sheets up to the estimate and beyond it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from textwrap import wrap
from typing import NamedTuple

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.rendered import text_of
from handbook.terminal import counted

COLUMNS = (77.0, 77.0, 83.0, 83.0)
"""The lines of each column, from the first page to the second; the title stands above the first two."""
SIGNS, ABOUT, FIGURE = 73, 0.66, 15.5
"""The signs of a line, and in lines what is left free about an entry, and a figure with its caption."""

LONGEST = 3
"""So many entries of the last column are named where the sheet is too long."""

_PART = re.compile(r'<section class="lt-sheet">(?P<entry>.*?)</section>|<figure class="lt-figure">', re.DOTALL)
_PARAGRAPH = re.compile(r"<p(?P<marked> class=\"lt-sheet__(?:trap|check)\")?[^>]*>(?P<text>.*?)</p>", re.DOTALL)


class Part(NamedTuple):
    """An entry or a figure: its height in lines, and by how many signs to shorten an entry so that it has one less."""

    height: float
    signs: int = 0


def parts_of(html: str) -> list[Part]:
    """The entries and figures of a rendered sheet."""
    return [Part(FIGURE) if part["entry"] is None else _entry(part["entry"]) for part in _PART.finditer(html)]


def _entry(html: str) -> Part:
    told = [("✗ " if p["marked"] else "") + text_of(p["text"]) for p in _PARAGRAPH.finditer(html)]
    lines = [wrap(text, SIGNS) for text in told]
    ends = [len(wrapped[-1]) for wrapped in lines if len(wrapped) > 1]
    return Part(ABOUT + sum(map(len, lines)), min(ends, default=0))


def too_many(heights: list[float]) -> int:
    """How many lines longer the last column would have to be; each part goes whole into a column, in order."""
    first, column = _last_column(heights)
    return max(0, math.ceil(sum(heights[first:]) - COLUMNS[column]))


def _last_column(heights: list[float]) -> tuple[int, int]:
    """The first part of the last column that is begun, and which column that is."""
    first, column, used = 0, 0, 0.0
    for part, height in enumerate(heights):
        if used + height > COLUMNS[column] and column < len(COLUMNS) - 1:
            first, column, used = part, column + 1, 0.0
        used += height
    return first, column


def check(context: Context) -> Iterator[Finding]:
    """Look at a page that holds entries of the sheet."""
    shown = [one for one in context.page.containers if one.kind in ("sheet", "figure")]
    if not any(one.kind == "sheet" for one in shown) or not context.is_site_page:
        return
    parts = parts_of(context.rendered())
    heights = [part.height for part in parts]
    if lines := too_many(heights):
        first, _ = _last_column(heights)
        column = [pair for pair in zip(shown[first:], parts[first:], strict=False) if pair[0].kind == "sheet"]
        longest = sorted(column, key=lambda pair: -pair[1].height)[:LONGEST]
        told = "; ".join(
            f"{entry.argument} in line {entry.line} has {int(part.height)}, and {part.signs} signs less save one"
            for entry, part in longest
        )
        yield context.say(
            longest[0][0].line if longest else shown[-1].line,
            f"the sheet is {counted(lines, 'line')} too long for two pages (the longest at its end: {told})",
            f"shorten key ideas, or what they are gathered from: a line holds about {SIGNS} signs",
        )
