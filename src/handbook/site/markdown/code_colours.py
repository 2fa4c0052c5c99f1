"""Coloured code: a mark for each word that has a colour of its own, and none for the others.

Pygments marks every word. Most are names, operators and punctuation, which the site's style leaves in the colour of
the text; they would be half of a section's elements, and a phone lays out each of them.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor

_UNCOLOURED = re.compile(r'<span class="(?:n|o|ow|p|kc|w|fm|vm)">([^<]*)</span>|<span></span>')


class ColouredCode(Treeprocessor):
    """Thins the listings that superfences has put aside."""

    def run(self, root: Element) -> None:
        """Go through what was put aside; the tree holds only its placeholders."""
        blocks = self.md.htmlStash.rawHtmlBlocks
        blocks[:] = [thinned(block) if isinstance(block, str) and "<pre" in block else block for block in blocks]


def thinned(html: str) -> str:
    """A listing as Pygments writes it, without the marks that colour nothing."""
    return _UNCOLOURED.sub(lambda mark: mark[1] or "", html)
