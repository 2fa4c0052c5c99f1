"""The parts that a section and a lab have, and those that a translation's record names."""

from __future__ import annotations

import pytest

from handbook.checks.parts import LAB, OPENING, SECTION
from tests.conftest import Handbook


def page(handbook: Handbook, path: str, needs: str, parts: tuple[str, ...], more: str = "") -> str:
    meta = f"---\ntitle: Page\ndescription: A page.\nlevel: easy\nneeds: {needs}\ntopics: [masks]\n{more}---\n"
    handbook.write(path, meta + "# Page\n\n" + "".join(f"## Part {{ #{part} }}\n\nText.\n\n" for part in parts))
    return path


@pytest.mark.parametrize(
    ("folder", "needs", "parts"),
    [("handbook", "[00-a]", SECTION), ("handbook", "[]", OPENING), ("labs", "[00-a]", LAB)],
)
def test_a_page_that_lacks_a_part_is_told_which(
    handbook: Handbook, folder: str, needs: str, parts: tuple[str, ...]
) -> None:
    path = f"docs/en/{folder}/03-b.md"
    assert handbook.findings(page(handbook, path, needs, parts), check="parts") == []
    for gone in parts:
        left = tuple(part for part in parts if part != gone)
        (found,) = handbook.findings(page(handbook, path, needs, left), check="parts")
        assert (found.line, found.problem) == (1, f"this page has no part #{gone}")


def test_a_translation_has_the_parts_of_its_record(handbook: Handbook) -> None:
    record = 'translates:\n  front: "0"\n  top: "0"\n  own: "0"\n'
    path = "docs/es/reference/b.md"
    assert handbook.findings(page(handbook, path, "[]", ("own",), record), check="parts") == []
    (found,) = handbook.findings(page(handbook, path, "[]", ("other",), record), check="parts")
    assert found.line == 7
    assert found.problem == "the record of this translation names the part #own, which is not here"
