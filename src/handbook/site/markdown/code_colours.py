"""Coloured code: a mark for each word that has a colour of its own, and none for the others.

Pygments marks every word. Most are names, operators and punctuation, which the site's style leaves in the colour of
the text; they would be half of a section's elements, and a phone lays out each of them.

mkdocs.yml names this extension in the place of `pymdownx.highlight`, which it extends: a listing is coloured once,
though it stands on both twins of a page, and on the pages that are gathered from them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.style import Style, StyleMeta
from pymdownx.highlight import Highlight, HighlightExtension

_UNCOLOURED = re.compile(r'<span class="(?:n|o|ow|p|kc|w|fm|vm)">([^<]*)</span>|<span></span>')
_DISTINCT_LISTINGS = 8192
# Inline parsing runs at 20: by then superfences has put its listings aside.
_AFTER_INLINE = 19


class _Empty(StyleMeta):
    def __iter__(self) -> Iterator[Any]:
        return iter(())


class _NoStyle(Style, metaclass=_Empty):
    """No colours at all: ours stand in a style sheet, and a formatter writes one of its own each time it is made."""


class ColouredCode(HighlightExtension):
    """`pymdownx.highlight` with its options, and fewer marks."""

    def get_pymdownx_highlighter(self) -> type[Highlighter]:
        """Give superfences the highlighter that remembers."""
        return Highlighter

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Called by Python-Markdown."""
        super().extendMarkdown(md)
        md.treeprocessors.register(FewerMarks(md), "handbook_code", _AFTER_INLINE)


class Highlighter:
    """What superfences makes for each listing, of the options of `pymdownx.highlight`."""

    def __init__(self, md: Markdown, **settings: Any) -> None:
        self.md = md
        self.settings = settings

    def highlight(self, src: str, language: str, css_class: str = "highlight", **options: Any) -> str:
        """Colour a listing; one that has a title or numbered lines depends on its page, and is not remembered."""
        numbered = self.settings.get("line_spans") or self.settings.get("line_anchors")
        if numbered or options.get("title") or self.settings.get("auto_title"):
            html: str = Highlight(self.md, **self.settings).highlight(src, language, css_class, **options)
            return html
        options.pop("code_block_count", None)
        return _highlighted(src, language, css_class, json.dumps(self.settings), json.dumps(options))


@lru_cache(maxsize=_DISTINCT_LISTINGS)
def _highlighted(src: str, language: str, css_class: str, settings: str, options: str) -> str:
    highlighter = Highlight(None, **{**json.loads(settings), "pygments_style": _NoStyle})
    html: str = highlighter.highlight(src, language, css_class, **json.loads(options))
    return html


@lru_cache(maxsize=_DISTINCT_LISTINGS)
def coloured(code: str, language: str, **options: Any) -> str:
    """Colour code that stands in no fence, with the options of Pygments' formatter."""
    html: str = highlight(code, get_lexer_by_name(language), HtmlFormatter(style=_NoStyle, **options))
    return html


class FewerMarks(Treeprocessor):
    """Takes the marks without a colour from the listings that superfences has put aside."""

    def run(self, root: Element) -> None:
        """Go through what was put aside; the tree holds only its placeholders."""
        blocks = self.md.htmlStash.rawHtmlBlocks
        blocks[:] = [thinned(block) if isinstance(block, str) and "<pre" in block else block for block in blocks]


@lru_cache(maxsize=_DISTINCT_LISTINGS)
def thinned(html: str) -> str:
    """Take the marks that colour nothing from a listing as Pygments writes it."""
    return _UNCOLOURED.sub(lambda mark: mark[1] or "", html)


def makeExtension(**kwargs: Any) -> ColouredCode:  # noqa: N802
    """Python-Markdown's way in."""
    return ColouredCode(**kwargs)
