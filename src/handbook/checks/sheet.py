"""The revision sheet: what stands on it fits two pages of A4.

What the browser prints is estimated in lines of the sheet. The numbers below were measured in Chromium with the sheet's
style (`paper.css`), and `tests/browser/test_print.py` prints sheets up to the estimate and beyond it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from textwrap import wrap

from handbook.checks.context import Context, text_of
from handbook.findings import Finding

COLUMNS = (77.0, 77.0, 83.0, 83.0)
"""The lines of each column, from the first page to the second; the title stands above the first two."""
SIGNS, ABOUT, FIGURE = 73, 0.66, 15.5
"""The signs of a line, and in lines what is left free about an entry, and a figure with its caption."""

_PART = re.compile(r'<section class="lt-sheet">(?P<entry>.*?)</section>|<figure class="lt-figure">', re.DOTALL)
_PARAGRAPH = re.compile(r"<p(?P<marked> class=\"lt-sheet__(?:trap|check)\")?[^>]*>(?P<text>.*?)</p>", re.DOTALL)


def heights(html: str) -> list[float]:
    """The entries and figures of a rendered sheet, each in lines."""
    return [FIGURE if part["entry"] is None else _entry(part["entry"]) for part in _PART.finditer(html)]


def _entry(html: str) -> float:
    told = (("✗ " if p["marked"] else "") + text_of(p["text"]) for p in _PARAGRAPH.finditer(html))
    return ABOUT + sum(len(wrap(text, SIGNS)) for text in told)


def too_many(parts: list[float]) -> int:
    """How many lines longer the last column would have to be; each part goes whole into a column, in order."""
    column, used = 0, 0.0
    for height in parts:
        if used + height > COLUMNS[column] and column < len(COLUMNS) - 1:
            column, used = column + 1, 0.0
        used += height
    return max(0, math.ceil(used - COLUMNS[column]))


def check(context: Context) -> Iterator[Finding]:
    """Look at a page that holds entries of the sheet."""
    entries = [one for one in context.page.containers if one.kind == "sheet"]
    if not entries or not context.is_site_page:
        return
    if lines := too_many(heights(context.rendered())):
        yield context.say(
            entries[-1].line,
            f"the sheet is {lines} {'line' if lines == 1 else 'lines'} too long for two pages",
            f"shorten key ideas, or what they are gathered from: a line holds about {SIGNS} signs",
        )
