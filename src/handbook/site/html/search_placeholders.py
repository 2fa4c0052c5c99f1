"""Placeholders for drawings, formulas and coloured code while a page is indexed for search.

The search plugin's parser takes longer for the tags of an SVG, of MathML and of highlighted code than for the
rest of the page, and looks for words alone. A formula and a listing leave theirs behind; a drawing has none.
`page.finish` puts back what a placeholder stands for.
"""

from __future__ import annotations

import re

PLACEHOLDER = r'(?:i|pre) data-placeholder="(?P<number>\d+)">(?:<code>)?[^<]*(?:</code>)?</(?:i|pre)>'
"""What a placeholder looks like to a regular expression, without its first bracket."""

_REPLACED = re.compile(r"<(?P<tag>svg|math|pre)\b.*?</(?P=tag)>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def put_placeholders(html: str) -> tuple[str, list[str]]:
    """Replace each drawing, formula and listing; returns the page, and what its placeholders stand for."""
    replaced: list[str] = []

    def placeholder(match: re.Match[str]) -> str:
        number = len(replaced)
        replaced.append(match[0])
        if match["tag"] == "svg":
            return f'<i data-placeholder="{number}"></i>'
        words = _TAG.sub("", match[0])
        if match["tag"] == "math":
            return f'<i data-placeholder="{number}">{words}</i>'
        return f'<pre data-placeholder="{number}"><code>{words}</code></pre>'

    return _REPLACED.sub(placeholder, html), replaced
