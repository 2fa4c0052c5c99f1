"""The built pages of a language, in the order of the navigation, as one book."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from handbook.site.edition import version
from handbook.site.errors import SiteError
from handbook.site.exports.book import links
from handbook.site.exports.book.article import bookish, said
from handbook.site.exports.book.markup import tree
from handbook.site.settings import settings

_ARTICLE = re.compile(r'<article class="md-content__inner.*</article>', re.DOTALL)
_CANONICAL = re.compile(r'<link rel="canonical" href="([^"]*)">')


class Chapter(NamedTuple):
    """A page of the site, as the book has it."""

    path: str
    """Below the language's site, without the ending: `handbook/02-causal-mask`."""
    part: str
    """The group of the navigation that it stands in; empty for a page that stands alone."""
    title: str
    body: Element

    @property
    def key(self) -> str:
        """What the chapter is called in the book, as an id and as a file."""
        return links.key(self.path)


class Book(NamedTuple):
    """What both the EPUB and the PDF are made of."""

    language: str
    title: str
    summary: str
    address: str
    """Of the site that the book was made from."""
    version: str
    chapters: list[Chapter]


def read(root: Path, language: str, site: Path) -> Book:
    """The book of a built site.

    Args:
        root: the folder of mkdocs.yml.
        language: `en` or `es`.
        site: where the language's site is.

    Raises:
        SiteError: a page is not one that a book can hold; the message names it and the fix.
    """
    config = settings(root, language)
    pages = dict(_listed(config["nav"]))
    chapters, address = [], ""
    for path, part in pages.items():
        html = (site / f"{path}.html").read_text("utf-8")
        canonical = _CANONICAL.search(html)
        where = canonical[1] if canonical else ""
        address = address or where.removesuffix(f"{path}.html")
        chapters.append(_chapter(html, path, part, language, where, pages))
    _check(chapters)
    return Book(language, config["site_name"], config["site_description"], address, version(root), chapters)


def _listed(nav: list[Any], part: str = "") -> Iterator[tuple[str, str]]:
    """The path of each page, and the group that it stands in."""
    for entry in nav:
        for title, target in entry.items():
            if isinstance(target, list):
                yield from _listed(target, title)
            else:
                yield target.removesuffix(".md").removesuffix(".ipynb"), part


def _chapter(html: str, path: str, part: str, language: str, address: str, pages: dict[str, str]) -> Chapter:
    article = _ARTICLE.search(html)
    if article is None:
        raise SiteError(f"{path}.html has no article; build the site again")
    body = bookish(tree(article[0], f"{path}.html"), language, f"{path}.html")
    links.make_own(body, path, address, pages)
    body.set("id", links.key(path))
    title = body.find(".//h1")
    if title is None:
        raise SiteError(f"{path}.html has no title; begin the page with one")
    return Chapter(path, part, said(title), body)


def _check(chapters: list[Chapter]) -> None:
    """See that no id stands twice, and that every link inside the book leads somewhere."""
    ids: set[str] = set()
    for chapter in chapters:
        for element in chapter.body.iter():
            name = element.get("id")
            if name in ids:
                raise SiteError(f"{chapter.path}.html: the id {name} stands in the book twice; rename one")
            ids.update([name] if name else [])
    for chapter in chapters:
        for element in chapter.body.iter("a"):
            target = element.get("href", "")
            if target.startswith("#") and target[1:] not in ids:
                raise SiteError(f"{chapter.path}.html: the book has nothing that {target} leads to; fix the link")
