"""What the site's policy keeps from its readers."""

from __future__ import annotations

import pytest

from handbook.checks.blocked import blocked
from handbook.checks.session import Session
from handbook.project import Project
from handbook.site.markdown import render
from tests.conftest import Handbook

BLOCKED = {
    "<script>alert(1)</script>": "the site's policy blocks <script> on a page",
    '<iframe src="https://example.com"></iframe>': "the site's policy blocks <iframe> on a page",
    '<b onclick="run()">now</b>': "the site's policy blocks the attribute onclick on a page",
    '<b style="color: red">now</b>': "the site's policy blocks the attribute style on a page",
    "![A picture](https://example.com/a.png)": "https://example.com/a.png is fetched from elsewhere",
    '<img alt="A picture" src="//example.org/b.png">': "//example.org/b.png is fetched from elsewhere",
}


def test_what_is_blocked_is_said_at_its_line(handbook: Handbook) -> None:
    handbook.page("page", "\n\n".join(BLOCKED) + "\n")
    session = Session(Project(handbook.root), render.of_page)
    found = list(session.findings("docs/en/page.md", "blocked"))
    session.close()
    assert [one.line for one in found] == [7 + 2 * number for number in range(len(BLOCKED))]
    assert all(one.problem.startswith(said) for one, said in zip(found, BLOCKED.values(), strict=True))


@pytest.mark.parametrize(
    "html",
    [
        '<script defer src="../assets/javascripts/explorers/start.js"></script>',
        '<script type="application/json">{"on": "style=1"}</script>',
        '<p>Write &lt;script&gt; or <a href="https://example.com">follow</a>.</p>',
        '<img alt="A picture" src="../a.png">',
    ],
)
def test_what_is_the_sites_own_is_not(html: str) -> None:
    assert list(blocked(html)) == []
