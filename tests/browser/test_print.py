"""The revision sheet is one sheet of paper: two pages of A4, in both languages."""

import re

import pytest

A4 = (595, 842)  # in points


@pytest.mark.parametrize("folder", ["", "es/"], ids=["en", "es"])
def test_the_revision_sheet_prints_on_two_pages_of_a4(base, tab, folder):
    with tab(base) as page:
        page.goto(f"{base}{folder}practice/revision-sheet.html")
        printed = page.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)  # one a page
        assert [(round(float(width)), round(float(height))) for width, height in boxes] == [A4, A4]
        assert page.wrong == []


def test_another_page_is_not_set_like_the_sheet(base, tab):
    with tab(base) as page:
        page.goto(f"{base}practice/interview-bank.html")
        page.emulate_media(media="print")
        assert page.eval_on_selector(".md-content__inner", "inner => getComputedStyle(inner).columnCount") == "auto"
