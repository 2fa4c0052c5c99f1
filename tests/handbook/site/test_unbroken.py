"""A formula stays with its punctuation, -inf in one piece, and code that is too long for one line is marked."""

import pytest
from bs4 import BeautifulSoup

from handbook.site.markdown.render import html
from handbook.site.markdown.unbroken import LONGEST


def soup(markdown: str) -> BeautifulSoup:
    return BeautifulSoup(html(markdown, "en"), "html.parser")


@pytest.mark.parametrize(
    ("markdown", "held"),
    [
        ("so $T$, and on", ["T,"]),
        ("($T$) and “$S$”.", ["(T)", "“S”."]),
        ("*$T$*; then", ["T;"]),
        ("$S$ of $T$ is", []),
        ("from $S$ to $T$.", ["T."]),
    ],
)
def test_a_formula_is_held_together_with_its_punctuation(markdown: str, held: list[str]) -> None:
    page = soup(markdown)
    assert [one.get_text() for one in page.select(".lt-whole")] == held
    assert page.get_text().strip() == markdown.replace("$", "").replace("*", "")


@pytest.mark.parametrize(
    ("markdown", "held"),
    [
        ("| a | b |\n|---|---|\n| 4 | -inf |", ["-inf"]),
        ("With -inf, not with *-inf*: x-inf and -information are words.", ["-inf,", "-inf"]),
        ("-inf -inf.", ["-inf", "-inf."]),
        ("`-inf` is code", []),
        ("# Why -inf?", []),
    ],
)
def test_minus_infinity_is_held_together(markdown: str, held: list[str]) -> None:
    page = soup(markdown)
    assert [one.get_text() for one in page.select(".lt-whole")] == held
    assert page.get_text().count("-inf") == markdown.count("-inf")


def test_code_is_long_when_it_would_fill_a_line_of_a_phone() -> None:
    short, long = "x" * LONGEST, "x" * (LONGEST + 1)
    assert [one.get_text() for one in soup(f"`{short}` and `{long}`").select(".lt-long")] == [long]
