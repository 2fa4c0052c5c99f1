"""The PDF of each language, printed from the built site, and the page that it is printed from."""

import re
import tempfile
import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from handbook.project import LANGUAGES
from handbook.site.build import folder_of
from handbook.site.exports.book.chapters import read
from handbook.site.exports.book.sheets import page
from handbook.site.markdown.render import ROOT
from tests.browser.conftest import squeezed

paper = pytest.importorskip("handbook.site.exports.book.paper", reason="pikepdf is not installed")
pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")

DAY = datetime(2026, 1, 2, tzinfo=UTC)
PATIENCE = 300_000  # in milliseconds: the page is a whole book
TEXT_WIDTH = 132  # of a page of 170 mm without its margins
PINS = "handbook/02-causal-mask"
FEW = ("index", PINS, "reference/glossary")
"""Chapters that have everything between them, and are printed in seconds: figures, formulas, tables, quizzes, signs."""


@pytest.fixture(scope="module", params=LANGUAGES)
def book(request, site):
    return read(ROOT, request.param, site / folder_of(ROOT, request.param))


@pytest.fixture(scope="module")
def file(book, once):
    return once(f"{book.language}.pdf", lambda written: paper.write(book, written, DAY))


@pytest.fixture(scope="module")
def pdf(file):
    return pypdf.PdfReader(file)


def said(element):
    return squeezed("".join(element.itertext()))


def elements(parent):
    children = parent.get("/K", ())
    for child in children if isinstance(children, list) else [children]:
        child = child.get_object()
        if isinstance(child, dict) and child.get("/Type") == "/StructElem":
            yield child
            yield from elements(child)


def flat(outline, depth=0):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry, depth + 1)
        else:
            yield depth, entry


def begins(pdf, book):
    """The page, from zero, on which each chapter begins."""
    places = pdf.named_destinations
    return [pdf.get_destination_page_number(places[f"/{chapter.key}"]) for chapter in book.chapters]


def test_the_outline_is_the_parts_the_chapters_and_their_headings(pdf, book):
    expected, part = [], ""
    for chapter in book.chapters:
        if chapter.part and chapter.part != part:
            expected.append((0, squeezed(chapter.part)))
        part = chapter.part
        for element in chapter.body.iter():
            if re.fullmatch("h[1-6]", element.tag):
                expected.append((int(element.tag[1]) - 1 + bool(chapter.part), said(element)))
    found = [(depth, squeezed(entry.title)) for depth, entry in flat(pdf.outline)]
    assert found == expected


def test_a_heading_keeps_its_spaces_in_the_outline(pdf, book):
    titles = {entry.title.strip() for _, entry in flat(pdf.outline)}
    assert {chapter.title for chapter in book.chapters} <= titles


def test_every_chapter_begins_on_a_page_of_its_own_that_the_contents_name(pdf, book):
    starts = begins(pdf, book)
    assert all(one < next_one for one, next_one in pairwise(starts))
    assert len(pdf.pages) > starts[-1]
    contents = [squeezed(line) for number in range(starts[0]) for line in pdf.pages[number].extract_text().split("\n")]
    for chapter, start in zip(book.chapters, starts, strict=True):
        assert squeezed(f"{chapter.title}{start + 1}") in contents


def test_a_page_says_its_chapter_and_its_number(pdf, book):
    for chapter, start in zip(book.chapters, begins(pdf, book), strict=True):
        text = squeezed(pdf.pages[start].extract_text())
        assert text.count(squeezed(chapter.title)) >= 2, chapter.path  # its title, and the line above
        assert str(start + 1) in text, chapter.path


def test_every_link_leads_to_a_place_of_the_book_or_to_the_web(pdf, book):
    places = set(pdf.named_destinations)
    inner = []
    for one in pdf.pages:
        for note in one.get("/Annots", []):
            link = note.get_object()
            if "/Dest" in link:
                inner.append(link["/Dest"])
            else:
                assert link["/A"]["/URI"].startswith("https://")
    assert set(inner) <= places
    wanted = {f"/{a.get('href')[1:]}" for c in book.chapters for a in c.body.iter("a") if a.get("href", "")[:1] == "#"}
    assert wanted <= set(inner)


