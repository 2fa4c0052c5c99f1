"""Bibliography: what identifies a source is written twice in its entry, and the two agree; the entries are in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.inline import numbers_in
from handbook.pages.model import Heading
from handbook.project import BIBLIOGRAPHY, ORIGINAL

_YEAR = re.compile(r"(?:19|20)\d\d")
_ADDRESS = re.compile(r"\]\((?P<address>[^()\s]*)\)")
_IDENTIFIED = re.compile(
    r"arxiv\.org/abs/(?P<paper>\d{4}\.\d{4,5})|github\.com/[\w./-]+/(?:pull|issues|discussions)/(?P<thread>\d+)"
)


def check(context: Context) -> Iterator[Finding]:
    """Compare the heading of each entry with its reference, and its reference with the address in it."""
    page = context.page
    if not page.path.endswith(BIBLIOGRAPHY):
        return
    entries = [heading for heading in page.headings if heading.level > 1]
    if context.project.language_of(page.path) == ORIGINAL:  # its twin follows it
        yield from _order(context, entries)
    for heading in entries:
        if heading.id in page.sections:
            parts = [part for part in page.sections[heading.id].split("\n\n") if part.strip()]
            yield from _entry(context, heading, parts[1] if len(parts) > 1 else "")


def _order(context: Context, entries: Sequence[Heading]) -> Iterator[Finding]:
    for above, heading in pairwise(entries):
        if heading.text.casefold() < above.text.casefold():
            problem = f"the entry “{heading.text}” stands below “{above.text}”"
            yield context.say(heading.line, problem, "put the entries in the order of the alphabet, in both languages")


def _entry(context: Context, heading: Heading, reference: str) -> Iterator[Finding]:
    said = numbers_in(_ADDRESS.sub("]", reference))
    known = {*said, *re.findall(r"\d+", heading.id)}
    for number in numbers_in(heading.text):
        if number not in known or (_YEAR.fullmatch(number) and number not in said):
            problem = f"the heading of {heading.id} says {number}, and the reference below it does not"
            yield context.say(heading.line, problem, "write the same year and number in both")
    for address in _ADDRESS.finditer(reference):
        for match in _IDENTIFIED.finditer(address["address"]):
            number = match["paper"] or match["thread"]
            if number not in said:
                problem = f"the address in {heading.id} leads to {number}, and the reference does not say so"
                yield context.say(heading.line, problem, "write the number of the paper, issue or request as well")
