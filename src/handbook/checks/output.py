"""Output: every block runs, leaves the rest alone, and prints what the page says, to the letter.

A cell that measures is held to all but its numbers: the words, the lines, and how many numbers there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.model import Block
from handbook.pages.notebook import outline
from handbook.running.transcript import Ran

_WHERE = re.compile(r" \((?:detected at line \d+|<block [^>]*>, line \d+)\)$")
"""Where a syntax error stands, as Python says it; the finding's own place says it better."""

_READING = (
    ("SyntaxError: 'await' outside", "put it into an async function, and call that with asyncio.run"),
    ("SyntaxError: from __future__", "put it at the top of the block"),
    (
        "IndentationError: unexpected indent",
        "begin the code at the margin; what is embedded from a class does not",
    ),
    ("IndentationError", "indent the lines of a block alike, by four spaces"),
    ("TabError", "indent with spaces alone"),
    ("SyntaxError", "correct this line, or the one above it; Python cannot read on from here"),
)
"""What to do where Python cannot read a block, by how the error begins."""

_UPDATE = "run `handbook update {path}` and read the difference"
_BY_HAND = "write what it prints into the docstring, or correct the code"


def check(context: Context) -> Iterator[Finding]:
    """Compare what each block did with what stands on the page."""
    for block in context.page.blocks:
        ran = context.transcript.ran.get(block.index)
        if ran is None or ran.skipped is not None:
            continue
        line = context.page.line_in(block, max(ran.line, 1))
        if ran.error is not None:
            yield context.say(line, f"this block {_verb(ran.error)}", _fix(ran.error))
            continue
        for trespass in ran.trespasses:
            yield context.say(block.line, f"this block {trespass.what}", trespass.fix)
        yield from (_console(context, block, ran) if block.language == "console" else _python(context, block, ran))


def _python(context: Context, block: Block, ran: Ran) -> Iterator[Finding]:
    update = _BY_HAND if context.page.path.endswith(".py") else _UPDATE.format(path=context.page.path)
    if unshowable := unshowable_in(ran.stdout):
        yield context.say(block.line, *unshowable)
        return
    same = _measured if block.measured else _equal
    if not same(block.picture, ran.picture):
        shown, drawn = ("one" if one else "none" for one in (block.picture, ran.picture))
        which = "another" if shown == drawn else drawn
        yield context.say(block.line, f"the page shows {shown} as its picture, the cell draws {which}", update)
    if block.output is None:
        if ran.stdout:
            yield context.say(
                block.line, f"this block prints {_quote(ran.stdout)} and the page does not show it", update
            )
        return
    if not same(block.output.text, ran.stdout):
        offset, shown, printed = _first_difference(block.output.text, ran.stdout, same)
        yield context.say(block.output.line + 1 + offset, f"the page shows {shown}, the block prints {printed}", update)


def _console(context: Context, block: Block, ran: Ran) -> Iterator[Finding]:
    if block.code != ran.stdout:
        offset, shown, printed = _first_difference(block.code, ran.stdout)
        yield context.say(
            context.page.line_in(block, offset + 1),
            f"the page shows {shown}, the command prints {printed}",
            _UPDATE.format(path=context.page.path),
        )


_NOT_ON_A_PAGE = re.compile(r"[^\S\n ]|[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_SPACES = frozenset("\u00a0\u2007\u202f\u2009\u200a\u2002\u2003")
"""Spaces that a page shows as they are."""


def unshowable_in(printed: str) -> tuple[str, str] | None:
    """What is printed and no text fence can hold, and what to do about it."""
    for found in _NOT_ON_A_PAGE.finditer(printed):
        if found[0] not in _SPACES:
            return f"this block prints {found[0]!r}, which a page cannot show", "print the repr of it, or leave it out"
    if printed and not printed.endswith("\n"):
        return "what this block prints does not end its last line", "let the last print end with a line break"
    return None


def _equal(shown: str, ran: str) -> bool:
    return shown == ran


def _measured(shown: str, ran: str) -> bool:
    return outline(shown) == outline(ran)


def _first_difference(shown: str, printed: str, same: Callable[[str, str], bool] = _equal) -> tuple[int, str, str]:
    """The first line that differs: its offset, and both versions quoted."""
    ours, theirs = shown.splitlines(), printed.splitlines()
    for offset in range(max(len(ours), len(theirs))):
        left = ours[offset] if offset < len(ours) else None
        right = theirs[offset] if offset < len(theirs) else None
        if left is None or right is None or not same(left, right):
            return offset, _quote(left), _quote(right)
    return max(len(ours) - 1, 0), "other line ends", "these"


def _quote(text: str | None) -> str:
    if text is None:
        return "no further line"
    line = text.strip("\n").split("\n")[0]
    return f"“{line if len(line) <= 72 else line[:71] + '…'}”"


def _verb(error: str) -> str:
    error = _WHERE.sub("", error)
    return error if error.startswith(("prints", "calls", "does not", "ends")) else f"raises {error}"


def _fix(error: str) -> str:
    if error.startswith("prints"):
        return "print less: a page shows a few lines"
    if error.startswith("does not print"):
        return "print it, or end the cell with a picture"
    if error.startswith("does not end"):
        return "make it end, or make it smaller: a page is checked in a second"
    if error.startswith(("calls", "ends")):
        return "let the block run to its end"
    for begins, fix in _READING:
        if error.startswith(begins):
            return fix
    return "correct the code; to show an error, catch it and print it"
