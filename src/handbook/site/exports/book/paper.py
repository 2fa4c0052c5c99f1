"""The book as a PDF: printed by Chromium twice, since only the first print knows the page numbers of the contents."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import pikepdf

from handbook.findings import CallError
from handbook.site.exports.book.chapters import Book
from handbook.site.exports.book.sheets import page

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
    "--virtual-time-budget=10000",  # milliseconds that pass at once: what is still unpacked then is waited for
)
_PATIENCE = 900


def browser() -> str:
    """The Chromium of this machine.

    Raises ``CallError`` where there is none.
    """
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        raise CallError("the PDF is printed by Chromium, and none is installed; install it, or ask for --epub alone")
    return found


def write(book: Book, file: Path, modified: datetime) -> None:
    """Write the PDF: tagged, with an outline of parts, chapters and sections, and with page numbers in the contents.

    Args:
        book: what it holds.
        file: where it goes.
        modified: when the book was made, in UTC.

    Raises ``CallError`` where Chromium is missing or prints nothing.
    """
    with tempfile.TemporaryDirectory(prefix="handbook-book-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        numbers = _numbers(_printed(page(book, {}), folder))
        _pack(_printed(page(book, numbers), folder), file, modified)


def _printed(html: str, folder: Path) -> Path:
    written, printed = folder / "book.xhtml", folder / "book.pdf"
    written.write_text(html, encoding="utf-8")
    printed.unlink(missing_ok=True)
    command = [browser(), *_ARGUMENTS, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={printed}"]
    try:
        done = subprocess.run([*command, written.as_uri()], capture_output=True, text=True, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        raise CallError(f"Chromium had not printed the book after {_PATIENCE} seconds; try again") from None
    if not printed.is_file():
        raise CallError(f"Chromium printed nothing: {done.stderr.strip() or 'it did not say why'}")
    return printed


def _numbers(file: Path) -> dict[str, int]:
    """On which page each place begins that a link leads to, counted from one."""
    with pikepdf.open(file) as pdf:
        pages = {one.obj.objgen: number for number, one in enumerate(pdf.pages, 1)}
        return {name.removeprefix("/"): pages[place[0].objgen] for name, place in pdf.Root.Dests.items()}


def _pack(printed: Path, file: Path, modified: datetime) -> None:
    """Half the size, the same bytes from the same print, and a first page that shows before the last has come."""
    with pikepdf.open(printed) as pdf:
        for name in ("/CreationDate", "/ModDate"):
            pdf.docinfo[name] = f"D:{modified:%Y%m%d%H%M%S}Z"
        pdf.docinfo["/Author"] = pdf.docinfo["/Title"]
        _name_in_order(pdf)
        pdf.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True, deterministic_id=True)


def _name_in_order(pdf: pikepdf.Pdf) -> None:
    """Name the head cells of tables, to which the others point, by their place in the book.

    Chromium names them by a count that also rises with what it happens to paint before it prints.
    """
    tree = pdf.Root.StructTreeRoot
    elements = list(_elements(tree))
    heads = [one for one in elements if "/ID" in one]
    names = {str(one.ID): pikepdf.String(f"head{number:06}") for number, one in enumerate(heads)}
    for one in elements:
        for said in _each(one.get("/A")):
            if "/Headers" in said:  # an empty head cell is not in the book, and is not pointed to
                said.Headers = pikepdf.Array([names[str(name)] for name in said.Headers if str(name) in names])
    for one in heads:
        one.ID = names[str(one.ID)]
    tree.IDTree = pikepdf.Dictionary(Names=[entry for one in heads for entry in (one.ID, one)])


def _elements(parent: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """What the book is made of, parents before their children: chapters, paragraphs, tables, cells."""
    for child in _each(parent.get("/K")):
        if isinstance(child, pikepdf.Dictionary) and child.get("/Type") == "/StructElem":
            yield child
            yield from _elements(child)


def _each(value: pikepdf.Object | None) -> Iterable[pikepdf.Object]:
    """What a key holds of which PDF allows none, one or an array of many."""
    if value is None:
        return ()
    return value if isinstance(value, pikepdf.Array) else (value,)
