"""Form: the file can be read, expanded and taken apart."""

from __future__ import annotations

from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.findings import Finding


def check(context: Context) -> Iterator[Finding]:
    """What reading and parsing found, and headings that a twin could not be compared by."""
    yield from context.page.problems
    if not context.is_site_page:
        return
    seen: dict[str, int] = {}
    for heading in context.page.headings:
        if heading.level == 1:
            continue
        if not heading.id:
            yield context.say(
                heading.line,
                f"the heading “{heading.text}” has no id",
                "end it with { #a-short-english-id }, the same in both languages",
            )
        elif heading.id in seen:
            yield context.say(
                heading.line, f"the id {heading.id} is taken (line {seen[heading.id]})", "give it another id"
            )
        seen.setdefault(heading.id, heading.line)
