"""Coverage: every Python block that a reader sees has run, or says why not."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from html.parser import HTMLParser

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.page.model import Page
from handbook.site import render
from handbook.site.errors import SiteError

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


class _Code(HTMLParser):
    """Gathers the text of each highlighted Python block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.depth = 0
        self.in_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        if self.depth:
            self.depth += 1
            self.in_code = self.in_code or tag == "code"
        elif "language-python" in (dict(attrs).get("class") or "").split():
            self.depth = 1
            self.in_code = tag == "code"
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        if self.depth and tag not in _VOID:
            self.depth -= 1
            self.in_code = self.in_code and tag != "code"

    def handle_data(self, data: str) -> None:
        if self.depth and self.in_code:
            self.blocks[-1] += data


def shown_blocks(html: str) -> list[str]:
    """The Python blocks of a rendered page, as a reader would copy them."""
    parser = _Code()
    parser.feed(html)
    return [code.strip("\n") for code in parser.blocks]


def differences(page: Page, html: str) -> Iterator[tuple[int, str]]:
    """Blocks shown but not known to the engine, and the reverse: a line, and what is wrong there."""
    shown = shown_blocks(html)
    known = [block.code.strip("\n") for block in page.python]
    lines = [block.line for block in page.python]
    for operation, a, b, c, d in SequenceMatcher(None, shown, known, autojunk=False).get_opcodes():
        if operation == "equal":
            continue
        near = lines[min(c, len(lines) - 1)] if lines else 1
        for code in shown[a:b]:
            yield near, f"a Python block is shown that never runs: {_first(code)}"
        for line, code in zip(lines[c:d], known[c:d], strict=True):
            yield line, f"this block runs but is not shown as Python: {_first(code)}"


def _first(code: str) -> str:
    return next((line.strip() for line in code.split("\n") if line.strip()), "(empty)")


def check(context: Context) -> Iterator[Finding]:
    """Compare the rendered page's Python blocks with those that the engine ran."""
    page = context.page
    if not context.is_site_page or not page.text:
        return
    if any("snippet" in problem.problem for problem in page.problems):
        return
    try:
        html = render.html(page.body, context.project.language_of(page.path), root=context.project.root)
    except SiteError as error:
        yield context.say(1, f"the page cannot be rendered: {error}", "mend the formula, figure or quiz it names")
        return
    for line, problem in differences(page, html):
        yield context.say(line, problem, "write it as a plain ```python fence at the margin, closed by ```")
    for block in page.python:
        if block.runs and block.index not in context.transcript.ran:
            yield context.say(block.line, "this block was not run", "report this: it is a fault of the engine")
