"""Hostile Markdown: whatever is written, the blocks that run are those that are shown, or a finding says where not.

The other side is pymdownx's own rendering. Nothing may crash, and nothing may take long.
"""

from __future__ import annotations

import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handbook.checks import coverage
from handbook.checks.context import Context, Library
from handbook.findings import Finding
from handbook.pages import source
from handbook.pages.parse import from_source, parse
from handbook.project import Project
from handbook.running.transcript import Ran, Transcript
from handbook.site.markdown import render
from tests.conftest import ROOT, Handbook

PROJECT = Project(ROOT)
LIBRARY = Library(PROJECT, lambda path: parse(ROOT, path))

CODE = "x = 1"
FENCE = f"```python\n{CODE}\n```"
INDENTED = "\n".join(f"    {line}" for line in FENCE.split("\n"))

CORPUS = {
    "a fence in a list": f"- item\n\n{INDENTED}\n",
    "a fence in a numbered list": f"1. item\n\n{INDENTED}\n\n2. item\n",
    "a fence in a list, by two": "- item\n\n  ```python\n  x = 1\n  ```\n",
    "a fence in a quote": "> ```python\n> x = 1\n> ```\n",
    "a fence in a quote in a list": "- > ```python\n  > x = 1\n  > ```\n",
    "a fence indented by a tab": "\t```python\n\tx = 1\n\t```\n",
    "a fence indented by three": "   ```python\n   x = 1\n   ```\n",
    "tildes": "~~~python\nx = 1\n~~~\n",
    "tildes around backticks": f"~~~md\n{FENCE}\n~~~\n",
    "backticks around tildes": "````md\n~~~python\nx = 1\n~~~\n````\n",
    "a longer fence around a shorter": f"````markdown\n{FENCE}\n````\n",
    "a shorter fence inside python": "````python\ns = '''\n```\n'''\n````\n",
    "closed by a longer fence": "```python\nx = 1\n`````\n",
    "closed by tildes": "```python\nx = 1\n~~~\n\nMore.\n\n```\n",
    "never closed": "```python\nx = 1\n",
    "never closed, and another": f"```python\nx = 1\n\n{FENCE}\n",
    "opened twice": "```python\n```python\nx = 1\n```\n",
    "closed twice": f"{FENCE}\n```\n",
    "no language": "```\nx = 1\n```\n",
    "a class for a language": "``` {.python}\nx = 1\n```\n",
    "a language after a space": "``` python\nx = 1\n```\n",
    "a title in the info": '```python title="notest"\nx = 1\n```\n',
    "a flag without braces": "```python notest\nx = 1\n```\n",
    "a flag without a reason": "```python { notest }\nx = 1\n```\n",
    "capitals": "```Python\nx = 1\n```\n",
    "py": "```py\nx = 1\n```\n",
    "python3": "```python3\nx = 1\n```\n",
    "pycon": "```pycon\n>>> x = 1\n```\n",
    "inline fence": "Text ```python x = 1``` text.\n",
    "a fence right under text": f"Text\n{FENCE}\nmore\n",
    "a fence in an admonition": f"!!! note\n\n{INDENTED}\n",
    "a fence in a fold": f"??? note\n\n{INDENTED}\n",
    "a fence in an old tab": f'=== "NumPy"\n\n{INDENTED}\n',
    "a tab in a tab": f"//// tab | A\n\n/// tab | B\n\n{FENCE}\n\n///\n\n////\n",
    "containers three deep": f"///// note | A\n\n//// note | B\n\n/// note | C\n\n{FENCE}\n\n///\n\n////\n\n/////\n",
    "containers crossed": f"//// note | A\n\n/// note | B\n\n{FENCE}\n\n////\n\n///\n",
    "the same length twice": f"/// note | A\n\n/// note | B\n\n{FENCE}\n\n///\n\n///\n",
    "a container never closed": f"/// note | A\n\n{FENCE}\n",
    "a container closed in a fence": f"/// note | A\n\n```python\nx = 1\n///\n```\n\n{FENCE}\n\n///\n",
    "a container without a blank line": f"/// note | A\n{FENCE}\n///\n",
    "an unknown container": f"/// nothing | A\n\n{FENCE}\n\n///\n",
    "a container in a list": f"- item\n\n    /// note | A\n\n{INDENTED}\n\n    ///\n",
    "a fence in a table": "| a |\n|---|\n| ```python x = 1``` |\n",
    "a fence in html": f"<div>\n{FENCE}\n</div>\n",
    "a fence in html, with blank lines": f"<div>\n\n{FENCE}\n\n</div>\n",
    "a fence in markdown in html": f'<div markdown="1">\n\n{FENCE}\n\n</div>\n',
    "a fence in pre": f"<pre>\n{FENCE}\n</pre>\n",
    "a fence in a comment": f"<!--\n\n{FENCE}\n\n-->\n",
    "a comment never closed": f"<!--\n\n{FENCE}\n",
    "a script": f"<script>\n{FENCE}\n</script>\n",
    "html that shows python": '<div class="language-python highlight"><pre><code>x = 1</code></pre></div>\n',
    "a fence in a footnote": f"Text[^1].\n\n[^1]: Note.\n\n{INDENTED}\n",
    "a fence in a definition": f"Term\n:   Text\n\n{INDENTED}\n",
    "a reference over a fence": f"[a]: b\n{FENCE}\n",
    "setext under a fence": f"{FENCE}\n===\n",
    "math around a fence": f"$$\n{FENCE}\n$$\n",
    "front matter again": f"---\na: b\n---\n\n{FENCE}\n",
    "a snippet that is not there": '```python\n--8<-- "no/such.py"\n```\n',
    "an escaped snippet": '```python\n;--8<-- "no/such.py"\n```\n',
    "a zero width space": "\u200b```python\nx = 1\n```\n",
    "a line separator in code": "```python\nx = 1\u2028y = 2\n```\n",
    "a form feed in code": "```python\nx = 1\x0cy = 2\n```\n",
    "a null": "```python\nx = 1\x00\n```\n",
    "spaces after the mark": "```python   \nx = 1\n```   \n",
    "deep quotes": "> " * 60 + "```python\n",
    "deep lists": "".join(f"{'  ' * n}- item\n" for n in range(60)) + "\n" + FENCE,
    "many brackets": "[" * 3000 + "\n\n" + FENCE,
    "many stars": "*a" * 3000 + "\n\n" + FENCE,
    "many backticks": " ".join("`" * n for n in range(1, 80)) + "\n\n" + FENCE,
    "many braces": "`a`{" * 800 + "\n\n" + FENCE,
    "many slashes": "/" * 3000 + " note\n\n" + FENCE,
    "a very long line": "word " * 20_000 + "\n\n" + FENCE,
}


