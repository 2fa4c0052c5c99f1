"""What stands before the first chapter: the title page."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from handbook.locale import words
from handbook.site.exports.book.chapters import Book


def title_page(book: Book) -> Element:
    """Title, what the book is, which version, how to read it, and where its pages run."""
    said = words(book.language, "book")
    page = Element("section", {"class": "title-page"})
    SubElement(page, "p", {"class": "title-page__title"}).text = book.title
    SubElement(page, "p", {"class": "title-page__summary"}).text = book.summary
    SubElement(page, "p").text = f"{words(book.language).version} {book.version}"
    SubElement(page, "p").text = said.checked
    if book.address:
        place = SubElement(page, "p")
        place.text = f"{said.source} "
        SubElement(place, "a", {"href": book.address}).text = book.address
    SubElement(page, "p").text = said.licence
    return page
