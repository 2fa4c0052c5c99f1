"""Renderers: what GitHub and an editor's preview read in one way, and the site in another.

Lists that the site flattens or numbers anew, tasks, table rows of another length; and images without words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.terminal import counted

_ITEM = re.compile(r"(?P<indent> *)(?:[-*+]|(?P<number>\d+)\.) +\S")
_RULE = re.compile(r"\|(?: *:?-+:? *\|)+ *$")
_CELL = re.compile(r"(?P<code>`+)(?:.*?)(?P=code)|\\.|(?P<bar>\|)")
_ESCAPED = re.compile(r"`[^`]*\\\|[^`]*`")
_TASK = re.compile(r" *[-*+] \[[ xX]\] ")
_UNSAID = re.compile(r"!\[\s*\]\(|<img\b(?![^>]*\balt=)")


def check(context: Context) -> Iterator[Finding]:
    """Look at the source of a page that the site renders."""
    if not context.is_site_page or context.page.is_notebook:
        return
    written = context.page.body.split("\n")
    options = {option.line for quiz in context.page.options.values() for option in quiz}
    width = 0
    for line, text in context.page.prose:
        yield from _item(context, line, text, written[: line - 1])
        if _TASK.match(text) and line not in options:
            yield context.say(line, "this task is no option of a quiz, so the page shows its brackets", "drop them")
        if _UNSAID.search(text):
            fix = "say in the brackets, or in alt, what it shows"
            yield context.say(line, "this image has no words for those who do not see it", fix)
        if not text.startswith("|") or not written[line - 2].strip():
            width = 0  # the head of a table, or none at all
        elif _RULE.match(text):
            width = _cells(text)
        elif width:
            yield from _row(context, line, text, width)


def _item(context: Context, line: int, text: str, above: list[str]) -> Iterator[Finding]:
    item = _ITEM.match(text)
    if item is None:
        return
    goes_on = _goes_on(above)
    if len(item["indent"]) % 4 and goes_on:
        problem = "this item is indented, and the site shows it beside the one above and not below it"
        yield context.say(line, problem, "indent it by four spaces")
    elif not item["indent"] and int(item["number"] or 1) > 1 and not goes_on:
        problem = f"this list begins with {item['number']}, and the site counts from 1"
        yield context.say(line, problem, "indent by four spaces what stands between its items, or begin with 1")


def _goes_on(above: list[str]) -> bool:
    """Whether a list goes on below these lines: the paragraph at their end is an item, or a part of one."""
    first = ""
    for text in reversed(above):
        if text.strip():
            first = text
        elif first:
            break
    return _ITEM.match(first) is not None or first.startswith("    ")


def _row(context: Context, line: int, text: str, width: int) -> Iterator[Finding]:
    cells = _cells(text)
    if cells != width:
        problem = f"this row has {counted(cells, 'cell')}, and the head of its table {width}"
        yield context.say(line, problem, "write as many; what is too much is not shown")
    if _ESCAPED.search(text):
        problem = "the site shows the backslash of a bar in code"
        yield context.say(line, problem, "write the bar alone: in code it divides no cells")


def _cells(row: str) -> int:
    """How many cells a row has that begins with a bar."""
    bars = sum(bool(match["bar"]) for match in _CELL.finditer(row))
    return bars - row.rstrip().endswith("|")
