"""Faults that others have met in tools like this one, each with the report that tells of it.

What they wrote is a page here, in our words, beside the finding that it must get, or the run that it must pass.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from handbook.checks.session import Session
from handbook.findings import Finding
from handbook.pages import source
from handbook.pages.parse import from_source
from handbook.project import Project
from handbook.running import page_run
from handbook.running.page_run import PageRun
from handbook.running.transcript import Ran
from handbook.running.worker_process import WorkerProcess
from handbook.site.markdown import render
from handbook.terminal import ProgressLine
from tests.conftest import ROOT, Handbook

FIRST = 7
"""The line of a page's file on which its body begins."""


@dataclass(frozen=True)
class Report:
    """What was reported where, as a page; the findings that it must get: line of the body (from one), beginning."""

    source: str
    body: str
    findings: tuple[tuple[int, str], ...] = ()


def python(*lines: str, prints: str = "") -> str:
    shown = f"\n```text\n{prints}\n```\n" if prints else ""
    return "\n".join(["```python", *lines, "```", ""]) + shown


FAILS = "this block raises ZeroDivisionError"

REPORTS = {
    # Snippets
    "a-snippet-in-a-snippet-is-missing": Report(
        "facelessuser/pymdown-extensions#1682",
        '--8<-- "snippets/outer.md"\n',
        ((1, "snippet at path 'snippets/gone.md' could not be found"),),
    ),
    "a-section-is-missing": Report(
        "facelessuser/pymdown-extensions#1946",
        '```python\n--8<-- "snippets/holder.py:nowhere"\n```\n',
        ((2, "snippet section 'nowhere' could not be located"),),
    ),
    "a-marker-is-escaped": Report(
        "facelessuser/pymdown-extensions#2573",
        '```markdown\n;--8<-- "snippets/holder.py:method"\n```\n',
    ),
    "a-section-is-indented": Report(
        "facelessuser/pymdown-extensions#2217",
        '```python\n--8<-- "snippets/holder.py:method"\n```\n',
        ((2, "this block raises IndentationError: unexpected indent"),),
    ),
    # Attributes
    "a-pin-holds-braces": Report(
        "Python-Markdown/markdown#1390",
        python("counts = {'a': 3}") + '\nThere are `3`{ data-is="sum({1: counts}.values())" } of them.\n',
        ((5, "a brace stands in this pin"), (5, "number 3 is not computed")),
    ),
    # What a block is run as
    "code-has-a-module": Report(
        "pawamoy/markdown-exec#47 and mkdocs/mkdocs#3141",
        python(
            "from __future__ import annotations",
            "import inspect, pickle",
            "from dataclasses import dataclass",
            "from typing import NamedTuple, get_type_hints",
            "",
            "",
            "@dataclass",
            "class Cell:",
            "    row: int",
            "",
            "",
            "class Pair(NamedTuple):",
            "    a: int",
            "",
            "",
            "def f(x: Cell) -> Pair:",
            "    return Pair(x.row)",
            "",
            "",
            "print(f.__module__, get_type_hints(f)['return'].__name__, pickle.loads(pickle.dumps(Cell(1))).row)",
            "print(inspect.getsource(f).splitlines()[0])",
            prints="__main__ Pair 1\ndef f(x: Cell) -> Pair:",
        ),
    ),
    "a-later-block-looks-into-the-future": Report(
        "common questions to mktestdocs and pytest-markdown-docs",
        python("x = 1")
        + "\n"
        + python("from __future__ import annotations", "print(x)", prints="1")
        + "\n"
        + python("if __name__ == '__main__':", "    print('as main')", prints="as main"),
    ),
    "await-stands-outside": Report(
        "common questions to mktestdocs and pytest-markdown-docs",
        python("async def g():", "    return 5", "", "", "print(await g())"),
        ((6, "this block raises SyntaxError: 'await' outside function"),),
    ),
    "a-tab-stands-in-code": Report(
        "facelessuser/pymdown-extensions#276 and #279",
        python('s = "a\tb"', "print(len(s))", prints="3"),
        ((2, "a tab stands in this block, and the site shows spaces"),),
    ),
    "an-error-goes-through-another-file": Report(
        "modal-labs/pytest-markdown-docs#36",
        python("from textwrap import wrap", "", "x = 1", "", "wrap('a b', 0)"),
        ((6, "this block raises ValueError: invalid width 0"),),
    ),
    "spaces-at-the-end-of-a-line-of-code": Report(
        "sphinx-doc/sphinx#9849",
        python('s = """bar ', 'x"""', 'print(s.count(" "))', prints="1"),
    ),
    # Where a fence stands
    "a-fence-stands-in-a-list-or-a-quotation": Report(
        "simplistix/sybil#115 and #117",
        "- an item\n\n    ```python\n    1 / 0\n    ```\n\n- another\n  ```python\n  2 / 0\n  ```\n\n"
        "> ```python\n> 3 / 0\n> ```\n",
        ((4, FAILS), (9, FAILS), (13, FAILS)),
    ),
    "a-note-in-a-tab-in-a-note": Report(
        "facelessuser/pymdown-extensions#2794",
        "///// note | Outer\n\n//// tab | One\n\nTest.\n\n/// warning | Inner\nContent:\n\n"
        + python("1 / 0")
        + "///\n\n////\n\n//// tab | Two\n\nSecond.\n////\n/////\n",
        ((11, FAILS),),
    ),
    "a-fence-stands-in-html": Report(
        "koaning/mktestdocs#14, of admonitions",
        "<details>\n<summary>More</summary>\n\n" + python("1 / 0") + "</details>\n",
        ((5, FAILS),),
    ),
    # What a fence is called
    "a-session-is-not-run": Report(
        "modal-labs/pytest-markdown-docs, which runs python and py alone",
        "```pycon\n>>> 1 + 1\n3\n```\n",
        ((1, "a fence of pycon is shown but never run"),),
    ),
    "python-has-other-names": Report(
        "astral-sh/ty#1103",
        "```Python\n1 / 0\n```\n\n```py3\n1 / 0\n```\n\n```ipython3\n1 / 0\n```\n\n```python2\n1 / 0\n```\n",
        tuple(
            finding
            for line, name in ((1, "Python"), (5, "py3"), (9, "ipython3"), (13, "python2"))
            for finding in ((line, f"the language {name} has another name here"), (line + 1, FAILS))
        ),
    ),
    "a-name-is-misspelt": Report(
        "mloda-ai/mloda#974, of fences that no test collects",
        "```pyhton\n1 / 0\n```\n",
        ((1, "the language pyhton is not known, so this fence never runs"),),
    ),
    "a-space-stands-before-the-language": Report(
        "mloda-ai/mloda#974", "``` python\n1 / 0\n```\n\n~~~python\n1 / 0\n~~~\n", ((2, FAILS), (6, FAILS))
    ),
    "no-language-is-named": Report(
        "mloda-ai/mloda#992",
        "```\n1 / 0\n```\n\nText.\n\n    1 / 0\n",
        ((1, "this fence names no language"), (7, "these lines are indented by four spaces or more")),
    ),
    "more-than-the-language-stands-there": Report(
        "mloda-ai/mloda#992",
        '```toml title="a"\nx = 1\n```\n',
        ((1, 'the flags of this fence are not read: ```toml title="a"'),),
    ),
    "a-directive-of-another-tool": Report(
        "jupytext/jupytext#1429",
        "```{index} equations\n```\n\n```{python}\n1 / 0\n```\n",
        (
            (1, "the flags of this fence are not read: ```{index} equations"),
            (4, "the language of this fence is not read: ```{python}"),
        ),
    ),
    "a-fence-stands-in-a-comment": Report(
        "modal-labs/pytest-markdown-docs#46",
        "<!--\n```python\nassert 1 == 2\n```\n-->\n",
        (
            (2 - FIRST, "a Python block is shown that never runs: assert 1 == 2"),
            (1, "code stands in HTML or in a comment here, and is never run"),
        ),
    ),
    "code-stands-in-html": Report(
        "koaning/mktestdocs#14, of code that no fence holds",
        '<pre><code class="language-python">x</code></pre>\n\n| a |\n|---|\n| <pre>x</pre> |\n',
        (
            (1, "code stands in HTML or in a comment here, and is never run"),
            (5, "code stands in HTML or in a comment here, and is never run"),
        ),
    ),
    "a-string-holds-a-fence": Report(
        "jupytext/jupytext#419 and #712",
        python('s = """', "```", "x", "```", '"""'),
        ((2, "this block raises SyntaxError: unterminated triple-quoted string"), (5, "this fence names no language")),
    ),
    # Links
    "a-link-names-no-page": Report(
        "mkdocs/mkdocs#1848 and #1853",
        "See [a](./foo), [b](good#here) and [c](handbook/).\n",
        ((1, "./foo leads nowhere"), (1, "good#here leads nowhere"), (1, "handbook/ leads nowhere")),
    ),
    "a-name-differs-by-its-case": Report(
        "mkdocs/mkdocs#1810", "See [a](Good.md).\n", ((1, "Good.md leads nowhere: there is no docs/en/Good.md"),)
    ),
    "an-anchor-differs-by-its-case": Report(
        "mkdocs/mkdocs#3703",
        "See [a](good.md#Here).\n",
        ((1, "good.md#Here leads nowhere: docs/en/good.md has no #Here"),),
    ),
    "an-anchor-of-another-page": Report(
        "manuzhang/mkdocs-htmlproofer-plugin#18",
        "See [a](good.md#here) and [b](good.md#nowhere), ![c](good.png), <a href='good.htm'>d</a>.\n",
        (
            (1, "good.htm leads nowhere"),
            (1, "good.md#nowhere leads nowhere: docs/en/good.md has no #nowhere"),
            (1, "good.png leads nowhere"),
        ),
    ),
    "a-link-leads-out-of-the-site": Report(
        "mozarkai/optics-framework#581",
        "See [a](../../README.md) and [b](/good.md).\n",
        ((1, "../../README.md leads out of docs/en"), (1, "/good.md begins at the root of a server")),
    ),
    "an-address-stands-elsewhere-or-nowhere": Report(
        "mkdocs/mkdocs#1848, of addresses at the end of a page",
        "See [a][there], [b][nowhere] and `x[i][j]`.\n\n[there]: gone.md\n",
        (
            (1, "no address is given for [nowhere], so the page shows the brackets"),
            (3, "gone.md leads nowhere: there is no docs/en/gone.md"),
        ),
    ),
    "an-id-is-given-twice": Report(
        "jupyter-book/mystmd#2151",
        "## A { #a }\n\n/// note\n    attrs: {id: a}\n\nText.\n///\n",
        ((3, "the id a is taken (line 7)"),),
    ),
    # Lists, tables and images, which are read in one way by a preview and in another by the site
    "a-list-counts-anew": Report(
        "squidfunk/mkdocs-material#7568",
        "1. One.\n2. Two.\n\n```python\nx = 1\n```\n\n3. Three.\n\n1. One.\n\n    And more.\n\n2. Two.\n",
        ((8, "this list begins with 3, and the site counts from 1"),),
    ),
    "a-nested-list-is-flat": Report(
        "squidfunk/mkdocs-material#7841 and react-ui-org/react-ui#486",
        "- One.\n  - Below it.\n    - Further below.\n\n1. One.\n    - Below it.\n",
        ((2, "this item is indented, and the site shows it beside the one above"),),
    ),
    "a-bar-in-code-is-escaped": Report(
        "proteanhq/protean#1312",
        "| a | b |\n|---|---|\n| `x \\| y` | c |\n| `x | y` | c \\| d |\n",
        ((3, "the site shows the backslash of a bar in code"),),
    ),
    "a-row-has-another-length": Report(
        "mattias800/prosper#2108 and mkdocs/mkdocs#743",
        "| a | b |\n|---|---|\n| x | y | z |\n| x |\n\n| a | b | c |\n|---|---|---|\n| x | y | z |\n",
        (
            (3, "this row has 3 cells, and the head of its table 2"),
            (4, "this row has 1 cell, and the head of its table 2"),
        ),
    ),
    "a-task-is-no-option": Report(
        "mkdocs/mkdocs#1660",
        "- [x] Done.\n",
        ((1, "this task is no option of a quiz, so the page shows its brackets"),),
    ),
    "an-image-is-not-said": Report(
        "apache/sedona#1391 and refractionPOINT/documentation#203",
        "![](a.svg) <img src='a.svg'>\n\n![A mask](a.svg)\n",
        ((1, "this image has no words for those who do not see it"),),
    ),
    "an-address-is-given-twice": Report(
        "DavidAnson/markdownlint#390 and #425",
        "See [a][there].\n\n[there]: good.md\n[there]: good.md#here\n",
        ((4, "the address of [there] is given twice"),),
    ),
    # Outputs
    "an-output-cannot-be-shown": Report(
        "pawamoy/markdown-exec#27, of colours in an output",
        python('print("\\x1b[31mred\\x1b[0m")') + "\n" + python('print("a\\rb")') + "\n" + python('print("a", end="")'),
        (
            (1, "this block prints '\\x1b', which a page cannot show"),
            (5, "this block prints '\\r', which a page cannot show"),
            (9, "what this block prints does not end its last line"),
        ),
    ),
}


