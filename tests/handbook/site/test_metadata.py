"""The line under the title, and the reading time in it."""

import pytest

from handbook.site.errors import SiteError
from handbook.site.html.metadata import metadata_line
from handbook.site.html.page import finish
from handbook.site.html.reading_time import WORDS_A_MINUTE, Times, minutes, times, unfolded


def test_reading_time_counts_words_and_lines_of_code_but_not_drawings() -> None:
    words = "<p>" + "word " * WORDS_A_MINUTE + "</p>"
    assert minutes("<p>short</p>") == 1
    assert minutes(words) == 1
    assert minutes(words * 3) == 3
    assert minutes(words + f"<svg><text>{'word ' * WORDS_A_MINUTE}</text></svg>") == 1
    assert minutes(words + "<pre><code>" + "x = 1\n" * 30 + "</code></pre>") == 2


def test_a_lesson_is_what_stands_unfolded_above_where_it_is_used() -> None:
    minute = "<p>" + "word " * WORDS_A_MINUTE + "</p>"
    fold = f"<details><summary>More</summary><div><details>{minute}</details>{minute}</div></details>"
    tabs = '<div class="tabbed-set"><div class="tabbed-content">{}</div></div>'
    first, second = f'<div class="tabbed-block"><div>{minute}</div></div>', f'<div class="tabbed-block">{minute}</div>'
    lesson = f"<h1>T</h1>{minute}{fold}{tabs.format(first + second)}{minute}"
    assert unfolded(lesson).count("word") == 3 * WORDS_A_MINUTE
    assert "</h1>" in unfolded(lesson)
    told = times(f'{lesson}<h2 id="used">Where?</h2>{minute * 5}')
    assert told.lesson == minutes(unfolded(lesson))
    assert told.lesson + told.practice == minutes(f"{lesson}<h2>Where?</h2>{minute * 5}")
    assert times(lesson) == Times(minutes(lesson))


def test_the_line_of_a_section_says_both_times() -> None:
    assert "9 min lesson, 20 min practice" in metadata_line({"level": "easy"}, Times(9, 20), "en", [])
    assert "9 min de lección, 20 min de práctica" in metadata_line({"level": "easy"}, Times(9, 20), "es", [])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["🟡", "Medium", "1 min read", "Know first:"]),
        ("es", ["🟡", "Medio", "1 min de lectura", "Conviene saber antes:"]),
    ],
)
def test_the_line_says_level_time_and_what_to_know_first(language: str, said: list[str]) -> None:
    line = metadata_line({"level": "medium"}, Times(1), language, [("01 A & B", "01-a.html")])
    assert all(word in line for word in said)
    assert '<a href="01-a.html">01 A &amp; B</a>' in line


def test_nothing_is_asked_for_where_nothing_is_needed() -> None:
    assert "Know first" not in metadata_line({"level": "easy"}, Times(1), "en", [])


def test_a_page_without_a_level_has_no_line() -> None:
    assert metadata_line({}, Times(1), "en", []) == ""
    assert finish("<h1>T</h1>", "en") == "<h1>T</h1>"


def test_the_line_stands_right_under_the_title() -> None:
    assert finish("<h1>T</h1><p>x</p>", "en", metadata="<p>line</p>") == "<h1>T</h1>\n<p>line</p><p>x</p>"


def test_an_unknown_level_is_an_error() -> None:
    with pytest.raises(SiteError, match="brutal"):
        metadata_line({"level": "brutal"}, Times(1), "en", [])
