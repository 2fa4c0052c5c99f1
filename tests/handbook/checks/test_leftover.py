"""Marks of Markdown that the page shows as they were typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from handbook.checks.session import Session
from handbook.project import Project
from handbook.site.markdown import render
from tests.conftest import Handbook

SHOWN = {
    "The word is **bold.\n": "**",
    "The word is **bold.*\n": "*",
    "The name is `x.\n": "`",
    "See [the mask] (../index.md).\n": "] (",
    "It is so.[^1]\n": "[^",
    "The score is $q \\cdot k.\n": "$",
    "A weight is `w` { data-is='w' }.\n": "{ data-is=",
    "--8<-- src/code.py\n": "--8<--",
    "| a | b |\n|---|---|---|\n": "|---",
    "<!-- never closed\n\nText.\n": "<!--",
    "The title is {{ page.title }}.\n": "{{",
    "It is {--gone--}.\n": "{--",
    "Well done :tada: all.\n": ":tada:",
    "Press ++ctrl+c++ now.\n": "++",
    "The list:\n* item\n": "*",
    "-\u00a0One\n": "-",
    "The HTML.\n\n*[HTML]: Hyper Text\n": "*[HTML]:",
    "$$\nx = y\n\nText.\n": "$$",
    "The sum $ x + y $ is.\n": "$",
}


RIGHT = """The word is **bold**, `**` makes it so, and `{{ x }}` stays; $\\frac{a}{b}$ and $x_{i}$ are formulas.

| a | b |
|---|---|
| one | two |

Sizes are 2:3, a range is ~5, 6 * 7 and a_b_c are words. <!-- ** unseen -->

```text
** :tada: {{ }} --8<--
```

```python
x = {"a": "**"}
```
"""


@pytest.fixture(scope="module")
def session(make_handbook: Callable[[], Handbook]) -> Iterator[Session]:
    """All of them on pages of one handbook, rendered as the site does."""
    handbook = make_handbook()
    for number, body in enumerate(SHOWN):
        handbook.page(f"page-{number}", f"First.\n\n{body}")
    handbook.page("right", RIGHT)
    opened = Session(Project(handbook.root), render.of_page)
    yield opened
    opened.close()


@pytest.mark.parametrize("body", SHOWN)
def test_a_mark_that_is_shown_is_said_at_its_line(session: Session, body: str) -> None:
    page = f"docs/en/page-{list(SHOWN).index(body)}.md"
    found = list(session.findings(page, "leftover"))
    assert [one.problem.split("”")[0] for one in found] == [f"the page shows “{SHOWN[body]}"]
    written = (session.project.root / page).read_text("utf-8").split("\n")
    assert SHOWN[body] in written[found[0].line - 1]


def test_marks_in_code_and_formulas_are_meant(session: Session) -> None:
    assert list(session.findings("docs/en/right.md", "leftover")) == []
