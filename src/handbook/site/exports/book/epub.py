"""The book as an EPUB 3 file: a zip of one XHTML file for each chapter, and of what says how they follow each other.

It is written with the standard library. EbookLib, the library that is kept up, is under the AGPL and stamps each file
with the time; pandoc reads pages into a model of its own, which has no place for MathML or for ids inside a drawing.
The same book gives the same bytes.
"""

from __future__ import annotations

import zipfile
from copy import deepcopy
from datetime import datetime
from itertools import groupby
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from handbook.locale import words
from handbook.site.exports.book.article import said
from handbook.site.exports.book.chapters import Book, Chapter
from handbook.site.exports.book.colours import written_out
from handbook.site.exports.book.cover import cover
from handbook.site.exports.book.frontmatter import title_page
from handbook.site.exports.book.markup import tree
from handbook.site.exports.book.typefaces import beside

_XHTML, _OPS = "http://www.w3.org/1999/xhtml", "http://www.idpf.org/2007/ops"
_STYLE = Path(__file__).with_name("book.css")
_TIME = (1980, 1, 1, 0, 0, 0)
_FOLDER = "EPUB"
_PACKAGE = f"{_FOLDER}/package.opf"
_CONTAINER = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
  <rootfiles><rootfile full-path="{_PACKAGE}" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_FEATURES = ("MathML", "alternativeText", "readingOrder", "structuralNavigation", "tableOfContents")
_TYPES = {
    ".xhtml": "application/xhtml+xml",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
}


def write(book: Book, file: Path, modified: datetime) -> None:
    """Write the EPUB.

    Args:
        book: what it holds.
        file: where it goes.
        modified: when the book was made, in UTC; it is the only thing in the file that the book does not decide.
    """
    drawn = cover(book.title, book.summary)
    pages = {
        "cover.xhtml": _page(book, words(book.language, "book").cover, _cover_body(drawn)),
        "title.xhtml": _page(book, book.title, title_page(book)),
        "nav.xhtml": _page(book, words(book.language, "book").contents, _nav(book)),
        **{_file(chapter): _page(book, chapter.title, _led(chapter.body, book)) for chapter in book.chapters},
    }
    faces, typefaces = beside()
    parts = {
        "book.css": f"{faces}\n{written_out(_STYLE.read_text('utf-8'))}".encode(),
        "cover.svg": drawn.encode(),
        **{one.name: one.read_bytes() for one in typefaces},
    }
    files = {
        "package.opf": _xml(_package(book, list(parts), pages, modified)).encode(),
        **parts,
        **{name: f"<!DOCTYPE html>\n{_xml(page)}".encode() for name, page in pages.items()},
    }
    with zipfile.ZipFile(file, "w") as archive:
        _add(archive, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
        _add(archive, "META-INF/container.xml", _CONTAINER.encode())
        for name, content in files.items():
            _add(archive, f"{_FOLDER}/{name}", content)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content, how, 9)


def _xml(element: Element) -> str:
    return f"{tostring(element, encoding='unicode')}\n"


def _file(chapter: Chapter) -> str:
    return f"{chapter.key}.xhtml"


def _page(book: Book, title: str, body: Element) -> Element:
    """A complete XHTML page around what stands in its body."""
    names = {"xmlns": _XHTML, "xmlns:epub": _OPS, "lang": book.language, "xml:lang": book.language}
    html = Element("html", names)
    head = SubElement(html, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "title").text = title
    SubElement(head, "link", {"rel": "stylesheet", "href": "book.css"})
    SubElement(html, "body").append(body)
    return html


def _cover_body(drawn: str) -> Element:
    """The cover in the page, and not as a picture, for which no reader would load a typeface."""
    section = Element("section", {"class": "cover", "epub:type": "cover"})
    section.append(tree(drawn, "cover.svg"))
    return section


def _led(body: Element, book: Book) -> Element:
    """A chapter whose links name the file that they lead to."""
    files = {chapter.key: _file(chapter) for chapter in book.chapters}
    made = deepcopy(body)
    for link in made.iter("a"):
        target = link.get("href", "")
        if target.startswith("#"):
            link.set("href", _address(target[1:], files))
    return made


def _address(name: str, files: dict[str, str]) -> str:
    chapter = name.partition(".")[0]
    return files[chapter] if chapter == name else f"{files[chapter]}#{name}"


