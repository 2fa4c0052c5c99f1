"""The revision sheet is one sheet of paper: two pages of A4, in both languages."""

import re
from itertools import count

import pytest

from handbook.checks.sheet import ABOUT, heights, too_many
from handbook.pages.parse import parse
from handbook.project import Project
from handbook.site.markdown import render
from handbook.site.markdown.render import ROOT

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
    parts = heights(render.of_page(project, parse(ROOT, page)))
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
