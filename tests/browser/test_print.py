"""What a reader prints: pages without buttons, on white; and the revision sheet, which is two pages of A4."""

import re
from io import BytesIO
from itertools import count

import pytest
from PIL import Image
from pypdf import PdfReader

from handbook.checks.sheet import ABOUT, parts_of, too_many
from handbook.pages.parse import parse
from handbook.project import Project
from handbook.site.markdown import render
from handbook.site.markdown.render import ROOT
from tests.browser.conftest import PHONE, squeezed, until
from tests.judges import LAID_OUT

BUTTONS = """[...document.querySelectorAll(
  "button:not(.tabbed-button, .lt-quiz__pick), .lt-run, .lt-block__reference, .md-code__nav, .lt-top, .lt-keep")]
  .filter((one) => one.checkVisibility()).map((one) => one.className)"""
# What announces what follows: headings, questions, and the names of tabs and traps.
ANNOUNCING = """[...document.querySelectorAll("article :is(h1, h2, h3, h4, summary, .lt-trap__title)")]
  .map((one) => one.querySelector(".lt-question__text") ?? one).map((one) => one.textContent.replace("¶", ""))"""

A4 = (595, 842)  # in points
NEAR = 4
"""How many more of the shortest entries the paper may have room for than the check of the sheet believes."""
ADD = """(count) => {
  for (let n = 0; n < count; n += 1) {
    const entry = document.createElement("section");
    entry.className = "lt-sheet";
    entry.innerHTML = "<p>One line.</p>";
    document.querySelector(".md-content__inner").append(entry);
  }
}"""


@pytest.mark.parametrize("folder", ["", "es/"], ids=["en", "es"])
def test_the_revision_sheet_prints_on_two_pages_of_a4(base, tab, folder):
    with tab(base) as page:
        page.goto(f"{base}{folder}practice/revision-sheet.html")
        printed = page.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)  # one a page
        assert [(round(float(width)), round(float(height))) for width, height in boxes] == [A4, A4]
        assert page.wrong == []


@pytest.mark.parametrize(("language", "folder"), [("en", ""), ("es", "es/")])
def test_what_the_check_calls_too_long_is_what_does_not_fit(base, tab, language, folder):
    project = Project(ROOT)
    page = project.select([f"docs/{language}/practice/revision-sheet.md"], start=ROOT)[0]
    parts = [part.height for part in parts_of(render.of_page(project, parse(ROOT, page)))]
    most = next(n for n in count() if too_many([*parts, *[1 + ABOUT] * (n + 1)]))  # entries that it still lets through
    with tab(base) as opened:
        for more, pages in ((most, 2), (most + NEAR, 3)):
            opened.goto(f"{base}{folder}practice/revision-sheet.html")
            opened.evaluate(ADD, more)
            assert len(re.findall(rb"/MediaBox", opened.pdf(prefer_css_page_size=True))) == pages


def test_another_page_is_not_set_like_the_sheet(base, tab):
    with tab(base) as page:
        page.goto(f"{base}practice/interview-bank.html")
        page.emulate_media(media="print")
        assert page.eval_on_selector(".md-content__inner", "inner => getComputedStyle(inner).columnCount") == "auto"


def foot(page):
    """The lowest line of a printed page. What is placed by itself comes last in the file, wherever it stands."""
    lines = {}

    def put(text, matrix, place, *_):
        height = round(place[4] * matrix[1] + place[5] * matrix[3] + matrix[5])
        lines[height] = lines.get(height, "") + squeezed(text).replace("¶", "")

    page.extract_text(visitor_text=put)
    return min((height, line) for height, line in [*lines.items(), (10_000, "")] if line or height == 10_000)[1]


@pytest.mark.parametrize("path", ["handbook/02-causal-mask.html", "es/labs/L02-causal-mask.html", "practice/exam.html"])
def test_no_button_is_printed(http, tab, path):
    with tab(http) as page:
        page.goto(http + path)
        until(page, LAID_OUT)
        page.emulate_media(media="print")
        assert page.evaluate(BUTTONS) == []


@pytest.mark.parametrize("path", ["handbook/03-masking-in-code.html", "es/handbook/17-kv-cache.html"])
def test_nothing_that_announces_stands_alone_at_a_foot(http, tab, path):
    with tab(http) as page:
        page.goto(http + path)
        until(page, LAID_OUT)
        announcing = {squeezed(text) for text in page.evaluate(ANNOUNCING)}
        for paper in ("A4", "Letter", "A5"):
            pages = PdfReader(BytesIO(page.pdf(format=paper))).pages
            feet = [foot(one) for one in pages[:-1]]
            assert len(feet) > 5
            assert [line for line in feet if any(text.endswith(line) for text in announcing)] == [], paper


@pytest.mark.parametrize("language", ["", "es/"], ids=["en", "es"])
def test_an_exam_under_way_prints_its_questions_and_no_answer(http, tab, language):
    with tab(http, size=PHONE) as page:
        page.goto(f"{http}{language}practice/exam.html")
        page.emulate_media(media="print")
        assert page.locator(".lt-quiz__answer").first.is_visible()  # all of them, where none is under way
        page.emulate_media(media="screen")
        page.locator(".lt-exam button[type=submit], form.lt-practice__form button[type=submit]").click()
        asked = [one.partition(". ")[2] for one in page.locator(".lt-exam__question legend").all_text_contents()]
        assert page.locator(".lt-exam__question:visible").count() == 1 < len(asked)
        page.emulate_media(media="print")
        assert page.locator(".lt-exam__question:visible").count() == len(asked)
        hidden = ".lt-quiz__answer, .lt-quiz, .lt-practice__top, .lt-practice__bar, .lt-cite"
        assert page.locator(f":is({hidden}):visible").count() == 0
        printed = squeezed("".join(one.extract_text() for one in PdfReader(BytesIO(page.pdf())).pages))
        assert [one for one in asked if squeezed(one)[:40] not in printed] == []
        assert page.wrong == []


@pytest.mark.parametrize("language", ["", "es/"], ids=["en", "es"])
def test_a_finished_exam_prints_no_question_without_its_options(http, tab, language):
    with tab(http) as page:
        page.goto(f"{http}{language}practice/exam.html")
        page.locator("form.lt-practice__form [name=number]").select_option("")
        page.locator("form.lt-practice__form button[type=submit]").click()
        finish = page.locator(".lt-practice__buttons button").nth(1)
        finish.click()  # it says what is not answered
        finish.click()
        asked = {squeezed(one) for one in page.locator(".lt-exam__question legend").all_text_contents()}
        feet = [foot(one) for one in PdfReader(BytesIO(page.pdf())).pages[:-1]]
        assert len(feet) > 20
        assert [line for line in feet if any(one.endswith(line) for one in asked)] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_white(http, tab, scheme):
    with tab(http, scheme=scheme) as page:
        page.goto(http + "handbook/02-causal-mask.html")
        until(page, LAID_OUT)
        assert page.evaluate("document.body.dataset.mdColorScheme") == {"light": "default", "dark": "slate"}[scheme]
        page.emulate_media(media="print")
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
        colours = sorted(picture.getcolors(picture.width * picture.height), reverse=True)
        assert colours[0][1] == (255, 255, 255)
        assert max(map(sum, (colour for number, colour in colours if number > 50))) == 3 * 255
        # What the browser draws by itself, round the text and in a radio button, goes by this.
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light only"
