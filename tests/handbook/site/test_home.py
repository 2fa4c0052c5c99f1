"""The blocks of the first page, and a section's number apart from its title."""

import pytest
from bs4 import BeautifulSoup

from handbook.site.errors import SiteError
from handbook.site.html.page import finish
from handbook.site.markdown.render import html

OPENING = """\
//// opening
# Title

- [one](a.md)

/// shown
Something runs.
///

After it.
////
"""
PARTS = """\
/// parts
**First.** What it is.

1. a
2. b

**Second.** What that is.

1. c
///
"""


def soup(markdown: str) -> BeautifulSoup:
    return BeautifulSoup(html(markdown, "en"), "html.parser")


def test_an_opening_has_its_words_in_one_half_and_what_is_shown_in_the_other() -> None:
    words, shown = soup(OPENING).select_one(".lt-opening").find_all(recursive=False)
    assert words["class"] == ["lt-opening__words"]
    assert [child.name for child in words.find_all(recursive=False)] == ["h1", "ul", "p"]
    assert shown["class"] == ["lt-opening__shown"]
    assert shown.get_text(strip=True) == "Something runs."


def test_each_part_keeps_its_paragraph_and_its_list_together() -> None:
    parts = soup(PARTS).select(".lt-parts > div")
    assert [part.strong.text for part in parts] == ["First.", "Second."]
    assert [len(part.select("li")) for part in parts] == [2, 1]


def test_a_number_stands_apart_in_a_title_and_in_what_leads_to_it() -> None:
    title = BeautifulSoup(finish('<h1 id="t">02 Causal mask</h1>', "en"), "html.parser").h1
    assert title.span.text == "02"
    assert title.text == "02 Causal mask"
    link = BeautifulSoup(finish('<span class="md-ellipsis">\n  L02 Causal mask</span>', "en"), "html.parser").span
    assert link["class"] == ["md-ellipsis", "lt-numbered"]
    assert link.span.text == "L02"
    assert link.text.split() == ["L02", "Causal", "mask"]


def test_a_title_without_a_number_stays_as_it_is() -> None:
    for text in ("<h1>Glossary</h1>", '<span class="md-ellipsis">100 things</span>', "<p>02 Causal mask</p>"):
        assert finish(text, "en") == text


EVENING = """\
/// evening
- [00 First](handbook/00-first.md): why.
- [02 Second](handbook/02-second.md): why not.
///
"""


def test_each_lesson_of_the_evening_says_its_minutes_and_the_last_line_all_of_them() -> None:
    lessons = {"handbook/00-first.md": 7, "handbook/01-other.md": 100, "handbook/02-second.md": 11}
    evening = BeautifulSoup(finish(html(EVENING, "en"), "en", lessons=lessons), "html.parser").select_one(".lt-evening")
    assert [item.get_text() for item in evening.select("li")] == [
        "00 First: why. 7 min read",
        "02 Second: why not. 11 min read",
    ]
    assert evening.select_one("p").get_text() == "All of it: 18 min."


def test_an_evening_lists_lessons_and_nothing_else() -> None:
    with pytest.raises(SiteError, match='"First" leads to no lesson'):
        html("/// evening\n- First\n///\n", "en")
    with pytest.raises(SiteError, match=r"handbook/02-second\.md is no section"):
        finish(html(EVENING, "en"), "en", lessons={"handbook/00-first.md": 7})
