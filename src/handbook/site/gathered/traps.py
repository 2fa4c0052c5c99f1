"""The list of misconceptions: every trap of the sections, gathered from their pages, each with what settles it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from handbook.site.gathered.sections import sections
from handbook.site.gathered.sheet import opening
from handbook.site.markdown.blocks import SiteBlock


class Claim(NamedTuple):
    """A wrong claim, as the trap of a question quotes it, and the question that settles it."""

    wrong: str
    question: str
    id: str


def claims(root: Path, language: str) -> Iterator[tuple[str, str, list[Claim]]]:
    """The file, title and wrong claims of each section that has any, in order."""
    for section in sections(root, language):
        found = [
            Claim(opening(section.lines[trap.first + 1 : trap.end], sentences=2), question.argument, question.id)
            for question in section.all("question")
            for trap in section.all("trap", question)
        ]
        if found:
            yield Path(section.path).name, section.title, found


class Traps(SiteBlock):
    """`/// traps`: the wrong claims of every section, each marked as wrong."""

    NAME = "traps"

    def on_create(self, parent: Element) -> Element:
        """One list for each section; each claim leads to the question that settles it."""
        element = SubElement(parent, "div")
        for file, title, found in claims(self.root, self.config["language"]):
            SubElement(element, "p", {"class": "lt-bank__section"}).text = title
            items = SubElement(element, "ul", {"class": "lt-traps__list"})
            for claim in found:
                item = SubElement(items, "li", {"class": "lt-claim", "id": claim.id})
                SubElement(item, "p").text = claim.wrong
                link = SubElement(SubElement(item, "p"), "a", {"href": f"../handbook/{file}#{claim.id}"})
                link.text = claim.question
        return element
