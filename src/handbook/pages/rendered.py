"""What a rendered page says: HTML without its tags."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<[^>]*>")


def without_tags(html: str, instead: str = "") -> str:
    """A piece of HTML with something else in place of each tag; entities stay as they are."""
    return _TAG.sub(instead, html)


def text_of(html: str) -> str:
    """What a reader sees of a piece of HTML."""
    return unescape(without_tags(html))