def findings(text: str) -> list[Finding]:
    """What parsing and coverage say of a page all of whose blocks ran."""
    page = from_source(source.from_text(ROOT, "docs/en/page.md", text))
    ran = Transcript(ran={block.index: Ran() for block in page.blocks})
    context = Context(page, ran, LIBRARY, None, lambda: render.html(page.body, "en"))
    return [*page.problems, *coverage.check(context)]


def runs_what_it_shows(text: str) -> bool:
    """Whether the blocks that would run are those in the rendered page, read by another parser than the check's."""
    page = from_source(source.from_text(ROOT, "docs/en/page.md", text))
    soup = BeautifulSoup(render.html(page.body, "en"), "html.parser")
    shown = [block.get_text().strip("\n") for block in soup.select("div.language-python > pre")]
    return shown == [block.code.strip("\n") for block in page.python]


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
def test_no_page_of_the_corpus_takes_long(text: str) -> None:
    start = time.process_time()
    findings(text)
    assert time.process_time() - start < 10


PLAIN = [
    "tildes",
    "a longer fence around a shorter",
    "tildes around backticks",
    "backticks around tildes",
    "a tab in a tab",
    "containers three deep",
    "a container closed in a fence",
    "a language after a space",
    "spaces after the mark",
    "a fence right under text",
]


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_only_unusual_is_read_as_it_is_shown(name: str) -> None:
    assert findings(CORPUS[name]) == []


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
def test_a_page_without_findings_runs_what_it_shows(text: str) -> None:
    assert findings(text) or runs_what_it_shows(text)


def test_the_whole_corpus_is_checked_without_a_traceback(handbook: Handbook) -> None:
    for number, text in enumerate(CORPUS.values()):
        handbook.page(f"page{number:02}", text.replace("\x00", ""))
    said = handbook.command("check")
    assert said.returncode == 1
    assert "Traceback" not in said.stdout + said.stderr


lines = st.sampled_from(
    [
        "```python",
        "```",
        "````",
        "~~~python",
        "~~~",
        "x = 1",
        "",
        "text",
        "- item",
        "  - item",
        "1. item",
        "> quote",
        "> ```python",
        "    ```python",
        "    ```",
        "\t```python",
        "    x = 1",
        "/// note | A",
        "//// note | A",
        "/// tab | A",
        "///",
        "////",
        "    attrs: {id: a}",
        "!!! note",
        "??? note",
        '=== "tab"',
        "<div>",
        "</div>",
        '<div markdown="1">',
        "<!--",
        "-->",
        "<pre>",
        "</pre>",
        "| a | b |",
        "|---|---|",
        "# heading { #a }",
        "$$",
        "[^1]: note",
        "---",
        '```python { notest data-reason="r" }',
        "```python notest",
        "``` {.python}",
    ]
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines, max_size=14).map("\n".join))
def test_generated_pages_without_findings_run_what_they_show(text: str) -> None:
    assert findings(text) or runs_what_it_shows(text)
