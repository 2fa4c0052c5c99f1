"""Labels: what a link calls the place that it leads to, a lab by its number and a source by its year, is what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.model import Link
from handbook.project import BIBLIOGRAPHY

_LAB = re.compile(r"\bL\d\d\b")
_YEAR = re.compile(r", (?P<year>(?:19|20)\d\d)\b")


def check(context: Context) -> Iterator[Finding]:
    """Compare the label of each link to a lab, or to a source, with the place."""
    for link in context.page.links:
        file, _, anchor = link.target.partition("#")
        if lab := _LAB.match(file.rpartition("/")[2]):
            yield from _lab(context, link, lab[0])
        if file.endswith(BIBLIOGRAPHY.rpartition("/")[2]):
            yield from _source(context, link, anchor)


def _lab(context: Context, link: Link, there: str) -> Iterator[Finding]:
    for name in _LAB.findall(link.label):
        if name != there:
            problem = f"{name} is not the lab that this links to ({link.target.partition('#')[0]})"
            yield context.say(link.line, problem, "correct the name or the link")


def _source(context: Context, link: Link, anchor: str) -> Iterator[Finding]:
    entries = context.library.read(context.project.bibliography_of(context.page.path)).headings
    title = next((entry.text for entry in entries if entry.id == anchor), "")
    years = {match["year"] for match in _YEAR.finditer(title)}
    for match in _YEAR.finditer(link.label):
        if years and match["year"] not in years:
            problem = f"{match['year']} is not the year of the source that this links to ({title})"
            yield context.say(
                link.line, problem, "write the year that stands in the entry's heading, or name another entry"
            )
