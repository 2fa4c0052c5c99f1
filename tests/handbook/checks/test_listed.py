"""A page that lists the sections lists them all."""

from __future__ import annotations

import pytest

from tests.conftest import Handbook

ENTRY = {"index": "1. [{0}](handbook/{0}.md): it.\n", "practice/revision-sheet": "/// sheet | {0}\nIt.\n///\n\n"}


@pytest.mark.parametrize("page", ENTRY)
def test_a_section_that_a_list_lacks_is_named(handbook: Handbook, page: str) -> None:
    for name in ("01-one", "02-two"):
        handbook.page(f"handbook/{name}", "Text.\n")
    path = handbook.page(page, "# P\n\n" + ENTRY[page].format("01-one"))
    (found,) = handbook.findings(path, check="lists")
    assert (found.line, found.problem) == (9, "the section 02-two is not listed here")
    whole = "".join(ENTRY[page].format(name) for name in ("01-one", "02-two"))
    assert handbook.findings(handbook.page(page, "# P\n\n" + whole), check="lists") == []


def test_a_page_that_lists_no_section_need_not_begin(handbook: Handbook) -> None:
    handbook.page("handbook/01-one", "Text.\n")
    assert handbook.findings(handbook.page("index", "Text.\n"), check="lists") == []
