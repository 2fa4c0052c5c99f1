"""Form: the file can be read, expanded and taken apart."""

from __future__ import annotations

from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.findings import Finding

_IDENTIFIED = ("question", "quiz")
"""Blocks whose ids are looked after for the whole handbook."""


def check(context: Context) -> Iterator[Finding]:
    """What reading and parsing found, and headings that a twin could not be compared by."""
    yield from context.page.problems
    if not context.is_site_page:
        return
    seen: dict[str, int] = {}
    above = 0
    for heading in context.page.headings:
        if heading.level > 1 and not heading.id:
            yield context.say(
                heading.line,
                f"the heading “{heading.text}” has no id",
                "end it with { #a-short-english-id }, the same in both languages",
            )
        if heading.level == 1 and above:
            problem, fix = f"“{heading.text}” is a second title", "begin it with ##: a page has one title"
            yield context.say(heading.line, problem, fix)
        elif heading.level > above + 1:
            problem = f"the heading “{heading.text}” stands {heading.level - above} levels below the one above it"
            yield context.say(heading.line, problem, f"begin it with {'#' * (above + 1)}")
        above = heading.level
    named = [(heading.line, heading.id) for heading in context.page.headings]
    named += [(one.line, one.id) for one in context.page.containers if one.kind not in _IDENTIFIED]
    for line, identity in sorted(named):
        if identity in seen:
            yield context.say(line, f"the id {identity} is taken (line {seen[identity]})", "give it another id")
        elif identity:
            seen[identity] = line
