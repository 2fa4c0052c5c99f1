"""Leftover marks: what was meant as Markdown, and stands on the page as it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.rendered import text_of

_NOT_PROSE = re.compile(
    r"<(?P<tag>pre|code|kbd|samp|script|style|math|svg|template|textarea)\b.*?</(?P=tag)>|<!--.*?-->", re.DOTALL
)

_KINDS = {
    "a fence or code in the line": r"`+",
    "bold": r"\*\*(?=\S)|(?<=\S)\*\*",
    "italics": r"(?<![\w*])\*(?=[^\W\d])|(?<=[^\W\d])\*(?![\w*])",
    "a link": r"\]\s?\((?=\S)",
    "a picture": r"!\[",
    "a footnote": r"\[\^",
    "a formula": r"\$\$|\$(?=\s[^$\n]+\s\$)|\$(?=[^$\n]*\\[A-Za-z])|\\\(|\\[A-Za-z]+\{",
    "attributes": r"\{\s*(?:[#.][\w-]+\s*\}|[\w-]+\s*=)",
    "a list": r"^[*+-]\s(?=\S)",
    "an abbreviation": r"^\*\[\w+\]:",
    "a snippet": r"-?-8<-?-",
    "a block": r"^\s*/{3,}",
    "a heading": r"^\s*#{1,6}\s(?=\S)",
    "a table": r"\|\s*:?-{2,}",
    "a comment": r"<!--",
    "a template's gap": r"\{\{|\{%",
    "an editor's change": r"\{(?:\+\+|--|~~|==|>>)",
    "a smiley": r"(?<![\w:]):[a-z]+(?:_[a-z]+)*:(?![\w:])",
    "a key": r"\+\+(?=[a-z]+(?:[+][a-z]+)*\+\+)",
}
"""What each mark means where it is read. None of them is a sign of this handbook's prose."""
_MARKS = re.compile("|".join(f"({mark})" for mark in _KINDS.values()), re.MULTILINE)


def check(context: Context) -> Iterator[Finding]:
    """Look for marks in the text of the rendered page; the first of each line is said."""
    said, line = {one.line for one in context.page.problems}, 1
    for kind, mark, around in leftovers(context.rendered()):
        line = context.line_of(around, line)
        if line in said:
            continue
        said.add(line)
        yield context.say(
            line,
            f"the page shows “{mark}” as it is typed, in “{around}”: it is not read as {kind}",
            "close it, correct how it is written, or set it in code font if the mark itself is meant",
        )


def leftovers(html: str) -> Iterator[tuple[str, str, str]]:
    """What is shown as it was typed: what it would have been, the mark, and the word or two around it."""
    text = text_of(_NOT_PROSE.sub(" ", html))
    for match in _MARKS.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        before = re.search(r"\S*$", text[start : match.start()])
        after = re.match(r"[^\n]{0,12}?(?=\s|$)|\S*", text[match.end() :])
        around = f"{before[0] if before else ''}{match[0]}{after[0] if after else ''}".strip()
        yield list(_KINDS)[(match.lastindex or 1) - 1], match[0].strip(), around
