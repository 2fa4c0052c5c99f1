"""The engine finds exactly the Python blocks that the site renders, or says what it could not read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handbook.checks.coverage import differences, shown_blocks
from handbook.pages import source
from handbook.pages.model import Page
from handbook.pages.parse import from_source
from handbook.project import Project
from handbook.site.markdown import render
from tests.conftest import ROOT

PROJECT = Project(ROOT)


def page_of(text: str, root: Path = ROOT) -> Page:
    return from_source(source.from_text(root, "page.md", text))


words = st.sampled_from(["text", "more `code`", "**bold**", "- item", "1. item", "> quote", "| a | b |", "$x$"])
fences = st.builds(
    lambda mark, info, body, closed: f"{mark}{info}\n{body}\n{mark if closed else ''}",
    st.sampled_from(["```", "````", "~~~"]),
    st.sampled_from(["python", 'python { notest data-reason="r" }', "text", "console", "", "py"]),
    st.sampled_from(["x = 1", "# a comment", "print('/// not a block')", '"""\n```\n"""', "if x:\n    y = 2"]),
    st.booleans() | st.just(True),
)
containers = st.deferred(
    lambda: st.builds(
        lambda mark, kind, inner: f"{mark} {kind}\n\n{inner}\n\n{mark}",
        st.just("////"),
        st.sampled_from(["details | More", "tab | NumPy", "note | N", "trap", "proof"]),
        st.lists(words | fences, max_size=3).map("\n\n".join),
    )
)
documents = st.lists(words | fences | containers, max_size=6).map("\n\n".join)


@settings(max_examples=150, deadline=None)
@given(documents)
@example("```python\nx = 1\n\n\n````python\nx = 1\n````\n\n```python\nx = 1\n```")
def test_whatever_is_written_nothing_is_lost_in_silence(text: str) -> None:
    """Each block that is shown runs, or there is a finding; a page without findings shows what runs."""
    page = page_of(text)
    if not page.problems:
        assert list(differences(page, render.html(page.body, "en"))) == []


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="`~/|#-> \n\tpython{}$[]()!=.1", max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    page_of(text)


def test_coverage_notices_a_block_that_the_engine_did_not_see() -> None:
    page = page_of("```python\nx = 1\n```\n")
    html = render.html("```python\nx = 1\n```\n\n```python\ny = 2\n```\n", "en")
    assert [problem for _, problem in differences(page, html)] == ["a Python block is shown that never runs: y = 2"]


def test_coverage_notices_a_block_that_is_not_shown() -> None:
    page = page_of("```python\nx = 1\n```\n\n```python\ny = 2\n```\n")
    html = render.html("```python\ny = 2\n```\n", "en")
    assert list(differences(page, html)) == [(1, "this block runs but is not shown as Python: x = 1")]


def test_shown_blocks_are_the_code_a_reader_would_copy() -> None:
    code = 'if x < 1 and "é" > "&":\n    print("<b>")\n\n\ny = 2'
    assert shown_blocks(render.html(f"```python\n{code}\n```\n", "en")) == [code]


def test_lines_are_those_of_the_file_behind_snippets(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("a = 1\nb = 2\nc = 3\n")
    page = page_of('Intro.\n\n```python\n--8<-- "long.py"\n```\n\n```python\nlast = 1\n```\n', tmp_path)
    assert [block.line for block in page.blocks] == [3, 7]
    assert page.line_in(page.blocks[0], 3) == 4
    assert page.embeds == ("long.py",)


def test_pieces_expanded_one_by_one_are_the_whole_expanded_at_once() -> None:
    """The engine expands marker by marker to know lines; the result must be pymdownx's own."""
    for path in PROJECT.pages:
        read = source.read(ROOT, path)
        preprocessor = source._preprocessor(ROOT)
        preprocessor.seen = set()
        assert read.lines == preprocessor.parse_snippets(read.body.split("\n"))


def test_sections_are_the_prose_by_heading_and_code_is_no_prose() -> None:
    page = page_of("Before.\n\n# Title\n\nA.\n\n## One { #one }\n\nB.\n\n```python\nx = 1\n```\n\nC.\n")
    sections = {name: text.split() for name, text in page.sections.items()}
    assert sections["top"] == ["Before.", "#", "Title", "A."]
    assert sections["one"] == ["##", "One", "{", "#one", "}", "B.", "C."]


@pytest.mark.parametrize("text", ["", "No heading at all.\n"])
def test_a_page_without_headings_is_one_section(text: str) -> None:
    assert page_of(text).sections == {"top": text}
