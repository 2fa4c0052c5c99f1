"""What every part of the site writes: HTML that a standard knows, with classes that mean something."""

import pytest
from bs4 import BeautifulSoup

from handbook.pages.parse import parse
from handbook.site.markdown.render import ROOT, html
from tests.handbook.site.validity import invalid

KINDS = (
    "docs/en/index.md",
    "docs/es/handbook/02-causal-mask.md",
    "docs/en/handbook/18-prefill-and-decode.md",
    "docs/es/labs/L02-causal-mask.md",
    "docs/en/practice/exam.md",
    "docs/es/practice/flashcards.md",
    "docs/en/practice/progress.md",
    "docs/es/practice/interview-bank.md",
    "docs/en/practice/revision-sheet.md",
    "docs/en/reference/bibliography.md",
    "docs/es/reference/bug-museum.md",
    "docs/en/reference/glossary.md",
    "docs/es/reference/minimodel.md",
    "docs/en/reference/misconceptions.md",
    "docs/en/contributing/index.md",
)
"""A page of each kind."""


@pytest.mark.parametrize("path", KINDS)
def test_a_page_of_each_kind_is_lawful(path):
    made = BeautifulSoup(html(parse(ROOT, path).body, path.split("/")[1]), "html.parser")
    assert len(made.find_all(True)) > 20
    assert invalid(made) == []


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ("<thh>text</thh>", "<thh>"),
        ('<th scop="col">text</th>', "scop="),
        ('<p class="lt-nothing">text</p>', ".lt-nothing"),
    ],
)
def test_what_no_standard_and_no_style_knows_is_found(wrong, found):
    assert invalid(BeautifulSoup(wrong, "html.parser")) == [found]