@pytest.fixture(scope="module")
def found(make_handbook: Callable[[], Handbook]) -> Iterator[Callable[[str], list[Finding]]]:
    handbook = make_handbook()
    handbook.write("snippets/outer.md", '--8<-- "snippets/gone.md"\n')
    method = "    # --8<-- [start:method]\n    def f(self):\n        return 1\n    # --8<-- [end:method]\n"
    handbook.write("snippets/holder.py", f"class Holder:\n{method}")
    for language in ("en", "es"):
        handbook.write(f"docs/{language}/a.svg", "<svg/>")
    handbook.page("good", "## Here { #here }\n\nText.\n")
    for name, report in REPORTS.items():
        handbook.page(name, report.body)
    session = Session(Project(handbook.root), render.of_page)
    yield lambda name: sorted(
        finding
        for check in ("form", "front matter", "links", "coverage", "output", "numbers", "renderers")
        for finding in session.findings(f"docs/en/{name}.md", check)
    )
    session.close()


@pytest.mark.parametrize("name", REPORTS)
def test_what_was_reported_of_others_is_found_here(found: Callable[[str], list[Finding]], name: str) -> None:
    got = [(finding.line - FIRST + 1, finding.problem) for finding in found(name)]
    wanted = REPORTS[name].findings
    assert len(got) == len(wanted), got
    assert [one for one, (line, begins) in zip(got, sorted(wanted), strict=True) if one[0] != line] == []
    assert [one for one, (_, begins) in zip(got, sorted(wanted), strict=True) if not one[1].startswith(begins)] == []


