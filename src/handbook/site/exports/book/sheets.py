"""The whole book as one page of XHTML, set for paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import groupby, pairwise
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from handbook.locale import words
from handbook.site.exports.book.chapters import Book, Chapter
from handbook.site.exports.book.colours import written_out
from handbook.site.exports.book.cover import cover
from handbook.site.exports.book.frontmatter import title_page
from handbook.site.exports.book.markup import tree
from handbook.site.exports.book.typefaces import inside

_FOLDER = Path(__file__).parent
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def page(book: Book, numbers: Mapping[str, int]) -> str:
    """The whole book as one XHTML page.

    Args:
        book: what it holds.
        numbers: on which page each chapter begins, by its key; empty, while nobody knows.
    """
    html = Element("html", {"xmlns": "http://www.w3.org/1999/xhtml", "lang": book.language})
    head = SubElement(html, "head")
    SubElement(head, "title").text = book.title
    css = "".join((_FOLDER / name).read_text("utf-8") for name in ("book.css", "paper.css"))
    SubElement(head, "style").text = "".join([inside(), written_out(css), *_running_heads(book.chapters)])
    body = SubElement(html, "body")
    front = SubElement(body, "section", {"class": "cover"})
    front.append(tree(cover(book.title, book.summary), "cover.svg"))
    body.append(title_page(book))
    body.append(_contents(book, numbers))
    parts: set[str] = {""}
    for chapter in book.chapters:
        made = _under_part(chapter)
        made.set("style", f"page: {chapter.key}")
        if chapter.part not in parts:
            title = Element("h1", {"class": "part"})
            title.text = chapter.part
            made.insert(0, title)
            parts.add(chapter.part)
        body.append(made)
    return f"<!DOCTYPE html>\n{tostring(html, encoding='unicode')}\n"


def _running_heads(chapters: list[Chapter]) -> Iterator[str]:
    """A kind of page for each chapter, with the chapter's title at its head."""
    style = written_out("color: var(--lt-quiet); font: 8pt var(--lt-text)")
    for chapter in chapters:
        title = chapter.title.replace("\\", "\\\\").replace('"', '\\"')
        yield f'@page {chapter.key} {{ @top-right {{ content: "{title}"; {style} }} }}\n'


def _contents(book: Book, numbers: Mapping[str, int]) -> Element:
    made = Element("section", {"class": "contents"})
    SubElement(made, "p", {"class": "level-1"}).text = words(book.language, "book").contents
    for part, chapters in groupby(book.chapters, lambda one: one.part):
        if part:
            SubElement(made, "p", {"class": "contents__part"}).text = part
        rows = SubElement(made, "ol")
        for chapter in chapters:
            link = SubElement(SubElement(rows, "li"), "a", {"href": f"#{chapter.key}"})
            SubElement(link, "span").text = chapter.title
            SubElement(link, "span", {"class": "contents__page"}).text = str(numbers.get(chapter.key, "000"))
    return made


def _under_part(chapter: Chapter) -> Element:
    """A chapter as it stands in one file with the others: where it has a part, its headings lie one level lower."""
    made = deepcopy(chapter.body)
    if chapter.part:
        lower = dict(pairwise(_HEADINGS))
        for element in made.iter():
            element.tag = lower.get(element.tag, element.tag)
    return made
