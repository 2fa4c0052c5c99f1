"""The blocks of a page: where each stands, what it stands in, and what is said of one that is malformed."""

from __future__ import annotations

import pytest

from handbook.pages import source
from handbook.pages.model import Container, Page
from handbook.pages.parse import from_source
from handbook.pages.syntax import KINDS
from tests.conftest import ROOT

FOREIGN = "write a /// block instead (/// note, /// details, /// tab)"
YAML = "write `attrs: {id: …}` indented by four spaces"


def page_of(text: str) -> Page:
    return from_source(source.from_text(ROOT, "page.md", text))


def test_blocks_know_their_lines_their_options_and_what_they_stand_in() -> None:
    page = page_of(
        "//// question | Why?\n    attrs: {id: q-1, data-level: easy}\n\n"
        "/// trap\ntext\n///\n\n```python\nx\n```\n////\n\n/// figure | mask\n///\n"
    )
    attributes = {"id": "q-1", "data-level": "easy"}
    assert page.containers == (
        Container("question", "Why?", attributes, 1, 0, 10, "question:q-1"),
        Container("trap", "", {}, 4, 3, 5, "question:q-1/trap:"),
        Container("figure", "mask", {}, 13, 12, 13, "figure:mask"),
    )
    assert page.problems == ()
    assert page.containers[0].id == "q-1"
    assert [one.kind for one in page.inside(page.containers[0])] == ["trap"]
    assert page.blocks_in(page.containers[0]) == list(page.blocks)
    assert page.blocks[0].container == "question:q-1"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("Text.\n\n```python\nx\n", [(3, "this code fence is never closed", "end it with a line of ```")]),
        ("~~~~text\n~~~\n", [(1, "this code fence is never closed", "end it with a line of ~~~~")]),
        ("/// note\n\ntext\n", [(1, "this /// note is never closed", "end it with a line of ///")]),
        ("//// note\n/// tip\n\na\n\n////\n", [(2, "this /// tip is never closed", "end it with a line of ///")]),
        ("text\n\n///\n", [(3, "this /// closes nothing", "delete it, or open the block it should close")]),
        (
            "/// note\n\n////\n\n///\n",
            [
                (
                    3,
                    "this //// closes nothing (the open block is /// note)",
                    "close a block with as many slashes as opened it: ///",
                )
            ],
        ),
        (
            "Text.\n\n    ```python\n    x\n    ```\n",
            [
                (
                    3,
                    "this Python fence is indented, so it is shown but never run",
                    "begin it at the margin; to nest it, use /// blocks, which need no indentation",
                )
            ],
        ),
        (
            '!!! note\n\n??? tip\n\n=== "x"\n',
            [
                (line, f"{mark} hides the code it holds from the tests", FOREIGN)
                for line, mark in ((1, "!!!"), (3, "???"), (5, "==="))
            ],
        ),
        ("/// note\n    attrs: {id: [\n\ntext\n///\n", [(2, "the options of this block are not YAML", YAML)]),
        ("/// note\n    attrs\n\ntext\n///\n", [(2, "the options of this block are not YAML", YAML)]),
        (
            "/// nonote\n\ntext\n",
            [(1, "there is no block called nonote", f"the blocks are {', '.join(sorted(KINDS))}")],
        ),
    ],
)
def test_a_malformed_block_is_told_where_what_and_how_to_fix_it(
    text: str, problems: list[tuple[int, str, str]]
) -> None:
    assert [(one.line, one.problem, one.fix) for one in page_of(text).problems] == problems


def test_what_stands_in_a_fence_opens_and_closes_nothing() -> None:
    text = "```text\n/// note\n!!! tip\n///\n~~~\n    ```python\n```\n"
    page = page_of(text)
    assert (page.problems, page.containers) == ((), ())


def test_an_option_that_is_no_text_is_read_as_text() -> None:
    assert page_of("/// note\n    attrs: {data-n: 3}\n\ntext\n///\n").containers[0].attributes == {"data-n": "3"}
