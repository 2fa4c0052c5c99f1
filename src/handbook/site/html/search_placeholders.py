"""Drawings, formulas and coloured code, kept aside while the page is indexed for search.

The search plugin's parser takes longer for the tags of an SVG, of MathML and of highlighted code than for the
rest of the page, and looks for words alone. A formula and a listing leave theirs behind; a drawing has none.
"""

from __future__ import annotations

import re

_KEPT = re.compile(r"<(?P<tag>svg|math|pre)\b.*?</(?P=tag)>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_MARK = re.compile(r'<(?P<tag>i|pre) data-aside="(?P<number>\d+)">(?:<code>)?[^<]*(?:</code>)?</(?P=tag)>')


def set_aside(html: str) -> tuple[str, list[str]]:
    """The page with a mark in the place of each drawing, formula and listing, and what the marks stand for."""
    kept: list[str] = []

    def mark(match: re.Match[str]) -> str:
        number = len(kept)
        kept.append(match[0])
        if match["tag"] == "svg":
            return f'<i data-aside="{number}"></i>'
        words = _TAG.sub("", match[0])
        if match["tag"] == "math":
            return f'<i data-aside="{number}">{words}</i>'
        return f'<pre data-aside="{number}"><code>{words}</code></pre>'

    return _KEPT.sub(mark, html), kept


def put_back(html: str, kept: list[str]) -> str:
    """The page as it was before `set_aside`."""
    return _MARK.sub(lambda match: kept[int(match["number"])], html)
