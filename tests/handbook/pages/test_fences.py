"""Which fences run, what each is said to print, and what is said of one that is half written."""

from __future__ import annotations

import pytest

from handbook.pages import source
from handbook.pages.model import Block, Heading, Number, Output, Page, Pin, Place
from handbook.pages.parse import from_source
from handbook.pages.syntax import FIX_FLAG, Tie
from tests.conftest import ROOT

NO_REASON = "this block does not run and gives no reason"


def page_of(text: str) -> Page:
    return from_source(source.from_text(ROOT, "page.md", text))


def test_a_block_knows_its_place_its_heading_and_its_output() -> None:
    page = page_of(
        "# One { #one }\n\n```python\nx = 1\nprint(x)\n```\n\n\n```text\n1\n```\n\n## Two { #two }\n\n"
        '```python { notest data-reason="needs a GPU" }\n1 / 0\n```\n\nText.\n\n```console\n$ handbook\n```\n'
    )
    assert page.blocks == (
        Block(0, "python", "x = 1\nprint(x)\n", 3, 3, 5, "One", output=Output("1\n", 9, 8, 11)),
        Block(1, "python", "1 / 0\n", 15, 15, 16, "Two", reason="needs a GPU"),
        Block(2, "console", "$ handbook\n", 21, 21, 22, "Two"),
    )
    assert page.headings == (Heading(1, "One", "one", 1, 0), Heading(2, "Two", "two", 13, 12))
    assert page.problems == ()
    assert [block.runs for block in page.blocks] == [True, False, True]
    assert page.python == page.blocks[:2]
    assert page.has_code
    assert not page_of("Text.\n").has_code


@pytest.mark.parametrize(
    ("text", "line", "problem", "fix"),
    [
        ("```python { notest }\n0\n```\n", 1, NO_REASON, FIX_FLAG),
        ('```python { notest data-reason=" " }\n0\n```\n', 1, NO_REASON, FIX_FLAG),
        ("```py\nx\n```\n", 1, "the language py has another name here", "write ```python"),
        (
            "```python notest\nx\n```\n",
            1,
            "the flags of this fence are not read: ```python notest",
            FIX_FLAG,
        ),
        ("``` { .python }\nx\n```\n", 1, "the language of this fence is not read: ``` { .python }", FIX_FLAG),
        (
            "Text.\n\n```text\n7\n```\n",
            3,
            "this text block holds numbers but follows no block that prints them",
            "put it right after the Python block that prints it, with only blank lines between",
        ),
        (
            "```python\nx\n```\n\nBetween.\n\n```text\n7\n```\n",
            7,
            "this text block holds numbers but follows no block that prints them",
            "put it right after the Python block that prints it, with only blank lines between",
        ),
    ],
)
def test_a_fence_that_is_half_written_is_told_so(text: str, line: int, problem: str, fix: str) -> None:
    assert [(one.line, one.problem, one.fix) for one in page_of(text).problems] == [(line, problem, fix)]


def test_other_languages_and_words_alone_are_neither_run_nor_reported() -> None:
    page = page_of("```sh\nmake 7\n```\n\n```text\nwords\n```\n\n```rust\n7\n```\n")
    assert (page.blocks, page.problems) == ((), ())


def test_a_text_with_link_definitions_of_its_own_is_read_too() -> None:
    page = page_of("See [the paper][a] of 2017.\n\n[a]: paper.md\n")
    assert page.numbers == (Number("2017", 1, Place.PROSE),)


def test_claims_see_the_last_block_above_that_runs() -> None:
    page = page_of(
        '---\ntitle: Of 5\n---\n\n`1`{ data-is="x" }\n\n```python\nx = 1\n```\n\n'
        '```python { notest data-reason="r" }\n0\n```\n\n`2`{ data-is="x" }\n\n'
        '| a | b |\n|---|---|\n| c { data-row="y" } | 3 |\n| 4 | d |\n'
    )
    assert page.pins == (
        Pin(Tie.IS, "1", "x", 5, -1),
        Pin(Tie.IS, "2", "x", 15, 0),
        Pin(Tie.ROW, "3", "y", 19, 0),
    )
    assert page.numbers == (Number("5", 2, Place.PROSE), Number("4", 20, Place.TABLE))
