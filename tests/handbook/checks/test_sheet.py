"""A revision sheet that does not fit its two pages is a finding with the number of lines."""

from __future__ import annotations

from handbook.checks.sheet import ABOUT, COLUMNS, FIGURE, SIGNS, Part, parts_of, too_many
from handbook.pages.addresses import linked_files
from handbook.pages.parse import parse
from tests.conftest import Handbook

SECTION = "# 0{0} S\n\n## Recall {{#recall}}\n\n/// details | What?\nIt.\n///\n"


def test_a_sheet_is_told_how_many_lines_too_long_it_is(handbook: Handbook) -> None:
    for n in range(6):
        handbook.page(f"handbook/0{n}-s", SECTION.format(n))
    whole = 49 * ("word " * (SIGNS // 5) + "\n")  # with title and self-check: 51 lines, and what is free about them
    sheet = "# P\n\n" + "".join(f"/// sheet | 0{n}-s\n{whole}///\n\n" for n in range(6))
    path = handbook.page("practice/revision-sheet", sheet)
    (found,) = handbook.findings(path, check="sheet")
    assert found.problem == (
        "the sheet is 72 lines too long for two pages (the longest at its end: "  # 3 entries in the last column
        "03-s in line 165 has 51, and 69 signs less save one; 04-s in line 217 has 51, and 69 signs less save one; "
        "05-s in line 269 has 51, and 69 signs less save one)"
    )
    assert found.fix.endswith(f"a line holds about {SIGNS} signs")
    lines = (handbook.root / path).read_text("utf-8").split("\n")
    assert lines[found.line - 1] == "/// sheet | 03-s"
    short = sheet.replace(whole, "It.\n")
    assert handbook.findings(handbook.page("practice/revision-sheet", short), check="sheet") == []


def test_a_sheet_is_looked_at_again_when_a_section_changes_that_it_gathers_from(handbook: Handbook) -> None:
    path = handbook.page("practice/revision-sheet", "# P\n\n/// sheet | 01-s\nIt.\n///\n")
    assert list(linked_files(parse(handbook.root, path))) == ["docs/en/handbook/01-s.md"]


def test_a_page_without_entries_is_no_sheet(handbook: Handbook) -> None:
    assert handbook.findings(handbook.page("practice/other", "Text.\n"), check="sheet") == []


def test_entries_and_figures_are_measured_in_lines() -> None:
    idea = "<p>" + "a " * SIGNS + "</p>"
    html = (
        f'<section class="lt-sheet">{idea}<p class="lt-sheet__trap">x</p></section><figure class="lt-figure"></figure>'
    )
    assert parts_of(html) == [Part(2 + 1 + ABOUT, SIGNS - 2), Part(FIGURE)]


def test_a_part_that_is_too_high_for_what_is_left_goes_into_the_next_column() -> None:
    assert too_many(list(COLUMNS)) == 0
    assert too_many([*COLUMNS, 3.2]) == 4
    assert too_many([42.0] * 4) == 0
    assert too_many([42.0] * 5) == 1  # 84 lines in the last column
