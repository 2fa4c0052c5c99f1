"""Python-Markdown's stash: raw HTML that stands in the tree as a placeholder until the very end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.util import HTML_PLACEHOLDER_RE

_ALONE = re.compile(rf"\s*{HTML_PLACEHOLDER_RE.pattern}\s*")


def keep(md: Markdown, html: str) -> str:
    """Put `html` aside; returns the placeholder that stands for it."""
    placeholder: str = md.htmlStash.store(html)
    return placeholder


def alone(md: Markdown, text: str | None) -> str | None:
    """The HTML that `text` stands for, when it holds a placeholder and nothing else."""
    found = _ALONE.fullmatch(text or "")
    if found is None:
        return None
    html = md.htmlStash.rawHtmlBlocks[int(found.group(1))]
    return html if isinstance(html, str) else None


def in_order(root: Element) -> Iterator[tuple[Element, tuple[Element, ...]]]:
    """Every element in document order, each with its ancestors, nearest last."""

    def walk(element: Element, above: tuple[Element, ...]) -> Iterator[tuple[Element, tuple[Element, ...]]]:
        yield element, above
        for child in list(element):
            yield from walk(child, (*above, element))

    yield from walk(root, ())