def _nav(book: Book) -> Element:
    """The contents: parts, their chapters, and the sections of each; the landmarks after them."""
    said = words(book.language, "book")
    holder = Element("section")
    contents = SubElement(holder, "nav", {"epub:type": "toc", "id": "toc", "role": "doc-toc"})
    SubElement(contents, "h1").text = said.contents
    top = SubElement(contents, "ol")
    for part, chapters in groupby(book.chapters, lambda one: one.part):
        rows = top
        if part:
            entry = SubElement(top, "li")
            SubElement(entry, "span").text = part
            rows = SubElement(entry, "ol")
        for chapter in chapters:
            _entry(rows, chapter)
    marks = SubElement(holder, "nav", {"epub:type": "landmarks", "id": "landmarks", "hidden": "hidden"})
    rows = SubElement(marks, "ol")
    for kind, file, name in (
        ("cover", "cover.xhtml", said.cover),
        ("toc", "nav.xhtml", said.contents),
        ("bodymatter", _file(book.chapters[0]), book.chapters[0].title),
    ):
        SubElement(SubElement(rows, "li"), "a", {"epub:type": kind, "href": file}).text = name
    return holder


def _entry(rows: Element, chapter: Chapter) -> None:
    entry = SubElement(rows, "li")
    SubElement(entry, "a", {"href": _file(chapter)}).text = chapter.title
    sections = list(chapter.body.iter("h2"))
    below = SubElement(entry, "ol") if sections else entry
    for one in sections:
        link = SubElement(SubElement(below, "li"), "a", {"href": f"{_file(chapter)}#{one.get('id')}"})
        link.text = said(one)


def _package(book: Book, parts: list[str], pages: dict[str, Element], modified: datetime) -> Element:
    """What the book is, which files it has, and in which order its pages are read."""
    names = {"xmlns": "http://www.idpf.org/2007/opf", "version": "3.0", "unique-identifier": "id"}
    package = Element("package", {**names, "xml:lang": book.language})
    _metadata(SubElement(package, "metadata", {"xmlns:dc": "http://purl.org/dc/elements/1.1/"}), book, modified)
    manifest, spine = SubElement(package, "manifest"), SubElement(package, "spine")
    for name in (*parts, *pages):
        item = SubElement(manifest, "item", {"id": name, "href": name, "media-type": _TYPES[Path(name).suffix]})
        holds = _properties(name, pages.get(name))
        if holds:
            item.set("properties", holds)
        if name in pages:
            SubElement(spine, "itemref", {"idref": name})
    indent(package)
    return package


def _properties(name: str, page: Element | None) -> str:
    """What a reading system must know of a file beforehand."""
    if name == "cover.svg":
        return "cover-image"
    tags = set() if page is None else {element.tag for element in page.iter()}
    held = {"nav": name == "nav.xhtml", "mathml": "math" in tags, "svg": "svg" in tags}
    return " ".join(one for one, is_so in held.items() if is_so)


def _metadata(metadata: Element, book: Book, modified: datetime) -> None:
    for name, text in (
        ("title", book.title),
        ("language", book.language),
        ("description", book.summary),
        ("creator", book.title),
        ("rights", "MIT; typefaces: OFL-1.1"),
    ):
        SubElement(metadata, f"dc:{name}").text = text
    # It stays the same from one edition to the next, so that a reader's library knows the book again.
    own = uuid5(NAMESPACE_URL, f"https://lower-triangle.github.io/handbook/{book.language}")
    SubElement(metadata, "dc:identifier", {"id": "id"}).text = f"urn:uuid:{own}"
    SubElement(metadata, "meta", {"property": "schema:version"}).text = book.version
    SubElement(metadata, "meta", {"property": "dcterms:modified"}).text = f"{modified:%Y-%m-%dT%H:%M:%SZ}"
    for mode in ("textual", "visual"):
        SubElement(metadata, "meta", {"property": "schema:accessMode"}).text = mode
    SubElement(metadata, "meta", {"property": "schema:accessModeSufficient"}).text = "textual"
    for feature in _FEATURES:
        SubElement(metadata, "meta", {"property": "schema:accessibilityFeature"}).text = feature
    SubElement(metadata, "meta", {"property": "schema:accessibilityHazard"}).text = "none"
    SubElement(metadata, "meta", {"name": "cover", "content": "cover.svg"})
