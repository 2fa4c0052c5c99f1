"""A section's number, set apart from its title, so that the style sheet can put it in a column of its own."""

from __future__ import annotations

import re

_NUMBER = r"(L?\d\d) "
_APART = r'<span class="lt-number-of">\2</span> '
_TITLE = re.compile(rf"(<h1\b[^>]*>){_NUMBER}")
_LINK = re.compile(rf'<span class="md-ellipsis">(\s*){_NUMBER}')


def in_title(html: str) -> str:
    """A page whose title begins with a number."""
    return _TITLE.sub(rf"\1{_APART}", html, count=1)


def in_links(html: str) -> str:
    """A whole page, with what leads to the sections."""
    return _LINK.sub(rf'<span class="md-ellipsis lt-numbered">\1{_APART}', html)