def test_the_pinned_numbers_of_a_chapter_can_be_read_in_order(pdf, book):
    starts = dict(zip((chapter.path for chapter in book.chapters), begins(pdf, book), strict=True))
    order = list(starts.values())
    first = starts[PINS]
    end = order[order.index(first) + 1]
    text = squeezed("".join(pdf.pages[number].extract_text() for number in range(first, end)))
    chapter = next(one for one in book.chapters if one.path == PINS)
    pins = [said(one) for one in chapter.body.iter("a") if one.get("class") == "lt-pin"]
    assert len(pins) > 5
    place = 0
    for pin in pins:
        place = text.find(pin, place)
        assert place >= 0, pin


def test_the_pdf_is_tagged_and_says_its_language_and_title(pdf, book):
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == book.language
    assert pdf.metadata.title == book.title
    assert pdf.metadata.creation_date == DAY


def test_the_same_book_gives_the_same_bytes_wherever_and_whenever_it_is_printed(book, tmp_path, monkeypatch):
    few = book._replace(chapters=[chapter for chapter in book.chapters if chapter.path in FEW])
    assert len(few.chapters) == len(FEW)
    prints = []
    for folder, window in ((tmp_path / "one", "800,600"), (tmp_path / "in a folder" / "two", "1200,6000")):
        folder.mkdir(parents=True)
        monkeypatch.setattr(tempfile, "tempdir", str(folder))  # the page and the browser's profile lie there
        # What the browser paints before it prints differs with its haste, and surely with its window.
        monkeypatch.setattr(paper, "_ARGUMENTS", (*paper._ARGUMENTS, f"--window-size={window}"))
        paper.write(few, folder / "book.pdf", DAY)
        prints.append((folder / "book.pdf").read_bytes())
        time.sleep(1)  # the browser writes the second into its print
    assert prints[0] == prints[1]


def test_a_cell_of_a_table_says_which_cells_head_it(pdf):
    tree = pdf.trailer["/Root"]["/StructTreeRoot"]
    names = tree["/IDTree"]["/Names"]
    heads = {str(name): head.get_object() for name, head in zip(names[::2], names[1::2], strict=True)}
    assert list(heads) == sorted(heads)
    assert all(head["/ID"] == name and head["/S"] == "/TH" for name, head in heads.items())
    cells = [one for one in elements(tree) if one["/S"] == "/TD"]
    assert len(cells) > 300
    pointing = [name for cell in cells for said in cell["/A"] for name in said.get("/Headers", ())]
    assert len(pointing) > 300
    assert set(pointing) <= set(heads)


def test_the_sites_own_typefaces_are_in_it(pdf):
    fonts = [font for page in pdf.pages[100:140] for font in page["/Resources"].get("/Font", {}).values()]
    used = {str(font.get_object().get("/BaseFont")) for font in fonts}
    assert any("JetBrainsMono" in name for name in used)
    assert any("Literata" in name for name in used)


def test_nothing_is_wider_than_the_page(book, browser, tmp_path):
    written = tmp_path / "book.xhtml"
    written.write_text(page(book, {}), "utf-8")
    context = browser.new_context(viewport={"width": round(TEXT_WIDTH / 25.4 * 96), "height": 800})
    tab = context.new_page()
    tab.emulate_media(media="print")
    tab.goto(written.as_uri(), timeout=PATIENCE)
    wide = tab.evaluate(
        """() => {
            // The box of a line of code counts the spaces that hang beyond its end; its block does not.
            const wide = one => one.closest("pre")
                ? one.matches("pre") && one.scrollWidth > one.clientWidth
                : one.getBoundingClientRect().right > innerWidth + 1;
            return [...document.querySelectorAll(".chapter *")].filter(wide)
                .map(one => `${one.closest("[id]").id}: ${one.tagName} ${one.textContent.slice(0, 60)}`);
        }"""
    )
    context.close()
    assert wide == []