# Checkouts as people have them --------------------------------------------------

GOOD = python("print(1 + 1)", prints="2")


def handbook_in(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "handbook", *arguments],
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="latin-1",
        check=False,
    )


def test_what_an_editor_leaves_beside_a_page_is_none(handbook: Handbook) -> None:
    """Emacs locks a file by a link that leads nowhere; macOS puts its own beside those of a foreign disk."""
    handbook.page("good", GOOD)
    (handbook.root / "docs/en/.#good.md").symlink_to("somebody@machine.42:1")
    handbook.write("docs/en/._good.md", b"\x00\x05\x16\x07")
    handbook.write("docs/en/good.md~", "old")
    said = handbook_in(handbook.root, "check")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.endswith("2 checked, 0 unchanged: nothing found\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody else may mount a folder on itself")
def test_a_checkout_that_is_read_only_is_checked(handbook: Handbook) -> None:
    """dprint/dprint#375: a read-only file system."""
    handbook.page("good", GOOD)
    handbook.page("wrong", GOOD.replace("\n2\n", "\n3\n"))
    mounted = subprocess.run(["mount", "--bind", handbook.root, handbook.root], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", handbook.root], check=True)
        said = handbook_in(handbook.root, "check", "docs/en/good.md")
        assert (said.returncode, said.stderr) == (0, "")
        said = handbook_in(handbook.root, "update", "docs/en/wrong.md")
        assert said.returncode == 2
        assert re.fullmatch(r"handbook: .*wrong\.md cannot be written: Read-only file system\n", said.stderr)
    finally:
        subprocess.run(["umount", handbook.root], check=True)


def test_records_that_cannot_be_kept_are_not_missed(handbook: Handbook) -> None:
    handbook.page("good", GOOD)
    handbook.write(".handbook", "a file where the records would stand")
    said = handbook_in(handbook.root, "check")
    assert (said.returncode, said.stderr) == (0, "")


def test_a_terminal_that_knows_few_signs_is_told_all(handbook: Handbook) -> None:
    handbook.page("wrong", GOOD.replace("\n2\n", "\n3\n"))
    said = handbook_in(handbook.root, "check", PYTHONIOENCODING="ascii")
    assert (said.returncode, said.stderr) == (1, "")
    assert "the page shows \\u201c3\\u201d" in said.stdout


def test_no_git_is_needed(handbook: Handbook, tmp_path: Path) -> None:
    handbook.page("good", "## A { #a }\n\nText.\n")
    text = (handbook.root / "docs/en/good.md").read_text()
    handbook.write("docs/en/good.md", text.replace("Text.", "Another."))
    said = handbook_in(handbook.root, "check", PATH=str(tmp_path / "nowhere"))
    assert said.stderr == ""
    assert "the English of a (docs/en/good.md:7) changed after its translation\n" in said.stdout


def test_line_ends_are_those_that_outputs_are_compared_with() -> None:
    """JuliaDocs/Documenter.jl#115: a checkout with CRLF."""
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text().splitlines()
    listed = subprocess.run(["git", "ls-files", "--eol"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert [line for line in listed.stdout.splitlines() if line.startswith("i/crlf")] == []


def test_a_narrow_terminal_keeps_one_line_of_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setenv("COLUMNS", "40")
    progress = ProgressLine()
    progress.terminal = terminal
    progress("docs/en/handbook/14-packing-prefixes-trees.md")
    assert len(terminal.getvalue().removeprefix("\r\x1b[K")) == 39
    assert terminal.getvalue().endswith("/14-packing-prefixes-trees.md")


# What update writes ---------------------------------------------------------------


def test_an_output_that_holds_a_fence_gets_a_longer_one(handbook: Handbook) -> None:
    """pydantic/pytest-examples, whose update writes what its check then reads."""
    page = handbook.page("page", python('print("a")', 'print("`" * 3)', 'print("b")') + "\n```text\n```\n\nThe end.\n")
    said = handbook.command("update", page)
    assert said.returncode == 0, said.stdout
    assert "\n````text\na\n```\nb\n````\n\nThe end.\n" in (handbook.root / page).read_text()
    assert handbook.command("check", page).returncode == 0


def test_what_cannot_be_written_is_said_and_not_that_all_is_well(handbook: Handbook) -> None:
    page = handbook.page("page", python('print("\\x1b[31mred")'))
    before = (handbook.root / page).read_text()
    said = handbook.command("update", page)
    assert said.returncode == 1
    assert "this block prints '\\x1b', which a page cannot show" in said.stdout
    assert "every output is as its block prints it" not in said.stdout
    assert (handbook.root / page).read_text() == before


def test_a_page_whose_form_is_wrong_is_not_updated_in_silence(handbook: Handbook) -> None:
    page = handbook.page("page", python("print(1)") + "\n```pycon\n>>> 1\n```\n")
    said = handbook.command("update", page)
    assert said.returncode == 1
    assert f"{page}:{FIRST + 4}: not updated: a fence of pycon is shown but never run" in said.stdout


def test_a_command_that_needs_torch_is_skipped_without_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its one line about torch is no output: `update` would write it over the page's."""
    monkeypatch.setattr(page_run, "has_torch", lambda: False)
    page = from_source(source.from_text(ROOT, "page.md", "```console\n$ handbook museum x\nlines\n```\n"))
    run = PageRun(page, WorkerProcess(tmp_path))
    monkeypatch.setattr(run.console, "run", lambda code: Ran(f"{code}handbook: ..., and {page_run.NO_TORCH}; ...\n"))
    assert run.ensure(0) == Ran(skipped=page_run.NO_TORCH)
