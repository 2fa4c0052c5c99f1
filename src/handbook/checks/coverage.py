"""Coverage: every Python block that a reader sees has run, or says why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from handbook.checks.context import Context
from handbook.findings import Finding, RenderError
from handbook.pages.embedded import shortened
from handbook.pages.model import Page
from handbook.pages.rendered import text_of

# Only these parts of a page are looked into: parsing all of its HTML takes longer than rendering it.
_SHOWN = re.compile(
    r'<div class="(?:[^"]* )?language-python(?: [^"]*)?"(?: [\w-]+="[^"]*")*>.*?<pre\b[^>]*>(?P<code>.*?)</pre>',
    re.DOTALL,
)
TAB = 4
"""How far apart the renderer sets tabs, which it turns into spaces."""


def shown_blocks(html: str) -> list[str]:
    """The Python blocks of a rendered page, as a reader would copy them."""
    return [text_of(match["code"]).strip("\n") for match in _SHOWN.finditer(html)]


def differences(page: Page, html: str) -> Iterator[tuple[int, str]]:
    """Blocks shown but not known to the engine, and the reverse: a line, and what is wrong there.

    A page shows of an embedded function's docstring the first line, and that is all that is compared of any.
    """
    shown = [shortened(code) for code in shown_blocks(html)]
    known = [shortened(block.code.expandtabs(TAB).strip("\n")) for block in page.python]
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
    if not context.is_rendered:
        return
    try:
        html = context.html()
    except RenderError as error:
        line = context.line_of(error.written) if error.written else 1
        fix = "correct what it names, or make it: a figure is a file of site/figures, its words stand in locale"
        yield context.say(line, f"the page cannot be rendered: {error}", fix)
        return
    except RecursionError:
        yield context.say(1, "the page nests too deeply to be rendered", "take out some of its lists or quotes")
        return
    said = {problem.line for problem in page.problems}
    for line, problem in differences(page, html):
        if line in said:
            continue  # its language, say, has another name here
        yield context.say(line, problem, "write it as a plain ```python fence at the margin, closed by ```")
    for block in page.python:
        if block.runs and block.index not in context.transcript.ran:
            yield context.say(block.line, "this block was not run", "report this: it is a fault of the engine")
