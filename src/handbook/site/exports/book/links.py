"""Addresses of the site as addresses of the book: every id is the book's own, and links lead to ids."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

_WEB = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def key(path: str) -> str:
    """What a page is called in the book: `handbook/02-causal-mask` is `handbook-02-causal-mask`."""
    return path.replace("/", "-")


def make_own(body: Element, path: str, address: str, pages: Collection[str]) -> None:
    """Rewrite the ids of a page and its links, in place.

    Args:
        body: of the page.
        path: of the page below its site, without the ending.
        address: of the page on the web, for links that lead to what the book does not hold; may be empty.
        pages: the paths of all pages of the book.
    """
    own = f"{key(path)}."
    for element in body.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, f"{own}{value}")
            elif name == "aria-labelledby":
                element.set(name, " ".join(f"{own}{one}" for one in value.split()))
        if "href" in element.attrib:
            target = led(element.attrib["href"], path, address, pages)
            if target:
                element.set("href", target)
            else:
                del element.attrib["href"]


def led(href: str, path: str, address: str, pages: Collection[str]) -> str:
    """Where a link of the page at `path` leads in the book; empty, where it leads nowhere."""
    if _WEB.match(href):
        return href
    file, _, anchor = href.partition("#")
    page = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
    page = page.removesuffix(".html")
    if page in pages:
        return f"#{key(page)}.{anchor}" if anchor else f"#{key(page)}"
    return urljoin(address, href) if address else ""
