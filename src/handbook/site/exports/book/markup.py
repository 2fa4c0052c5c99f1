"""A page's HTML as a tree: the standard library's parser and tree builder, put together."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder

from handbook.site.errors import SiteError

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_NAMES = re.compile(r"[\w:.-]+(?=\s*=)")


def tree(html: str, where: str) -> Element:
    """The one element that `html` holds; names keep the case that they are written in, as SVG needs it.

    Args:
        html: a complete element.
        where: the page, for what is said about it.

    Raises:
        SiteError: an element is closed that is not open, or is never closed.
    """
    reader = _Reader(where)
    reader.feed(html)
    reader.close()
    if reader.open:
        raise SiteError(f"{where}: <{reader.open[-1]}> is never closed; close it")
    return reader.builder.close()


class _Reader(HTMLParser):
    def __init__(self, where: str) -> None:
        super().__init__(convert_charrefs=True)
        self.where = where
        self.builder = TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = self.get_starttag_text() or ""
        names = {name.lower(): name for name in _NAMES.findall(written)}
        name = written[1 : len(tag) + 1]
        self.builder.start(name, {names.get(key, key): value or "" for key, value in attrs})
        if tag in _VOID:
            self.builder.end(name)
        else:
            self.open.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self.open or self.open[-1].lower() != tag:
            inside = f"while <{self.open[-1]}> is open" if self.open else "where nothing is open"
            raise SiteError(f"{self.where}: </{tag}> stands {inside}; close what was opened last")
        self.builder.end(self.open.pop())

    def handle_data(self, data: str) -> None:
        if self.open:
            self.builder.data(data)
