"""How long a page takes to read, from its HTML."""

from __future__ import annotations

import re
from math import ceil

WORDS_A_MINUTE = 200
SECONDS_A_LINE_OF_CODE = 2
_SILENT = re.compile(r"<(svg|script|style)\b.*?</\1>", re.DOTALL)
_CODE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def minutes(html: str) -> int:
    """Whole minutes, at least one: words of prose at a calm pace, lines of code slower."""
    read = _SILENT.sub("", html)
    lines: int = sum(block.count("\n") for block in _CODE.findall(read))
    words = len(_TAG.sub(" ", _CODE.sub("", read)).split())
    taken = words / WORDS_A_MINUTE + lines * SECONDS_A_LINE_OF_CODE / 60
    return max(1, ceil(taken))
