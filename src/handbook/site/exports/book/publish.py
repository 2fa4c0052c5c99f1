"""The books of both languages: in the site, which then offers them, or in a folder of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from handbook.findings import CallError
from handbook.history import moment
from handbook.site.build import build_sites, folder_of
from handbook.site.errors import SiteError
from handbook.site.exports.book import epub
from handbook.site.exports.book.chapters import Book, read
from handbook.site.exports.book.names import FOLDER, file_name
from handbook.site.settings import FILES, settings


def publish(root: Path, forms: tuple[str, ...], into: Path | None, tell: Callable[[str], None]) -> list[Path]:
    """Build the site, and write its books; returns where they are.

    Args:
        root: the folder of mkdocs.yml.
        forms: which of `names.FORMATS`.
        into: the folder that the books go to; None for the site itself, which is then built with links to them.
        tell: is called with what is being made.

    Raises:
        CallError: a page is not one that a book can hold, or what makes the PDF is missing.
        BuildError: a page or a link of the site is wrong; the message names it.
    """
    modified, written = moment(root), []
    writers = {form: _writer(form) for form in forms}
    with tempfile.TemporaryDirectory(prefix="handbook-book-") as scratch:
        site = Path(scratch) if into else root / settings(root, "en")["site_dir"]
        tell("the site")
        build_sites(root, site, books=() if into else forms)
        for language in FILES:
            own = site / folder_of(root, language)
            folder = into or own / FOLDER
            folder.mkdir(parents=True, exist_ok=True)
            book = _read(root, language, own)
            for form, write in writers.items():
                file = folder / file_name(language, form)
                tell(file.name)
                write(book, file, modified)
                written.append(file)
    return written


def _writer(form: str) -> Callable[[Book, Path, datetime], None]:
    """What writes a book; that something is missing for it is said before the site is built."""
    if form == "epub":
        return epub.write
    try:
        from handbook.site.exports.book import paper
    except ImportError:
        raise CallError("pikepdf is not installed here; `make book` sets it up") from None
    paper.browser()
    return paper.write


def _read(root: Path, language: str, site: Path) -> Book:
    try:
        return read(root, language, site)
    except SiteError as error:
        raise CallError(str(error)) from error
