"""Labels: what a title calls its page, and a link the place that it leads to, is what it is: by number or by year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.project import BIBLIOGRAPHY

_LINK = re.compile(r"\[(?P<label>[^\[\]]*)\]\((?P<file>[^()\s#]*)(?:#(?P<anchor>[\w-]+))?\)")
_LAB = re.compile(r"\bL\d\d\b")
_NUMBERED = re.compile(r"L?\d\d\b")
_YEAR = re.compile(r", (?P<year>(?:19|20)\d\d)\b")


def check(context: Context) -> Iterator[Finding]:
    """Compare the title with the page's file, and the label of each link to a lab, or to a source, with the place."""
    yield from _title(context)
    for line, text in context.page.prose:
        for link in _LINK.finditer(text):
            yield from _lab(context, line, link)
            if link["file"].endswith(BIBLIOGRAPHY.rpartition("/")[2]):
                yield from _source(context, line, link)


def _title(context: Context) -> Iterator[Finding]:
    there = _NUMBERED.match(context.page.path.rpartition("/")[2])
    for heading in context.page.headings:
        called = _NUMBERED.match(heading.text) if heading.level == 1 else None
        if there and called and called[0] != there[0]:
            problem = f"{called[0]} is not the number of this page ({there[0]})"
            yield context.say(heading.line, problem, "correct the title, or the name of the file")


def _lab(context: Context, line: int, link: re.Match[str]) -> Iterator[Finding]:
    there = _LAB.match(link["file"].rpartition("/")[2])
    if there is None:
        return
    for name in _LAB.findall(link["label"]):
        if name != there[0]:
            problem = f"{name} is not the lab that this links to ({link['file']})"
            yield context.say(line, problem, "correct the name or the link")


def _source(context: Context, line: int, link: re.Match[str]) -> Iterator[Finding]:
    entries = context.library.read(context.project.bibliography_of(context.page.path)).headings
    title = next((entry.text for entry in entries if entry.id == link["anchor"]), "")
    years = {match["year"] for match in _YEAR.finditer(title)}
    for match in _YEAR.finditer(link["label"]):
        if years and match["year"] not in years:
            problem = f"{match['year']} is not the year of the source that this links to ({title})"
            yield context.say(line, problem, "write the year that stands in the entry's heading, or name another entry")
